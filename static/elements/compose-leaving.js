/**
 * Leaving keeps what was written as a draft. Where that cannot be, it asks first: the browser's own question where the page
 * itself would go, ours in the page where htmx would only exchange a part of it.
 */
import { ask } from "./compose-question.js";
import { say } from "./words.js";

/**
 * @param {HTMLElement} composer
 * @param {{ dirty: () => boolean, safe: () => boolean, leave: (go: () => void) => void, signal: AbortSignal }} options
 *   `dirty`: something was written; `safe`: all of it is kept
 */
export function guardLeaving(composer, { dirty, safe, leave, signal }) {
  window.addEventListener("beforeunload", (event) => {
    if (!safe()) event.preventDefault();
  }, { signal });
  document.addEventListener("htmx:confirm", (event) => {
    const { detail } = /** @type {CustomEvent} */ (event);
    // Only where the answer would take the composer away: the list beside it may be brought up to date.
    if (!dirty() || !detail.target?.contains(composer)) return;
    event.preventDefault();
    leave(() => detail.issueRequest(true));
  }, { signal });
}

/**
 * @param {HTMLElement} composer
 * @param {HTMLElement} place
 * @param {() => void} go
 */
export function askToLeave(composer, place, go) {
  ask(place, {
    id: "leave", question: say("ui-leave"), text: say("ui-leave-detail"), warn: false,
    choices: [
      { label: say("ui-keep-writing"), act: () => /** @type {HTMLElement | null} */ (composer.querySelector("textarea:not([hidden]), rich-text:not([hidden]) [data-rich]"))?.focus() },
      { label: say("ui-leave-act"), act: go },
    ],
  });
  place.scrollIntoView({ block: "nearest" });
}
