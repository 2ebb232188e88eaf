/**
 * Messages that were opened in this page, so that an answer is written from what was shown.
 *
 * They live in the page's memory alone and are forgotten when the keys are locked; the server never sees them.
 */
import { crypto } from "../crypto/client.js";

/** @typedef {import("./answer.js").Seen} Seen */
/**
 * @typedef {object} Shown
 * @property {Seen} seen
 * @property {boolean} encrypted
 * @property {() => Promise<File[]>} files  attachments, for a forward
 */

/** One message is answered at a time; a few more stand behind "back". */
const MOST = 5;

/** @type {Map<string, Shown>} */
const shown = new Map();

/**
 * @param {string} key mailbox/uidvalidity/uid
 * @param {Shown} message
 */
export function remember(key, message) {
  shown.delete(key);
  shown.set(key, message);
  const [oldest] = shown.keys();
  if (shown.size > MOST && oldest !== undefined) shown.delete(oldest);
}

/**
 * @param {string} key
 * @returns {Shown | null}
 */
export function recall(key) {
  return shown.get(key) ?? null;
}

crypto.addEventListener("locked", () => shown.clear());
