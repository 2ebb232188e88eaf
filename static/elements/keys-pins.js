/**
 * The sealed list of certificates seen and verified: loaded after unlocking, saved after each change.
 *
 * Two tabs may note something at once. The server keeps one revision after the other, so the slower tab
 * reads the newer list, notes again and saves once more.
 */

import { addressKey } from "../crypto/address-key.js";
import { crypto } from "../crypto/client.js";
import { Refused, put, request } from "./http.js";
import { keyAddress, person } from "./keys.js";
import * as memory from "./keys-memory.js";

/** @typedef {{fingerprint: string, since: number, source: string, count: number, verified?: number}} Pin */
/** @typedef {{address: string, fingerprint: string, source: string, verified?: number, replace?: boolean}} Note */

/** @type {Promise<Record<string, Pin>> | null} */
let loaded = null;
/** @type {Promise<unknown>} */
let turn = Promise.resolve();

crypto.addEventListener("locked", () => {
  loaded = null;
});

/**
 * The list, by address. Needs open keys.
 * @returns {Promise<Record<string, Pin>>}
 * @throws {import("../crypto/errors.js").CryptoError} pins-rollback, ring-tampered
 */
export function pins() {
  loaded ??= load().catch((error) => {
    loaded = null;
    throw error;
  });
  return loaded;
}

async function load() {
  const answer = await request(keyAddress("pinsUrl"));
  const record = answer.status === 204 ? null : new Uint8Array(await answer.arrayBuffer());
  const rev = record ? Number((answer.headers.get("ETag") ?? "").replace(/\D/g, "")) : 0;
  const { pins, head } = await crypto.request("pins.load", { record, rev, highest: await memory.highestPins(person()) });
  if (head) await memory.rememberPins(person(), head);
  return pins;
}

/**
 * Notes that a certificate was seen for an address, or verified. One at a time.
 * @param {Note} note
 * @returns {Promise<Pin>}
 * @throws {import("../crypto/errors.js").CryptoError} bad-input with the fact `pinned` where another one is pinned
 */
export function notePin(note) {
  const result = turn.then(() => noted(note));
  turn = result.catch(() => {});
  return result;
}

/** @param {Note} note @returns {Promise<Pin>} */
async function noted(note) {
  await pins();
  try {
    return await saved(note);
  } catch (error) {
    if (!(error instanceof Refused && error.status === 412)) throw error;
    loaded = load();
    await loaded;
    return saved(note);
  }
}

/** @param {Note} note @returns {Promise<Pin>} */
async function saved(note) {
  const { record, head, pin } = await crypto.request("pins.note", note);
  const over = head.rev - 1;
  await put(keyAddress("pinsUrl"), record, over === 0 ? { "If-None-Match": "*" } : { "If-Match": `"${over}"` });
  await crypto.request("pins.saved", { rev: head.rev });
  await memory.rememberPins(person(), head);
  const list = await pins();
  list[addressKey(note.address)] = pin;
  return pin;
}
