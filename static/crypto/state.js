/**
 * state-1: small sealed records under the ring's root key, each with its revision (docs/crypto-inventory.md).
 *
 * Kind, name and revision are authenticated, so the server can neither swap two records nor hand out one under the
 * number of another. Which number is the newest, the browser has to remember.
 */
import * as aead from "./aead.js";
import { concat, random, u64, utf8 } from "./bytes.js";
import { CryptoError } from "./errors.js";
import { hkdf } from "./kdf.js";

/** @typedef {import("./bytes.js").Bytes} Bytes */
/** @typedef {Pick<import("./keyring-seal.js").Ring, "id" | "state">} Root */
/** @typedef {{kind: string, name: string, rev: number}} Place */

const VERSION = 1;

/**
 * @param {Root} root
 * @param {Place} place
 * @param {Bytes} cleartext
 * @returns {Promise<Bytes>}
 */
export async function seal(root, place, cleartext) {
  const salt = random(32);
  const sealed = await aead.seal(await keyOf(root, place, salt), aead.ZERO_NONCE, cleartext, aadOf(root, place));
  return concat(new Uint8Array([VERSION]), salt, sealed);
}

/**
 * @param {Root} root
 * @param {Place} place
 * @param {Bytes} record
 * @returns {Promise<Bytes>}
 * @throws {CryptoError} ring-tampered, unsupported
 */
export async function open(root, place, record) {
  if (record.length < 1 + 32 + 16) throw new CryptoError("ring-tampered", "state record cut short");
  if (record[0] !== VERSION) throw new CryptoError("unsupported", "state record version");
  const key = await keyOf(root, place, record.slice(1, 33));
  const cleartext = await aead.open(key, aead.ZERO_NONCE, record.slice(33), aadOf(root, place));
  if (!cleartext) throw new CryptoError("ring-tampered", "state record");
  return cleartext;
}

/**
 * Authenticates the person's own drafts (design D10).
 * @param {Root} root
 * @returns {Promise<Bytes>}
 */
export function draftMacKey({ state }) {
  return hkdf(state, new Uint8Array(0), "postern state-1 draft mac");
}

/**
 * @param {Root} root
 * @param {Place} place
 * @param {Bytes} salt
 */
function keyOf({ state }, { kind }, salt) {
  // Letters and hyphens only: then no kind's label can be that of the draft key, nor run into the name in the AAD.
  if (!/^[a-z]+(?:-[a-z]+)*$/.test(kind)) throw new CryptoError("bad-input", "kind of record");
  return hkdf(state, salt, `postern state-1 ${kind}`);
}

/**
 * @param {Root} root
 * @param {Place} place
 */
function aadOf({ id }, { kind, name, rev }) {
  return concat(id, utf8(kind), utf8(name), u64(rev));
}
