/**
 * What the reader found out about the messages of a list, so that a refreshed row keeps what the person saw: in this page,
 * and before it, from what is remembered sealed. All of it is forgotten when the keys lock.
 */
import { crypto } from "../crypto/client.js";
import { recalled } from "./remembered.js";

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

/**
 * Brings back what was found out about messages in other pages and on other devices.
 * @param {{ message: string, trace: string }[]} rows
 * @returns {Promise<boolean>} whether there was anything
 */
export async function bringBack(rows) {
  const unknown = rows.filter(({ message }) => !judged.has(message));
  const found = await Promise.all(unknown.map(({ trace }) => recalled(trace)));
  // Locked meanwhile: then nothing of it may come back into the page.
  if (crypto.state !== "unlocked") return false;
  unknown.forEach(({ message }, at) => {
    const seen = found[at];
    if (seen && !judged.has(message)) judged.set(message, seen);
  });
  return found.some(Boolean);
}

crypto.addEventListener("locked", () => judged.clear());
