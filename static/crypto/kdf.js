/** Key derivation: HKDF-SHA-256 (RFC 5869) on WebCrypto, Argon2id (RFC 9106) by hash-wasm. */
import { utf8, wipe } from "./bytes.js";

/** @typedef {import("./bytes.js").Bytes} Bytes */

/**
 * HKDF-SHA-256, extract and expand.
 * @param {Bytes} secret
 * @param {Bytes} salt
 * @param {Bytes | string} info  a string is ASCII
 * @param {number} [length]  bytes
 * @returns {Promise<Bytes>}
 */
export async function hkdf(secret, salt, info, length = 32) {
  const key = await globalThis.crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveBits"]);
  const label = typeof info === "string" ? utf8(info) : info;
  const bits = await globalThis.crypto.subtle.deriveBits({ name: "HKDF", hash: "SHA-256", salt, info: label }, key, length * 8);
  return new Uint8Array(bits);
}

/**
 * HKDF-Extract alone, which is HMAC (RFC 5869 section 2.2).
 * @param {Bytes} salt  empty means 32 zero bytes
 * @param {Bytes} secret
 * @returns {Promise<Bytes>}
 */
export function extract(salt, secret) {
  // WebCrypto refuses an empty HMAC key; HMAC pads with zeros, so a zero block is the same key.
  return hmac(salt.length ? salt : new Uint8Array(32), secret);
}

/**
 * HKDF-Expand alone (RFC 5869 section 2.3), for at most one block of 32 bytes.
 * @param {Bytes} prk
 * @param {Bytes} info
 * @param {number} length  1 … 32
 * @returns {Promise<Bytes>}
 */
export async function expand(prk, info, length) {
  if (length < 1 || length > 32) throw new RangeError("one block of HKDF-Expand at most");
  const block = new Uint8Array(info.length + 1);
  block.set(info);
  block[info.length] = 1;
  return (await hmac(prk, block)).slice(0, length);
}

/**
 * HMAC-SHA-256 (RFC 2104).
 * @param {Bytes} key  not empty
 * @param {Bytes} data
 * @returns {Promise<Bytes>}
 */
export async function hmac(key, data) {
  const imported = await globalThis.crypto.subtle.importKey("raw", key, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return new Uint8Array(await globalThis.crypto.subtle.sign("HMAC", imported, data));
}

/**
 * A2 of docs/crypto-inventory.md: Argon2id v1.3, t=3, m=64 MiB, p=4. The parameters belong to the version of
 * the format and are never read from a file: no downgrade, and no file that asks for a terabyte.
 * @param {Bytes} passphrase  prepared (passphrase.js); filled with 0 on the way out
 * @param {Bytes} salt  16 bytes
 * @returns {Promise<Bytes>} 32 bytes
 */
export async function argon2(passphrase, salt) {
  try {
    const { argon2id } = await import("../vendor/argon2.js");
    const secret = await argon2id({
      password: passphrase,
      salt,
      iterations: 3,
      memorySize: 65536,
      parallelism: 4,
      hashLength: 32,
      outputType: "binary",
    });
    return new Uint8Array(secret);
  } finally {
    wipe(passphrase);
  }
}

/** @param {Bytes} data */
export async function sha256(data) {
  return new Uint8Array(await globalThis.crypto.subtle.digest("SHA-256", data));
}
