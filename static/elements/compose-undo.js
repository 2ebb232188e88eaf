/**
 * The seconds after Send in which it can be undone. The server holds the message until they are over; the composer stays
 * in the page as it was, out of sight, so that Undo brings back everything: text, recipients, files.
 */
import { Refused, request } from "./http.js";
import { icon, make } from "./make.js";
import { say } from "./words.js";

/** @typedef {import("./sent-message.js").Accepted} Accepted */

/**
 * @param {HTMLElement} page the part of the composer that is put out of sight
 * @param {Accepted} accepted
 * @param {{ undone: () => void, gone: () => void, signal: AbortSignal }} acts
 */
export function offerUndo(page, accepted, { undone, gone, signal }) {
  const ends = performance.now() + accepted.seconds * 1000;
  const kept = [...page.children].filter((child) => child instanceof HTMLElement && !child.hidden);
  const count = make("p", { class: "head", role: "timer" });
  const trouble = make("p", { class: "note", role: "status" });
  const button = make("button", { class: "button", type: "button", "data-undo": true }, say("ui-undo"));
  const told = make("div", { class: "empty sent", tabindex: "-1", "data-undoing": accepted.id }, icon("clock"),
    make("div", { class: "told", "data-word": "out-undo" }, count, trouble), make("div", { class: "actions" }, button));
  hide(kept, true);
  page.prepend(told);
  // Not the button: a second Enter that was meant for Send would take it back.
  told.focus();

  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let asking = false;
  const over = () => {
    clearTimeout(timer);
    told.remove();
  };
  const tick = () => {
    const left = Math.ceil((ends - performance.now()) / 1000);
    if (left <= 0) {
      // A question that is on its way is waited for; its answer is the truth.
      if (!asking) {
        over();
        gone();
      }
      return;
    }
    const words = say("send-undo", { seconds: left });
    if (count.textContent !== words) count.textContent = words;
    timer = setTimeout(tick, 200);
  };
  const undo = async () => {
    if (asking) return;
    asking = true;
    button.setAttribute("aria-disabled", "true");
    trouble.textContent = "";
    try {
      const answer = await (await request(accepted.undo, { method: "POST" })).json();
      over();
      if (answer.undone) {
        hide(kept, false);
        undone();
      } else gone();
    } catch (error) {
      asking = false;
      button.removeAttribute("aria-disabled");
      trouble.textContent = (error instanceof Refused && error.sentence) || say("ui-offline");
      // The seconds may have passed meanwhile. It stays to be tried: only the server knows whether it still can.
      if (!(error instanceof Refused) && !(error instanceof TypeError)) throw error;
      if (performance.now() >= ends) tick();
    }
  };
  button.addEventListener("click", () => void undo(), { signal });
  signal.addEventListener("abort", () => clearTimeout(timer), { once: true });
  tick();
}

/**
 * @param {Element[]} parts
 * @param {boolean} hidden
 */
function hide(parts, hidden) {
  for (const part of parts) part.toggleAttribute("data-put-away", hidden);
}
