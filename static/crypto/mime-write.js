/** Writing entities: 7-bit, CRLF, short lines, so that no server on the way has a reason to change anything. */
import { concat, utf8 } from "./bytes.js";
import { encodeBase64 } from "./base64.js";
import { CryptoError } from "./errors.js";
import { formatField, formatParameter } from "./header-fields.js";
import { withCrlf } from "./octets.js";
import { encodeQuotedPrintable } from "./quoted-printable.js";

/** @typedef {readonly [name: string, value: string]} HeaderLine value is ASCII and one line */

/**
 * An entity about to be written.
 * @typedef {object} Draft
 * @property {string} type Content-Type with its parameters
 * @property {readonly HeaderLine[]} headers other Content- fields
 * @property {readonly Uint8Array[]} body encoded, in pieces
 */

/** RFC 5322 section 2.1.1, without CRLF. */
const LINE_LIMIT = 998;

/**
 * @param {string} text any line ends
 * @param {"plain" | "html"} subtype
 * @returns {Draft}
 */
export function textPart(text, subtype) {
  const bytes = withCrlf(utf8(text.replace(/\r\n?/g, "\n").replace(/\n?$/, "\n")));
  let high = 0;
  for (const byte of bytes) if (byte > 126) high++;
  // Scripts of which nearly every letter would be escaped are shorter in base64.
  const dense = high * 4 > bytes.length;
  return {
    type: `text/${subtype}; charset=utf-8`,
    headers: [["Content-Transfer-Encoding", dense ? "base64" : "quoted-printable"]],
    body: [dense ? encodeBase64(bytes) : encodeQuotedPrintable(bytes)],
  };
}

/**
 * @param {{name: string, type: string, data: Uint8Array}} file
 * @returns {Draft}
 */
export function attachmentPart({ name, type, data }) {
  // RFC 2046 section 5.2.1 and 5.1: composite types may not be encoded, so they travel as what they are, bytes.
  const composite = /^(?:message|multipart)\//i.test(type);
  const valid = /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+$/.test(type) && !composite;
  const shown = name.replace(/[\u0000-\u001f\u007f]/g, " ").trim() || "attachment";
  return {
    type: `${valid ? type.toLowerCase() : "application/octet-stream"}${formatParameter("name", shown)}`,
    headers: [
      ["Content-Disposition", `attachment${formatParameter("filename", shown)}`],
      ["Content-Transfer-Encoding", "base64"],
    ],
    body: [encodeBase64(data)],
  };
}

/**
 * A picture that stands in the HTML beside it (RFC 2392), with a name for readers that list it.
 * @param {{id: string, name: string, type: string, data: Uint8Array}} picture
 * @returns {Draft}
 */
export function inlinePart({ id, ...picture }) {
  if (!/^[\w.-]{1,200}@[\w.-]{1,200}$/.test(id)) throw new CryptoError("bad-input", "not a Content-ID");
  const { headers, ...part } = attachmentPart(picture);
  return { ...part, headers: [["Content-ID", `<${id}>`], ...headers.map(([name, value]) => /** @type {HeaderLine} */ ([name, value.replace(/^attachment/, "inline")]))] };
}

/**
 * @param {string} subtype with parameters
 * @param {readonly Uint8Array[]} parts written entities
 * @returns {Draft}
 */
export function multipart(subtype, parts) {
  // "=_" occurs neither in base64 nor in quoted-printable (RFC 2045 section 6.7 rule 5 and page 21).
  const boundary = `=_${globalThis.crypto.randomUUID().replaceAll("-", "")}`;
  const pieces = parts.flatMap((part, at) => [utf8(`${at === 0 ? "" : "\r\n"}--${boundary}\r\n`), part]);
  return { type: `multipart/${subtype}; boundary="${boundary}"`, headers: [], body: [...pieces, utf8(`\r\n--${boundary}--\r\n`)] };
}

/**
 * Header fields, Content fields, empty line, body.
 * @param {Draft} draft
 * @param {readonly HeaderLine[]} [fields] before the Content fields
 * @returns {Uint8Array}
 */
export function write(draft, fields = []) {
  const header = [...fields, /** @type {const} */ (["Content-Type", draft.type]), ...draft.headers].map(([name, value]) => formatField(name, value)).join("");
  return concat(utf8(`${header}\r\n`), ...draft.body);
}

/**
 * What goes to a server: 7-bit, CRLF alone, no NUL, no long line. Refused and not repaired, because repairs break signatures
 * (facts/security.md M2).
 * @param {Uint8Array} message
 * @returns {Uint8Array} the same
 */
export function transportable(message) {
  let start = 0;
  for (let at = 0; at < message.length; at++) {
    const code = message[at];
    if (code > 126 || code === 0) throw new CryptoError("bad-input", "not 7-bit");
    if (code === 10 && message[at - 1] !== 13) throw new CryptoError("bad-input", "bare LF");
    if (code === 13 && message[at + 1] !== 10) throw new CryptoError("bad-input", "bare CR");
    if (code === 10) {
      if (at - 1 - start > LINE_LIMIT) throw new CryptoError("bad-input", "line too long");
      start = at + 1;
    }
  }
  return message;
}
