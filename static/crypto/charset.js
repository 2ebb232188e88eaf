/**
 * Text from bytes of any charset a mail may name (Encoding Standard labels, and sane answers for the rest).
 */
import { readUtf8 } from "./octets.js";

/** Labels seen in mail that the Encoding Standard does not know. @type {Record<string, string>} */
const ALIASES = {
  "utf8mb4": "utf-8",
  "unicode-1-1-utf-8": "utf-8",
  "ansi_x3.110-1983": "windows-1252",
  "x-unknown": "",
  "unknown-8bit": "",
  "cp936": "gbk",
  "ms936": "gbk",
  "ks_c_5601": "euc-kr",
  "x-windows-949": "euc-kr",
};

/**
 * @param {Uint8Array} bytes
 * @param {string | null} [charset] as the part names it
 * @returns {string}
 */
export function decodeText(bytes, charset) {
  const label = (charset ?? "").trim().toLowerCase().replace(/^['"]|['"]$/g, "");
  const known = label in ALIASES ? ALIASES[label] : label;
  // us-ascii is what is assumed where nothing is said; bytes above 127 are then what the writer's system had.
  if (known === "" || known === "us-ascii" || known === "ascii" || known === "utf-8" || known === "utf8") {
    const text = readUtf8(bytes);
    if (text !== null) return text;
    return new TextDecoder(known.startsWith("utf") ? "utf-8" : "windows-1252").decode(bytes);
  }
  if (known === "utf-7" || known === "unicode-1-1-utf-7") return decodeUtf7(bytes);
  try {
    return new TextDecoder(known).decode(bytes);
  } catch (error) {
    // Only an unknown label: TextDecoder that is not fatal has no other RangeError.
    if (!(error instanceof RangeError)) throw error;
    return readUtf8(bytes) ?? new TextDecoder("windows-1252").decode(bytes);
  }
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
