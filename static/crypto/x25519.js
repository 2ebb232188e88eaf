/** X25519 (RFC 7748) on WebCrypto, with private keys as the raw 32 bytes that HKDF gives. */
import { concat, fromHex } from "./bytes.js";
import { CryptoError } from "./errors.js";

/** @typedef {import("./bytes.js").Bytes} Bytes */

/** PrivateKeyInfo around a raw key (RFC 8410 section 7): WebCrypto imports no raw private keys. */
const PKCS8 = fromHex("302e020100300506032b656e04220420");
/** The base point, u = 9. */
const BASE = new Uint8Array(32);
BASE[0] = 9;

/**
 * @param {Bytes} secret  32 bytes
 * @param {Bytes} point  32 bytes
 * @returns {Promise<Bytes>}
 * @throws {CryptoError} bad-input for a point of low order, whose shared secret everybody knows
 */
export async function shared(secret, point) {
  const { subtle } = globalThis.crypto;
  const key = await subtle.importKey("pkcs8", concat(PKCS8, secret), { name: "X25519" }, false, ["deriveBits"]);
  const other = await subtle.importKey("raw", point, { name: "X25519" }, false, []);
  let bits;
  try {
    bits = new Uint8Array(await subtle.deriveBits({ name: "X25519", public: other }, key, 256));
  } catch (error) {
    if (error instanceof DOMException && error.name === "OperationError") throw new CryptoError("bad-input", "X25519: low order");
    throw error;
  }
  // RFC 9180 section 7.1.4: the all-zero output is refused by every receiver; not all engines do it for us.
  if (bits.every((byte) => byte === 0)) throw new CryptoError("bad-input", "X25519: low order");
  return bits;
}

/**
 * @param {Bytes} secret
 * @returns {Promise<Bytes>} the public key
 */
export function publicKey(secret) {
  return shared(secret, BASE);
}
