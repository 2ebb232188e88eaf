/** The outer header field by which a draft is known for the person's own, before anything of it is decrypted. */
import { concat, equal, fromHex, toBase64, u64, utf8 } from "./bytes.js";
import { all } from "./header-fields.js";
import { hmac, sha256 } from "./kdf.js";
import { draftMacKey } from "./state.js";

/** @typedef {import("./bytes.js").Bytes} Bytes */
/** @typedef {{id: string, rev: number, mac: string}} Label `mac` in base64url */

export const FIELD = "X-Postern-Draft";
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const FORM = /^v=1;\s*id=([0-9a-f-]{36});\s*rev=([1-9][0-9]{0,14});\s*mac=([A-Za-z0-9_-]{43})$/;

/** @param {unknown} id */
export function isDraftId(id) {
  return typeof id === "string" && UUID.test(id);
}

/** @param {Label} label @returns {string} the field's value */
export function written({ id, rev, mac }) {
  return `v=1; id=${id}; rev=${rev}; mac=${mac}`;
}

/**
 * What the message says of itself; nothing is proven by it.
 * @param {readonly import("./header-fields.js").Field[]} fields of the outer header
 * @returns {Label | null} null also where there are two
 */
export function labelIn(fields) {
  const found = all(fields, FIELD.toLowerCase());
  const [, id, rev, mac] = (found.length === 1 && FORM.exec(found[0].value)) || [];
  return isDraftId(id) ? { id, rev: Number(rev), mac } : null;
}

/**
 * @param {import("./state.js").Root} root
 * @param {string} id
 * @param {number} rev
 * @param {Uint8Array} message the OpenPGP message, binary
 * @returns {Promise<string>}
 */
export async function macOf(root, id, rev, message) {
  const covered = concat(utf8("postern draft-1\0"), fromHex(id.replaceAll("-", "")), u64(rev), await sha256(/** @type {Bytes} */ (message)));
  const mac = await hmac(await draftMacKey(root), covered);
  return toBase64(mac).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/**
 * Whether this browser, or another one with the same key ring, wrote exactly this ciphertext as this revision of this draft.
 * @param {import("./state.js").Root} root
 * @param {Label} label
 * @param {Uint8Array} message
 */
export async function isOwn(root, { id, rev, mac }, message) {
  return equal(utf8(await macOf(root, id, rev, message)), utf8(mac));
}
