/**
 * Many blocks of AES (FIPS 197) at once, in WebAssembly: for the modes of OpenPGP that WebCrypto lacks (CFB, OCB).
 *
 * Eight blocks are worked on together, one vector for each of the eight bits of their octets (Käsper and Schwabe,
 * "Faster and Timing-Attack Resistant AES-GCM", 2009). No look-up and no branch depends on a key or on what it protects.
 */
import { aesCode, KEY } from "./aes-code.js";

/** Octets of a block. */
export const BLOCK = 16;
/** Octets worked on at once. */
export const PIECE = 64 * 1024;

// Where things lie in the memory.
const KEYS = 0;
const FROM = 4096;
const MASK = FROM + PIECE + 1024;
const TO = MASK + PIECE + 1024;
const PAGES = 4;

/** @type {Promise<WebAssembly.Module> | null} */
let module = null;

/** Whether this browser has WebAssembly with vectors. Compiled once: a policy may refuse it, and then the library works. */
export async function hasAes() {
  if (typeof WebAssembly !== "object") return false;
  module ??= WebAssembly.compile(aesCode(PAGES));
  return module.then(() => true, () => false);
}

/**
 * Views on the memory of one machine. After `encrypt(n)` the first n blocks of `to` are those of `from`, encrypted, and
 * XORed with those of `mask`. Up to seven blocks behind them are overwritten.
 * @typedef {object} Aes
 * @property {Uint8Array<ArrayBuffer>} from
 * @property {Uint8Array<ArrayBuffer>} mask
 * @property {Uint8Array<ArrayBuffer>} to
 * @property {(blocks: number) => void} encrypt
 * @property {(blocks: number) => void} decrypt
 * @property {() => void} wipe
 */

/**
 * @param {Uint8Array} key of 16, 24 or 32 octets
 * @returns {Promise<Aes>}
 */
export async function aes(key) {
  if (!(await hasAes()) || module === null) throw new Error("no WebAssembly");
  const { exports } = await WebAssembly.instantiate(await module);
  const memory = /** @type {ArrayBuffer} */ (/** @type {WebAssembly.Memory} */ (exports["memory"]).buffer);
  const octets = new Uint8Array(memory);
  const rounds = key.length / 4 + 6;
  spread(expand(key, rounds), octets.subarray(KEYS, FROM));
  const run = (/** @type {"encrypt" | "decrypt"} */ way) => (/** @type {number} */ blocks) => {
    if (blocks > PIECE / BLOCK) throw new RangeError("more than a piece");
    if (blocks > 0) /** @type {(...numbers: number[]) => void} */ (exports[way])(FROM, MASK, TO, Math.ceil(blocks / 8), rounds, KEYS + (way === "encrypt" ? 0 : KEY * rounds), 0, 0);
  };
  return {
    from: octets.subarray(FROM, FROM + PIECE),
    mask: octets.subarray(MASK, MASK + PIECE),
    to: octets.subarray(TO, TO + PIECE),
    encrypt: run("encrypt"),
    decrypt: run("decrypt"),
    wipe: () => void octets.fill(0),
  };
}

/**
 * One octet for each bit of the round keys, all ones or all zeros. What the S-box adds at its end (0x63, FIPS 197 section
 * 5.1.1) stands in the key behind it: mixing columns and shifting rows do not change a value that is everywhere the same.
 * @param {Uint8Array} schedule
 * @param {Uint8Array} into
 */
function spread(schedule, into) {
  for (let at = 0; at < schedule.length; at++) {
    const value = schedule[at] ^ (at < BLOCK ? 0 : 0x63);
    for (let bit = 0; bit < 8; bit++) into[(at >> 4) * 8 * BLOCK + bit * BLOCK + (at % BLOCK)] = -((value >> bit) & 1);
  }
  schedule.fill(0);
}

/** The key schedule (FIPS 197 section 5.2). @param {Uint8Array} key @param {number} rounds @returns {Uint8Array} */
function expand(key, rounds) {
  if (rounds !== 10 && rounds !== 12 && rounds !== 14) throw new RangeError("not a key of AES");
  const schedule = new Uint8Array(BLOCK * (rounds + 1));
  schedule.set(key);
  for (let at = key.length, constant = 1; at < schedule.length; at += 4) {
    let word = Array.from(schedule.subarray(at - 4, at));
    if (at % key.length === 0) {
      word = [word[1], word[2], word[3], word[0]].map(substituted);
      word[0] ^= constant;
      constant = double(constant);
    } else if (key.length === 32 && at % 32 === 16) {
      word = word.map(substituted);
    }
    for (let index = 0; index < 4; index++) schedule[at + index] = schedule[at + index - key.length] ^ word[index];
  }
  return schedule;
}

/** Times x in GF(2^8) (FIPS 197 section 4.2.1), without a branch. @param {number} value */
function double(value) {
  return ((value << 1) ^ (-(value >> 7) & 0x11b)) & 0xff;
}

/** The S-box for the few octets of a key schedule: the inverse is the 254th power. @param {number} value */
function substituted(value) {
  let power = 1;
  for (let square = value, exponent = 254; exponent > 0; exponent >>= 1, square = times(square, square)) {
    if ((exponent & 1) !== 0) power = times(power, square);
  }
  const wide = power | (power << 8);
  return (wide ^ (wide >> 4) ^ (wide >> 5) ^ (wide >> 6) ^ (wide >> 7) ^ 0x63) & 0xff;
}

/** @param {number} a @param {number} b */
function times(a, b) {
  let product = 0;
  for (let bit = 0; bit < 8; bit++, a = double(a)) product ^= a & -((b >> bit) & 1);
  return product;
}
