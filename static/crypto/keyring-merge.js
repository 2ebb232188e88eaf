/**
 * Two revisions of one key ring made into one, after two devices changed it at once.
 *
 * Keys and revocations are united and never dropped: of a key that both have, everything that either knows of it stays,
 * under the newest label. Ways in are united within an epoch, where none can have been
 * removed; otherwise those of the later epoch stand, for a way that was taken away must not come back.
 */
import { equal, toHex } from "./bytes.js";
import { CryptoError } from "./errors.js";
import { tampered } from "./keyring-file.js";
import { seal } from "./keyring-seal.js";
import { sha256 } from "./kdf.js";
import { unite } from "./own-keys.js";

/** @typedef {import("./keyring-seal.js").Ring} Ring */
/** @typedef {import("./keyring-seal.js").Sealed} Sealed */
/** @typedef {import("./keyring-file.js").OwnKey} OwnKey */

/**
 * @param {Sealed} mine
 * @param {Sealed} stored  what the server holds now; the result replaces it
 * @returns {Promise<Sealed>}
 */
export async function merge(mine, stored) {
  if (!equal(mine.ring.id, stored.ring.id)) throw new CryptoError("bad-input", "two different key rings");
  if (!equal(mine.ring.state, stored.ring.state)) throw tampered("state root");
  // On equal epochs the stored one leads: it was accepted first, and its ring key is the one other devices have.
  const leader = mine.ring.epoch > stored.ring.epoch ? mine.ring : stored.ring;
  return seal({
    ...leader,
    rev: Math.max(mine.ring.rev, stored.ring.rev) + 1,
    ways: equal(mine.ring.key, stored.ring.key) ? unitedWays(stored.ring, mine.ring) : leader.ways,
    keys: await unitedKeys(stored.ring.keys, mine.ring.keys),
    revocations: united(stored.ring.revocations, mine.ring.revocations),
    previous: await sha256(stored.file),
  });
}

/**
 * @param {Ring} a
 * @param {Ring} b
 */
function unitedWays(a, b) {
  const known = new Set(a.ways.map(({ id }) => toHex(id)));
  return [...a.ways, ...b.ways.filter(({ id }) => !known.has(toHex(id)))];
}

/**
 * @param {readonly OwnKey[]} a
 * @param {readonly OwnKey[]} b
 * @returns {Promise<OwnKey[]>} in order of making
 */
async function unitedKeys(a, b) {
  /** @type {Map<string, OwnKey>} */
  const keys = new Map();
  for (const key of [...a, ...b]) {
    const known = keys.get(key.fingerprint);
    // A label given here says nothing about a certificate that was renewed there.
    keys.set(key.fingerprint, known ? await unite(newer(key, known) ? key : known, newer(key, known) ? known : key) : key);
  }
  return [...keys.values()].sort((one, other) => one.created - other.created || (one.fingerprint < other.fingerprint ? -1 : 1));
}

/**
 * The newest label; of two given in the same second the same one on every device.
 * @param {OwnKey} key
 * @param {OwnKey} known
 */
function newer(key, known) {
  return key.labelled > known.labelled || (key.labelled === known.labelled && key.label > known.label);
}

/**
 * A key has one revocation for each reason, so two of one key are two.
 * @param {Ring["revocations"]} a
 * @param {Ring["revocations"]} b
 */
function united(a, b) {
  return [...a, ...b.filter((one) => !a.some(({ fingerprint, data }) => fingerprint === one.fingerprint && equal(data, one.data)))];
}
