/** Header sections: fields in their order, structured values with parameters (RFC 5322, RFC 2045, RFC 2231). */
import { concat, utf8 } from "./bytes.js";
import { binaryString, fromBinaryString } from "./octets.js";
import { decodeText } from "./charset.js";
import { decodeWords } from "./encoded-words.js";

/** A header section longer than this is read only so far (facts: no honest mail comes near). */
export const HEADER_LIMIT = 256 * 1024;

/**
 * @typedef {object} Field
 * @property {string} name as written
 * @property {string} key lower-cased name
 * @property {string} value unfolded, one character for each byte, not yet decoded
 */

/**
 * @typedef {object} Structured
 * @property {string} value lower-cased first word ("text/plain", "attachment")
 * @property {Readonly<Record<string, string>>} params decoded, names lower-cased; the first of two equal ones counts
 */

/**
 * Where the header section of `bytes` ends and the body begins.
 * @param {Uint8Array} bytes
 * @param {number} start
 * @param {number} end
 * @returns {{headerEnd: number, bodyStart: number}}
 */
export function splitHeader(bytes, start, end) {
  let line = start;
  while (line < end) {
    if (bytes[line] === 10) return { headerEnd: line, bodyStart: line + 1 };
    if (bytes[line] === 13 && bytes[line + 1] === 10) return { headerEnd: line, bodyStart: line + 2 };
    const next = bytes.indexOf(10, line);
    if (next < 0 || next >= end) break;
    line = next + 1;
  }
  return { headerEnd: end, bodyStart: end };
}

/**
 * @param {Uint8Array} section
 * @returns {Field[]}
 */
export function parseFields(section) {
  const text = binaryString(section.subarray(0, HEADER_LIMIT));
  /** @type {Field[]} */
  const fields = [];
  /** @type {string[]} */
  let folded = [];
  const flush = () => {
    const whole = folded.join("");
    folded = [];
    const colon = whole.indexOf(":");
    if (colon <= 0) return;
    const name = whole.slice(0, colon).trimEnd();
    // RFC 5322 section 2.2: printable ASCII without colon. Anything else is no field, and not a body either.
    if (!/^[!-9;-~]+$/.test(name)) return;
    fields.push({ name, key: name.toLowerCase(), value: whole.slice(colon + 1).trim() });
  };
  for (const line of text.split(/\r?\n/)) {
    if (/^[ \t]/.test(line) && folded.length > 0) {
      folded.push(line);
    } else {
      flush();
      folded = [line];
    }
  }
  flush();
  return fields;
}

/** @param {readonly Field[]} fields @param {string} key @returns {Field[]} */
export function all(fields, key) {
  return fields.filter((field) => field.key === key);
}

/** @param {readonly Field[]} fields @param {string} key @returns {string | null} raw value of the first such field */
export function first(fields, key) {
  return fields.find((field) => field.key === key)?.value ?? null;
}

/** @param {readonly Field[]} fields @param {string} key @returns {string} decoded for people; "" when absent */
export function text(fields, key) {
  return decodeWords(first(fields, key) ?? "").replace(/[\r\n]+/g, " ").trim();
}

/**
 * A value with parameters, such as Content-Type. RFC 2231 continuations and charsets are joined; encoded words inside
 * quotes, which RFC 2047 forbids and everybody writes, are decoded.
 * @param {string | null} raw
 * @returns {Structured}
 */
