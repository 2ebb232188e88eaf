/** Adding and removing ways into an open key ring. Removing one begins a new epoch. */
import { equal, random } from "./bytes.js";
import { CryptoError } from "./errors.js";
import { revised } from "./keyring-seal.js";
import * as ways from "./ways.js";

/** @typedef {import("./bytes.js").Bytes} Bytes */
/** @typedef {import("./keyring-seal.js").Ring} Ring */
/** @typedef {import("./keyring-seal.js").Sealed} Sealed */

/**
 * @param {Sealed} last
 * @param {ways.Secret} secret
 * @param {string} label
 * @returns {Promise<Sealed>}
 */
export async function add(last, secret, label) {
  const { id, epoch, key } = last.ring;
  const way = await ways.make(id, epoch, key, secret, label);
  return revised(last, { ways: [...last.ring.ways, way] });
}

/**
 * @param {Sealed} last
 * @param {Bytes} way  id
 * @returns {Promise<Sealed>}
 */
export async function remove(last, way) {
  const left = last.ring.ways.filter(({ id }) => !equal(id, way));
  if (left.length === last.ring.ways.length) throw new CryptoError("bad-input", "no such way");
  return revised(last, await newEpoch(last.ring, left));
}

/**
 * A new passphrase or recovery code in place of all earlier ones of its kind, in one revision: at no moment is there
 * a file that neither opens.
 * @param {Sealed} last
 * @param {ways.Secret} secret
 * @param {string} label
 * @returns {Promise<Sealed>}
 */
export async function replace(last, secret, label) {
  const left = last.ring.ways.filter(({ kind }) => kind !== secret.kind);
  const fresh = await newEpoch(last.ring, left);
  const way = await ways.make(last.ring.id, fresh.epoch, fresh.key, secret, label);
  return revised(last, { ...fresh, ways: [...fresh.ways, way] });
}

/**
 * A new ring key that what is left opens and what was removed does not. Public keys are enough for it, so nobody is
 * asked for the other secrets.
 * @param {Ring} ring
 * @param {readonly ways.Way[]} left
 */
async function newEpoch(ring, left) {
  const epoch = ring.epoch + 1;
  const key = random(32);
  const wrapped = await Promise.all(left.map(async (way) => ({ ...way, ...(await ways.wrap(ring.id, epoch, way, key)) })));
  return { epoch, key, ways: wrapped };
}
