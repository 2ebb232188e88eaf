/**
 * Text from bytes of any charset a mail may name (Encoding Standard labels, and sane answers for the rest).
 */
import { guessCharset } from "./charset-guess.js";
import { readUtf8 } from "./octets.js";

/** Labels seen in mail that the Encoding Standard does not know. @type {Record<string, string>} */
const ALIASES = {
  "utf8mb4": "utf-8",
  "utf_8": "utf-8",
  "unicode-1-1-utf-8": "utf-8",
  "ansi_x3.110-1983": "windows-1252",
  "latin-1": "windows-1252",
  "8859-1": "windows-1252",
  "iso8859_1": "windows-1252",
  "iso-8859-1-windows-3.1-latin-1": "windows-1252",
  "x-unknown": "",
  "unknown": "",
  "unknown-8bit": "",
  "default": "",
  "x-user-defined": "",
  "cp936": "gbk",
  "ms936": "gbk",
  "windows-936": "gbk",
  "gb_2312": "gbk",
  "euc-cn": "gbk",
  "cp950": "big5",
  "cp932": "shift_jis",
  "windows-932": "shift_jis",
  "cp949": "euc-kr",
  "uhc": "euc-kr",
  "ks_c_5601": "euc-kr",
  "x-windows-949": "euc-kr",
  "iso-2022-jp-1": "iso-2022-jp",
  "iso-2022-jp-2": "iso-2022-jp",
  "iso-2022-jp-3": "iso-2022-jp",
  "iso-2022-jp-ms": "iso-2022-jp",
  "cp50220": "iso-2022-jp",
  "cp50221": "iso-2022-jp",
  "x-iso-2022-jp": "iso-2022-jp",
};

/** What is assumed where nothing is said, and what is said where nobody knew. */
const UNSAID = new Set(["", "us-ascii", "ascii", "ansi_x3.4-1968", "utf-8", "utf8"]);
const WESTERN = /^(?:iso-?8859-1|windows-1252|latin1|cp1252)$/;

/** Seven-bit forms of two bytes a character, which the Encoding Standard leaves out because pages could be made to guess them; here they are named. @type {Record<string, string>} */
const SHIFTED = { "hz-gb-2312": "gbk", "iso-2022-kr": "euc-kr", "csiso2022kr": "euc-kr", "iso-2022-cn": "gbk", "iso-2022-cn-ext": "gbk" };

/**
 * @param {Uint8Array} bytes
 * @param {string | null} [charset] as the part names it
 * @returns {string}
 */
export function decodeText(bytes, charset) {
  const label = (charset ?? "").trim().toLowerCase().replace(/^['"]|['"]$/g, "");
  const known = label in ALIASES ? ALIASES[label] : label;
  if (known in SHIFTED) return decodeShifted(bytes, SHIFTED[known], known.startsWith("hz"));
  if (known === "utf-7" || known === "unicode-1-1-utf-7" || known === "csunicode11utf7") return decodeUtf7(bytes);
  if (UNSAID.has(known)) return readUtf8(bytes) === null ? guessed(bytes, known.startsWith("utf")) : plain(bytes);
  // UTF-8 is hardly ever anything else by chance, so where it is valid the label was a habit.
  if (WESTERN.test(known)) return (hasHigh(bytes) ? readUtf8(bytes) : null) ?? new TextDecoder("windows-1252").decode(bytes);
  // Seven bits by name: with an eighth it is one of the other two.
  if (known === "iso-2022-jp" && hasHigh(bytes)) return readUtf8(bytes) ?? new TextDecoder(guessCharset(bytes)).decode(bytes);
  try {
    return new TextDecoder(known).decode(bytes);
  } catch (error) {
    // Only an unknown label: TextDecoder that is not fatal has no other RangeError.
    if (!(error instanceof RangeError)) throw error;
    return readUtf8(bytes) === null ? guessed(bytes, false) : plain(bytes);
  }
}

/** ASCII or UTF-8; with the escapes of ISO-2022-JP, which is ASCII to look at, that. @param {Uint8Array} bytes */
function plain(bytes) {
  const text = readUtf8(bytes) ?? "";
  // eslint-disable-next-line no-control-regex
  return /\x1b\$[@B]/.test(text) ? new TextDecoder("iso-2022-jp").decode(bytes) : text;
}

/** @param {Uint8Array} bytes no UTF-8 @param {boolean} utf8 it says so */
function guessed(bytes, utf8) {
  const text = new TextDecoder("utf-8").decode(bytes);
  // A letter that was cut in two by somebody does not make all the others another charset.
  const broken = text.match(/\ufffd/gu)?.length ?? 0;
  if (utf8 && broken < 8) return text;
  if (utf8 && broken * 4 < (text.match(/[\u0080-\u{10ffff}]/gu)?.length ?? 0)) return text;
  return new TextDecoder(guessCharset(bytes)).decode(bytes);
}

/** @param {Uint8Array} bytes */
function hasHigh(bytes) {
  return bytes.some((byte) => byte > 127);
}

/**
 * HZ (RFC 1843), ISO-2022-KR (RFC 1557) and ISO-2022-CN (RFC 1922): between the shifts the bytes of the eight-bit charset
 * without their high bits.
 * @param {Uint8Array} bytes
 * @param {string} charset
 * @param {boolean} hz shifts by "~{" and "~}", else by SO and SI
 */
function decodeShifted(bytes, charset, hz) {
  const plain = new Uint8Array(bytes.length);
  let to = 0;
  let shifted = false;
  for (let at = 0; at < bytes.length; at++) {
    const [byte, next] = [bytes[at], bytes[at + 1]];
    if (hz && byte === 126 && (next === 123 || next === 125 || next === 126 || next === 10)) {
      at++;
      if (next === 126) plain[to++] = 126;
      else if (next !== 10) shifted = next === 123;
    } else if (!hz && (byte === 14 || byte === 15)) {
      shifted = byte === 14;
    } else if (!hz && byte === 27 && next === 36) {
      // The designation, four bytes; which one is in the label.
      at += 3;
    } else {
      // A shift does not outlive its line.
      if (byte === 10) shifted = false;
      plain[to++] = shifted && byte > 32 && byte < 127 ? byte | 128 : byte;
    }
  }
  return new TextDecoder(charset).decode(plain.subarray(0, to));
}

/**
 * Text whose signature does not cover the header that names its charset: whoever changes that header must not make
 * letters read as others. Every charset but these writes ASCII as ASCII.
 * @param {Uint8Array} bytes
 * @param {string | null} charset as the part names it
 * @returns {string}
 */
export function decodeSigned(bytes, charset) {
  const ascii = bytes.every((code) => code < 0x80 && code !== 0x1b);
  return decodeText(bytes, ascii || /utf-?(?:7|16)|ucs/i.test(charset ?? "") ? null : charset);
}

/**
 * UTF-7 (RFC 2152). The Encoding Standard leaves it out because pages could be made to guess it; here it is named.
 * @param {Uint8Array} bytes
 * @returns {string}
 */
function decodeUtf7(bytes) {
  const text = new TextDecoder("windows-1252").decode(bytes);
  return text.replace(/\+([A-Za-z0-9+/]*)-?/g, (whole, letters) => {
    if (letters === "") return whole === "+-" ? "+" : whole;
    let bits = 0;
    let count = 0;
    let decoded = "";
    for (const letter of letters) {
      const value = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".indexOf(letter);
      bits = ((bits << 6) | value) & 0x3fffff;
      count += 6;
      if (count >= 16) {
        count -= 16;
        decoded += String.fromCharCode((bits >> count) & 0xffff);
      }
    }
    return decoded;
  });
}
