/** The outside of OpenPGP packets (RFC 9580 section 4.2): where each begins and ends. What is inside is for others. */
import { CryptoError } from "./errors.js";

/**
 * @typedef {object} Packet
 * @property {number} tag
 * @property {number} start of its header
 * @property {number} end
 * @property {readonly {from: number, to: number}[]} pieces of its body: one, or several with partial lengths
 */

/** Packets that may be of partial or indeterminate length: compressed, encrypted and literal data (sections 4.2.1.4, 4.2.2). */
const DATA = new Set([8, 9, 11, 18, 20]);

/**
 * The packet that begins at `start`.
 * @param {Uint8Array} bytes
 * @param {number} start
 * @returns {Packet}
 * @throws {CryptoError} not-opened: cut off, or no packet
 */
export function packetAt(bytes, start) {
  const head = octet(bytes, start);
  if ((head & 0x80) === 0) throw malformed("no packet");
  return (head & 0x40) !== 0 ? newForm(bytes, start, head & 0x3f) : oldForm(bytes, start, (head >> 2) & 0x0f, head & 3);
}

/**
 * @param {Uint8Array} bytes
 * @returns {Packet[]}
 * @throws {CryptoError} not-opened
 */
export function packetsIn(bytes) {
  const found = [];
  for (let at = 0; at < bytes.length; ) {
    const packet = packetAt(bytes, at);
    found.push(packet);
    at = packet.end;
  }
  return found;
}

/**
 * The body in one piece. With partial lengths its pieces are moved together where they stand, so `bytes` must be nobody
 * else's and the packet must not be read again.
 * @param {Uint8Array} bytes
 * @param {Packet} packet
 * @returns {Uint8Array} a view
 */
export function joined(bytes, { pieces }) {
  const [{ from }] = pieces;
  let to = from;
  for (const piece of pieces) {
    if (piece.from !== to) bytes.copyWithin(to, piece.from, piece.to);
    to += piece.to - piece.from;
  }
  return bytes.subarray(from, to);
}

/** @param {Packet} packet */
export function lengthOf({ pieces }) {
  return pieces.reduce((sum, { from, to }) => sum + to - from, 0);
}

/** @param {Uint8Array} bytes @param {number} start @param {number} tag @returns {Packet} */
function newForm(bytes, start, tag) {
  const pieces = [];
  for (let at = start + 1; ; ) {
    const first = octet(bytes, at);
    const partial = first >= 224 && first < 255;
    if (partial && !DATA.has(tag)) throw malformed("partial length where none may be");
    const [length, width] =
      first < 192 ? [first, 1]
      : first < 224 ? [((first - 192) << 8) + octet(bytes, at + 1) + 192, 2]
      : partial ? [2 ** (first & 0x1f), 1]
      : [number(bytes, at + 1, 4), 5];
    const from = at + width;
    at = from + length;
    if (at > bytes.length) throw malformed("cut off");
    pieces.push({ from, to: at });
    if (!partial) return { tag, start, end: at, pieces };
  }
}

/** @param {Uint8Array} bytes @param {number} start @param {number} tag @param {number} kind @returns {Packet} */
function oldForm(bytes, start, tag, kind) {
  if (kind === 3 && !DATA.has(tag)) throw malformed("no length where one must be");
  const width = kind === 3 ? 0 : 2 ** kind;
  const from = start + 1 + width;
  const to = kind === 3 ? bytes.length : from + number(bytes, start + 1, width);
  if (to > bytes.length) throw malformed("cut off");
  return { tag, start, end: to, pieces: [{ from, to }] };
}

/** @param {Uint8Array} bytes @param {number} at @param {number} width */
function number(bytes, at, width) {
  let value = 0;
  for (let index = 0; index < width; index++) value = value * 256 + octet(bytes, at + index);
  return value;
}

/** @param {Uint8Array} bytes @param {number} at */
function octet(bytes, at) {
  if (at >= bytes.length) throw malformed("cut off");
  return bytes[at];
}

/** @param {string} reason */
function malformed(reason) {
  return new CryptoError("not-opened", `OpenPGP packets: ${reason}`);
}
