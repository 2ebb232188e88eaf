/** Non-ASCII text in header fields: encoded words (RFC 2047), read and written. */
import { concat, utf8 } from "./bytes.js";
import { binaryString, fromBinaryString } from "./octets.js";
import { decodeBase64, encodeBase64 } from "./base64.js";
import { decodeText } from "./charset.js";
import { decodeQuotedPrintable } from "./quoted-printable.js";

const WORD = /=\?([^?*\s]{1,60})(?:\*[^?\s]*)?\?([bBqQ])\?([^?]*)\?=/g;

/**
 * Decode a field value given as a binary string. Neighbouring words of one charset are joined before decoding, because
 * writers split inside a character.
 * @param {string} value
 * @returns {string}
 */
export function decodeWords(value) {
  let text = "";
  let last = 0;
  /** @type {{charset: string, bytes: Uint8Array[]} | null} */
  let run = null;
  const endRun = () => {
    if (run !== null) text += decodeText(concat(...run.bytes), run.charset);
    run = null;
  };
  for (const match of value.matchAll(WORD)) {
    const [whole, charset, encoding, encoded] = match;
    const between = value.slice(last, match.index);
    // White space between two encoded words is not shown (RFC 2047 section 6.2).
    if (!(last > 0 && /^\s*$/.test(between))) {
      endRun();
      text += decodeRaw(between);
    }
    const bytes = fromBinaryString(encoded);
    const decoded = /b/i.test(encoding) ? decodeBase64(bytes) : decodeQuotedPrintable(bytes, true);
    if (run !== null && run.charset.toLowerCase() !== charset.toLowerCase()) endRun();
    run ??= { charset, bytes: [] };
    run.bytes.push(decoded);
    last = match.index + whole.length;
  }
  endRun();
  return text + decodeRaw(value.slice(last));
}

/**
 * Raw bytes above 127 in a header are UTF-8 (RFC 6532) or, in old mail, what the writer's system had.
 * @param {string} value binary string
 */
export function decodeRaw(value) {
  // eslint-disable-next-line no-control-regex
  if (/^[\x00-\x7f]*$/.test(value)) return value;
  const bytes = fromBinaryString(value);
  return decodeText(bytes, "");
}

/**
 * Text as it may stand in a header field: itself when plain ASCII, else encoded words of at most 75 characters, separated
 * by a space so that folding finds a place.
 * @param {string} text one line
 * @returns {string}
 */
export function encodeWords(text) {
  if (/^[\x20-\x7e]*$/.test(text) && !text.includes("=?") && text.split(" ").every((word) => word.length < 900)) return text;
  const words = [];
  let piece = "";
  // 45 bytes become 60 letters, and 72 characters with the frame.
  for (const letter of text) {
    if (utf8(piece + letter).length > 45) {
      words.push(piece);
      piece = "";
    }
    piece += letter;
  }
  words.push(piece);
  return words.map((word) => `=?UTF-8?B?${binaryString(encodeBase64(utf8(word), 0))}?=`).join(" ");
}
