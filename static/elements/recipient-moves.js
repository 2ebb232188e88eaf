/** Recipients from one line to another, To, Cc or Bcc: dragged, or by Alt and an arrow. */
import { say } from "./words.js";

/** @typedef {import("./answer.js").Mailbox} Mailbox */
/** @typedef {import("./composer-parts.js").ComposerParts} ComposerParts */
/** @typedef {import("./composer-parts.js").FieldName} FieldName */
/** @typedef {import("./recipient-field.js").RecipientField} RecipientField */

/** @type {FieldName[]} */
const NAMES = ["to", "cc", "bcc"];

/**
 * @param {HTMLElement} host
 * @param {ComposerParts} parts
 * @param {AbortSignal} signal
 */
export function moveRecipients(host, parts, signal) {
  /** @type {{ mailbox: Mailbox, from: FieldName } | null} */
  let carried = null;
  /** @param {Mailbox} mailbox @param {FieldName} from @param {FieldName | undefined} to */
  const move = (mailbox, from, to) => {
    if (!to || to === from) return;
    parts.unfold(to);
    // There first and gone here after, so that at no moment nobody has them.
    parts.field(to).add([mailbox]);
    parts.field(from).takeOut(mailbox.address);
    parts.field(to).focusRecipient(mailbox.address);
    parts.field(to).tell(say("ui-moved-to", { mailbox: parts.label(to) }));
  };
  host.addEventListener("recipient-move", (event) => {
    const { mailbox, by } = /** @type {CustomEvent} */ (event).detail;
    const from = nameOf(event.target);
    if (from) move(mailbox, from, NAMES[NAMES.indexOf(from) + by]);
  }, { signal });
  host.addEventListener("dragstart", (event) => {
    const chip = event.target instanceof Element ? event.target.closest("li.chip") : null;
    const from = chip && nameOf(chip);
    const mailbox = from && parts.field(from).recipients.find(({ address }) => address === /** @type {HTMLElement} */ (chip).dataset["address"]);
    if (!mailbox || host.getAttribute("aria-busy") === "true") return;
    carried = { mailbox, from };
    event.dataTransfer?.setData("text/plain", mailbox.address);
    if (event.dataTransfer) event.dataTransfer.effectAllowed = "copyMove";
  }, { signal });
  host.addEventListener("dragover", (event) => {
    const over = carried ? lineOf(event.target) : null;
    mark(host, over?.element ?? null);
    if (!over) return;
    event.preventDefault();
    if (event.dataTransfer) event.dataTransfer.dropEffect = "move";
  }, { signal });
  host.addEventListener("drop", (event) => {
    const over = carried ? lineOf(event.target) : null;
    if (!over || !carried) return;
    event.preventDefault();
    move(carried.mailbox, carried.from, over.name);
  }, { signal });
  host.addEventListener("dragend", () => {
    carried = null;
    mark(host, null);
  }, { signal });
}

/** @param {EventTarget | null} target @returns {FieldName | null} */
function nameOf(target) {
  const field = target instanceof Element ? target.closest("[data-field]") : null;
  return NAMES.find((name) => name === /** @type {HTMLElement | null} */ (field)?.dataset["field"]) ?? null;
}

/** The line itself, or the button that unfolds it. @param {EventTarget | null} target */
function lineOf(target) {
  const show = target instanceof Element ? target.closest("[data-show]") : null;
  const unfolds = NAMES.find((each) => each === /** @type {HTMLElement | null} */ (show)?.dataset["show"]);
  if (show && unfolds) return { name: unfolds, element: show };
  const line = target instanceof Element ? target.closest(".line") : null;
  const name = nameOf(line?.querySelector("[data-field]") ?? null);
  return line && name ? { name, element: line } : null;
}

/** @param {HTMLElement} host @param {Element | null} over */
function mark(host, over) {
  for (const old of host.querySelectorAll(".drop-on")) if (old !== over) old.classList.remove("drop-on");
  over?.classList.add("drop-on");
}
