/**
 * After Send: the server keeps the message in its outbox, and the place of the composer says how it goes on
 * (words.md section 4), told over the page's websocket. Nothing has to be waited for; leaving loses nothing.
 */
import { icon, make } from "./make.js";
import { say } from "./words.js";

/** @typedef {{ id: string, state: string, word: string, sentence: string, url?: string }} Accepted */

/** What each state is called here; the outbox page says more. States that need no word of their own wait. */
const WORDS = new Map([
  ["submitting", "out-submitting"], ["accepted", "send-done"], ["copy_pending", "send-done"], ["done", "send-done"],
  ["unknown", "out-unknown"], ["asking", "out-unknown-ask"], ["refused", "out-refused"], ["too_large", "out-too-large"], ["sign_in", "out-sign-in"],
]);
/** From here the person has to do something, or may want to know more. */
const TROUBLED = new Set(["retry", "unknown", "asking", "refused", "too_large", "sign_in", "gave_up"]);

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
  const outbox = make("a", { class: "button button-plain", href: composer.dataset["outbox"] ?? "/", "hx-boost": "false" }, say("ui-see-outbox"));
  outbox.hidden = true;
  composer.querySelector('[data-slot="page"]')?.replaceChildren(make("div", { class: "empty sent" },
    icon("send"), line, make("div", { class: "actions" }, back, outbox)));
  back.focus();
  const ended = new AbortController();
  document.addEventListener("postern:outbox", (event) => {
    const { id, state } = /** @type {CustomEvent<{ id: string, state: string }>} */ (event).detail;
    if (!composer.isConnected) ended.abort();
    if (id !== accepted.id) return;
    line.dataset["outbox"] = state;
    line.textContent = say(WORDS.get(state) ?? "out-queued");
    outbox.hidden = !TROUBLED.has(state);
  }, { signal: ended.signal });
}
