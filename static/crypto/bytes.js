/** Byte arrays: joining, comparing, numbers, text, base64 and hexadecimal. */
import { CryptoError } from "./errors.js";

/**
 * A byte array over a buffer that WebCrypto and postMessage accept (never a SharedArrayBuffer).
 * @typedef {Uint8Array<ArrayBuffer>} Bytes
 */

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * @param {...Uint8Array} parts
 * @returns {Bytes}
 */
export function concat(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

/**
 * @param {string} text
 * @returns {Bytes}
 */
export function utf8(text) {
  return /** @type {Bytes} */ (encoder.encode(text));
}

/**
 * @param {Uint8Array} bytes
 * @throws {CryptoError} bad-input when the bytes are no UTF-8
 */
export function fromUtf8(bytes) {
  try {
    return decoder.decode(bytes);
  } catch {
    throw new CryptoError("bad-input", "not UTF-8");
  }
}

/**
 * Equal in time that depends on the lengths alone.
 * @param {Uint8Array} a
 * @param {Uint8Array} b
 */
export function equal(a, b) {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i++) difference |= a[i] ^ (b[i % (b.length || 1)] ?? 0);
  return difference === 0;
}

/**
 * @param {number} length
 * @returns {Bytes}
 */
export function random(length) {
  return globalThis.crypto.getRandomValues(new Uint8Array(length));
}

/**
 * @param {number} value  0 … 2^32 − 1
 * @returns {Bytes}
 */
export function u32(value) {
  if (!Number.isInteger(value) || value < 0 || value > 0xffffffff) throw new CryptoError("bad-input", "not a u32");
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

/**
 * @param {number} value  0 … 2^53 − 1: what a JSON number holds without loss
 * @returns {Bytes}
 */
export function u64(value) {
  if (!Number.isSafeInteger(value) || value < 0) throw new CryptoError("bad-input", "not a u64 below 2^53");
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value));
  return bytes;
}

/**
 * @param {Uint8Array} bytes
 * @param {number} [offset]
 */
export function readU32(bytes, offset = 0) {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(offset);
}

/**
 * A copy with a buffer of its own, so that it can be transferred.
 * @param {Uint8Array} bytes
 * @returns {Bytes}
 */
export function copy(bytes) {
  return new Uint8Array(bytes);
}

/**
 * Give the memory back at once, where the browser can; many megabytes would else wait for the collector. Every view on it
 * is empty afterwards. Not for what WebCrypto or a Blob gave: Chromium then keeps it for longer, because its collector no
 * longer counts it (Chromium 156, measured: four times the size of a file that was written).
 * @param {Uint8Array} bytes nobody's any more, nor anything else in its buffer
 */
export function release({ buffer }) {
  // Chrome and Edge since 114, Firefox since 122, Safari since 17.4.
  if (buffer instanceof ArrayBuffer && "transfer" in buffer) buffer.transfer(0);
}

/** @param {...(Uint8Array | null | undefined)} secrets */
export function wipe(...secrets) {
  for (const secret of secrets) secret?.fill(0);
}

/**
 * @typedef {object} NewBase64  the methods browsers have had since 2025; older ones take the long way
 * @property {() => string} [toBase64]
 */

/**
 * Base64 of RFC 4648 section 4, with padding.
 * @param {Uint8Array} bytes
 * @returns {string}
 */
export function toBase64(bytes) {
  const native = /** @type {NewBase64} */ (/** @type {unknown} */ (bytes));
  if (native.toBase64) return native.toBase64();
  let text = "";
  // 0x8000 characters a call stay far below every engine's limit on arguments.
  for (let i = 0; i < bytes.length; i += 0x8000) text += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  return btoa(text);
}

/**
 * Strict: alphabet, padding and the unused last bits must be right, so that one value has one spelling.
 * @param {string} text
 * @returns {Bytes}
 * @throws {CryptoError} bad-input
 */
export function fromBase64(text) {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) throw new CryptoError("bad-input", "not base64");
  const native = /** @type {{fromBase64?: (text: string) => Bytes}} */ (/** @type {unknown} */ (Uint8Array));
  const bytes = native.fromBase64 ? native.fromBase64(text) : decode(text);
  if (text.endsWith("=") && toBase64(bytes.subarray(bytes.length - (bytes.length % 3))) !== text.slice(-4)) {
    throw new CryptoError("bad-input", "not canonical base64");
  }
  return bytes;
}

/**
 * @param {string} text
 * @returns {Bytes}
 */
function decode(text) {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

/** @param {Uint8Array} bytes */
export function toHex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * @param {string} text
 * @returns {Bytes}
 */
export function fromHex(text) {
  if (text.length % 2 !== 0 || !/^[0-9a-f]*$/i.test(text)) throw new CryptoError("bad-input", "not hexadecimal");
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}
