/** Internationalised domains as people read them: Punycode (RFC 3492) undone, which no browser offers a worker. */

const BASE = 36;
const T_MIN = 1;
const T_MAX = 26;

/** @param {string} domain @returns {string} labels that are no Punycode stay as they are */
export function readableDomain(domain) {
  return domain.split(".").map((label) => (/^xn--/i.test(label) ? (decoded(label.slice(4)) ?? label) : label)).join(".");
}

/** Section 6.2. @param {string} label without its prefix @returns {string | null} */
function decoded(label) {
  const end = label.lastIndexOf("-");
  const points = Array.from(label.slice(0, Math.max(0, end)), (letter) => letter.charCodeAt(0));
  let n = 128;
  let i = 0;
  let bias = 72;
  for (let at = end + 1; at < label.length; ) {
    const before = i;
    for (let weight = 1, k = BASE; ; k += BASE) {
      const digit = digitOf(label.charCodeAt(at++));
      if (digit === null) return null;
      i += digit * weight;
      const limit = Math.min(T_MAX, Math.max(T_MIN, k - bias));
      if (digit < limit) break;
      weight *= BASE - limit;
      if (i > 0x7fffffff || weight > 0x7fffffff) return null;
    }
    const length = points.length + 1;
    bias = adapted(i - before, length, before === 0);
    n += Math.floor(i / length);
    i %= length;
    if (n > 0x10ffff) return null;
    points.splice(i++, 0, n);
  }
  return String.fromCodePoint(...points);
}

/** Section 5. @param {number} code @returns {number | null} NaN and all that is no digit: null */
function digitOf(code) {
  if (code >= 0x30 && code <= 0x39) return code - 0x30 + 26;
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x7a ? letter - 0x61 : null;
}

/** Section 6.1. @param {number} delta @param {number} length @param {boolean} first */
function adapted(delta, length, first) {
  let left = first ? Math.floor(delta / 700) : delta >> 1;
  left += Math.floor(left / length);
  let k = 0;
  for (; left > ((BASE - T_MIN) * T_MAX) >> 1; k += BASE) left = Math.floor(left / (BASE - T_MIN));
  return k + Math.floor(((BASE - T_MIN + 1) * left) / (left + 38));
}
