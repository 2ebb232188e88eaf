/**
 * After Send: the server keeps the message in its outbox, and the place of the composer says how it goes on (words.md
 * section 4). The websocket tells that something changed; the sentence, which may name a time or an address, is asked
 * for. Nothing has to be waited for; leaving loses nothing.
 */
import htmx from "../vendor/htmx.js";
import { icon, make } from "./make.js";
import { say } from "./words.js";

/** @typedef {import("./upload.js").Accepted} Accepted */

/**
 * @param {HTMLElement} composer
 * @param {Accepted} accepted
 */
export function follow(composer, accepted) {
  // It is no new message any more; its subject would outlive the locking of the keys.
  const head = composer.querySelector("h1");
  if (head) head.textContent = say("ui-sent-head");
  const leave = composer.querySelector("[data-leave]");
  const line = make("div", { class: "told", "data-outbox": accepted.state, "data-word": accepted.word }, make("p", { class: "head" }, accepted.sentence));
  const place = make("div", { role: "status" }, line);
  // The button presses the link that htmx knows already: a new link would load a new page, and the open keys would go.
  const back = make("button", { class: "button", type: "button", click: () => {
    if (leave instanceof HTMLElement) leave.click();
  } }, say("ui-sent-back"));
  composer.querySelector('[data-slot="page"]')?.replaceChildren(make("div", { class: "empty sent" },
    icon("send"), place, make("div", { class: "actions" }, back)));
  back.focus();

  const ask = () => void htmx.ajax("get", accepted.url, { source: place, target: place, select: ".told", swap: "innerHTML" });
  const ended = new AbortController();
  const { signal } = ended;
  /** @param {(event: Event) => boolean} isOurs */
  const hear = (isOurs) => (/** @type {Event} */ event) => {
    if (!composer.isConnected) ended.abort();
    else if (isOurs(event)) ask();
  };
  document.addEventListener("postern:outbox", hear((event) => /** @type {CustomEvent} */ (event).detail.id === accepted.id), { signal });
  // Told without a mailbox: the socket was away, and what happened meanwhile was told to nobody.
  document.addEventListener("postern:mailbox-changed", hear((event) => !(/** @type {CustomEvent} */ (event).detail?.mailbox)), { signal });
  // It may have moved on before anybody listened here.
  ask();
}
