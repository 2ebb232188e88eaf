/** OCB (RFC 7253) with AES, a tag of 16 octets and a nonce of 15: decryption alone, as OpenPGP needs it. */
import { aes, BLOCK, PIECE } from "./aes.js";
import { equal } from "./bytes.js";

export const TAG = 16;
const WORDS = BLOCK / 4;
/** Blocks are counted to 2^32 and not further: no chunk of a message that is opened comes near. */
const DOUBLINGS = 32;

/**
 * @typedef {object} Ocb
 * @property {(data: Uint8Array, nonce: Uint8Array, associated: Uint8Array, step: (bytes: number) => Promise<void>) => Promise<Uint8Array | null>} decrypt
 *   the data is overwritten; a view on what it hid, or null when the tag is wrong: then it is nothing
 * @property {() => void} wipe
 */

/**
 * @param {Uint8Array} key
 * @returns {Promise<Ocb>}
 */
export async function ocb(key) {
  const machine = await aes(key);
  const from = words(machine.from);
  const mask = words(machine.mask);
  const to = words(machine.to);

  /** One block. @param {Uint8Array} block */
  const encrypted = (block) => {
    machine.from.set(block);
    machine.mask.fill(0, 0, BLOCK);
    machine.encrypt(1);
    return machine.to.slice(0, BLOCK);
  };

  const star = encrypted(new Uint8Array(BLOCK));
  const dollar = doubled(star);
  const doublings = [doubled(dollar)];
  for (let at = 1; at < DOUBLINGS; at++) doublings.push(doubled(doublings[at - 1]));
  const steps = doublings.map(words);

  /** @param {Uint8Array} nonce */
  const firstOffset = (nonce) => {
    const block = new Uint8Array(BLOCK);
    block.set(nonce, 1);
    block[0] = 1;
    const bottom = block[15] & 63;
    block[15] &= 0xc0;
    const top = encrypted(block);
    const stretched = new Uint8Array(24);
    stretched.set(top);
    for (let at = 0; at < 8; at++) stretched[16 + at] = top[at] ^ top[at + 1];
    const skip = bottom >> 3;
    const bits = bottom & 7;
    return Uint8Array.from({ length: BLOCK }, (_, at) => (stretched[skip + at] << bits) | (stretched[skip + at + 1] >> (8 - bits)));
  };

  /** HASH of RFC 7253 section 4.1; what is associated here is a few octets. @param {Uint8Array} associated */
  const hashed = (associated) => {
    const sum = new Uint8Array(BLOCK);
    const offset = new Uint8Array(BLOCK);
    let at = 0;
    for (let block = 1; at + BLOCK <= associated.length; at += BLOCK, block++) {
      mix(offset, doublings[zeros(block)]);
      mix(sum, encrypted(mixed(associated.subarray(at, at + BLOCK), offset)));
    }
    if (at < associated.length) {
      mix(offset, star);
      mix(sum, encrypted(mixed(padded(associated.subarray(at)), offset)));
    }
    return sum;
  };

  return {
    async decrypt(data, nonce, associated, step) {
      const length = data.length - TAG;
      if (length < 0) return null;
      const tag = data.slice(length);
      const offset = firstOffset(nonce);
      const offsetWords = words(offset);
      const checksum = new Uint32Array(WORDS);
      const whole = length - (length % BLOCK);
      let block = 1;
      for (let at = 0; at < whole; at += PIECE) {
        const piece = data.subarray(at, Math.min(at + PIECE, whole));
        const count = piece.length / 4;
        machine.from.set(piece);
        for (let word = 0; word < count; word += WORDS, block++) {
          const next = steps[zeros(block)];
          for (let index = 0; index < WORDS; index++) {
            const value = (offsetWords[index] ^= next[index]);
            mask[word + index] = value;
            from[word + index] ^= value;
          }
        }
        machine.decrypt(piece.length / BLOCK);
        for (let word = 0; word < count; word += WORDS) for (let index = 0; index < WORDS; index++) checksum[index] ^= to[word + index];
        piece.set(machine.to.subarray(0, piece.length));
        await step(piece.length);
      }
      const sum = new Uint8Array(checksum.buffer);
      if (whole < length) {
        mix(offset, star);
        const rest = data.subarray(whole, length);
        mix(rest, encrypted(offset));
        mix(sum, padded(rest));
      }
      mix(sum, offset);
      mix(sum, dollar);
      const expected = encrypted(sum);
      mix(expected, hashed(associated));
      if (equal(expected, tag)) return data.subarray(0, length);
      data.fill(0);
      return null;
    },
    wipe() {
      machine.wipe();
      for (const secret of [star, dollar, ...doublings]) secret.fill(0);
    },
  };
}

/** @param {Uint8Array<ArrayBuffer>} bytes whose place is a multiple of 4 */
function words(bytes) {
  return new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
}

/** How often 2 divides it. @param {number} value */
function zeros(value) {
  return 31 - Math.clz32(value & -value);
}

/** @param {Uint8Array} into @param {Uint8Array} value */
function mix(into, value) {
  for (let at = 0; at < into.length; at++) into[at] ^= value[at];
}

/** @param {Uint8Array} a @param {Uint8Array} b */
function mixed(a, b) {
  return a.map((octet, at) => octet ^ b[at]);
}

/** A bit of 1 and zeros behind it. @param {Uint8Array} part of a block */
function padded(part) {
  const block = new Uint8Array(BLOCK);
  block.set(part);
  block[part.length] = 0x80;
  return block;
}

/** Times x in GF(2^128) (RFC 7253 section 2), without a branch. @param {Uint8Array} block @returns {Uint8Array<ArrayBuffer>} */
function doubled(block) {
  const twice = Uint8Array.from(block, (octet, at) => (octet << 1) | ((block[at + 1] ?? 0) >> 7));
  twice[15] ^= -(block[0] >> 7) & 0x87;
  return twice;
}
