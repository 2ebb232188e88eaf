/** Toasts: a short sentence about something done that can be undone. Anything else belongs into the page. */

import { say } from "./words.js";

const STAY = 10_000;
/** @type {AbortController | undefined} */
let shown;

/**
 * Shows one toast, in place of an earlier one. It waits while it is pointed at or holds the focus.
 * @param {string} sentence
 * @param {{ label: string, run: () => void }} [action]
 * @param {string} [word]  the id of the sentence, where it has one
 * @param {() => void} [onend]  when it goes without its action
 */
export function toast(sentence, action, word, onend) {
  shown?.abort();
  shown = new AbortController();
  const { signal } = shown;
  let taken = false;
  const box = document.createElement("div");
  box.className = "toast";
  if (word) box.dataset.word = word;
  const words = document.createElement("span");
  words.dir = "auto";
  words.textContent = sentence;
  box.append(words);
  const close = () => shown?.signal === signal && shown.abort();
  if (action) {
    const act = tool(action.label);
    act.addEventListener("click", () => {
      taken = true;
      close();
      action.run();
    });
    box.append(act);
  }
  const end = tool("×");
  end.setAttribute("aria-label", say("ui-close"));
  end.addEventListener("click", close);
  box.append(end);
  signal.addEventListener("abort", () => {
    box.remove();
    if (!taken) onend?.();
  });
  const wait = () => {
    if (signal.aborted) return;
    if (box.matches(":hover, :focus-within")) setTimeout(wait, 1000);
    else close();
  };
  setTimeout(wait, STAY);
  document.getElementById("toasts")?.append(box);
}

/** @param {string} label */
function tool(label) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "tool";
  button.textContent = label;
  return button;
}
