/**
 * Base64 (RFC 4648 section 4, with padding) between bytes and a string, for the JSON of our own formats.
 *
 * Reading is strict: one value has one spelling. Mail bodies, which forgive and are large, are base64.js.
 */
import { binaryString, fromBinaryString } from "./bytes.js";
import { CryptoError } from "./errors.js";

/** @typedef {import("./bytes.js").Bytes} Bytes */

/**
 * @param {Uint8Array} bytes
 * @returns {string}
 */
export function toBase64(bytes) {
  // The native method is there since 2025; browsers without it take the way over a binary string.
  const native = /** @type {{toBase64?: () => string}} */ (/** @type {unknown} */ (bytes));
  return native.toBase64 ? native.toBase64() : btoa(binaryString(bytes));
}

/**
 * @param {string} text
 * @returns {Bytes}
 * @throws {CryptoError} bad-input for a wrong alphabet, padding, or bits left over at the end
 */
export function fromBase64(text) {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) throw new CryptoError("bad-input", "not base64");
  const native = /** @type {{fromBase64?: (text: string) => Bytes}} */ (/** @type {unknown} */ (Uint8Array));
  const bytes = native.fromBase64 ? native.fromBase64(text) : fromBinaryString(atob(text));
  if (text.endsWith("=") && toBase64(bytes.subarray(bytes.length - (bytes.length % 3))) !== text.slice(-4)) {
    throw new CryptoError("bad-input", "not canonical base64");
  }
  return bytes;
}
