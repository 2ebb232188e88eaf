/** What the composer begins with: an empty letter, an answer, or a forward with its files. */
import { forwarded, quotation, recipients, subject, thread, written } from "./answer.js";
import { dayTime } from "./format.js";
import { say } from "./words.js";

/** @typedef {import("./answer.js").How} How */
/** @typedef {import("./answer.js").Mailbox} Mailbox */
/** @typedef {import("./opened.js").Shown} Shown */
/**
 * @typedef {object} Beginning
 * @property {Mailbox[]} to
 * @property {Mailbox[]} cc
 * @property {string} subject
 * @property {string} text
 * @property {string} quote  the part of `text` that is somebody else's
 * @property {string | null} inReplyTo
 * @property {string[]} references
 */

/**
 * @param {How} how
 * @param {Shown} shown
 * @param {string} self
 * @returns {Beginning}
 */
export function beginning(how, { seen }, self) {
  const [sender] = seen.from;
  const name = sender ? sender.name || sender.address : "";
  const date = seen.date ? dayTime(seen.date) : say("ui-not-known");
  /** @param {Mailbox[]} mailboxes */
  const line = (mailboxes) => mailboxes.map(written).join(", ");
  const quote = how === "forward"
    ? forwarded(seen, `-------- ${say("ui-forwarded")} --------`, [
      [say("ui-from"), line(seen.from)], [say("ui-date"), date], [say("ui-subject"), seen.subject], [say("ui-to"), line(seen.to)], [say("ui-cc"), line(seen.cc)],
    ])
    : quotation(seen, seen.date ? say("ui-attribution", { date, name }) : say("ui-attribution-undated", { name }));
  return { ...recipients(how, seen, self), subject: subject(how, seen.subject), text: quote, quote, ...thread(how, seen) };
}

/** The flag that the answered message gets once the answer was accepted (RFC 9051, RFC 5788). @param {string} how */
export function answeredFlag(how) {
  return how === "forward" ? "$Forwarded" : "\\Answered";
}
