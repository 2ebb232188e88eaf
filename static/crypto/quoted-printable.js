/**
 * quoted-printable (RFC 2045 section 6.7) and the Q encoding of header words (RFC 2047 section 4.2).
 */

const EQUALS = 61;
const HEX = Uint8Array.from("0123456789ABCDEF", (digit) => digit.charCodeAt(0));

/** @param {number} code @returns {number} the value of a hexadecimal digit, or -1 */
function digit(code) {
  if (code >= 48 && code <= 57) return code - 48;
  if (code >= 65 && code <= 70) return code - 55;
  if (code >= 97 && code <= 102) return code - 87;
  return -1;
}

/**
 * @param {Uint8Array} encoded
 * @param {boolean} [header] Q encoding: "_" is a space
 * @returns {Uint8Array}
 */
export function decodeQuotedPrintable(encoded, header = false) {
  const decoded = new Uint8Array(encoded.length);
  let to = 0;
  for (let at = 0; at < encoded.length; at++) {
    const code = encoded[at];
    if (code !== EQUALS) {
      decoded[to++] = header && code === 95 ? 32 : code;
      continue;
    }
    const high = digit(encoded[at + 1]);
    const low = digit(encoded[at + 2]);
    if (high >= 0 && low >= 0) {
      decoded[to++] = high * 16 + low;
      at += 2;
      continue;
    }
    // A soft line break, possibly with spaces that transport added; anything else stays as it is.
    let end = at + 1;
    while (encoded[end] === 32 || encoded[end] === 9) end++;
    if (encoded[end] === 13 && encoded[end + 1] === 10) at = end + 1;
    else if (encoded[end] === 10) at = end;
    else if (end >= encoded.length) at = end;
    else decoded[to++] = code;
  }
  return decoded.subarray(0, to);
}

/**
 * Encode text whose line ends are CRLF. Trailing spaces and lines beginning with "From " or "." are encoded too, because
 * transport changes them and that breaks signatures (RFC 3156 section 5).
 * @param {Uint8Array} text
 * @returns {Uint8Array}
 */
export function encodeQuotedPrintable(text) {
  const encoded = new Uint8Array(text.length * 3 + Math.ceil(text.length / 20) * 3 + 8);
  let to = 0;
  let column = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text[at];
    if (code === 13 && text[at + 1] === 10) {
      encoded[to++] = 13;
      encoded[to++] = 10;
      at++;
      column = 0;
      continue;
    }
    const next = text[at + 1];
    const lineEnds = at + 1 >= text.length || (next === 13 && text[at + 2] === 10);
    const space = code === 32 || code === 9;
    const plain =
      ((code > 32 && code < 127 && code !== EQUALS) || (space && !lineEnds)) &&
      !(column === 0 && (code === 46 || (code === 70 && next === 114)));
    const width = plain ? 1 : 3;
    if (column + width > (lineEnds ? 76 : 75)) {
      encoded[to++] = EQUALS;
      encoded[to++] = 13;
      encoded[to++] = 10;
      column = 0;
      at--;
      continue;
    }
    if (plain) {
      encoded[to++] = code;
    } else {
      encoded[to++] = EQUALS;
      encoded[to++] = HEX[code >> 4];
      encoded[to++] = HEX[code & 15];
    }
    column += width;
  }
  return encoded.subarray(0, to);
}
