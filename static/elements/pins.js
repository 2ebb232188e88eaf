/**
 * The certificates seen and verified, at hand for chips that are drawn now: the list of keys-pins.js once it is open.
 * Tells the document `postern:pins` whenever it changed.
 */
import { addressKey } from "../crypto/address-key.js";
import { crypto } from "../crypto/client.js";
import * as sealed from "./keys-pins.js";
import { reportUnlessLocked } from "./unless-locked.js";

/** @typedef {import("./keys-pins.js").Pin} Pin */

/** @type {Record<string, Pin>} */
let list = {};

/**
 * The pin for an address; null also while the keys are locked, when nobody can know.
 * @param {string} address
 * @returns {Pin | null}
 */
export function pinOf(address) {
  const name = addressKey(address);
  return Object.hasOwn(list, name) ? (list[name] ?? null) : null;
}

/**
 * Loaded when it resolves. Nothing is encrypted or judged without: a list kept back would make every certificate a new one.
 * @throws {import("../crypto/errors.js").CryptoError} pins-rollback, ring-tampered, locked
 */
export async function pinsReady() {
  list = await sealed.pins();
  document.dispatchEvent(new CustomEvent("postern:pins"));
}

/** @param {import("./keys-pins.js").Note} note */
export function notePin(note) {
  return changed(note.address, sealed.notePin(note));
}

/** @param {{address: string, fingerprint: string}} rejected */
export function rejectPin(rejected) {
  return changed(rejected.address, sealed.rejectPin(rejected));
}

/** @param {string} address @param {Promise<Pin>} saving */
async function changed(address, saving) {
  const pin = await saving;
  list = { ...list, [addressKey(address)]: pin };
  document.dispatchEvent(new CustomEvent("postern:pins"));
  return pin;
}

crypto.addEventListener("unlocked", () => void pinsReady().catch(reportUnlessLocked));
crypto.addEventListener("locked", () => {
  list = {};
});
if (crypto.state === "unlocked") pinsReady().catch(reportUnlessLocked);
