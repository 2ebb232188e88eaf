/**
 * stay-1: a reload or a second tab opens the ring without asking again (docs/crypto-inventory.md).
 *
 * Two halves are needed: D, a key that this browser can use and nobody can copy out, and H, which the server drops
 * with the session. Limit: a browser profile copied together with a live session cookie opens within the idle time.
 */
import * as aead from "./aead.js";
import { concat, random, u32, utf8 } from "./bytes.js";
import { CryptoError } from "./errors.js";
import { hkdf } from "./kdf.js";

/** @typedef {import("./bytes.js").Bytes} Bytes */
/** @typedef {{ring: Bytes, epoch: number, device: Bytes}} Place  `device`: 16 random bytes, new at each sign-in */

/** @returns {Promise<CryptoKey>} D */
export function deviceKey() {
  const algorithm = { name: "AES-GCM", length: 256 };
  return globalThis.crypto.subtle.generateKey(algorithm, false, ["encrypt", "decrypt"]);
}

/**
 * @param {CryptoKey} device  D
 * @param {Bytes} half  H, 32 bytes
 * @param {Place} place
 * @param {Bytes} key  K
 * @returns {Promise<Bytes>} n1 ‖ GCM(D, n1, n2 ‖ GCM(HKDF(H), n2, K))
 */
export async function seal(device, half, place, key) {
  const aad = aadOf(place);
  const [outer, inner] = [random(12), random(12)];
  const once = concat(inner, await aead.seal(await halfKey(half, place), inner, key, aad));
  return concat(outer, await aead.seal(device, outer, once, aad));
}

/**
 * @param {CryptoKey} device
 * @param {Bytes} half
 * @param {Place} place
 * @param {Bytes} blob
 * @returns {Promise<Bytes>} K
 * @throws {CryptoError} stay-ended when either half is of another session, device or epoch
 */
export async function open(device, half, place, blob) {
  const aad = aadOf(place);
  const once = await aead.open(device, blob.slice(0, 12), blob.slice(12), aad);
  const key = once && (await aead.open(await halfKey(half, place), once.slice(0, 12), once.slice(12), aad));
  if (!key || key.length !== 32) throw new CryptoError("stay-ended");
  return key;
}

/**
 * @param {Bytes} half
 * @param {Place} place
 */
function halfKey(half, { ring, device }) {
  if (half.length !== 32) throw new CryptoError("bad-input", "the server's half is 32 bytes");
  return hkdf(half, concat(ring, device), "postern stay-1");
}

/** @param {Place} place */
function aadOf({ ring, epoch, device }) {
  return concat(utf8("stay-1"), ring, u32(epoch), device);
}
