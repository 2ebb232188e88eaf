/**
 * What the reader found out about the messages of a list, so that a refreshed row keeps what the person saw. Known to
 * this page only; subjects that were decrypted are forgotten when the keys lock.
 */
import { crypto } from "../crypto/client.js";
import { say } from "./words.js";

/** @typedef {{ mark: string, level: string, subject?: string }} Judged */

/** @type {Map<string, Judged>} by message address */
const judged = new Map();

/** @param {string} message @param {Judged} found */
export function keep(message, found) {
  judged.set(message, found);
}

/** @param {string} message @returns {Judged | undefined} */
export function kept(message) {
  return judged.get(message);
}

crypto.addEventListener("locked", () => {
  for (const [message, found] of judged) {
    if (found.subject !== undefined) judged.set(message, { ...found, subject: say("ui-encrypted-message") });
  }
});
