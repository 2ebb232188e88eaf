/** The hash that a signature over a large text is about, without the copies that the library would make of it. */
import { BULK } from "./openpgp-bulk.js";
import { pgp } from "./openpgp-library.js";

const { enums } = pgp;
/** Octets hashed at once. */
export const PIECE = 1024 * 1024;
/** Salts of version 6 have the length that belongs to the hash (RFC 9580 section 9.5, table 23). */
const SALTS = new Map([[enums.hash.sha256, 16], [enums.hash.sha512, 32]]);

/** @typedef {import("hash-wasm").IHasher} Hasher */

/**
 * What was hashed of one text, for the next signature over it.
 * @typedef {Map<string, Uint8Array>} Hashed states by hash and salt
 */
/** @type {WeakMap<Uint8Array, Hashed>} */
const known = new WeakMap();

/**
 * What a hash has become over all of this text, made elsewhere.
 * @param {Uint8Array} text
 * @param {number} hash
 * @param {Uint8Array} salt that was hashed before it
 * @param {Uint8Array} state
 */
export function remember(text, hash, salt, state) {
  const states = known.get(text) ?? new Map();
  known.set(text, states.set(nameOf(hash, salt), state));
}

/** @param {number} hash @param {Uint8Array} salt */
function nameOf(hash, salt) {
  return `${hash} ${salt.join()}`;
}

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
  const hasher = await hasherOf(packet.hashAlgorithm);
  if (hasher === null) return null;
  const salt = six ? packet.salt : new Uint8Array();
  const state = known.get(data)?.get(nameOf(packet.hashAlgorithm, salt));
  if (state === undefined) {
    hasher.init().update(salt);
    for (let at = 0; at < data.length; at += PIECE) {
      hasher.update(data.subarray(at, at + PIECE));
      if ((at / PIECE) % 16 === 15) await new Promise((resolve) => setTimeout(resolve));
      signal?.throwIfAborted();
    }
    remember(data, packet.hashAlgorithm, salt, hasher.save());
  } else {
    hasher.load(state);
  }
  // RFC 9580 section 5.2.4: what is hashed of the signature itself, its version, and the length of that.
  const { signatureData } = packet;
  const trailer = new Uint8Array(6);
  trailer.set([packet.version, 0xff]);
  new DataView(trailer.buffer).setUint32(2, signatureData.length);
  return hasher.update(signatureData).update(trailer).digest("binary");
}

/** @param {number} hash @returns {Promise<Hasher | null>} */
export async function hasherOf(hash) {
  if (typeof WebAssembly !== "object") return null;
  const { createSHA256, createSHA512 } = await import("../vendor/argon2.js");
  if (hash === enums.hash.sha256) return createSHA256();
  if (hash === enums.hash.sha512) return createSHA512();
  return null;
}
