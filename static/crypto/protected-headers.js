/** Header fields that travelled inside the protection (RFC 9788, and the older drafts that clients still write). */
import { all, first, text } from "./header-fields.js";

/** @typedef {import("./mime-read.js").Entity} Entity */
/** @typedef {import("./header-fields.js").Field} Field */

/** What programs write outside in place of a subject. */
const PLACEHOLDERS = new Set(["", "[...]", "...", "…", "[…]", "encrypted message", "encrypted", "re: ..."]);

/** The fields that a person is shown; they come from inside where the inside has any. */
const SHOWN = new Set(["from", "sender", "reply-to", "to", "cc", "bcc", "subject", "date", "message-id", "in-reply-to", "references"]);

/**
 * Whether the root of the payload says that its header fields are the message's. Below the root such a claim means nothing.
 * @param {Entity} payload
 */
export function hasProtectedHeaders(payload) {
  return payload.params["hp"] === "cipher" || payload.params["hp"] === "clear" || payload.params["protected-headers"] === "v1";
}

/**
 * The header section a reader should believe: inside fields, and those outside that inside never has.
 * @param {readonly Field[]} outer
 * @param {Entity} payload
 * @returns {Field[]}
 */
export function believed(outer, payload) {
  const inside = payload.fields.filter((field) => SHOWN.has(field.key));
  return [...inside, ...outer.filter((field) => !SHOWN.has(field.key))];
}

/**
 * The outer subject when it reads differently and its writer did not put it there; else null.
 * @param {readonly Field[]} outer
 * @param {Entity} payload
 * @returns {string | null}
 */
export function differingSubject(outer, payload) {
  const outside = text(outer, "subject");
  if (first(payload.fields, "subject") === null || outside === text(payload.fields, "subject")) return null;
  const told = all(payload.fields, "hp-outer").find((field) => /^subject\s*:/i.test(field.value));
  if (told !== undefined) return text([{ ...told, value: told.value.replace(/^[^:]*:\s*/, "") }], told.key) === outside ? null : outside;
  return PLACEHOLDERS.has(outside.toLowerCase()) ? null : outside;
}

/**
 * Names of fields that stood only inside: an answer must not put them outside.
 * @param {readonly Field[]} outer
 * @param {Entity} payload
 * @returns {string[]}
 */
export function confidential(outer, payload) {
  return [...new Set(payload.fields.filter((field) => SHOWN.has(field.key) && text(outer, field.key) !== text(payload.fields, field.key)).map((field) => field.key))];
}

/**
 * A part that only repeats the protected headers for programs that cannot read them (draft-autocrypt-lamps-protected-headers).
 * @param {Entity} part
 */
export function isLegacyDisplay(part) {
  return part.params["protected-headers"] === "v1" && (part.type === "text/plain" || part.type === "text/rfc822-headers");
}

/**
 * The text without the lines that repeat headers (RFC 9788 section 5.3).
 * @param {Entity} part
 * @param {string} content
 */
export function withoutLegacyDisplay(part, content) {
  if (part.params["hp-legacy-display"] !== "1") return content;
  if (part.type === "text/plain") {
    const end = /\r?\n\r?\n/.exec(content);
    return end === null ? content : content.slice(end.index + end[0].length);
  }
  // Bounded, so that a page of half tags is not searched from each of them.
  const begin = /<div\b[^>]{0,200}class\s{0,9}=\s{0,9}["']?header-protection-legacy-display\b[^>]{0,200}>/i.exec(content);
  if (begin === null) return content;
  const inside = begin.index + begin[0].length;
  const end = /<\/div>/i.exec(content.slice(inside));
  return end === null ? content : content.slice(0, begin.index) + content.slice(inside + end.index + end[0].length);
}
