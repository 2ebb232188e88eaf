/**
 * The hash that a signature will ask for, made while the rest of the message is still being decrypted.
 *
 * What is read for it, where the text begins and what its signature announces, decides nothing and shows nothing: once
 * integrity held the packets are read anew, and a hash of anything but the text that is found then is not used.
 */
import { CryptoError } from "./errors.js";
import { hasherOf, PIECE, remember } from "./openpgp-digest.js";
import { packetAt } from "./openpgp-packets.js";

const ONE_PASS = 4;
const LITERAL = 11;
const BINARY = 0;

/**
 * @typedef {object} Plan
 * @property {import("hash-wasm").IHasher} hasher
 * @property {number} hash
 * @property {Uint8Array} salt
 * @property {Uint8Array} text where it will be
 */

export class Ahead {
  /** @param {import("./pace.js").Watch} watch */
  constructor({ signal }) {
    this.signal = signal;
    /** @type {Promise<Plan | null> | null} */
    this.plan = null;
    this.hashed = 0;
  }

  /**
   * @param {Uint8Array} bytes where the packets become clear, with nothing before them
   * @param {number} end so far they are
   */
  async upTo(bytes, end) {
    this.plan ??= planOf(bytes, end);
    const plan = await this.plan;
    if (plan === null) return;
    const { text, hasher } = plan;
    const to = Math.min(end - (text.byteOffset - bytes.byteOffset), text.length);
    for (let pieces = 1; this.hashed < to; pieces++) {
      const next = Math.min(this.hashed + PIECE, to);
      hasher.update(text.subarray(this.hashed, next));
      this.hashed = next;
      if (pieces % 16 === 0) await new Promise((resolve) => setTimeout(resolve));
      this.signal?.throwIfAborted();
    }
  }

  /**
   * For the signature over this text, if that is what was hashed.
   * @param {Uint8Array} found the text, after integrity held
   */
  async keep(found) {
    const plan = await this.plan;
    if (plan === null) return;
    const { text, hasher, hash, salt } = plan;
    const same = text.buffer === found.buffer && text.byteOffset === found.byteOffset && text.length === found.length;
    if (same && this.hashed === text.length) remember(found, hash, salt, hasher.save());
  }
}

/** @param {Uint8Array} bytes @param {number} end @returns {Promise<Plan | null>} null: nothing to be hashed before the end */
async function planOf(bytes, end) {
  const read = announced(bytes, end);
  const hasher = read === null ? null : await hasherOf(read.hash);
  if (read === null || hasher === null) return null;
  hasher.init().update(read.salt);
  return { ...read, hasher };
}

/**
 * One-pass signature packets and then the text in one piece (RFC 9580 section 5.4): what the first of them announces.
 * @param {Uint8Array} bytes
 * @param {number} end
 */
function announced(bytes, end) {
  try {
    let first = null;
    for (let at = 0; ; ) {
      const { tag, pieces: [{ from, to }, ...more], end: next } = packetAt(bytes, at);
      if (more.length > 0) return null;
      if (tag === LITERAL && first !== null) {
        // Form, length of the name, name, date (section 5.9).
        const start = from + 2 + bytes[from + 1] + 4;
        return start > end || start > to ? null : { ...first, text: bytes.subarray(start, to) };
      }
      if (tag !== ONE_PASS || next > end) return null;
      const [version, type, hash, , length] = bytes.subarray(from, to);
      if (type !== BINARY || (version !== 3 && version !== 6)) return null;
      first ??= { hash, salt: version === 6 ? bytes.slice(from + 5, Math.min(from + 5 + length, to)) : new Uint8Array() };
      at = next;
    }
  } catch (error) {
    if (error instanceof CryptoError) return null;
    throw error;
  }
}
