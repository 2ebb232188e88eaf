/**
 * Recipients as people type and paste them: "Bob <bob@example.test>, dana@elsewhere.example", a column of a table, or
 * names with commas in them, in quotes (RFC 5322 section 3.4) and without, as other programs copy them.
 */
import { complete } from "./recipient-state.js";

/** @typedef {import("./answer.js").Mailbox} Mailbox */
/** @typedef {{ text: string, end: string }} Piece  `end`: the character that ended it */

/**
 * @param {string} text
 * @returns {Mailbox[]} what is no address keeps its text as `address`, so that the chip can say so
 */
export function mailboxes(text) {
  return joined(pieces(text)).flatMap(alone).map(mailbox).filter(({ address }) => address !== "");
}

/**
 * As it is typed again: a name with signs that mean something gets quotes.
 * @param {Mailbox} mailbox
 */
export function typed({ name, address }) {
  if (name === "" || name === address) return address;
  return `${/^[\p{L}\p{M}\p{N} !#$%&'*+/=?^_\x60{|}~-]*$/u.test(name) ? name : `"${name.replace(/["\\]/gu, "\\$&")}"`} <${address}>`;
}

/** Whether a quotation is open at the end of the text, so that a comma belongs to a name. @param {string} text */
export function inQuotes(text) {
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    if (quoted && text[at] === "\\") at += 1;
    else if (text[at] === '"') quoted = !quoted;
  }
  return quoted;
}

/**
 * Cut at commas, semicolons, tabs and line ends, but not inside quotes or angle brackets.
 * @param {string} text
 * @returns {Piece[]}
 */
function pieces(text) {
  /** @type {Piece[]} */
  const found = [];
  let [start, quoted, angled] = [0, false, false];
  const end = (/** @type {number} */ at) => {
    found.push({ text: text.slice(start, at), end: text[at] ?? "" });
    [start, quoted, angled] = [at + 1, false, false];
  };
  for (let at = 0; at < text.length; at++) {
    const character = text[at] ?? "";
    if (quoted && character === "\\") at += 1;
    else if (character === '"') quoted = !quoted;
    else if (!quoted && character === "<") angled = true;
    else if (!quoted && character === ">") angled = false;
    else if (/[\r\n\t]/u.test(character) || (!quoted && !angled && /[,;，；、]/u.test(character))) end(at);
  }
  end(text.length);
  return found;
}

/**
 * "Miller, Bob <bob@example.test>" is one person: a piece that is no address, a comma, and a name with its address.
 * @param {Piece[]} found
 * @returns {string[]}
 */
function joined(found) {
  /** @type {string[]} */
  const whole = [];
  let before = "";
  for (const { text, end } of found) {
    const together = before + text;
    const surname = end === "," && before === "" && /\p{L}/u.test(text) && !/[@<>":]/u.test(text);
    if (before !== "" && !/^[^@<>]*<[^<>]*@[^<>]*>\s*$/u.test(text)) whole.push(before.slice(0, -1), text);
    else if (!surname) whole.push(together);
    before = surname ? `${text},` : "";
  }
  if (before !== "") whole.push(before.slice(0, -1));
  return whole;
}

/**
 * Addresses with nothing but spaces between them are several; with anything else, they are left as they are.
 * @param {string} text
 */
function alone(text) {
  const words = text.trim().split(/\s+/u);
  return words.length > 1 && words.every((word) => complete(word.replace(/^<|>$/gu, ""))) ? words : [text];
}

/**
 * @param {string} piece
 * @returns {Mailbox}
 */
function mailbox(piece) {
  // The name of a group before its members (RFC 5322 section 3.4): they are written to, not it.
  const text = piece.trim().replace(/^[^"<>@:]*:(?=[^:]*@)/u, "").trim().replace(/^mailto:/iu, "");
  const angled = /^(.*)<([^<>]*)>$/su.exec(text);
  if (!angled) return { name: "", address: /^[^\s@?]+@[^\s@?]+\?/u.test(text) ? text.slice(0, text.indexOf("?")) : text };
  const name = (angled[1] ?? "").trim().replace(/^"(.*)"$/su, "$1").replace(/\\(.)/gsu, "$1").trim();
  return { name, address: (angled[2] ?? "").trim().replace(/^mailto:/iu, "") };
}
