/** Writing entities: 7-bit, CRLF, short lines, so that no server on the way has a reason to change anything. */
import { utf8 } from "./bytes.js";
import { encodeBase64 } from "./base64.js";
import { CryptoError } from "./errors.js";
import { formatField, formatParameter } from "./header-fields.js";
import { withCrlf } from "./octets.js";
import { Encoded, inOne } from "./pieces.js";
import { encodeQuotedPrintable } from "./quoted-printable.js";

/** @typedef {readonly [name: string, value: string]} HeaderLine value is ASCII and one line */

/**
 * An entity about to be written.
 * @typedef {object} Draft
 * @property {string} type Content-Type with its parameters
 * @property {readonly HeaderLine[]} headers other Content- fields
 * @property {readonly Piece[]} body encoded, or files that will be
 */
/** @typedef {import("./pieces.js").Piece} Piece */

/** RFC 5322 section 2.1.1, without CRLF. */
const LINE_LIMIT = 998;
const LF = 10;
const CR = 13;

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
 * @param {{name: string, type: string, data: Uint8Array | Blob}} file a Blob is read when it is written
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
    body: [data instanceof Uint8Array ? encodeBase64(data) : new Encoded(data)],
  };
}

/**
 * A picture that stands in the HTML beside it (RFC 2392), with a name for readers that list it.
 * @param {{id: string, name: string, type: string, data: Uint8Array | Blob}} picture
 * @returns {Draft}
 */
export function inlinePart({ id, ...picture }) {
  if (!/^[\w.-]{1,200}@[\w.-]{1,200}$/.test(id)) throw new CryptoError("bad-input", "not a Content-ID");
  const { headers, ...part } = attachmentPart(picture);
  return { ...part, headers: [["Content-ID", `<${id}>`], ...headers.map(([name, value]) => /** @type {HeaderLine} */ ([name, value.replace(/^attachment/, "inline")]))] };
}

/**
 * @param {string} subtype with parameters
 * @param {readonly (Uint8Array | readonly Piece[])[]} parts written entities
 * @returns {Draft}
 */
export function multipart(subtype, parts) {
  // "=_" occurs neither in base64 nor in quoted-printable (RFC 2045 section 6.7 rule 5 and page 21).
  const boundary = `=_${globalThis.crypto.randomUUID().replaceAll("-", "")}`;
  const pieces = parts.flatMap((part, at) => [utf8(`${at === 0 ? "" : "\r\n"}--${boundary}\r\n`), ...(part instanceof Uint8Array ? [part] : part)]);
  return { type: `multipart/${subtype}; boundary="${boundary}"`, headers: [], body: [...pieces, utf8(`\r\n--${boundary}--\r\n`)] };
}

/**
 * Header fields, Content fields, empty line, body.
 * @param {Draft} draft
 * @param {readonly HeaderLine[]} [fields] before the Content fields
 * @returns {Piece[]}
 */
export function pieces(draft, fields = []) {
  const header = [...fields, /** @type {const} */ (["Content-Type", draft.type]), ...draft.headers].map(([name, value]) => formatField(name, value)).join("");
  return [utf8(`${header}\r\n`), ...draft.body];
}

/**
 * The same in one, where there is no file in it.
 * @param {Draft} draft
 * @param {readonly HeaderLine[]} [fields]
 * @returns {Uint8Array}
 */
export function write(draft, fields) {
  return inOne(pieces(draft, fields));
}

/**
 * What goes to a server: 7-bit, CRLF alone, no NUL, no long line. Refused and not repaired, because repairs break signatures
 * (facts/security.md M2). Files are encoded here, in whole lines, and so are in order.
 * @template {Uint8Array | readonly Piece[]} Message
 * @param {Message} message
 * @returns {Message} the same
 */
export function transportable(message) {
  let length = 0;
  let before = 0;
  const written = /** @type {readonly Piece[]} */ (message instanceof Uint8Array ? [message] : message);
  for (const piece of written) {
    if (piece instanceof Encoded) {
      if (before === CR) throw new CryptoError("bad-input", "bare CR");
      [length, before] = [0, LF];
      continue;
    }
    for (const code of piece) {
      if (code > 126 || code === 0) throw new CryptoError("bad-input", "not 7-bit");
      if (code === LF && before !== CR) throw new CryptoError("bad-input", "bare LF");
      if (code !== LF && before === CR) throw new CryptoError("bad-input", "bare CR");
      length = code === LF ? 0 : length + 1;
      // The CR of the line's end is not counted (it is the one over).
      if (length > LINE_LIMIT + 1 || (length === LINE_LIMIT + 1 && code !== CR)) throw new CryptoError("bad-input", "line too long");
      before = code;
    }
  }
  if (before === CR) throw new CryptoError("bad-input", "bare CR");
  return message;
}
