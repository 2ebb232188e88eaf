/**
 * Which certificate this person has seen for an address, and whether they verified it: one state-1 record.
 *
 * The open list lives here, in the worker, beside the keys.
 */
import { addressKey } from "./address-key.js";
import { fromUtf8, toHex, utf8 } from "./bytes.js";
import { CryptoError } from "./errors.js";
import { sha256 } from "./kdf.js";
import { held } from "./keyring.js";
import * as shape from "./shape.js";
import * as state from "./state.js";

/** @typedef {import("./bytes.js").Bytes} Bytes */
/**
 * @typedef {object} Pin
 * @property {string} fingerprint
 * @property {number} since  Unix seconds of the first sight
 * @property {string} source  how it was found at first, as the lookup named it
 * @property {number} count  messages seen with it
 * @property {number} [verified]  Unix seconds, when the person compared it
 * @property {Record<string, number>} [rejected]  by fingerprint, this one's or another's: when the person did not take it for
 *   this address's
 */
/** @typedef {{rev: number, hash: string}} PinsHead  what the browser remembers */

const PLACE = { kind: "pins", name: "pins" };
/** Certificates rejected for one address; the oldest make room. */
const REJECTED = 20;

/** @type {Map<string, Pin>} */
let pins = new Map();
/** Revision that the server holds; 0 for none. */
let rev = 0;
/** @type {string | null} ring to which the list belongs */
let owner = null;

/**
 * @param {string} address
 * @returns {Pin | null}
 */
export function pinFor(address) {
  return loaded() ? (pins.get(addressKey(address)) ?? null) : null;
}

/** Whether the list of the open ring is at hand; without it every certificate would look new. */
export function loaded() {
  return owner === toHex(held().ring.id);
}

/** Everybody of whom a certificate is known. @returns {import("./lookalike.js").Correspondent[]} */
export function correspondents() {
  return [...pins].map(([address, { since, verified }]) => ({ address, since, verified: verified !== undefined }));
}

/** @returns {Record<string, Pin>} by address */
export function all() {
  return Object.fromEntries(pins);
}

/**
 * @param {Bytes | null} record  null when the server holds none
 * @param {number} offered  its revision, 0 for none
 * @param {PinsHead | null} highest
 * @returns {Promise<PinsHead | null>}
 * @throws {CryptoError} pins-rollback, ring-tampered
 */
export async function load(record, offered, highest) {
  const { ring } = held();
  const hash = record ? toHex(await sha256(record)) : "";
  if (highest && (!record || offered < highest.rev || (offered === highest.rev && hash !== highest.hash))) {
    throw new CryptoError("pins-rollback", "not the newest list of pins", { seen: highest.rev, offered: record ? offered : 0 });
  }
  pins = record ? read(await state.open(ring, { ...PLACE, rev: offered }, record)) : new Map();
  rev = record ? offered : 0;
  owner = toHex(ring.id);
  return record ? { rev, hash } : null;
}

/**
 * Seals the list with a pin made, counted up or verified. It is the next revision until `saved` says that the server
 * took it: a second note before that is sealed under the same number, with both in it.
 * @param {string} address
 * @param {Omit<Pin, "count">} seen
 * @param {boolean} replace  the person decided to use the new certificate
 * @param {boolean} [again]  for the same message as before: it is not counted twice
 * @returns {Promise<{record: Bytes, head: PinsHead, pin: Pin}>}
 * @throws {CryptoError} bad-input with the fact `pinned` when another certificate is pinned: never switched silently
 */
export async function note(address, { fingerprint, since, source, verified }, replace, again = false) {
  const known = knownFor(address);
  if (known && known.fingerprint !== fingerprint && !replace) {
    throw new CryptoError("bad-input", "another certificate is pinned", { pinned: known.fingerprint });
  }
  const same = known?.fingerprint === fingerprint ? known : null;
  /** @type {Pin} */
  const pin = { fingerprint, since: same?.since ?? since, source: same?.source ?? source, count: (same?.count ?? 0) + (same && again ? 0 : 1) };
  const when = verified ?? same?.verified;
  if (when !== undefined) pin.verified = when;
  const { [fingerprint]: taken, ...rejected } = known?.rejected ?? {};
  // Seeing it again does not take a rejection back; comparing or choosing it does.
  if (taken !== undefined && !replace && verified === undefined) rejected[fingerprint] = taken;
  if (Object.keys(rejected).length > 0) pin.rejected = rejected;
  return keep(address, pin);
}

/**
 * Seals the list with a certificate marked as not this address's. What was known for the address stays.
 * @param {string} address
 * @param {string} fingerprint
 * @param {number} when  Unix seconds
 * @returns {Promise<{record: Bytes, head: PinsHead, pin: Pin}>}
 * @throws {CryptoError} bad-input when nothing is known for the address
 */
export async function reject(address, fingerprint, when) {
  const known = knownFor(address);
  if (known === undefined) throw new CryptoError("bad-input", "nothing is pinned");
  const newest = Object.entries({ ...known.rejected, [fingerprint]: when }).sort(([, a], [, b]) => b - a).slice(0, REJECTED);
  return keep(address, { ...known, rejected: Object.fromEntries(newest) });
}

/** @param {string} address */
function knownFor(address) {
  if (owner !== toHex(held().ring.id)) throw new CryptoError("bad-input", "pins are not loaded");
  return pins.get(addressKey(address));
}

/** @param {string} address @param {Pin} pin */
async function keep(address, pin) {
  const { ring } = held();
  readPin({ address: addressKey(address), ...pin });
  pins.set(addressKey(address), pin);
  const next = rev + 1;
  const record = await state.seal(ring, { ...PLACE, rev: next }, write());
  return { record, head: { rev: next, hash: toHex(await sha256(record)) }, pin };
}

/**
 * The server keeps the record of this revision.
 * @param {number} kept
 */
export function saved(kept) {
  rev = Math.max(rev, kept);
}

function write() {
  const list = [...pins].map(([address, pin]) => ({ address, ...pin }));
  return utf8(JSON.stringify({ pins: list }));
}

/**
 * @param {Bytes} cleartext
 * @returns {Map<string, Pin>}
 */
function read(cleartext) {
  try {
    const { pins: list } = shape.fields(JSON.parse(fromUtf8(cleartext)), ["pins"]);
    return new Map(shape.list(list, 100_000, readPin));
  } catch (error) {
    if (!(error instanceof shape.WrongShape || error instanceof SyntaxError)) throw error;
    // The engine's own words about JSON quote it.
    throw new CryptoError("ring-tampered", error instanceof SyntaxError ? "pins: not JSON" : `pins: ${error.message}`);
  }
}

/**
 * @param {unknown} value
 * @returns {[string, Pin]}
 */
function readPin(value) {
  const found = shape.fields(value, ["address", "fingerprint", "since", "source", "count"], ["verified", "rejected"]);
  /** @type {Pin} */
  const pin = {
    fingerprint: shape.fingerprint(found.fingerprint),
    since: shape.count(found.since),
    source: shape.text(found.source),
    count: shape.count(found.count),
  };
  if (found.verified !== undefined) pin.verified = shape.count(found.verified);
  if (found.rejected !== undefined) {
    const entries = Object.entries(shape.record(found.rejected, REJECTED)).map(([one, when]) => [shape.fingerprint(one), shape.count(when)]);
    pin.rejected = Object.fromEntries(entries);
  }
  return [addressKey(shape.text(found.address)), pin];
}
