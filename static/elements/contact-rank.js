/** Which contacts fit what was typed, and which of them come first: by how often and how lately. Asks nobody. */

/** @typedef {import("../crypto/contacts.js").Contact} Contact */

const DAY = 86_400;
/** After so many days without mail somebody weighs half. */
const HALF = 30;

/**
 * Whom somebody writes to counts more than who writes to them: anybody can send mail under any name.
 * @param {Pick<Contact, "sent" | "got" | "last" | "edited">} contact
 * @param {number} now Unix seconds
 */
export function weight({ sent, got, last, edited }, now) {
  const often = Math.log2(1 + 4 * sent + Math.min(got, 30)) + (edited > 0 ? 0.5 : 0);
  const days = Math.max(0, now - Math.max(last, edited)) / DAY;
  return often / (1 + days / HALF);
}

/**
 * In one form for comparing: without case and accents, full-width letters as plain ones.
 * @param {string} text
 */
export function plainly(text) {
  return text.normalize("NFKD").replace(/\p{M}+/gu, "").toLowerCase().replace(/ß/gu, "ss").trim();
}

/**
 * Whether every word typed begins a word of the name, or the address or a piece of it. Scripts that put no spaces between
 * words are searched anywhere.
 * @param {string} typed
 * @param {{ name: string, address: string }} person
 */
export function fits(typed, { name, address }) {
  const wanted = words(plainly(typed.replace(/["<>]/gu, " ")));
  if (wanted.length === 0) return false;
  const [shown, mail] = [plainly(name), plainly(address)];
  const has = [...words(shown), ...shown.split(/[-\u2010-\u2015]+/u).slice(1), shown, mail, ...mail.split(/[@._+-]+/u), mail.slice(mail.lastIndexOf("@") + 1)];
  return wanted.every((word) => has.some((piece) => piece.startsWith(word)) || (/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u.test(word) && shown.includes(word)));
}

/** @param {string} text */
function words(text) {
  return text.split(/[\s,;()'"]+/u).filter(Boolean);
}

/**
 * The heaviest first; equals by name.
 * @template {Contact} Kind
 * @param {readonly Kind[]} contacts
 * @param {number} now Unix seconds
 * @returns {Kind[]}
 */
export function ranked(contacts, now) {
  const weights = new Map(contacts.map((contact) => [contact, weight(contact, now)]));
  return [...contacts].sort((a, b) => (weights.get(b) ?? 0) - (weights.get(a) ?? 0) || (a.name || a.address).localeCompare(b.name || b.address));
}
