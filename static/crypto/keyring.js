/**
 * The open key ring: the one place in the browser where unlocked keys are.
 *
 * It lives in the worker and dies with it. Other modules of the worker ask `unlockedKeys`; the page gets public
 * facts and sealed files.
 */
import { addressKey } from "./address-key.js";
import { equal, wipe } from "./bytes.js";
import { CryptoError } from "./errors.js";
import { examine } from "./own-keys.js";

/** @typedef {import("./bytes.js").Bytes} Bytes */
/** @typedef {import("./keyring-file.js").OwnKey} OwnKey */
/** @typedef {import("./keyring-seal.js").Sealed} Sealed */
/** @typedef {import("./own-keys.js").KeyFacts} KeyFacts */
/**
 * @typedef {object} UnlockedKeys  each entry is the same object while the ring is open: a WeakMap may hang on it
 * @property {OwnKey | null} signing  newest key that may still sign, for the address if one was named
 * @property {OwnKey[]} decryption  every key, newest first, expired and revoked ones too
 */

/** @type {{sealed: Sealed, facts: Map<string, KeyFacts>} | null} */
let open = null;
/**
 * Ring keys of earlier epochs that this worker has ended itself. Where another device stored a change in such an epoch
 * meanwhile, only these open it for the merge.
 * @type {Bytes[]}
 */
let ended = [];

/**
 * Takes a ring into use, after each of its keys was found whole.
 * @param {Sealed} sealed
 */
export async function hold(sealed) {
  /** @type {Map<string, KeyFacts>} */
  const facts = new Map();
  /** @type {OwnKey[]} */
  const keys = [];
  for (const key of sealed.ring.keys) {
    const known = open?.sealed.ring.keys.find((held) => held.fingerprint === key.fingerprint);
    // Same bytes, same object: parsed forms that others keep by it stay valid over a change of the ring.
    const same = known && equal(known.key, key.key) && equal(known.certificate, key.certificate) && known.label === key.label;
    keys.push(same ? known : key);
    const before = same ? open?.facts.get(key.fingerprint) : undefined;
    facts.set(key.fingerprint, before ?? (await examine(key)));
  }
  if (open && !equal(open.sealed.ring.id, sealed.ring.id)) ended = [];
  else if (open && !equal(open.sealed.ring.key, sealed.ring.key)) ended = [open.sealed.ring.key, ...ended];
  open = { sealed: { ...sealed, ring: { ...sealed.ring, keys } }, facts };
}

/**
 * @returns {Sealed}
 * @throws {CryptoError} locked
 */
export function held() {
  if (!open) throw new CryptoError("locked");
  return open.sealed;
}

/** @returns {Bytes[]} K, and those of the epochs ended here, newest first */
export function ringKeys() {
  return [held().ring.key, ...ended];
}

/** @returns {KeyFacts[]} newest first */
export function facts() {
  held();
  return [...(open?.facts.values() ?? [])].sort((a, b) => b.created - a.created);
}

/**
 * @param {string} [address]  whose signing key
 * @returns {UnlockedKeys}
 * @throws {CryptoError} locked
 */
export function unlockedKeys(address) {
  const { keys } = held().ring;
  const newest = [...keys].sort((a, b) => b.created - a.created);
  const wanted = address === undefined ? undefined : addressKey(address);
  const signing = newest.find((key) => maySign(key) && (wanted === undefined || addressKey(key.address) === wanted));
  return { signing: signing ?? null, decryption: newest };
}

/** @param {OwnKey} key */
function maySign({ fingerprint }) {
  const fact = open?.facts.get(fingerprint);
  if (!fact || fact.revoked || fact.purpose === "decrypt") return false;
  // The ring may stay open past the day on which a key expires.
  return fact.expires === null || fact.expires * 1000 > Date.now();
}

/** Forgets everything. Ending the worker does more; this is for the moment before. */
export function lock() {
  if (open) {
    wipe(open.sealed.ring.key, open.sealed.ring.state, ...ended);
    for (const { key } of open.sealed.ring.keys) wipe(key);
  }
  open = null;
  ended = [];
}