export function parseStructured(raw) {
  const source = raw ?? "";
  const value = /^[^;]*/.exec(source)?.[0] ?? "";
  /** @type {Record<string, string>} */
  const plain = Object.create(null);
  /** @type {Map<string, {index: number, extended: boolean, value: string}[]>} */
  const continued = new Map();
  const pattern = /;\s*([^\s=;"]+)\s*=\s*(?:"((?:[^"\\]|\\[^])*)"?|([^;]*))/g;
  pattern.lastIndex = 0;
  for (const match of source.slice(value.length).matchAll(pattern)) {
    const name = match[1].toLowerCase();
    const given = match[2] !== undefined ? match[2].replace(/\\([^])/g, "$1") : withoutComment(match[3]);
    const parts = /^([^*]+)\*(?:(\d{1,3})(\*)?)?$/.exec(name);
    if (parts === null) {
      if (!(name in plain)) plain[name] = given;
      continue;
    }
    const pieces = continued.get(parts[1]) ?? [];
    const extended = parts[2] === undefined || parts[3] !== undefined;
    pieces.push({ index: Number(parts[2] ?? 0), extended, value: given });
    continued.set(parts[1], pieces);
  }
  /** @type {Record<string, string>} */
  const params = Object.create(null);
  for (const [name, given] of Object.entries(plain)) params[name] = decodeWords(given);
  for (const [name, pieces] of continued) params[name] = joinContinued(pieces);
  // No type or disposition is longer; a line of opening brackets must not be searched from each of them.
  return { value: value.slice(0, 200).replace(/\([^)]*\)/g, "").trim().toLowerCase(), params };
}

/** A value without the comment behind it. By searching: a pattern took the cube of the blanks in it. @param {string} value */
function withoutComment(value) {
  const text = value.trimEnd();
  if (!text.endsWith(")")) return text;
  const open = text.indexOf("(", text.lastIndexOf(")", text.length - 2) + 1);
  return open < 0 ? text : text.slice(0, open).trimEnd();
}

/** @param {{index: number, extended: boolean, value: string}[]} pieces @returns {string} RFC 2231 section 3 and 4 */
function joinContinued(pieces) {
  pieces.sort((a, b) => a.index - b.index);
  let charset = "utf-8";
  const bytes = pieces.map((piece, at) => {
    let value = piece.value;
    if (piece.extended && at === 0) {
      const head = /^([^']*)'[^']*'/.exec(value);
      if (head !== null) {
        charset = head[1] === "" ? "utf-8" : head[1];
        value = value.slice(head[0].length);
      }
    }
    if (!piece.extended) return fromBinaryString(value);
    return fromBinaryString(value.replace(/%([0-9a-fA-F]{2})/g, (_, digits) => String.fromCharCode(parseInt(digits, 16))));
  });
  return decodeText(concat(...bytes), charset);
}

/**
 * A parameter as it is written: quoted when plain, RFC 2231 with percent encoding (in pieces when long) when not.
 * @param {string} name
 * @param {string} value
 * @returns {string} begins with "; "
 */
export function formatParameter(name, value) {
  if (/^[\x20-\x7e]*$/.test(value) && value.length <= 60) {
    if (/^[A-Za-z0-9!#$&+.^_`{|}~-]+$/.test(value)) return `; ${name}=${value}`;
    return `; ${name}="${value.replace(/[\\"]/g, "\\$&")}"`;
  }
  const escaped = Array.from(utf8(value), (byte) => {
    const letter = String.fromCharCode(byte);
    return /[A-Za-z0-9._-]/.test(letter) ? letter : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  });
  /** @type {string[]} */
  const pieces = [""];
  for (const letter of escaped) {
    if (pieces[pieces.length - 1].length + letter.length > 50) pieces.push("");
    pieces[pieces.length - 1] += letter;
  }
  if (pieces.length === 1) return `; ${name}*=utf-8''${pieces[0]}`;
  return pieces.map((piece, at) => `; ${name}*${at}*=${at === 0 ? "utf-8''" : ""}${piece}`).join("");
}

/**
 * Fold a field so that no line passes 76 characters where a space or a comma's space allows it (RFC 5322 section 2.2.3).
 * @param {string} name
 * @param {string} value ASCII, one line
 * @returns {string} ended by CRLF
 */
export function formatField(name, value) {
  const lines = [];
  let line = `${name}:`;
  for (const word of value.split(" ")) {
    if (line.length + 1 + word.length > 76 && line.trimEnd().length > 0 && line !== `${name}:`) {
      lines.push(line);
      line = "";
    }
    line += ` ${word}`;
  }
  lines.push(line);
  return `${lines.join("\r\n")}\r\n`;
}
