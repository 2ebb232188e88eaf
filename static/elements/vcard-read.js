/**
 * vCard as it is met: 4.0 (RFC 6350), 3.0 (RFC 2426), and the 2.1 of phones with its quoted-printable and charsets. Names,
 * addresses, categories and groups are read; everything else is passed over. Each step goes once through the file.
 */
import { plain } from "../crypto/addresses.js";
import { decodeText } from "../crypto/charset.js";
import { binaryString, fromBinaryString } from "../crypto/octets.js";
import { decodeQuotedPrintable } from "../crypto/quoted-printable.js";

/**
 * @typedef {object} Card
 * @property {string} name
 * @property {string[]} addresses  as they stand there
 * @property {string[]} groups  categories
 * @property {boolean} group  the card is a group itself
 * @property {string[]} members  of a group: "mailto:" addresses, or "urn:uuid:" and the uid of another card
 * @property {string} uid
 */
/** @typedef {{ name: string, params: Map<string, string>, value: string }} Property  `value`: one character for each byte */

export const CARDS_MOST = 20_000;
/** Properties of one card, and values of one property, that are read. */
const EACH_MOST = 2000;

/**
 * @param {Uint8Array<ArrayBuffer>} file
 * @returns {Card[]} none where it is no vCard
 */
export function readCards(file) {
  /** @type {Card[]} */
  const cards = [];
  /** @type {Property[]} */
  let card = [];
  let depth = 0;
  for (const line of logicalLines(binaryString(asBytes(file)))) {
    const word = line.length < 40 ? line.trim().toUpperCase().replace(/\s*:\s*/u, ":") : "";
    if (word === "BEGIN:VCARD") depth += 1;
    // A card inside another one (AGENT of 2.1) is somebody else.
    else if (word === "END:VCARD" && depth > 0) {
      depth -= 1;
      if (depth === 0) {
        cards.push(cardOf(card));
        card = [];
        if (cards.length >= CARDS_MOST) break;
      }
    } else if (depth === 1 && card.length < EACH_MOST) {
      const read = property(line);
      if (read) card.push(read);
    }
  }
  return cards;
}

/** UTF-16 by its mark becomes UTF-8. @param {Uint8Array<ArrayBuffer>} file @returns {Uint8Array<ArrayBuffer>} */
function asBytes(file) {
  const [first, second, third] = file;
  if (first === 0xff && second === 0xfe) return new TextEncoder().encode(new TextDecoder("utf-16le").decode(file));
  if (first === 0xfe && second === 0xff) return new TextEncoder().encode(new TextDecoder("utf-16be").decode(file));
  return first === 0xef && second === 0xbb && third === 0xbf ? file.subarray(3) : file;
}

/**
 * Unfolded before anything is decoded: a fold may stand inside a character of several bytes (RFC 6350 section 3.2).
 * @param {string} text one character for each byte
 * @returns {Generator<string>}
 */
function* logicalLines(text) {
  /** @type {string[]} */
  let pieces = [];
  let soft = false;
  let quoted = false;
  for (const line of text.split(/\r\n|\n|\r/)) {
    if (soft) {
      pieces.push("\r\n", line);
      soft = line.endsWith("=");
      continue;
    }
    if (pieces.length > 0 && /^[ \t]/.test(line)) {
      pieces.push(line.slice(1));
    } else {
      if (pieces.length > 0) yield pieces.join("");
      pieces = [line];
      quoted = /^[^:]{0,500}quoted-printable/i.test(line);
    }
    // A soft line break of quoted-printable goes on in the next line, without a fold.
    soft = quoted && line.endsWith("=");
  }
  if (pieces.length > 0) yield pieces.join("");
}

/** @param {string} line @returns {Property | null} */
function property(line) {
  let quoted = false;
  let start = 0;
  /** @type {string[]} */
  const head = [];
  for (let at = 0; at < line.length && at < 4000; at++) {
    const character = line[at];
    if (character === '"') quoted = !quoted;
    if (quoted || (character !== ";" && character !== ":")) continue;
    head.push(line.slice(start, at));
    start = at + 1;
    if (character === ":") return { name: nameOf(head[0] ?? ""), params: paramsOf(head.slice(1)), value: line.slice(start) };
  }
  return null;
}

/** Without the group before a dot ("item1.EMAIL"). @param {string} written */
function nameOf(written) {
  return written.slice(written.lastIndexOf(".") + 1).trim().toUpperCase();
}

/** @param {string[]} written @returns {Map<string, string>} */
function paramsOf(written) {
  return new Map(written.slice(0, 50).map((one) => {
    const equals = one.indexOf("=");
    // 2.1 names some values alone: EMAIL;INTERNET, NOTE;QUOTED-PRINTABLE.
    if (equals < 0) return [/^(?:quoted-printable|base64)$/i.test(one.trim()) ? "ENCODING" : one.trim().toUpperCase(), one.trim()];
    return [one.slice(0, equals).trim().toUpperCase(), one.slice(equals + 1).trim().replace(/^"(.*)"$/s, "$1")];
  }));
}

/** @param {Property} property @returns {string} */
function decoded({ params, value }) {
  const bytes = fromBinaryString(value);
  const raw = /^quoted-printable$/i.test(params.get("ENCODING") ?? "") ? decodeQuotedPrintable(bytes) : bytes;
  return decodeText(raw, params.get("CHARSET") ?? null);
}

/**
 * Cut at a character that has no backslash before it; the backslashes go (RFC 6350 section 3.4).
 * @param {string} text
 * @param {"," | ";"} at
 */
function values(text, at) {
  const found = [""];
  for (let index = 0; index < text.length; index++) {
    const character = text[index] ?? "";
    if (character === at && found.length < EACH_MOST) found.push("");
    else if (character === "\\" && index + 1 < text.length) {
      index += 1;
      found[found.length - 1] += /n/i.test(text[index] ?? "") ? " " : text[index];
    } else found[found.length - 1] += character;
  }
  return found.map((one) => plain(one)).filter(Boolean);
}

/** @param {string} text @returns {string} */
const whole = (text) => plain(text.replace(/\\(.)/gs, (_, character) => (/n/i.test(character) ? " " : character)));

/** @param {readonly Property[]} properties @returns {Card} */
function cardOf(properties) {
  const of = (/** @type {string} */ name) => properties.filter((one) => one.name === name && !/^b(?:ase64)?$/i.test(one.params.get("ENCODING") ?? "")).map(decoded);
  const [family = "", given = ""] = (of("N")[0] ?? "").split(/(?<!\\);/u).map(whole);
  const kind = [...of("KIND"), ...of("X-ADDRESSBOOKSERVER-KIND")][0] ?? "";
  return {
    name: of("FN").map(whole).find(Boolean) ?? ([given, family].filter(Boolean).join(" ") || (of("ORG").map((one) => values(one, ";")[0])[0] ?? "")),
    addresses: of("EMAIL").map((one) => whole(one).replace(/^mailto:/iu, "")).filter(Boolean),
    groups: of("CATEGORIES").flatMap((one) => values(one, ",")),
    group: kind.trim().toLowerCase() === "group",
    members: [...of("MEMBER"), ...of("X-ADDRESSBOOKSERVER-MEMBER")].map(whole),
    uid: uidOf(of("UID")[0] ?? ""),
  };
}

/** @param {string} written "urn:uuid:" before it or not, it names the same card */
export function uidOf(written) {
  return whole(written).replace(/^urn:uuid:/iu, "").toLowerCase();
}
