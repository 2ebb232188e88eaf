/**
 * The charset of bytes that name none, or a wrong one: judged by which letters they would be.
 *
 * A guess is made only where the bytes are no UTF-8. It never decides what may be shown, only how text is read.
 */

/** Looked at for a guess; letters of a language show early. */
const SAMPLE = 16 * 1024;

/**
 * A charset, and how much of the text above ASCII must be letters as people of its language write them.
 * @type {readonly {charset: string, letters: RegExp, least: number, needs?: RegExp}[]}
 */
const CANDIDATES = [
  // Japanese is written with kana between the characters; Chinese and Korean never are.
  { charset: "shift_jis", letters: /[\u3040-\u30ff\u4e00-\u9fff\u3000-\u3002\uff00-\uff5e]/gu, least: 0.9, needs: /[\u3040-\u309f].*[\u3040-\u30ff]/su },
  { charset: "euc-jp", letters: /[\u3040-\u30ff\u4e00-\u9fff\u3000-\u3002\uff00-\uff5e]/gu, least: 0.9, needs: /[\u3040-\u309f].*[\u3040-\u30ff]/su },
  { charset: "koi8-r", letters: /[\u0430-\u044f\u0451]/gu, least: 0.7 },
  { charset: "windows-1251", letters: /[\u0430-\u044f\u0451]/gu, least: 0.7 },
  { charset: "euc-kr", letters: /[\uac00-\ud7a3]/gu, least: 0.85 },
  { charset: "gb18030", letters: /[\u4e00-\u9fff\u3001\u3002\uff00-\uff5e]/gu, least: 0.9 },
  { charset: "big5", letters: /[\u4e00-\u9fff\u3001\u3002\uff00-\uff5e]/gu, least: 0.9 },
];

/** First bytes of the characters that are in daily use: what is not Chinese in this charset is rarely among them. @type {Record<string, [number, number]>} */
const DAILY = { "gb18030": [0xb0, 0xd7], "big5": [0xa4, 0xc6], "euc-kr": [0xb0, 0xc8] };

/**
 * @param {Uint8Array} bytes with some above 127, and no UTF-8
 * @returns {string} a label of the Encoding Standard
 */
export function guessCharset(bytes) {
  const sample = bytes.subarray(0, SAMPLE);
  const high = sample.reduce((count, byte) => count + (byte > 127 ? 1 : 0), 0);
  // Letters with accents stand alone between ASCII; in every other script they are most of the letters.
  if (pairs(sample) * 2 < high * 0.6) return "windows-1252";
  /** @type {{charset: string, share: number} | null} */
  let best = null;
  for (const { charset, letters, least, needs } of CANDIDATES) {
    const text = new TextDecoder(charset).decode(sample);
    const above = [...text].filter((letter) => letter > "\u007f").length;
    const share = (text.match(letters)?.length ?? 0) / Math.max(1, above) - (text.match(/\ufffd/gu)?.length ?? 0) / Math.max(1, above);
    if (share < least || (needs !== undefined && !needs.test(text)) || daily(sample, charset) < 0.6) continue;
    if (needs !== undefined) return charset;
    if (best === null || share * daily(sample, charset) > best.share) best = { charset, share: share * daily(sample, charset) };
  }
  return best?.charset ?? "windows-1252";
}

/** How many bytes above 127 are followed by another. @param {Uint8Array} bytes */
function pairs(bytes) {
  let count = 0;
  for (let at = 0; at + 1 < bytes.length; at++) {
    // The second byte of a character may be a letter of ASCII in some charsets.
    if (bytes[at] > 127 && (bytes[at + 1] > 127 || (at + 2 < bytes.length && bytes[at + 2] > 127))) {
      count++;
      at++;
    }
  }
  return count;
}

/** The share of double bytes that begin as daily characters do; 1 where this says nothing. @param {Uint8Array} bytes @param {string} charset */
function daily(bytes, charset) {
  const range = DAILY[charset];
  if (range === undefined) return 1;
  let all = 0;
  let within = 0;
  for (let at = 0; at + 1 < bytes.length; at++) {
    if (bytes[at] < 0x81) continue;
    all++;
    if (bytes[at] >= range[0] && bytes[at] <= range[1]) within++;
    at++;
  }
  return all === 0 ? 1 : within / all;
}
