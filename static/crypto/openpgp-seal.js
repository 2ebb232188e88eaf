/** The bulk of an encrypted message as it is written: SEIPD version 2 (RFC 9580 section 5.13.2) and version 1 (5.13.1). */
import { BLOCK } from "./aes.js";
import { concat, random } from "./bytes.js";
import { CfbWriter } from "./cfb.js";
import { GCM, keysOf, OCB, withNumber } from "./openpgp-aead.js";
import { ocb, TAG } from "./ocb.js";
import { textHash } from "./text-hash.js";

/**
 * How a message is encrypted.
 * @typedef {object} Form
 * @property {7 | 9} cipher AES of 128 or 256 bits (section 9.3)
 * @property {2 | 3 | null} mode OCB, GCM; null: version 1
 */

/**
 * @typedef {object} Sealer
 * @property {Uint8Array} head what the packet's body begins with
 * @property {(chunk: Uint8Array<ArrayBuffer>) => Promise<Uint8Array>} seal every chunk but the last of CHUNK octets; in order, and
 *   the next may be given before this one is done. The chunk was copied when the call returns. Some come out with a later one.
 * @property {() => Promise<Uint8Array>} end what the body ends with; every chunk is done
 */

const SEIPD = 18;
/** 2^(12 + 6) octets: what stays in a processor's cache was the quickest, and GnuPG's and the library's size is the same. */
const EXPONENT = 12;
export const CHUNK = 2 ** (EXPONENT + 6);

/** Octets that version 1 hands to WebCrypto at once: no block can begin before the last one ended, and calls wait for threads. */
const GATHERED = 2 * CHUNK;

/** @param {Form} form */
export function newSessionKey({ cipher }) {
  return random(cipher === 9 ? 32 : 16);
}

/**
 * @param {Form} form
 * @param {Uint8Array<ArrayBuffer>} sessionKey not needed any more afterwards
 * @param {{size: number, gathered: boolean}} text its size, near enough; gathered as in text-hash.js
 * @returns {Promise<Sealer>}
 */
export function sealer({ cipher, mode }, sessionKey, text) {
  return mode === null ? withMdc(sessionKey, text) : inChunks(sessionKey, cipher, mode);
}

/** @param {Uint8Array} sessionKey @param {number} cipher @param {2 | 3} mode @returns {Promise<Sealer>} */
async function inChunks(sessionKey, cipher, mode) {
  const prefix = Uint8Array.of(0xc0 | SEIPD, 2, cipher, mode, EXPONENT);
  const salt = random(32);
  const { key, nonce } = await keysOf({ salt, mode, prefix, gnupg: false }, sessionKey);
  const encrypt = mode === OCB ? await byOcb(key) : await byGcm(key);
  key.fill(0);
  let count = 0;
  let total = 0;
  return {
    head: concat(prefix.subarray(1), salt),
    seal(chunk) {
      total += chunk.length;
      return encrypt(chunk, nonce(count++), prefix);
    },
    end: () => encrypt(new Uint8Array(), nonce(count), withNumber(prefix, total)),
  };
}

/** @typedef {(data: Uint8Array<ArrayBuffer>, nonce: Uint8Array<ArrayBuffer>, associated: Uint8Array<ArrayBuffer>) => Promise<Uint8Array>} Encrypt */

/** @param {Uint8Array<ArrayBuffer>} raw @returns {Promise<Encrypt>} */
async function byGcm(raw) {
  const { subtle } = globalThis.crypto;
  const key = await subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt"]);
  return async (data, iv, additionalData) => new Uint8Array(await subtle.encrypt({ name: "AES-GCM", iv, additionalData, tagLength: 8 * TAG }, key, data));
}

/** @param {Uint8Array} key @returns {Promise<Encrypt>} */
async function byOcb(key) {
  const machine = await ocb(key);
  return async (data, nonce, associated) => machine.encrypt(data, nonce, associated);
}

/** @param {Uint8Array<ArrayBuffer>} sessionKey @param {{size: number, gathered: boolean}} text @returns {Promise<Sealer>} */
async function withMdc(sessionKey, { size, gathered: whole }) {
  const [cfb, sha1] = await Promise.all([CfbWriter.begin(sessionKey), textHash("SHA-1", size, whole)]);
  /** Clear octets that were not handed over yet. */
  let gathered = new Uint8Array(GATHERED);
  let filled = BLOCK + 2;
  // Random octets, of which the last two are repeated.
  gathered.set(random(BLOCK));
  gathered.copyWithin(BLOCK, BLOCK - 2, BLOCK);
  sha1.update(gathered.subarray(0, filled));
  /** @type {Promise<unknown>} */
  let before = Promise.resolve();
  /** @param {Uint8Array<ArrayBuffer>} blocks */
  const inTurn = (blocks) => {
    const done = before.then(() => cfb.encrypt(blocks)).then(() => blocks);
    before = done;
    return done;
  };
  /** @param {Uint8Array} bytes @returns {Promise<Uint8Array>} */
  const add = async (bytes) => {
    const taken = bytes.subarray(0, GATHERED - filled);
    gathered.set(taken, filled);
    filled += taken.length;
    if (filled < GATHERED) return new Uint8Array();
    const full = gathered;
    gathered = new Uint8Array(GATHERED);
    gathered.set(bytes.subarray(taken.length));
    filled = bytes.length - taken.length;
    return inTurn(full);
  };
  return {
    head: Uint8Array.of(1),
    seal(chunk) {
      sha1.update(chunk);
      return add(chunk);
    },
    async end() {
      const mark = Uint8Array.of(0xd3, 0x14);
      sha1.update(mark);
      const sealed = await add(concat(mark, await sha1.end()));
      const length = filled;
      return concat(sealed, (await inTurn(gathered.subarray(0, Math.ceil(length / BLOCK) * BLOCK))).subarray(0, length));
    },
  };
}

export { GCM, OCB };
