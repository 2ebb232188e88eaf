/** Octets as mail writes them: binary strings, lines, searching without decoding. */

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * The string that bytes are as strict UTF-8, or null when they are not: mail that is not UTF-8 is no error.
 * @param {Uint8Array} bytes
 * @returns {string | null}
 */
export function readUtf8(bytes) {
  try {
    return strict.decode(bytes);
  } catch {
    return null;
  }
}

/**
 * One character for each byte (ISO 8859-1), so that nothing is lost. For headers and armor lines, never for bulk.
 * TextDecoder("latin1") is windows-1252 and would change 0x80 to 0x9f.
 * @param {Uint8Array} bytes
 * @returns {string}
 */
export function binaryString(bytes) {
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192) {
    text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  }
  return text;
}

/** The bytes of a binary string. @param {string} text @returns {Uint8Array} */
export function fromBinaryString(text) {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/**
 * Whether `bytes` has `pattern` at `at`.
 * @param {Uint8Array} bytes
 * @param {Uint8Array} pattern
 * @param {number} at
 */
export function hasAt(bytes, pattern, at) {
  if (at < 0 || at + pattern.length > bytes.length) return false;
  for (let i = 0; i < pattern.length; i++) if (bytes[at + i] !== pattern[i]) return false;
  return true;
}

/**
 * Where `pattern` begins, or -1. indexOf on the first byte is native, so bulk is skipped quickly.
 * @param {Uint8Array} bytes
 * @param {Uint8Array} pattern
 * @param {number} [from]
 * @returns {number}
 */
export function find(bytes, pattern, from = 0) {
  let at = bytes.indexOf(pattern[0], from);
  while (at >= 0) {
    if (hasAt(bytes, pattern, at)) return at;
    at = bytes.indexOf(pattern[0], at + 1);
  }
  return -1;
}

/**
 * Lower-case the letters A to Z only. Case folding of other scripts can turn one address into another
 * (U+212A KELVIN SIGN becomes "k").
 * @param {string} text
 */
export function asciiLower(text) {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/**
 * The same text with every line end as CRLF: what is signed (RFC 3156 section 5) and what is sent (RFC 5322 section 2.3).
 * Returns the argument itself when it already is.
 * @param {Uint8Array} bytes
 * @returns {Uint8Array}
 */
export function withCrlf(bytes) {
  let missing = 0;
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) {
    if (at === 0 || bytes[at - 1] !== 13) missing++;
  }
  if (missing === 0) return bytes;
  const whole = new Uint8Array(bytes.length + missing);
  let from = 0;
  let to = 0;
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) {
    if (at > 0 && bytes[at - 1] === 13) continue;
    whole.set(bytes.subarray(from, at), to);
    to += at - from;
    whole[to++] = 13;
    from = at;
  }
  whole.set(bytes.subarray(from), to);
  return whole;
}
