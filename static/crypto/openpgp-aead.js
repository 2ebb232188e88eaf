/** Chunks with a tag each, and one over them all: SEIPD version 2 (RFC 9580 section 5.13.2) and GnuPG's own form before it. */
import { CryptoError } from "./errors.js";
import { hkdf } from "./kdf.js";
import { ocb, TAG } from "./ocb.js";

/** @typedef {import("./pace.js").Pace} Pace */
/** @typedef {(data: Uint8Array, nonce: Uint8Array, associated: Uint8Array) => Promise<Uint8Array | null>} Open  null: the tag is wrong */

const SEIPD = 18;
const GNUPG = 20;
export const OCB = 2;
export const GCM = 3;
const NONCE = { [OCB]: 15, [GCM]: 12 };
/** Chunks that are with WebCrypto at once: it has threads of its own (facts were measured with four). */
const LANES = 4;
/** Chunks larger than GnuPG's are worked on one by one, where they stand, for the memory's sake. */
const LARGE = 4 * 1024 * 1024;

/**
 * @typedef {object} Chunked
 * @property {number} cipher
 * @property {number} mode
 * @property {number} exponent of the chunks' size
 * @property {Uint8Array} salt what the keys or nonces are made with
 * @property {Uint8Array} data chunks and the last tag
 * @property {Uint8Array<ArrayBuffer>} prefix of what is associated
 * @property {boolean} gnupg
 */

/**
 * @param {number} tag
 * @param {Uint8Array} body
 * @returns {Chunked | null} null when it is not of these forms
 */
export function chunked(tag, body) {
  const gnupg = tag === GNUPG && body[0] === 1;
  if (!gnupg && !(tag === SEIPD && body[0] === 2)) return null;
  const [version, cipher, mode, exponent] = body;
  // The old form had a number of its own for GCM, and no program that wrote it.
  if (mode !== OCB && !(mode === GCM && !gnupg)) return null;
  const start = 4 + (gnupg ? NONCE[mode] : 32);
  return { cipher, mode, exponent, salt: body.slice(4, start), data: body.subarray(start), prefix: Uint8Array.of(0xc0 | tag, version, cipher, mode, exponent), gnupg };
}

/**
 * Every tag is checked, that of each chunk and the last, before anything is returned.
 * @param {Chunked} message its data is overwritten
 * @param {Uint8Array} sessionKey
 * @param {Pace} pace
 * @returns {Promise<Uint8Array>} a view on the beginning of the data
 * @throws {CryptoError} damaged
 */
export async function decryptChunks(message, sessionKey, pace) {
  const { data, mode, prefix, exponent, gnupg } = message;
  const size = 2 ** (exponent + 6);
  const sealed = data.length - TAG;
  const count = Math.ceil(sealed / (size + TAG));
  const rest = sealed - (count - 1) * (size + TAG);
  if (sealed < TAG || rest < TAG) throw damaged();
  const total = sealed - count * TAG;
  const { key, nonce } = await keysOf(message, sessionKey);
  const machine = mode === OCB ? await ocb(key) : null;
  const lanes = machine !== null && size > LARGE ? 1 : LANES;
  const open = machine === null ? await gcm(key) : (/** @type {Uint8Array} */ chunk, /** @type {Uint8Array} */ iv, /** @type {Uint8Array} */ associated) => machine.decrypt(chunk, iv, associated, (bytes) => pace.step(bytes));
  key.fill(0);
  try {
    let next = 0;
    const lane = async () => {
      while (next < count) {
        const index = next++;
        const start = index * (size + TAG);
        const chunk = data.subarray(start, Math.min(start + size + TAG, sealed));
        // OCB works where its data stands, and the chunk before may end in the same place; WebCrypto's GCM makes a copy itself.
        const opened = await open(machine !== null && lanes > 1 ? chunk.slice() : chunk, nonce(index), gnupg ? withNumber(prefix, index) : prefix);
        if (opened === null) throw damaged();
        // Never behind its own beginning, so no chunk that was not handed over yet is touched.
        data.set(opened, index * size);
        await pace.step(machine === null ? opened.length : 0);
      }
    };
    await settled(Array.from({ length: lanes }, lane));
    const associated = withNumber(gnupg ? withNumber(prefix, count) : prefix, total);
    if ((await open(data.slice(sealed), nonce(count), associated)) === null) throw damaged();
    return data.subarray(0, total);
  } catch (error) {
    // Chunks before the wrong one are clear by now, and nobody is to find them.
    data.fill(0);
    throw error;
  } finally {
    machine?.wipe();
  }
}

/** @param {Pick<Chunked, "salt" | "mode" | "prefix" | "gnupg">} message @param {Uint8Array} sessionKey */
export async function keysOf({ salt, mode, prefix, gnupg }, sessionKey) {
  const width = NONCE[/** @type {2 | 3} */ (mode)];
  if (gnupg) {
    /** The number is XORed in. @param {number} index */
    const nonce = (index) => {
      const iv = salt.slice();
      const number = withNumber(new Uint8Array(), index);
      for (let at = 0; at < 8; at++) iv[width - 8 + at] ^= number[at];
      return iv;
    };
    return { key: sessionKey.slice(), nonce };
  }
  const made = await hkdf(new Uint8Array(sessionKey), new Uint8Array(salt), prefix, sessionKey.length + width - 8);
  const begin = made.slice(sessionKey.length);
  return { key: made.slice(0, sessionKey.length), nonce: (/** @type {number} */ index) => withNumber(begin, index) };
}

/** @param {Uint8Array} bytes @param {number} value @returns {Uint8Array<ArrayBuffer>} the value as eight octets behind them */
export function withNumber(bytes, value) {
  const whole = new Uint8Array(bytes.length + 8);
  whole.set(bytes);
  new DataView(whole.buffer).setBigUint64(bytes.length, BigInt(value));
  return whole;
}

/** @param {Uint8Array} raw @returns {Promise<Open>} */
async function gcm(raw) {
  const { subtle } = globalThis.crypto;
  const key = await subtle.importKey("raw", /** @type {Uint8Array<ArrayBuffer>} */ (raw), "AES-GCM", false, ["decrypt"]);
  return async (data, iv, associated) => {
    try {
      const algorithm = { name: "AES-GCM", iv, additionalData: associated, tagLength: 8 * TAG };
      return new Uint8Array(await subtle.decrypt(/** @type {AesGcmParams} */ (algorithm), key, /** @type {Uint8Array<ArrayBuffer>} */ (data)));
    } catch {
      return null;
    }
  };
}

/** All of them have ended, also where one failed: nothing is written any more. @param {Promise<void>[]} lanes */
async function settled(lanes) {
  for (const outcome of await Promise.allSettled(lanes)) if (outcome.status === "rejected") throw outcome.reason;
}

function damaged() {
  return new CryptoError("damaged", "a chunk's tag is wrong");
}
