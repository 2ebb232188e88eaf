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

/** A packet whose length shows at its end only. */
export class PartsWriter {
  #out;
  #part = new Uint8Array(PART);
  #filled = 0;

  /** @param {number} tag @param {(bytes: Uint8Array<ArrayBuffer>) => void} out */
  constructor(tag, out) {
    this.#out = out;
    out(Uint8Array.of(0xc0 | tag));
  }

  /** @param {Uint8Array} bytes */
  write(bytes) {
    for (let at = 0; at < bytes.length; ) {
      // A full part is written when more comes: what ends the packet is never a part.
      if (this.#filled === PART) {
        this.#out(Uint8Array.of(224 + POWER));
        this.#out(this.#part);
        this.#part = new Uint8Array(PART);
        this.#filled = 0;
      }
      const taken = bytes.subarray(at, at + PART - this.#filled);
      this.#part.set(taken, this.#filled);
      this.#filled += taken.length;
      at += taken.length;
    }
  }

  end() {
    this.#out(lengthOctets(this.#filled));
    this.#out(this.#part.subarray(0, this.#filled));
  }
}

/** Section 4.2.1. @param {number} length @returns {Uint8Array<ArrayBuffer>} */
function lengthOctets(length) {
  if (length < 192) return Uint8Array.of(length);
  if (length < 8384) return Uint8Array.of(((length - 192) >> 8) + 192, (length - 192) & 255);
  return Uint8Array.of(255, length >>> 24, (length >> 16) & 255, (length >> 8) & 255, length & 255);
}
