/** Packets as they are written (RFC 9580 section 4.2): of a length that is known, or in parts of two to some power. */
import { concat } from "./bytes.js";

/** The length of a part, 2^17 octets. The first must be of 512 at least (section 4.2.1.4). */
const POWER = 17;
const PART = 2 ** POWER;

/**
 * @param {number} tag
 * @param {number} length
 * @returns {Uint8Array<ArrayBuffer>} what stands before a body of this length
 */
export function packetHeader(tag, length) {
  return concat(Uint8Array.of(0xc0 | tag), lengthOctets(length));
}

/** @param {number} tag @param {Uint8Array} body */
export function packet(tag, body) {
  return concat(packetHeader(tag, body.length), body);
}

/** A packet whose length shows at its end only, while a least length is known before. */
export class PartsWriter {
  #out;
  /** Octets that come for certain and stand in no part yet. */
  #sure;
  /** What is left of the part that was begun. */
  #left = 0;
  /** What ends the packet is never a part: it waits for its length. @type {Uint8Array[]} */
  #last = [];

  /**
   * @param {number} tag
   * @param {number} least octets that the body has, or more
   * @param {(bytes: Uint8Array<ArrayBuffer>) => void} out takes what is written, a copy where it keeps it
   */
  constructor(tag, least, out) {
    this.#sure = least;
    this.#out = out;
    out(Uint8Array.of(0xc0 | tag));
  }

  /** @param {Uint8Array} bytes */
  write(bytes) {
    for (let at = 0; at < bytes.length; ) {
      if (this.#left === 0) {
        if (this.#sure < PART) {
          this.#last.push(bytes.slice(at));
          return;
        }
        this.#sure -= PART;
        this.#left = PART;
        this.#out(Uint8Array.of(224 + POWER));
      }
      const taken = bytes.subarray(at, at + this.#left);
      this.#out(/** @type {Uint8Array<ArrayBuffer>} */ (taken));
      this.#left -= taken.length;
      at += taken.length;
    }
  }

  end() {
    if (this.#left > 0) throw new RangeError("shorter than it was to be at least");
    const last = concat(...this.#last);
    this.#out(lengthOctets(last.length));
    this.#out(last);
  }
}

/** Section 4.2.1. @param {number} length @returns {Uint8Array<ArrayBuffer>} */
function lengthOctets(length) {
  if (length < 192) return Uint8Array.of(length);
  if (length < 8384) return Uint8Array.of(((length - 192) >> 8) + 192, (length - 192) & 255);
  return Uint8Array.of(255, length >>> 24, (length >> 16) & 255, (length >> 8) & 255, length & 255);
}
