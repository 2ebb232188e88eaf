/** The worker's operations on pins: what was seen for an address, loaded, noted, saved. */
import { copy } from "./bytes.js";
import { CryptoError } from "./errors.js";
import * as pins from "./pins.js";
import { WrongShape } from "./shape.js";

/** @typedef {import("./bytes.js").Bytes} Bytes */
/** @typedef {import("./jobs.js").Job} Job */

/**
 * @param {{record: Bytes | null, rev: number, highest: pins.PinsHead | null}} args  `record` and `rev` as the server gave them
 * @returns {Promise<{pins: Record<string, pins.Pin>, head: pins.PinsHead | null}>}
 */
export async function load({ record, rev, highest }) {
  const head = await pins.load(record, rev, highest);
  return { pins: pins.all(), head };
}

/**
 * @param {{address: string, fingerprint: string, source: string, since?: number, verified?: number, replace?: boolean, again?: boolean}} args
 * @param {Job} job
 * @returns {Promise<{record: Bytes, head: pins.PinsHead, pin: pins.Pin}>}
 *   to PUT over revision `head.rev - 1`; then `pins.saved`, or after a conflict `pins.load` and the note again
 */
export function note({ address, fingerprint, source, since, verified, replace = false, again = false }, job) {
  const seen = { fingerprint, source, since: since ?? Math.floor(Date.now() / 1000), ...(verified === undefined ? {} : { verified }) };
  return handedOver(() => pins.note(address, seen, replace, again), job);
}

/**
 * @param {{address: string, fingerprint: string}} args
 * @param {Job} job
 * @returns {Promise<{record: Bytes, head: pins.PinsHead, pin: pins.Pin}>} to PUT as after `note`
 */
export function reject({ address, fingerprint }, job) {
  return handedOver(() => pins.reject(address, fingerprint, Math.floor(Date.now() / 1000)), job);
}

/**
 * @param {() => Promise<{record: Bytes, head: pins.PinsHead, pin: pins.Pin}>} seal
 * @param {Job} job
 */
async function handedOver(seal, job) {
  try {
    const { record, head, pin } = await seal();
    const out = copy(record);
    job.transfer(out);
    return { record: out, head, pin };
  } catch (error) {
    if (error instanceof WrongShape) throw new CryptoError("bad-input", error.message);
    throw error;
  }
}

/** @param {{rev: number}} args */
export function saved({ rev }) {
  pins.saved(rev);
}
