/** OpenPGP inside text: where its blocks are. What stands around them is covered by nothing. */
import { startOfLine, unarmor } from "./armor.js";
import { utf8 } from "./bytes.js";
import { binaryString, find, withCrlf } from "./octets.js";

/**
 * @typedef {object} Piece
 * @property {"text" | "encrypted" | "signed" | "key"} kind
 * @property {Uint8Array} bytes text; for a signed block only the text that was signed
 * @property {Uint8Array} [data] packets: message, signature or certificate
 */

const BEGIN = utf8("-----BEGIN PGP ");
const SIGNED = utf8("-----BEGIN PGP SIGNED MESSAGE-----");

/** @param {Uint8Array} bytes */
export function hasBlocks(bytes) {
  return find(bytes, BEGIN) >= 0;
}

/**
 * @param {Uint8Array} bytes decoded text of a part
 * @returns {Piece[]}
 */
export function piecesOf(bytes) {
  /** @type {Piece[]} */
  const pieces = [];
  let from = 0;
  // Looked for again only when it was passed: where it is far or nowhere, each search would go through all of the text.
  let signed = find(bytes, SIGNED);
  while (from < bytes.length && pieces.length < 50) {
    if (signed >= 0 && signed < from) signed = find(bytes, SIGNED, from);
    const block = nextBlock(bytes, from, signed);
    if (block === null) break;
    if (block.start > from) pieces.push({ kind: "text", bytes: bytes.subarray(from, block.start) });
    pieces.push(block.piece);
    from = block.end;
  }
  if (from < bytes.length) pieces.push({ kind: "text", bytes: bytes.subarray(from) });
  // All of it: text behind a page of blanks would else be dropped, and the block beside it pass for the whole text.
  return pieces.filter((piece) => piece.kind !== "text" || piece.bytes.some((code) => code > 32));
}

/**
 * @param {Uint8Array} bytes
 * @param {number} from
 * @param {number} begin of the next cleartext-signed block, -1 where there is none
 * @returns {{start: number, end: number, piece: Piece} | null}
 */
function nextBlock(bytes, from, begin) {
  const armored = unarmor(bytes, from);
  const signedAt = begin < 0 ? -1 : startOfLine(bytes, begin);
  if (signedAt >= 0 && (armored === null || signedAt < armored.start)) {
    const signed = clearSigned(bytes, signedAt);
    if (signed !== null) return signed;
  }
  if (armored === null) return null;
  const whole = bytes.subarray(armored.start, armored.end);
  const { start, end, kind, data } = armored;
  if (kind === "MESSAGE") return { start, end, piece: { kind: "encrypted", bytes: whole, data } };
  if (kind === "PUBLIC KEY BLOCK") return { start, end, piece: { kind: "key", bytes: whole, data } };
  return { start, end, piece: { kind: "text", bytes: whole } };
}

/**
 * The cleartext signature framework (RFC 9580 section 7).
 * @param {Uint8Array} bytes
 * @param {number} start
 */
function clearSigned(bytes, start) {
  const signature = unarmor(bytes, start + 10);
  if (signature === null || signature.kind !== "SIGNATURE") return null;
  const lines = binaryString(bytes.subarray(start, signature.start)).split(/\r?\n/);
  const indent = /^\s*/.exec(lines[0])?.[0] ?? "";
  let at = 1;
  while (at < lines.length && lines[at].trim() !== "") {
    // Only these may stand here; a line of text smuggled in would look signed and not be hashed (section 7.1).
    if (!/^\s*(?:Hash|Charset|Comment|Version): /.test(lines[at])) return null;
    at++;
  }
  const signed = lines.slice(at + 1, -1).map((line) => trimmed(line.startsWith(indent) ? line.slice(indent.length) : line).replace(/^- /, ""));
  // The line end before the signature is not part of the text (section 7.1).
  const text = withCrlf(Uint8Array.from(signed.join("\n"), (letter) => letter.charCodeAt(0)));
  return { start, end: signature.end, piece: /** @type {Piece} */ ({ kind: "signed", bytes: text, data: signature.data }) };
}

/** Without blanks at the end, which are not signed (section 7.1); bytes, so not the blanks of Unicode. @param {string} line */
function trimmed(line) {
  let end = line.length;
  while (end > 0 && " \t\r".includes(line[end - 1])) end--;
  return line.slice(0, end);
}
