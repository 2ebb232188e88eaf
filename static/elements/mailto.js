/**
 * What a mailto: link may ask for (RFC 6068): recipients, a subject and a text. Everything else that programs have
 * understood, "attach" and "from" first of all, made them send files and names that nobody chose.
 */
import { mailboxes } from "./recipients-text.js";

/** @typedef {import("./answer.js").Mailbox} Mailbox */
/** @typedef {{ to: Mailbox[], cc: Mailbox[], subject: string, text: string }} Wish */

const MOST_PEOPLE = 50;
const LONGEST_SUBJECT = 900;
const LONGEST_TEXT = 20_000;

/**
 * @param {string} href
 * @returns {Wish | null} null when it is no mailto: link
 */
export function mailto(href) {
  const found = /^mailto:([^?#]*)(?:\?([^#]*))?/iu.exec(href);
  if (!found) return null;
  /** @type {Wish} */
  const wish = { to: people(found[1] ?? ""), cc: [], subject: "", text: "" };
  for (const field of (found[2] ?? "").split("&")) {
    const at = field.indexOf("=");
    const [name, value] = [decoded(field.slice(0, Math.max(0, at))).toLowerCase(), field.slice(at + 1)];
    if (name === "to") wish.to.push(...people(value));
    else if (name === "cc") wish.cc.push(...people(value));
    else if (name === "subject") wish.subject = decoded(value).replace(/\p{Cc}+/gu, " ").trim().slice(0, LONGEST_SUBJECT);
    else if (name === "body") wish.text = decoded(value).replace(/\r\n?/gu, "\n").replace(/[^\P{Cc}\n\t]/gu, "").slice(0, LONGEST_TEXT);
  }
  return { ...wish, to: wish.to.slice(0, MOST_PEOPLE), cc: wish.cc.slice(0, MOST_PEOPLE) };
}

/** @param {string} list  percent-encoded, with commas between addresses */
function people(list) {
  return list.split(",").flatMap((one) => mailboxes(decoded(one).replace(/[\p{Cc},;]/gu, " "))).filter(({ address }) => address.includes("@"));
}

/** @param {string} value */
function decoded(value) {
  try {
    return decodeURIComponent(value);
  } catch {
    // Not encoded as it should be: shown as it stands.
    return value;
  }
}
