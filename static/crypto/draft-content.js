/** What a draft holds, between the composer and the message or record that keeps it. */
import { isAddress } from "./addresses.js";
import { fromBase64, fromUtf8, toBase64, utf8 } from "./bytes.js";
import { CryptoError } from "./errors.js";

/** @typedef {import("./addresses.js").Address} Address `address` may be what was typed so far, and no address yet */
/**
 * @typedef {object} Content
 * @property {Address} from
 * @property {Address[]} to
 * @property {Address[]} cc
 * @property {Address[]} bcc
 * @property {string} subject
 * @property {string} text
 * @property {string | null} html
 * @property {{id: string, file: File}[]} inline pictures that stand in the HTML, by Content-ID
 * @property {File[]} attachments
 * @property {string | null} inReplyTo
 * @property {string[]} references
 * @property {Record<string, unknown>} extra whatever else the composer needs to go on
 */

/** A header field inside the encryption; longer state belongs into a record of its own. */
export const EXTRA_LIMIT = 64 * 1024;
const LISTS = /** @type {const} */ (["to", "cc", "bcc"]);

/** Whether somebody can be written to at that address, as far as its form says. @param {Address} one */
export function complete({ address }) {
  return isAddress(address) && /^[!-~]+$/.test(address);
}

/**
 * The composer's own state as a header value: folded base64 of JSON. Recipients that are not complete yet cannot stand in To.
 * @param {Content} content
 */
export function stateOf({ to, cc, bcc, extra }) {
  const lists = { to, cc, bcc };
  const odd = LISTS.some((name) => !lists[name].every(complete));
  const json = utf8(JSON.stringify({ extra, ...(odd ? { lists } : {}) }));
  if (json.length > EXTRA_LIMIT) throw new CryptoError("bad-input", "too much state for a draft");
  return (toBase64(json).match(/.{1,64}/g) ?? []).join(" ");
}

/**
 * @param {string | null} value
 * @returns {{extra: Record<string, unknown>, lists?: Record<"to" | "cc" | "bcc", Address[]>}}
 */
export function stateIn(value) {
  if (value === null) return { extra: {} };
  const { extra, lists } = JSON.parse(fromUtf8(fromBase64(value.replace(/\s+/g, ""))));
  return { extra: recordOf(extra), ...(lists ? { lists: listsIn(lists) } : {}) };
}

/** @param {any} lists */
export function listsIn(lists) {
  const read = (/** @type {unknown} */ list) => (Array.isArray(list) ? list : []).map((one) => ({ name: String(one?.name ?? ""), address: String(one?.address ?? "") }));
  return { to: read(lists?.to), cc: read(lists?.cc), bcc: read(lists?.bcc) };
}

/** @param {unknown} value @returns {Record<string, unknown>} */
export function recordOf(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? /** @type {Record<string, unknown>} */ (value) : {};
}
