/**
 * The copy of a draft in this browser: state-1 records of the kinds `draft` and `draft-file` (docs/crypto-inventory.md). Files
 * are sealed once and apart, so that a pause in typing does not seal twenty megabytes again.
 */
import { fromUtf8, utf8 } from "./bytes.js";
import { listsIn, recordOf } from "./draft-content.js";
import { CryptoError } from "./errors.js";
import * as state from "./state.js";

/** @typedef {import("./bytes.js").Bytes} Bytes */
/** @typedef {import("./draft-content.js").Content} Content */
/** @typedef {{id: string, name: string, type: string, modified: number, cid: string}} Listed `cid`: of a picture in the HTML; "" of a file */
/** @typedef {{record: Bytes, files: {id: string, sealed: Bytes}[]}} Kept */
/** @typedef {(kind: string, name: string, rev: number, bytes: Bytes) => Promise<Bytes>} Box seals or opens */

/**
 * @param {state.Root} root
 * @param {{id: string, rev: number}} place
 * @param {Content} content
 * @param {readonly Listed[]} listed all files and pictures, in their order
 * @param {readonly {id: string, file: Blob}[]} fresh
 * @returns {Promise<Kept>}
 */
export function seal(root, place, content, listed, fresh) {
  return pack((kind, name, rev, bytes) => state.seal(root, { kind, name, rev }, bytes), place, content, listed, fresh);
}

/**
 * @param {state.Root} root
 * @param {{id: string, rev: number}} place
 * @param {Bytes} record
 * @param {readonly {id: string, sealed: Bytes}[]} files
 * @throws {CryptoError} ring-tampered
 */
export function open(root, place, record, files) {
  return unpack((kind, name, rev, bytes) => state.open(root, { kind, name, rev }, bytes), place, record, files);
}

/**
 * @param {Box} box
 * @param {{id: string, rev: number}} place
 * @param {Content} content
 * @param {readonly Listed[]} listed
 * @param {readonly {id: string, file: Blob}[]} fresh
 * @returns {Promise<Kept>}
 */
export async function pack(box, { id, rev }, content, listed, fresh) {
  const { from: _from, attachments: _attachments, inline: _inline, ...fields } = content;
  const record = await box("draft", id, rev, utf8(JSON.stringify({ ...fields, files: listed })));
  const files = [];
  // One after the other: several at once would all be in memory at once.
  for (const one of fresh) files.push({ id: one.id, sealed: await box("draft-file", `${id} ${one.id}`, 1, new Uint8Array(await one.file.arrayBuffer())) });
  return { record, files };
}

/**
 * @param {Box} box
 * @param {{id: string, rev: number}} place
 * @param {Bytes} record
 * @param {readonly {id: string, sealed: Bytes}[]} files
 * @returns {Promise<{content: Omit<Content, "from">, listed: Listed[]}>}
 */
export async function unpack(box, { id, rev }, record, files) {
  const read = JSON.parse(fromUtf8(await box("draft", id, rev, record)));
  /** @type {Listed[]} */
  const listed = read.files;
  /** @type {File[]} */
  const opened = [];
  for (const one of listed) {
    const sealed = files.find((file) => file.id === one.id)?.sealed;
    if (sealed === undefined) throw new CryptoError("ring-tampered", "a file of the draft is missing");
    opened.push(new File([await box("draft-file", `${id} ${one.id}`, 1, sealed)], one.name, { type: one.type, lastModified: one.modified }));
  }
  const content = {
    ...listsIn(read), subject: String(read.subject), text: String(read.text), html: read.html === null ? null : String(read.html),
    inline: listed.flatMap(({ cid }, at) => (cid === "" ? [] : [{ id: cid, file: opened[at] }])), attachments: opened.filter((_, at) => listed[at].cid === ""),
    inReplyTo: read.inReplyTo === null ? null : String(read.inReplyTo), references: [...read.references].map(String), extra: recordOf(read.extra),
  };
  return { content, listed };
}
