/** ASCII armor (RFC 9580 section 6), from bytes to bytes: the library's own goes through strings and doubles time and memory. */
import { ArmorWriter } from "./armor-writer.js";
import { concat, utf8 } from "./bytes.js";
import { decodeBase64 } from "./base64.js";
import { binaryString, find } from "./octets.js";

/** @typedef {"MESSAGE" | "SIGNATURE" | "PUBLIC KEY BLOCK" | "PRIVATE KEY BLOCK" | "SIGNED MESSAGE"} ArmorKind */

/**
 * A block of armor inside other bytes.
 * @typedef {object} Block
 * @property {ArmorKind} kind
 * @property {Uint8Array} data
 * @property {number} start of the line with BEGIN
 * @property {number} end behind the line with END
 */

const BEGIN = utf8("-----BEGIN PGP ");
const END = utf8("-----END PGP ");
const LF = 10;

/**
 * @param {Uint8Array} data
 * @param {ArmorKind} kind
 * @param {{checksum?: boolean}} [options] as for ArmorWriter
 * @returns {Uint8Array}
 */
export function armor(data, kind, options) {
  /** @type {Uint8Array[]} */
  const written = [];
  const writer = new ArmorWriter(kind, (bytes) => written.push(bytes.slice()), options);
  writer.write(data);
  writer.end();
  return concat(...written);
}

/**
 * The first block of armor, or null. A wrong CRC is no reason to refuse (RFC 9580 section 6.1).
 * @param {Uint8Array} bytes
 * @param {number} [from]
 * @param {{own?: boolean}} [how] own: nobody needs the bytes any more, and the data overwrites them
 * @returns {Block | null}
 */
export function unarmor(bytes, from = 0, how) {
  for (let start = find(bytes, BEGIN, from); start >= 0; start = find(bytes, BEGIN, start + 1)) {
    const lineStart = startOfLine(bytes, start);
    if (lineStart < 0) continue;
    const lineEnd = endOfLine(bytes, start);
    const kind = /^-----BEGIN PGP ([A-Z ]+?)-----[ \t]*$/.exec(binaryString(bytes.subarray(start, Math.min(lineEnd, start + 60))).trimEnd())?.[1];
    if (kind !== "MESSAGE" && kind !== "SIGNATURE" && kind !== "PUBLIC KEY BLOCK" && kind !== "PRIVATE KEY BLOCK") continue;
    const close = find(bytes, END, lineEnd);
    if (close < 0) return null;
    const bodyStart = skipHeaders(bytes, lineEnd + 1, close);
    return { kind, data: decodeBase64(bytes.subarray(bodyStart, checksumStart(bytes, bodyStart, close)), how), start: lineStart, end: Math.min(endOfLine(bytes, close) + 1, bytes.length) };
  }
  return null;
}

/**
 * What a part or file holds: the armored data, or the bytes themselves when they are binary OpenPGP.
 * @param {Uint8Array} bytes
 * @param {{own?: boolean}} [how] as for unarmor
 * @returns {Uint8Array | null} null when it is neither
 */
export function packetsOf(bytes, how) {
  const block = unarmor(bytes, 0, how);
  if (block !== null) return block.data;
  // Every packet header has its highest bit set (RFC 9580 section 4.2).
  return bytes.length > 0 && (bytes[0] & 0x80) !== 0 ? bytes : null;
}

/** @param {Uint8Array} bytes @param {number} at */
function endOfLine(bytes, at) {
  const end = bytes.indexOf(LF, at);
  return end < 0 ? bytes.length : end;
}

/**
 * Where the line begins, if only blanks stand before `at`, else -1. No further back than those blanks: a line of megabytes
 * full of beginnings would be gone through for each of them.
 * @param {Uint8Array} bytes
 * @param {number} at
 */
export function startOfLine(bytes, at) {
  let start = at;
  while (start > 0 && isBlank(bytes.subarray(start - 1, start))) start--;
  return start === 0 || bytes[start - 1] === LF ? start : -1;
}

/** Spaces, tabs, CR, quote marks of indented armor, and no-break spaces that editors make of them. @param {Uint8Array} line */
function isBlank(line) {
  return line.every((code) => code === 32 || code === 9 || code === 13 || code === 0xc2 || code === 0xa0);
}

/** Lines "Key: value" up to an empty one; armor without that empty line begins at once. @param {Uint8Array} bytes @param {number} start @param {number} end */
function skipHeaders(bytes, start, end) {
  let at = start;
  while (at < end) {
    const lineEnd = Math.min(endOfLine(bytes, at), end);
    const line = bytes.subarray(at, lineEnd);
    if (isBlank(line)) return Math.min(lineEnd + 1, end);
    if (!/^\s*[A-Za-z][A-Za-z-]*:/.test(binaryString(line.subarray(0, 80)))) return at;
    at = lineEnd + 1;
  }
  return Math.min(at, end);
}

/** The line "=AbCd" before END is the CRC. @param {Uint8Array} bytes @param {number} start @param {number} end */
function checksumStart(bytes, start, end) {
  const tail = Math.max(start, end - 200);
  const last = /(?:^|\n)[ \t]*=[A-Za-z0-9+/]{4}\s*$/.exec(binaryString(bytes.subarray(tail, end)));
  return last === null ? end : tail + last.index;
}
