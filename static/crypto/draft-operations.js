/** The worker's operations on drafts: as messages for the mailbox, and as records for this browser's own storage. */
import { copy } from "./bytes.js";
import * as draft from "./draft.js";
import { labelIn } from "./draft-label.js";
import * as record from "./draft-record.js";
import { CryptoError } from "./errors.js";
import { parseFields, splitHeader } from "./header-fields.js";
import { held, unlockedKeys } from "./keyring.js";

/** @typedef {import("./draft-content.js").Content} Content */
/** @typedef {import("./jobs.js").Job} Job */
/** @typedef {import("./draft-record.js").Kept} Kept */

/**
 * @param {{content: Content, id: string, rev: number}} args
 * @param {Job} job
 * @returns {Promise<{bytes: Uint8Array, mac: string}>} the finished message
 */
export async function seal({ content, id, rev }, job) {
  const own = unlockedKeys(content.from.address).signing ?? unlockedKeys().signing;
  if (own === null) throw new CryptoError("no-key", "no key to encrypt drafts to");
  const sealed = await draft.seal(content, { id, rev, root: held().ring, own });
  job.signal.throwIfAborted();
  job.transfer(sealed.bytes);
  return sealed;
}

/**
 * @param {{raw: Uint8Array}} args
 * @param {Job} job
 */
export function open({ raw }, job) {
  if (!(raw instanceof Uint8Array)) throw new CryptoError("bad-input", "raw must be bytes");
  return draft.open(raw, keysIfOpen(job));
}

/** @param {Job} job */
function keysIfOpen(job) {
  try {
    return { root: held().ring, keys: unlockedKeys().decryption, watch: job };
  } catch (error) {
    if (error instanceof CryptoError && error.code === "locked") return null;
    throw error;
  }
}

/** What a message says of itself, without a proof. @param {{raw: Uint8Array}} args */
export function label({ raw }) {
  const { headerEnd } = splitHeader(raw, 0, raw.length);
  return labelIn(parseFields(raw.subarray(0, headerEnd)));
}

/**
 * The local copy. Files that were sealed before stay as they are: only `files` are sealed now.
 * @param {{content: Content, id: string, rev: number, listed: record.Listed[], files: {id: string, file: Blob}[]}} args
 * @param {Job} job
 * @returns {Promise<Kept>}
 */
export async function keep({ content, id, rev, listed, files }, job) {
  const kept = await record.seal(held().ring, { id, rev }, content, listed, files);
  const own = { record: copy(kept.record), files: kept.files };
  job.transfer(own.record, ...own.files.map(({ sealed }) => sealed));
  return own;
}

/** @param {{id: string, rev: number, record: Uint8Array<ArrayBuffer>, files: {id: string, sealed: Uint8Array<ArrayBuffer>}[]}} args */
export function restore({ id, rev, record: sealed, files }) {
  return record.open(held().ring, { id, rev }, sealed, files);
}
