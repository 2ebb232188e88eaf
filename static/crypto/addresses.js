/** Address fields (RFC 5322 section 3.4), read strictly enough to say who a signature speaks for. */
import { addressKey } from "./address-key.js";
import { asciiLower, fromBinaryString } from "./octets.js";
import { decodeWords, encodeWords } from "./encoded-words.js";

/** @typedef {{name: string, address: string}} Address `address` is "" where a name stands without one */

/**
 * What an address field says. `clear` is false when something in it was no address or stood in a group: such a field names
 * no sender (words.md "sig-from-unclear").
 * @typedef {object} AddressList
 * @property {Address[]} addresses
 * @property {boolean} clear
 */

/**
 * @param {string | null} raw field value as a binary string
 * @returns {AddressList}
 */
export function parseAddresses(raw) {
  /** @type {Address[]} */
  const addresses = [];
  let clear = true;
  for (const { text, grouped } of split(raw ?? "")) {
    const read = parseOne(text);
    // Shown without those signs it would be another's address, and with them it looks like one.
    const one = read !== null && UNSEEN.test(read.address) ? { name: clean(decodeWords(text)), address: "" } : read;
    if (one === null) {
      if (text.trim() !== "") clear = false;
      continue;
    }
    if (grouped || !isAddress(one.address)) clear = false;
    addresses.push(one);
  }
  return { addresses, clear };
}

/**
 * Split at commas and group marks that stand outside quotes, comments and angle brackets.
 * @param {string} raw
 * @returns {{text: string, grouped: boolean}[]}
 */
function split(raw) {
  /** @type {{text: string, grouped: boolean}[]} */
  const pieces = [];
  let text = "";
  let grouped = false;
  let depth = 0;
  let quoted = false;
  let angle = false;
  for (let at = 0; at < raw.length; at++) {
    const letter = raw[at];
    if (letter === "\\" && (quoted || depth > 0)) {
      text += letter + (raw[++at] ?? "");
      continue;
    }
    if (letter === '"' && depth === 0) quoted = !quoted;
    if (!quoted) {
      if (letter === "(") depth++;
      if (letter === ")" && depth > 0) depth--;
      if (depth === 0 && letter === "<") angle = true;
      if (depth === 0 && letter === ">") angle = false;
      if (depth === 0 && !angle && (letter === "," || letter === ";")) {
        pieces.push({ text, grouped });
        text = "";
        if (letter === ";") grouped = false;
        continue;
      }
      if (depth === 0 && !angle && letter === ":") {
        grouped = true;
        text = "";
        continue;
      }
    }
    text += letter;
  }
  pieces.push({ text, grouped });
  return pieces;
}

/** @param {string} text @returns {Address | null} null for nothing at all */
function parseOne(text) {
  /** @type {string[]} */
  const comments = [];
  const bare = stripComments(text, comments).trim();
  if (bare === "") return null;
  // Searched for, not matched: a pattern for quotes before brackets took minutes for one hostile From line.
  const open = bare.endsWith(">") ? bare.lastIndexOf("<") : -1;
  const inside = bare.slice(open + 1, -1);
  if (open >= 0 && !inside.includes(">") && !/[<>]/.test(withoutQuotes(bare.slice(0, open)))) {
    const name = decodeWords(unquote(bare.slice(0, open).trim()));
    // A source route (RFC 5322 section 4.4) is dropped.
    return { name: clean(name), address: normalise(inside.replace(/^@[^:]*:/, "").trim()) };
  }
  if (bare.includes("@") && !/[<>"\s]/.test(bare)) {
    return { name: clean(decodeWords(comments.join(" "))), address: normalise(bare) };
  }
  if (/^"(?:[^"\\]|\\[^])*"@[^\s@<>]+$/.test(bare)) return { name: "", address: normalise(bare) };
  return { name: clean(decodeWords(unquote(bare))), address: "" };
}

