/** OCB (RFC 7253) with AES, a tag of 16 octets and a nonce of 15, as OpenPGP needs it. */
import { aes, BLOCK, PIECE as MOST } from "./aes.js";
import { concat, equal } from "./bytes.js";

export const TAG = 16;
const WORDS = BLOCK / 4;
/** Octets that are with WebCrypto at once. */
const LARGE = 256 * 1024;
/** Blocks are counted to 2^32 and not further: no chunk of a message that is opened comes near. */
const DOUBLINGS = 32;

/**
 * @typedef {object} Ocb
 * @property {(data: Uint8Array, nonce: Uint8Array, associated: Uint8Array, step: (bytes: number) => Promise<void>) => Promise<Uint8Array | null>} decrypt
 *   the data is overwritten; a view on what it hid, or null when the tag is wrong: then it is nothing
 * @property {(data: Uint8Array, nonce: Uint8Array, associated: Uint8Array) => Uint8Array<ArrayBuffer>} encrypt
 *   at once, for chunks of little size; the tag stands behind
 * @property {() => void} wipe
 */

/**
 * @param {Uint8Array} key
 * @param {(key: Uint8Array) => Promise<Cbc | null>} [cbcOf]
 * @returns {Promise<Ocb>}
 */
export async function ocb(key, cbcOf = cbc) {
  const machine = await aes(key);
  const native = await cbcOf(key);
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
  const steps = words(concat(...doublings));

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

  /**
   * @param {Uint8Array} piece overwritten
   * @param {number} first number of its first block
   * @param {Int32Array} offset before it; then, of its last block
   * @param {Int32Array} checksum
   */
  const inWasm = (piece, first, offset, checksum) => {
    const count = piece.length / 4;
    machine.from.set(piece);
    machine.mask.fill(0, 0, piece.length);
    xorOffsets(mask, 0, count, first, offset);
    for (let word = 0; word < count; word++) from[word] ^= mask[word];
    machine.decrypt(piece.length / BLOCK);
    for (let word = 0; word < count; word += WORDS) for (let index = 0; index < WORDS; index++) checksum[index] ^= to[word + index];
    piece.set(machine.to.subarray(0, piece.length));
  };

  /** The same by WebCrypto. @param {Uint8Array} piece @param {number} first @param {Int32Array} offset @param {Int32Array} checksum */
  const natively = async (piece, first, offset, checksum) => {
    const count = piece.length / 4;
    // A block of zeros before them, which is the IV too, and one behind them for the padding.
    const masked = new Uint8Array(piece.length + 2 * BLOCK);
    masked.set(piece, BLOCK);
    const before = words(masked);
    const start = offset.slice();
    xorOffsets(before, WORDS, WORDS + count, first, offset);
    const padding = masked.subarray(piece.length, piece.length + BLOCK).map((octet) => octet ^ BLOCK);
    masked.set(encrypted(padding), piece.length + BLOCK);
    const opened = words(new Uint8Array(await /** @type {Cbc} */ (native)(masked.subarray(BLOCK))));
    let [a, b, c, d] = start;
    let [sumA, sumB, sumC, sumD] = checksum;
    for (let word = 0, block = first; word < count; word += WORDS, block++) {
      const step = WORDS * zeros(block);
      sumA ^= opened[word] ^= before[word] ^ (a ^= steps[step]);
      sumB ^= opened[word + 1] ^= before[word + 1] ^ (b ^= steps[step + 1]);
      sumC ^= opened[word + 2] ^= before[word + 2] ^ (c ^= steps[step + 2]);
      sumD ^= opened[word + 3] ^= before[word + 3] ^ (d ^= steps[step + 3]);
    }
    checksum.set([sumA, sumB, sumC, sumD]);
    piece.set(new Uint8Array(opened.buffer));
  };

  /**
   * The offset of each block is XORed in (RFC 7253 section 4.3).
   * @param {Int32Array} blocks
   * @param {number} from word
   * @param {number} to word
   * @param {number} first number of the first block
   * @param {Int32Array} offset before it; then, of the last block
   */
  const xorOffsets = (blocks, from, to, first, offset) => {
    let [a, b, c, d] = offset;
    for (let word = from, block = first; word < to; word += WORDS, block++) {
      const step = WORDS * zeros(block);
      blocks[word] ^= a ^= steps[step];
      blocks[word + 1] ^= b ^= steps[step + 1];
      blocks[word + 2] ^= c ^= steps[step + 2];
      blocks[word + 3] ^= d ^= steps[step + 3];
    }
    offset.set([a, b, c, d]);
  };

  /** What ends a chunk. @param {Uint8Array} checksum @param {Uint8Array} offset @param {Uint8Array} associated */
  const tagOf = (checksum, offset, associated) => mixed(encrypted(mixed(mixed(checksum, offset), dollar)), hashed(associated));

  return {
    encrypt(data, nonce, associated) {
      const sealed = new Uint8Array(data.length + TAG);
      const whole = data.length - (data.length % BLOCK);
      const offset = firstOffset(nonce);
      const offsetWords = words(offset);
      const checksum = new Int32Array(WORDS);
      for (let at = 0; at < whole; at += MOST) {
        const piece = data.subarray(at, Math.min(at + MOST, whole));
        const count = piece.length / 4;
        machine.from.set(piece);
        for (let word = 0; word < count; word += WORDS) for (let index = 0; index < WORDS; index++) checksum[index] ^= from[word + index];
        machine.mask.fill(0, 0, piece.length);
        xorOffsets(mask, 0, count, at / BLOCK + 1, offsetWords);
        for (let word = 0; word < count; word++) from[word] ^= mask[word];
        machine.encrypt(piece.length / BLOCK);
        sealed.set(machine.to.subarray(0, piece.length), at);
      }
      const sum = new Uint8Array(checksum.buffer);
      if (whole < data.length) {
        mix(offset, star);
        const rest = data.slice(whole);
        mix(sum, padded(rest));
        mix(rest, encrypted(offset));
        sealed.set(rest, whole);
      }
      sealed.set(tagOf(sum, offset, associated), data.length);
      return sealed;
    },
    async decrypt(data, nonce, associated, step) {
      const length = data.length - TAG;
      if (length < 0) return null;
      const tag = data.slice(length);
      const offset = firstOffset(nonce);
      const offsetWords = words(offset);
      const checksum = new Int32Array(WORDS);
      const whole = length - (length % BLOCK);
      const size = native === null ? MOST : LARGE;
      for (let at = 0; at < whole; at += size) {
        const piece = data.subarray(at, Math.min(at + size, whole));
        const first = at / BLOCK + 1;
        if (native === null) inWasm(piece, first, offsetWords, checksum);
        else await natively(piece, first, offsetWords, checksum);
        await step(piece.length);
      }
      const sum = new Uint8Array(checksum.buffer);
      if (whole < length) {
        mix(offset, star);
        const rest = data.subarray(whole, length);
        mix(rest, encrypted(offset));
        mix(sum, padded(rest));
      }
      if (equal(tagOf(sum, offset, associated), tag)) return data.subarray(0, length);
      data.fill(0);
      return null;
    },
    wipe() {
      machine.wipe();
      for (const secret of [star, dollar, steps, ...doublings]) secret.fill(0);
    },
  };
}

/** @typedef {(blocks: Uint8Array<ArrayBuffer>) => Promise<ArrayBuffer>} Cbc  with an IV of zeros */

/**
 * WebCrypto has no single blocks, but CBC is that and an XOR with the block before, which is undone here. It wants to find
 * padding at the end: a block behind the others that decrypts to nothing else (PKCS #7).
 * @param {Uint8Array} raw
 * @returns {Promise<Cbc | null>} null where WebCrypto does not take such keys: in some browsers, of 192 bits
 */
async function cbc(raw) {
  const { subtle } = globalThis.crypto;
  const name = "AES-CBC";
  const key = await subtle.importKey("raw", /** @type {Uint8Array<ArrayBuffer>} */ (raw), name, false, ["decrypt"]).catch(() => null);
  const iv = new Uint8Array(BLOCK);
  return key === null ? null : (blocks) => subtle.decrypt({ name, iv }, key, blocks);
}

/** @param {Uint8Array<ArrayBuffer>} bytes whose place is a multiple of 4 */
function words(bytes) {
  return new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
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
