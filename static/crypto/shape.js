/**
 * Strict reading of our own JSON: exactly the fields of the version, each of its exact form.
 *
 * An unknown field is refused, not skipped: what this code does not understand it must not build upon.
 */
import { fromBase64 } from "./bytes.js";

/** @typedef {import("./bytes.js").Bytes} Bytes */
/** @typedef {Record<string, unknown>} Fields */

/** Thrown inside the readers; they turn it into the error of their format. */
export class WrongShape extends Error {}

/**
 * @param {unknown} value
 * @param {readonly string[]} required
 * @param {readonly string[]} [optional]
 * @returns {Fields}
 */
export function fields(value, required, optional = []) {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new WrongShape("not an object");
  const names = Object.keys(value);
  for (const name of required) if (!names.includes(name)) throw new WrongShape(`no ${name}`);
  for (const name of names) if (!required.includes(name) && !optional.includes(name)) throw new WrongShape(`unknown ${name}`);
  return /** @type {Fields} */ (value);
}

/**
 * @param {unknown} value
 * @param {number} [length]
 * @returns {Bytes}
 */
export function bytes(value, length) {
  if (typeof value !== "string") throw new WrongShape("not base64");
  const read = fromBase64(value);
  if (length !== undefined && read.length !== length) throw new WrongShape(`not ${length} bytes`);
  return read;
}

/** @param {unknown} value */
export function text(value) {
  if (typeof value !== "string" || value.length > 1000) throw new WrongShape("not a text");
  return value;
}

/**
 * @param {unknown} value
 * @param {number} [highest]
 */
export function count(value, highest = Number.MAX_SAFE_INTEGER) {
  if (!Number.isSafeInteger(value) || /** @type {number} */ (value) < 0 || /** @type {number} */ (value) > highest) {
    throw new WrongShape("not a count");
  }
  return /** @type {number} */ (value);
}

/**
 * @template {string} T
 * @param {unknown} value
 * @param {readonly T[]} known
 * @returns {T}
 */
export function oneOf(value, known) {
  if (!known.includes(/** @type {T} */ (value))) throw new WrongShape(`unknown ${String(value)}`);
  return /** @type {T} */ (value);
}

/**
 * @template T
 * @param {unknown} value
 * @param {number} most
 * @param {(item: unknown) => T} read
 * @returns {T[]}
 */
export function list(value, most, read) {
  if (!Array.isArray(value) || value.length > most) throw new WrongShape("not a list");
  return value.map((item) => read(item));
}

/**
 * An object whose names are not ours.
 * @param {unknown} value
 * @param {number} most
 * @returns {Fields}
 */
export function record(value, most) {
  if (typeof value !== "object" || value === null || Array.isArray(value) || Object.keys(value).length > most) throw new WrongShape("not a record");
  return /** @type {Fields} */ (value);
}

/** @param {unknown} value */
export function fingerprint(value) {
  if (typeof value !== "string" || !/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(value)) throw new WrongShape("no fingerprint");
  return value;
}
