/**
 * What an answer or a forward begins with: recipients, subject, thread, quotation.
 *
 * Everything comes from the message as the person saw it: the protected headers where there are any, and the text
 * that was rendered, so that nothing hidden in a message travels back to its sender inside an answer.
 */
import { addressKey } from "../crypto/address-key.js";
import { quoted, withoutSignature } from "./quote.js";

/** @typedef {{ name: string, address: string }} Mailbox */
/**
 * @typedef {object} Seen  a message as it was shown
 * @property {Mailbox[]} from
 * @property {Mailbox[]} replyTo
 * @property {Mailbox[]} to
 * @property {Mailbox[]} cc
 * @property {string} subject
 * @property {string} messageId  with angle brackets, or ""
 * @property {string[]} references  oldest first
 * @property {Date | null} [date]
 * @property {string} text  as rendered
 */
/** @typedef {"reply" | "all" | "forward"} How */

/**
 * Equal addresses reach the same place, so a person is not written to twice for a capital letter.
 * @param {string} address
 */
export function key(address) {
  return addressKey(address.trim());
}

/**
 * Mailboxes without doubles and without those in `without`.
 * @param {Mailbox[]} mailboxes
 * @param {Iterable<string>} without
 */
function distinct(mailboxes, without) {
  const seen = new Set([...without].map(key));
  return mailboxes.filter(({ address }) => {
    if (!address.includes("@") || seen.has(key(address))) return false;
    seen.add(key(address));
    return true;
  });
}

/**
 * RFC 5322 section 3.6.3: answers go to Reply-To where there is one, else to From; "all" adds To and Cc.
 * Nobody answers themselves, unless they wrote the message: then an answer goes to those it went to.
 * @param {How} how
 * @param {Seen} seen
 * @param {string} self own address
 * @returns {{ to: Mailbox[], cc: Mailbox[] }}
 */
export function recipients(how, seen, self) {
  if (how === "forward") return { to: [], cc: [] };
  const own = seen.from.length === 1 && key(seen.from[0]?.address ?? "") === key(self);
  const back = own ? seen.to : seen.replyTo.length ? seen.replyTo : seen.from;
  let to = distinct(back, [self]);
  // A note to oneself alone is answered to oneself.
  if (to.length === 0) to = distinct(back, []);
  if (how === "reply") return { to, cc: [] };
  const rest = own ? seen.cc : [...seen.to, ...seen.cc];
  return { to, cc: distinct(rest, [self, ...to.map(({ address }) => address)]) };
}

const REPLY = /^\s*(?:(?:re|aw|sv|antw|回复|答复)\s*(?:\[\d+\]\s*)?[:：]\s*)+/iu;
const FORWARD = /^\s*(?:(?:fwd?|wg|转发)\s*[:：]\s*)+/iu;

/**
 * "Re: " and "Fwd: " are the forms other programs know (RFC 5322 section 3.6.5), never put twice.
 * @param {How} how
 * @param {string} subject
 */
export function subject(how, subject) {
  return how === "forward"
    ? `Fwd: ${subject.replace(FORWARD, "")}`.trimEnd()
    : `Re: ${subject.replace(REPLY, "")}`.trimEnd();
}

/** Message-IDs beyond these two dozen are left out from the middle, so that the field stays in its limits. */
const LONGEST_THREAD = 24;

/**
 * RFC 5322 section 3.6.4: the parent's references followed by the parent.
 * @param {How} how
 * @param {Seen} seen
 * @returns {{ inReplyTo: string | null, references: string[] }}
 */
export function thread(how, seen) {
  if (how === "forward" || !seen.messageId) return { inReplyTo: null, references: [] };
  const line = [...seen.references.filter((id) => id !== seen.messageId), seen.messageId];
  const references = line.length > LONGEST_THREAD ? [...line.slice(0, 1), ...line.slice(1 - LONGEST_THREAD)] : line;
  return { inReplyTo: seen.messageId, references };
}

/**
 * The first text of an answer: room to write, then what is answered.
 * @param {Seen} seen
 * @param {string} attribution e.g. "On 3 May 2026 at 10:15, Bob wrote:"
 */
export function quotation(seen, attribution) {
  const text = withoutSignature(seen.text).trim();
  return text === "" ? "" : `\n\n${attribution}\n${quoted(text)}\n`;
}

/**
 * The first text of a forward: the head of the message in lines, then its text, unquoted.
 * @param {Seen} seen
 * @param {string} title
 * @param {[string, string][]} lines name and value, as shown
 */
export function forwarded(seen, title, lines) {
  const head = lines.filter(([, value]) => value !== "").map(([name, value]) => `${name}: ${value}`);
  return ["", "", title, ...head, "", seen.text.trim(), ""].join("\n");
}

/**
 * @param {Mailbox} mailbox
 */
export function written({ name, address }) {
  return name && key(name) !== key(address) ? `${name} <${address}>` : address;
}
