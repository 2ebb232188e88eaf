/** The copy in this browser, sealed and opened: by the key ring in the worker, or by this browser's own key where there is none. */
import { crypto } from "../crypto/client.js";
import { concat, random, utf8 } from "../crypto/bytes.js";
import { CryptoError } from "../crypto/errors.js";
import * as aead from "../crypto/aead.js";
import { pack, unpack } from "../crypto/draft-record.js";
import { browserKey } from "./draft-store.js";

/** @typedef {import("../crypto/draft-content.js").Content} Content */
/** @typedef {import("../crypto/draft-record.js").Listed} Listed */
/** @typedef {import("./draft-store.js").Kept} Kept */
/** @typedef {import("./draft-store.js").SealedFile} SealedFile */

/** A file is sealed once; it is known by the object that the composer holds. @type {WeakMap<File, string>} */
const names = new WeakMap();

/** @param {Content} content @returns {{listed: Listed[], files: {id: string, file: File}[]}} */
export function filesIn({ attachments, inline }) {
  const all = [...inline.map(({ id, file }) => ({ cid: id, file })), ...attachments.map((file) => ({ cid: "", file }))];
  const files = all.map(({ file }) => ({ id: nameOf(file), file }));
  return { listed: all.map(({ cid, file }) => ({ id: nameOf(file), name: file.name, type: file.type, modified: file.lastModified, cid })), files };
}

/** @param {File} file */
function nameOf(file) {
  const known = names.get(file) ?? globalThis.crypto.randomUUID();
  names.set(file, known);
  return known;
}

/**
 * @param {string} person
 * @param {{id: string, rev: number}} place
 * @param {Content} content
 * @param {readonly string[]} held ids of files that are sealed already
 * @returns {Promise<{by: Kept["by"], record: Kept["record"], files: string[], fresh: SealedFile[]}>}
 * @throws {CryptoError} locked
 */
export async function seal(person, { id, rev }, content, held) {
  const { listed, files } = filesIn(content);
  const wanted = files.filter((file) => !held.includes(file.id));
  const by = crypto.state === "none" ? "browser" : "ring";
  if (by === "ring" && crypto.state !== "unlocked") throw new CryptoError("locked");
  // The files travel beside, and those that are sealed not at all.
  const bare = { ...content, attachments: [], inline: [] };
  const kept = by === "ring"
    ? await crypto.request("draft.keep", { content: bare, id, rev, listed, files: wanted })
    : await pack(await box(person, "seal"), { id, rev }, bare, listed, wanted);
  return { by, record: kept.record, files: files.map((file) => file.id), fresh: kept.files };
}

/**
 * @param {Kept} kept
 * @param {SealedFile[]} files
 * @returns {Promise<Omit<Content, "from">>}
 * @throws {CryptoError} locked, ring-tampered
 */
export async function open({ person, id, rev, by, record }, files) {
  const { content, listed } = by === "ring"
    ? await crypto.request("draft.restore", { id, rev, record, files })
    : await unpack(await box(person, "open"), { id, rev }, record, files);
  const opened = [...content.inline.map((/** @type {{file: File}} */ { file }) => file), ...content.attachments];
  const order = [...listed].sort((a, b) => Number(a.cid === "") - Number(b.cid === ""));
  opened.forEach((file, at) => names.set(file, order[at].id));
  return content;
}

/**
 * nonce 12B ‖ AES-GCM(key of this browser, nonce, bytes, AAD = kind ‖ LF ‖ name ‖ LF ‖ rev).
 * @param {string} person
 * @param {"seal" | "open"} way
 * @returns {Promise<import("../crypto/draft-record.js").Box>}
 */
async function box(person, way) {
  const key = await browserKey(person);
  return async (kind, name, rev, bytes) => {
    const aad = utf8(`${kind}\n${name}\n${rev}`);
    if (way === "seal") {
      const nonce = random(12);
      return concat(nonce, await aead.seal(key, nonce, bytes, aad));
    }
    const opened = await aead.open(key, bytes.slice(0, 12), bytes.slice(12), aad);
    if (opened === null) throw new CryptoError("ring-tampered", "draft record");
    return opened;
  };
}