/** @param {string} text @param {string[]} comments @returns {string} */
function stripComments(text, comments) {
  let bare = "";
  let comment = "";
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const letter = text[at];
    if (letter === "\\" && at + 1 < text.length) {
      if (depth > 0) comment += text[++at];
      else bare += letter + text[++at];
      continue;
    }
    if (letter === '"' && depth === 0) quoted = !quoted;
    if (!quoted && letter === "(" && depth++ === 0) continue;
    if (!quoted && letter === ")" && depth > 0) {
      if (--depth === 0) {
        comments.push(comment);
        comment = "";
        continue;
      }
    }
    if (depth > 0) comment += letter;
    else bare += letter;
  }
  return bare;
}

/** Bytes that are UTF-8 as letters; what is none, or letters already, stays. @param {string} text */
function decodedUtf8(text) {
  // eslint-disable-next-line no-control-regex
  if (!/[\x80-\xff]/.test(text) || /[^\x00-\xff]/.test(text)) return text;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(fromBinaryString(text));
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return text;
  }
}

/** What stands outside quotes; a quote that never ends opens none. @param {string} text @returns {string} */
function withoutQuotes(text) {
  let bare = "";
  let from = 0;
  for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', from)) {
    let end = at + 1;
    while (end < text.length && text[end] !== '"') end += text[end] === "\\" ? 2 : 1;
    if (end >= text.length) break;
    bare += text.slice(from, at);
    from = end + 1;
  }
  return bare + text.slice(from);
}

/** @param {string} text @returns {string} */
function unquote(text) {
  return text.replace(/"((?:[^"\\]|\\[^])*)"?/g, (_, inner) => inner.replace(/\\([^])/g, "$1"));
}

/** A name is a line at most; nobody reads further, and nothing is searched in more. */
const LONGEST_NAME = 500;

/** Names are shown: no line ends, no control or direction characters. @param {string} name */
export function clean(name) {
  return plain(name.slice(0, 4 * LONGEST_NAME)).slice(0, LONGEST_NAME);
}

/** One line without control or direction characters, which would let a text read as another. @param {string} text */
export function plain(text) {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, " ").replace(/\s+/g, " ").trim();
}

/** The domain in lower case, the local part as it is; UTF-8 decoded (RFC 6532). @param {string} written */
export function normalise(written) {
  const address = decodedUtf8(written);
  const at = address.lastIndexOf("@");
  return at < 0 ? address : address.slice(0, at + 1) + asciiLower(address.slice(at + 1));
}

/**
 * Whether two addresses name the same mailbox. Local parts differ by case only in theory; certificates and mail programs
 * write them either way, so ASCII case is ignored, and so is how an internationalised domain is spelt.
 * @param {string} a
 * @param {string} b
 */
export function sameAddress(a, b) {
  return a !== "" && addressKey(a) === addressKey(b);
}

/** Directions and widthless characters make one address look like another, wherever it is shown. */
const UNSEEN = /[\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/;

/** Exactly one complete address, without display name. @param {string} address */
export function isAddress(address) {
  return (
    /^(?:[^\s@<>()[\]\\,;:"\u0000-\u001f]+|"(?:[^"\\\r\n]|\\[^\r\n])*")@[^\s@<>()[\]\\,;:"\u0000-\u001f]+$/.test(address) &&
    !address.includes("..") &&
    !UNSEEN.test(address) &&
    address.length <= 320
  );
}

/**
 * The address in a user ID: the bare address, or exactly one in angle brackets at the end. Two pairs of brackets name nobody.
 * @param {string} userId
 * @returns {string | null}
 */
export function addressOfUserId(userId) {
  const text = userId.trim();
  const brackets = /^[^<>]*<([^<>]*)>$/.exec(text);
  const address = brackets === null ? text : brackets[1].trim();
  return isAddress(address) ? normalise(address) : null;
}

/**
 * How an address is written in a field. Only ASCII addresses can be: SMTPUTF8 is a matter of both servers.
 * @param {Address} one
 * @returns {string}
 */
export function formatAddress(one) {
  const name = clean(one.name);
  if (name === "") return one.address;
  if (/^[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+$/.test(name) && !name.includes("=?")) return `${name} <${one.address}>`;
  if (/^[\x20-\x7e]*$/.test(name) && !name.includes("=?")) return `"${name.replace(/[\\"]/g, "\\$&")}" <${one.address}>`;
  return `${encodeWords(name)} <${one.address}>`;
}
