/**
 * Lists in state-1 records: for each month one of what was found out about messages when they were opened, one of who signs
 * their mail, contacts, and others (docs/crypto-inventory.md). The open content lives in the page, which shows it.
 */
import { addressKey } from "./address-key.js";
import { COMPOSE_MOST, readComposeItem } from "./compose-record.js";
import { copy, fromUtf8, utf8 } from "./bytes.js";
import { PEOPLE_MOST, readContact } from "./contacts.js";
import { CryptoError } from "./errors.js";
import { held } from "./keyring.js";
import { PICTURE_SENDERS_MOST, readPictureSender } from "./picture-senders.js";
import { LAST, SEEN_MOST, SIGNERS_MOST, SUBJECT_LONGEST } from "./seen-limits.js";
import * as shape from "./shape.js";
import * as state from "./state.js";

/** @typedef {import("./bytes.js").Bytes} Bytes */
/** @typedef {import("./jobs.js").Job} Job */
/**
 * @typedef {object} Seen
 * @property {string} id  of the message: 32 hexadecimal digits
 * @property {string} mark  id of words.md section 2.7, with "mark-" before it
 * @property {"calm" | "note" | "warning" | "stop"} level
 * @property {number} at  Unix seconds of the reading
 * @property {string} [subject]  the inner one, where it was decrypted
 */
/**
 * @typedef {object} Signer  the newest messages of an address, and whether their signatures counted
 * @property {string} address
 * @property {{id: string, at: number, good: boolean}[]} last  `at`: Unix seconds of its arrival
 */
/** @typedef {{kind: keyof typeof KINDS, name: string}} Place */

/** How many of a kind there may be, and how one is read. */
const KINDS = {
  seen: { most: SEEN_MOST, read: readSeen },
  signers: { most: SIGNERS_MOST, read: readSigner },
  contacts: { most: PEOPLE_MOST, read: readContact },
  pictures: { most: PICTURE_SENDERS_MOST, read: readPictureSender },
  compose: { most: COMPOSE_MOST, read: readComposeItem },
};

/**
 * @param {Place & {record: Bytes, rev: number}} args  as the server gave them
 * @returns {Promise<object[]>} Seen, Signer, PictureSender, Contact, Group or ComposeItem, by kind
 * @throws {CryptoError} ring-tampered, locked
 */
export async function open({ kind, name, record, rev }) {
  const cleartext = await state.open(held().ring, { kind, name, rev }, record);
  try {
    const { [kind]: list } = shape.fields(JSON.parse(fromUtf8(cleartext)), [kind]);
    return checked(kind, list);
  } catch (error) {
    if (!(error instanceof shape.WrongShape || error instanceof SyntaxError)) throw error;
    // The engine's own words about JSON quote it.
    throw new CryptoError("ring-tampered", error instanceof SyntaxError ? `${kind}: not JSON` : `${kind}: ${error.message}`);
  }
}

/**
 * @param {Place & {rev: number, list: unknown[]}} args  `rev` is the revision it becomes
 * @param {Job} job
 * @returns {Promise<Bytes>} to PUT over revision `rev - 1`
 */
export async function seal({ kind, name, rev, list }, job) {
  try {
    const record = copy(await state.seal(held().ring, { kind, name, rev }, utf8(JSON.stringify({ [kind]: checked(kind, list) }))));
    job.transfer(record);
    return record;
  } catch (error) {
    if (error instanceof shape.WrongShape) throw new CryptoError("bad-input", error.message);
    throw error;
  }
}

/** @param {keyof typeof KINDS} kind @param {unknown} list @returns {object[]} */
function checked(kind, list) {
  if (!Object.hasOwn(KINDS, kind)) throw new CryptoError("bad-input", "kind of record");
  const { most, read } = KINDS[kind];
  return shape.list(list, most, /** @type {(value: unknown) => object} */ (read));
}

/** @param {unknown} value @returns {Seen} */
function readSeen(value) {
  const found = shape.fields(value, ["id", "mark", "level", "at"], ["subject"]);
  const mark = shape.text(found.mark);
  if (!/^mark-[a-z-]{1,40}$/.test(mark)) throw new shape.WrongShape("no mark");
  /** @type {Seen} */
  const seen = { id: idOf(found.id), mark, level: shape.oneOf(found.level, ["calm", "note", "warning", "stop"]), at: shape.count(found.at) };
  if (found.subject !== undefined) seen.subject = shape.text(found.subject).slice(0, SUBJECT_LONGEST);
  return seen;
}

/** @param {unknown} value @returns {Signer} */
function readSigner(value) {
  const found = shape.fields(value, ["address", "last"]);
  const last = shape.list(found.last, LAST, (one) => {
    const { id, at, good } = shape.fields(one, ["id", "at", "good"]);
    if (typeof good !== "boolean") throw new shape.WrongShape("not yes or no");
    return { id: idOf(id), at: shape.count(at), good };
  });
  return { address: addressKey(shape.text(found.address)), last };
}

/** @param {unknown} value */
function idOf(value) {
  if (typeof value !== "string" || !/^[0-9a-f]{32}$/.test(value)) throw new shape.WrongShape("no id");
  return value;
}
