/** The hash that a signature over a large text is about, without the copies that the library would make of it. */
import { concat } from "./bytes.js";
import { BULK } from "./openpgp-bulk.js";
import { pgp } from "./openpgp-library.js";

const { enums } = pgp;
/** Octets hashed at once. */
const PIECE = 1024 * 1024;
/** Salts of version 6 have the length that belongs to the hash (RFC 9580 section 9.5, table 23). */
export const SALTS = new Map([[enums.hash.sha256, 16], [enums.hash.sha512, 32]]);
/** As WebCrypto calls them. */
const NATIVE = new Map([[enums.hash.sha256, "SHA-256"], [enums.hash.sha512, "SHA-512"]]);

/** @typedef {import("hash-wasm").IHasher} Hasher */

/**
 * What was hashed of one text, for the next signature over it.
 * @typedef {Map<string, Uint8Array>} Hashed states by hash and salt
 */
/** @type {WeakMap<Uint8Array, Hashed>} */
const known = new WeakMap();

/**
 * @param {any} packet SignaturePacket
 * @param {any} literal LiteralDataPacket
 * @param {import("./pace.js").Watch} watch
 * @returns {Promise<Uint8Array | null>} null: the library is to hash it
 */
export async function digestOf(packet, literal, { signal }) {
  const data = literal.text === null ? literal.data : null;
  // Only what is signed as it stands; line ends of text signatures are the library's matter.
  if (!(data instanceof Uint8Array) || data.length < BULK || packet.signatureType !== enums.signature.binary) return null;
  const six = packet.version === 6;
  if (packet.version !== 4 && !six) return null;
  if (six && packet.salt.length !== SALTS.get(packet.hashAlgorithm)) return null;
  if (!NATIVE.has(packet.hashAlgorithm)) return null;
  const salt = six ? packet.salt : new Uint8Array();
  // RFC 9580 section 5.2.4: what is hashed of the signature itself, its version, and the length of that.
  const { signatureData } = packet;
  const trailer = new Uint8Array(6);
  trailer.set([packet.version, 0xff]);
  new DataView(trailer.buffer).setUint32(2, signatureData.length);
  const behind = concat(signatureData, trailer);
  // The first signature natively; where there are more, a state is kept, so that the text is not hashed for each of them.
  const states = known.get(data) ?? new Map();
  if (!known.has(data)) {
    known.set(data, states);
    const hash = await hashedBetween(/** @type {string} */ (NATIVE.get(packet.hashAlgorithm)), salt, data, behind);
    if (hash !== null) return hash;
  }
  const hasher = await hasherOf(packet.hashAlgorithm);
  if (hasher === null) return null;
  const name = `${packet.hashAlgorithm} ${salt.join()}`;
  const state = states.get(name);
  if (state === undefined) {
    hasher.init().update(salt);
    for (let at = 0; at < data.length; at += PIECE) {
      hasher.update(data.subarray(at, at + PIECE));
      if ((at / PIECE) % 16 === 15) await new Promise((resolve) => setTimeout(resolve));
      signal?.throwIfAborted();
    }
    states.set(name, hasher.save());
  } else {
    hasher.load(state);
  }
  return hasher.update(behind).digest("binary");
}

/**
 * WebCrypto is quicker than WebAssembly and has threads of its own, but hashes one piece of memory alone. Large texts are
 * views with room around them: there stands, until the call has taken its copy, what is to be hashed before and behind.
 * @param {string} name
 * @param {Uint8Array} before
 * @param {Uint8Array} text
 * @param {Uint8Array} behind
 * @returns {Promise<Uint8Array | null>} null: no room
 */
async function hashedBetween(name, before, text, behind) {
  const start = text.byteOffset - before.length;
  const length = before.length + text.length + behind.length;
  if (start < 0 || start + length > text.buffer.byteLength) return null;
  const whole = new Uint8Array(/** @type {ArrayBuffer} */ (text.buffer), start, length);
  const end = length - behind.length;
  const [first, last] = [whole.slice(0, before.length), whole.slice(end)];
  whole.set(before);
  whole.set(behind, end);
  const hashing = globalThis.crypto.subtle.digest(name, whole);
  whole.set(first);
  whole.set(last, end);
  return new Uint8Array(await hashing);
}

/** @param {number} hash @returns {Promise<Hasher | null>} */
async function hasherOf(hash) {
  if (typeof WebAssembly !== "object") return null;
  const { createSHA256, createSHA512 } = await import("../vendor/argon2.js");
  if (hash === enums.hash.sha256) return createSHA256();
  if (hash === enums.hash.sha512) return createSHA512();
  return null;
}
