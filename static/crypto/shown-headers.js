/** The header fields that a person is shown, decoded. */
import { parseAddresses, plain } from "./addresses.js";
import { all, first, text } from "./header-fields.js";
import { senderOf } from "./sender.js";

/** @typedef {import("./header-fields.js").Field} Field */

/**
 * @typedef {object} Headers
 * @property {string} subject
 * @property {import("./addresses.js").Address | null} from
 * @property {string} fromText all that the From line says
 * @property {import("./addresses.js").Address[]} to
 * @property {import("./addresses.js").Address[]} cc
 * @property {import("./addresses.js").Address[]} bcc in the writer's own copy
 * @property {import("./addresses.js").Address[]} replyTo
 * @property {Date | null} date
 * @property {string} messageId
 * @property {string} inReplyTo
 * @property {string[]} references
 * @property {string} listId
 * @property {boolean} automatic  sent by a program or to a list, as it says itself
 */

/**
 * @param {readonly Field[]} fields
 * @param {import("./sender.js").Sender} [sender]
 * @returns {Headers}
 */
export function headersOf(fields, sender = senderOf(fields)) {
  const list = (/** @type {string} */ key) => all(fields, key).flatMap((field) => parseAddresses(field.value).addresses).slice(0, 1000);
  const ids = (/** @type {string} */ key) => (first(fields, key) ?? "").match(/<[^<>\s]{1,900}>/g) ?? [];
  return {
    subject: plain(text(fields, "subject")),
    from: sender.address === "" && sender.name === "" ? null : { name: sender.name, address: sender.address },
    fromText: sender.raw,
    to: list("to"),
    cc: list("cc"),
    bcc: list("bcc"),
    replyTo: list("reply-to"),
    date: dateIn(first(fields, "date") ?? ""),
    messageId: ids("message-id")[0] ?? "",
    inReplyTo: ids("in-reply-to")[0] ?? "",
    references: ids("references"),
    listId: plain(text(fields, "list-id")),
    automatic: isAutomatic(fields),
  };
}

/** RFC 3834 section 5, RFC 2919, RFC 2369, and "Precedence", which no RFC describes and many programs write. @param {readonly Field[]} fields */
function isAutomatic(fields) {
  const said = (first(fields, "auto-submitted") ?? "no").trim().toLowerCase();
  return !/^no(?:[\s;]|$)/.test(said) || /^\s*(?:bulk|list|junk)\b/i.test(first(fields, "precedence") ?? "") || ["list-id", "list-post", "list-unsubscribe"].some((key) => first(fields, key) !== null);
}

/** @param {string} value of a date field @returns {Date | null} */
export function dateIn(value) {
  const date = Date.parse(value.slice(0, 200).replace(/\([^)]*\)/g, "").trim());
  return Number.isNaN(date) ? null : new Date(date);
}
