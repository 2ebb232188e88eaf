/** Bytes of a file as text to look at: its charset guessed, its length bounded. */
import { decodeText } from "../crypto/charset.js";

/** Longer texts are for a program of their own; the page says where it stopped. */
export const LONGEST = 500_000;

/** @typedef {{ text: string, cut: boolean }} Readable */

/**
 * @param {Uint8Array} bytes
 * @param {string} [language]  of the page: what eight-bit text most likely is
 * @returns {Readable | null} null when it is no text
 */
export function readable(bytes, language = "") {
  const head = bytes.subarray(0, LONGEST * 4);
  const wide = head[0] === 0xff && head[1] === 0xfe ? "utf-16le" : head[0] === 0xfe && head[1] === 0xff ? "utf-16be" : null;
  if (!wide && head.subarray(0, 8192).includes(0)) return null;
  const text = (wide ? new TextDecoder(wide).decode(head) : guessed(head, head.length < bytes.length, language)).replace(/^\ufeff/u, "").replace(/\r\n?/gu, "\n");
  const cut = head.length < bytes.length || text.length > LONGEST;
  return { text: text.slice(0, LONGEST), cut };
}

/** @param {Uint8Array} bytes @param {boolean} cut @param {string} language */
function guessed(bytes, cut, language) {
  // A cut in the middle of a character is no reason to take it for something else.
  let end = bytes.length;
  for (let back = 0; cut && back < 4 && end > 0 && ((bytes[end - 1] ?? 0) & 0x80) !== 0; back += 1) end -= 1;
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(0, end));
    return new TextDecoder().decode(bytes);
  } catch {
    return decodeText(bytes, language.startsWith("zh") ? "gb18030" : "windows-1252");
  }
}
