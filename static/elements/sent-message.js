/**
 * After Send: the server keeps the message in its outbox, and the place of the composer says how it goes on
 * (words.md section 4), told over the page's websocket. Nothing has to be waited for; leaving loses nothing.
 */
import { icon, make } from "./make.js";
import { say } from "./words.js";

/** @typedef {{ id: string, state: string, word: string, sentence: string, url?: string }} Accepted */

/** States in which the person's part is over and nothing will change but the copy in Sent. */
const OVER = new Set(["accepted", "copy_pending", "done"]);

/**
 * @param {HTMLElement} composer
 * @param {Accepted} accepted
 */
export function follow(composer, accepted) {
  const leave = composer.querySelector("[data-leave]");
  const line = make("p", { class: "head", role: "status", "data-outbox": accepted.state }, accepted.sentence);
  // The button presses the link that htmx knows already: a new link would load a new page, and the open keys would go.
  const back = make("button", { class: "button", type: "button", click: () => {
    if (leave instanceof HTMLElement) leave.click();
  } }, say("ui-sent-back"));
  composer.querySelector('[data-slot="page"]')?.replaceChildren(make("div", { class: "empty sent" },
    icon("send"), line, make("div", { class: "actions" }, back)));
  back.focus();
  const ended = new AbortController();
  document.addEventListener("postern:outbox", (event) => {
    const { id, state } = /** @type {CustomEvent<{ id: string, state: string }>} */ (event).detail;
    if (!composer.isConnected) ended.abort();
    if (id !== accepted.id) return;
    line.dataset["outbox"] = state;
    if (OVER.has(state)) line.textContent = say("send-done");
    else if (state === "submitting") line.textContent = say("out-submitting");
  }, { signal: ended.signal });
}
