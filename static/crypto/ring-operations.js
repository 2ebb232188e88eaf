/** The worker's operations on the key ring: made, opened, changed, merged, locked. */
import { copy, fromHex, toHex } from "./bytes.js";
import { CryptoError } from "./errors.js";
import * as keyring from "./keyring.js";
import { merge as merged } from "./keyring-merge.js";
import * as sealing from "./keyring-seal.js";
import * as changing from "./keyring-ways.js";
import * as recovery from "./recovery.js";
import * as ways from "./ways.js";

/** @typedef {import("./bytes.js").Bytes} Bytes */
/** @typedef {import("./jobs.js").Job} Job */
/** @typedef {import("./keyring-seal.js").Head} Head */
/** @typedef {import("./keyring-seal.js").Sealed} Sealed */
/** @typedef {{id: string, kind: import("./keyring-file.js").WayKind, label: string}} WayFacts */
/** @typedef {{ring: Bytes, head: Head, code?: string}} Changed  a file to store, by compare-and-swap on the last hash */
/** @typedef {{head: Head, keys: import("./own-keys.js").KeyFacts[], ways: WayFacts[]}} Unlocked */

/** Changes follow one another: each builds on the revision that the one before has made. */
let turn = Promise.resolve();

/**
 * @template T
 * @param {() => Promise<T>} change
 * @returns {Promise<T>}
 */
function inTurn(change) {
  const result = turn.then(change);
  turn = result.then(
    () => {},
    () => {},
  );
  return result;
}

/**
 * A new ring with one OpenPGP key and two ways in. The worker is unlocked afterwards.
 * @param {{passphrase: Bytes, person: {name: string, address: string}, account: string,
 *   labels?: {passphrase?: string, code?: string, key?: string}}} args
 * @param {Job} job
 * @returns {Promise<{ring: Bytes, code: string, certificate: Bytes, fingerprint: string, head: Head}>}
 */
export function create({ passphrase, person, account, labels = {} }, job) {
  return inTurn(async () => {
    const { generateKey } = await import("./openpgp.js");
    const made = await generateKey(person);
    const now = Math.floor(Date.now() / 1000);
    const key = {
      kind: /** @type {const} */ ("openpgp"),
      account: String(account),
      address: person.address,
      fingerprint: made.fingerprint,
      label: labels.key ?? "",
      labelled: now,
      created: now,
      key: copy(made.key),
      certificate: copy(made.certificate),
    };
    const bare = sealing.empty();
    const { code, secret } = recovery.make();
    secret.fill(0);
    const passphraseWay = await ways.make(bare.id, bare.epoch, bare.key, { kind: "passphrase", value: passphrase }, labels.passphrase ?? "");
    const codeWay = await ways.make(bare.id, bare.epoch, bare.key, typedCode(code), labels.code ?? "");
    const revocations = [{ fingerprint: made.fingerprint, data: copy(made.revocation) }];
    const sealed = await sealing.seal({ ...bare, ways: [passphraseWay, codeWay], keys: [key], revocations });
    if (job.signal.aborted) throw new CryptoError("cancelled");
    await keyring.hold(sealed);
    return { ...given(sealed, job), code, certificate: copy(made.certificate), fingerprint: made.fingerprint };
  });
}

/**
 * @param {{ring: Bytes, secret: ways.Secret, highest: Head | null}} args
 * @returns {Promise<Unlocked>}
 */
export function unlock({ ring, secret, highest }) {
  return inTurn(async () => {
    await keyring.hold(await sealing.open(ring, secret, highest));
    return unlocked();
  });
}

/** Forgets the keys; the page ends the worker right after. */
export function lock() {
  keyring.lock();
}

/** The person's own keys, newest first. */
export function facts() {
  return keyring.facts();
}

/** @returns {WayFacts[]} */
export function listWays() {
  return keyring.held().ring.ways.map(({ id, kind, label }) => ({ id: toHex(id), kind, label }));
}

/**
 * One more way in. A passphrase is given, a code is made.
 * @param {{kind: "passphrase" | "code", passphrase?: Bytes, label?: string}} args
 * @param {Job} job
 * @returns {Promise<Changed>}
 */
export function addWay({ kind, passphrase, label = "" }, job) {
  return inTurn(async () => {
    const { secret, code } = newSecret(kind, passphrase);
    return change(await changing.add(keyring.held(), secret, label), job, code);
  });
}

/**
 * A new passphrase or code in the place of all earlier ones of its kind; begins a new epoch, so that what stay-1
 * kept in browsers no longer opens.
 * @param {{kind: "passphrase" | "code", passphrase?: Bytes, label?: string}} args
 * @param {Job} job
 * @returns {Promise<Changed>}
 */
export function replaceWay({ kind, passphrase, label = "" }, job) {
  return inTurn(async () => {
    const { secret, code } = newSecret(kind, passphrase);
    return change(await changing.replace(keyring.held(), secret, label), job, code);
  });
}

/**
 * @param {{id: string}} args  as `ring.ways` gave it
 * @param {Job} job
 * @returns {Promise<Changed>}
 */
export function removeWay({ id }, job) {
  return inTurn(async () => change(await changing.remove(keyring.held(), fromHex(id)), job));
}

/**
 * Another device was quicker: unites what is open here with what the server holds now.
 * @param {{ring: Bytes, secret?: ways.Secret}} args  the secret only where the other device began a new epoch
 * @param {Job} job
 * @returns {Promise<Changed>}
 * @throws {CryptoError} wrong-secret with the fact `epoch` when the other device's ring has a new key and no secret was given
 */
export function merge({ ring, secret }, job) {
  return inTurn(async () => {
    const mine = keyring.held();
    if (secret) return change(await merged(mine, await sealing.open(ring, secret, null)), job);
    for (const key of keyring.ringKeys()) {
      if (await sealing.fits(ring, key)) return change(await merged(mine, await sealing.openWith(ring, key, null)), job);
    }
    throw new CryptoError("wrong-secret", "a newer epoch", { epoch: true });
  });
}

/** @returns {Unlocked} */
export function unlocked() {
  return { head: keyring.held().head, keys: keyring.facts(), ways: listWays() };
}

/**
 * @param {Sealed} sealed
 * @param {Job} job
 * @param {string} [code]
 * @returns {Promise<Changed>}
 */
async function change(sealed, job, code) {
  await keyring.hold(sealed);
  return { ...given(sealed, job), ...(code === undefined ? {} : { code }) };
}

/**
 * @param {Sealed} sealed
 * @param {Job} job
 */
function given({ file, head }, job) {
  const ring = copy(file);
  job.transfer(ring);
  return { ring, head };
}

/**
 * @param {"passphrase" | "code"} kind
 * @param {Bytes} [passphrase]
 * @returns {{secret: ways.Secret, code?: string}}
 */
function newSecret(kind, passphrase) {
  if (kind === "passphrase" && passphrase) return { secret: { kind, value: passphrase } };
  if (kind !== "code") throw new CryptoError("bad-input", "a passphrase, or a code");
  const { code, secret } = recovery.make();
  secret.fill(0);
  return { secret: typedCode(code), code };
}

/**
 * The code goes the way on which it will come back, so that what is shown is what opens.
 * @param {string} code
 * @returns {ways.Secret}
 */
function typedCode(code) {
  return { kind: "code", value: /** @type {Bytes} */ (new TextEncoder().encode(code)) };
}
