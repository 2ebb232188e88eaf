/**
 * base64 (RFC 2045 section 6.8), from bytes to bytes without a string between.
 *
 * One table path in every browser: the native methods want strings, and making those costs what they save.
 */

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const ENCODE = Uint8Array.from(ALPHABET, (letter) => letter.charCodeAt(0));
const DECODE = new Int8Array(256).fill(-1);
ENCODE.forEach((code, value) => (DECODE[code] = value));
const PADDING = 61;
DECODE[PADDING] = -2;
/** Two letters at once for twelve bits, and a line's end, as this machine lays out numbers of two octets. */
const PAIRS = new Uint16Array(Uint8Array.from({ length: 8192 }, (_, at) => ENCODE[at & 1 ? (at >> 1) & 63 : at >> 7]).buffer);
const [LINE_END] = new Uint16Array(Uint8Array.of(13, 10).buffer);

/**
 * Decode, skipping what is not of the alphabet (RFC 2045: "must be ignored"). Several encodings after one another,
 * each with its padding, are read through, as mail programs do.
 * @param {Uint8Array} encoded
 * @param {{own?: boolean}} [how] own: nobody needs what is encoded any more, and it is overwritten
 * @returns {Uint8Array}
 */
export function decodeBase64(encoded, { own = false } = {}) {
  const decoded = own ? encoded : new Uint8Array(Math.ceil(encoded.length / 4) * 3 + 3);
  const decoder = new Decoder();
  return decoded.subarray(0, decoder.end(decoded, decoder.write(encoded, decoded)));
}

/**
 * The same piece by piece, so that bulk is never held whole.
 * @param {Uint8Array} encoded
 * @param {number} [size] letters at once
 * @returns {Generator<Uint8Array>} each is overwritten by the next
 */
export function* decodedPieces(encoded, size = 2 ** 22) {
  const decoded = new Uint8Array((Math.ceil(Math.min(size, encoded.length) / 4) + 2) * 3);
  const decoder = new Decoder();
  for (let at = 0; at < encoded.length; at += size) yield decoded.subarray(0, decoder.write(encoded.subarray(at, at + size), decoded));
  yield decoded.subarray(0, decoder.end(decoded, 0));
}

class Decoder {
  group = 0;
  /** Letters in the group. */
  count = 0;

  /**
   * @param {Uint8Array} encoded
   * @param {Uint8Array} decoded written from its beginning on; may be the same bytes
   * @returns {number} where it ends
   */
  write(encoded, decoded) {
    const length = encoded.length;
    let { group, count } = this;
    let to = 0;
    let at = 0;
    while (at < length) {
      // Four letters at once is nearly always the case.
      if (count === 0) {
        while (at + 4 <= length) {
          const a = DECODE[encoded[at]];
          const b = DECODE[encoded[at + 1]];
          const c = DECODE[encoded[at + 2]];
          const d = DECODE[encoded[at + 3]];
          if ((a | b | c | d) < 0) break;
          decoded[to] = (a << 2) | (b >> 4);
          decoded[to + 1] = (b << 4) | (c >> 2);
          decoded[to + 2] = (c << 6) | d;
          to += 3;
          at += 4;
        }
        if (at >= length) break;
      }
      const value = DECODE[encoded[at++]];
      if (value >= 0) {
        group = (group << 6) | value;
        if (++count === 4) {
          decoded[to++] = group >> 16;
          decoded[to++] = group >> 8;
          decoded[to++] = group;
          group = 0;
          count = 0;
        }
      } else if (value === -2) {
        to = flush(decoded, to, group, count);
        group = 0;
        count = 0;
      }
    }
    this.group = group;
    this.count = count;
    return to;
  }

  /** @param {Uint8Array} decoded @param {number} to @returns {number} the new end */
  end(decoded, to) {
    return flush(decoded, to, this.group, this.count);
  }
}

/**
 * @param {Uint8Array} decoded
 * @param {number} to
 * @param {number} group
 * @param {number} count letters in the group
 * @returns {number} the new end
 */
function flush(decoded, to, group, count) {
  if (count === 2) decoded[to++] = group >> 4;
  if (count === 3) {
    decoded[to++] = group >> 10;
    decoded[to++] = group >> 2;
  }
  return to;
}

/**
 * Encode in lines of 76 letters, each ended by CRLF; `width` 0 for one line without an end.
 * @param {Uint8Array} bytes
 * @param {number} [width] a multiple of 4
 * @param {ArrayBuffer} [into] where it is written, from the beginning on
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function encodeBase64(bytes, width = 76, into = new ArrayBuffer(encodedLength(bytes.length, width))) {
  const encoded = new Uint8Array(into, 0, encodedLength(bytes.length, width));
  const pairs = new Uint16Array(into, 0, encoded.length / 2);
  const rest = bytes.length % 3;
  const whole = bytes.length - rest;
  const perLine = width === 0 ? Infinity : (width / 4) * 3;
  let to = 0;
  for (let from = 0; from < bytes.length; from += perLine) {
    const end = Math.min(from + perLine, whole);
    for (let at = from; at < end; at += 3) {
      const bits = (bytes[at] << 16) | (bytes[at + 1] << 8) | bytes[at + 2];
      pairs[to] = PAIRS[bits >> 12];
      pairs[to + 1] = PAIRS[bits & 4095];
      to += 2;
    }
    if (rest > 0 && from + perLine > whole) {
      const bits = (bytes[whole] << 16) | ((bytes[whole + 1] ?? 0) << 8);
      encoded.set([ENCODE[bits >> 18], ENCODE[(bits >> 12) & 63], rest === 2 ? ENCODE[(bits >> 6) & 63] : PADDING, PADDING], 2 * to);
      to += 2;
    }
    if (width !== 0) pairs[to++] = LINE_END;
  }
  return encoded;
}

/**
 * @param {number} length of bytes
 * @param {number} [width] of lines
 * @returns {number} of what encodeBase64 makes of them
 */
export function encodedLength(length, width = 76) {
  const letters = Math.ceil(length / 3) * 4;
  return letters + (width === 0 ? 0 : 2 * Math.ceil(letters / width));
}
