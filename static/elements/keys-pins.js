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

/** @typedef {{fingerprint: string, since: number, source: string, count: number, verified?: number, rejected?: Record<string, number>}} Pin */
/** @typedef {{address: string, fingerprint: string, source: string, verified?: number, replace?: boolean, again?: boolean}} Note */

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
  return inTurn("pins.note", note);
}

/**
 * The person does not take this certificate for the address's; what was known before stays.
 * @param {{address: string, fingerprint: string}} rejected
 * @returns {Promise<Pin>}
 */
export function rejectPin(rejected) {
  return inTurn("pins.reject", rejected);
}

/** @param {"pins.note" | "pins.reject"} op @param {{address: string}} args @returns {Promise<Pin>} */
function inTurn(op, args) {
  const result = turn.then(() => noted(op, args));
  turn = result.catch(() => {});
  return result;
}

/** @param {string} op @param {{address: string}} args @returns {Promise<Pin>} */
async function noted(op, args) {
  await pins();
  try {
    return await saved(op, args);
  } catch (error) {
    if (!(error instanceof Refused && error.status === 412)) throw error;
    loaded = load();
    await loaded;
    return saved(op, args);
  }
}

/** @param {string} op @param {{address: string}} args @returns {Promise<Pin>} */
async function saved(op, args) {
  const { record, head, pin } = await crypto.request(op, args);
  const over = head.rev - 1;
  await put(keyAddress("pinsUrl"), record, over === 0 ? { "If-None-Match": "*" } : { "If-Match": `"${over}"` });
  await crypto.request("pins.saved", { rev: head.rev });
  await memory.rememberPins(person(), head);
  const list = await pins();
  list[addressKey(args.address)] = pin;
  return pin;
}
