/**
 * How long a passphrase would stand against somebody who has a copy of the sealed key ring.
 *
 * The lowest of three estimates counts, because the guesser takes the shortest way too:
 *   pattern   zxcvbn: common passwords, names, keyboards, dates, repetitions
 *   words     each known word for what it costs to draw it from a list; zxcvbn credits a row of words with far more
 *             than the dice that made it (88 instead of 64.6 bits for five words of our own list)
 *   sentence  running English, by its letters: about 1.3 bits each (Cover and King 1978), for quotations and songs
 * It knows English only: a proverb in another language gets more credit than it deserves.
 */
import { WORDS } from "./word-list.js";
import { ZxcvbnFactory, graphs, names, passwords, words } from "../vendor/zxcvbn.js";

/**
 * @typedef {object} Strength
 * @property {number} bits  log2 of the guesses until it falls
 * @property {number} seconds  until half of them are done
 * @property {"seconds" | "minutes" | "hours" | "days" | "months" | "years" | "centuries"} unit
 * @property {number} amount  of that unit, whole; at most 1000
 * @property {0 | 1 | 2 | 3 | 4} level  0 nothing, 1 weak, 2 fair, 3 good, 4 strong; from 3 on it may be used without a warning
 */

/**
 * Guesses a second that a determined attacker makes: memory traffic of A2 bounds one card of 4.8 TB/s to 8,000, and
 * we grant them a thousand cards.
 */
const RATE = 8_000 * 1_000;
const WORD_BITS = Math.log2(WORDS.length);
const LETTER_BITS = 1.3;
/** Beyond this nothing changes in what is said, and the matchers get slow. */
const LOOKED_AT = 128;

const listed = new Set(WORDS);
/** Words of the list that hold a hyphen themselves are one draw, not two. */
const PIECES = new RegExp(`(?<!\\p{L})(?:${WORDS.filter((word) => word.includes("-")).join("|")})(?!\\p{L})|\\p{L}+|[^\\p{L}]+`, "giu");
/** What English sentences are held together by. Dice rarely give one of them, quotations nearly always do. */
const holders = new Set(words.slice(0, 150));
const zxcvbn = new ZxcvbnFactory({
  dictionary: { passwords, words, names, diceware: [...WORDS] },
  graphs,
  maxLength: LOOKED_AT,
});
/** @type {Map<string, number>} */
const ranks = new Map();
for (const list of [words, names, passwords]) {
  list.forEach((/** @type {string} */ word, /** @type {number} */ at) => {
    ranks.set(word, Math.min(at + 1, ranks.get(word) ?? Infinity));
  });
}

/**
 * @param {string} passphrase
 * @returns {Strength}
 */
export function estimate(passphrase) {
  const text = passphrase.slice(0, LOOKED_AT);
  const bits = text === "" ? 0 : Math.min(patternBits(text), wordBits(text), sentenceBits(text));
  const seconds = 2 ** bits / 2 / RATE;
  return { bits: Math.round(bits * 10) / 10, seconds, ...inWords(seconds), level: level(bits) };
}

/** @param {string} text */
function patternBits(text) {
  return zxcvbn.check(text).guessesLog10 * Math.log2(10);
}

/** @param {string} text */
function wordBits(text) {
  let bits = 0;
  /** @type {Set<string>} */
  const seen = new Set();
  const pieces = text.match(PIECES) ?? [];
  const row = pieces.filter((piece) => /^\p{L}/u.test(piece)).length >= 4;
  for (const piece of pieces) {
    // One space, hyphen or the like is how words are set apart, and a guesser's first try.
    if (/^[\s\-_.,]$/u.test(piece)) continue;
    const plain = piece.toLowerCase();
    if (seen.has(plain)) bits += 1;
    else bits += pieceBits(piece, plain, row);
    seen.add(plain);
  }
  return bits;
}

/**
 * @param {string} piece
 * @param {string} plain
 * @param {boolean} row  it stands in a row of words
 */
function pieceBits(piece, plain, row) {
  if (!/^\p{L}/u.test(piece)) return patternBits(piece);
  const capitals = piece === plain ? 0 : 1;
  const rank = ranks.get(plain);
  if (listed.has(plain)) return WORD_BITS + capitals;
  if (rank !== undefined) return Math.log2(rank + 1) + capitals;
  // In a row of words, one that no list of ours has is most likely a word of another language.
  return row ? Math.min(patternBits(piece), WORD_BITS + capitals) : patternBits(piece);
}

/** @param {string} text */
function sentenceBits(text) {
  const found = text.toLowerCase().match(/\p{L}+/gu) ?? [];
  const holding = found.filter((word) => holders.has(word)).length;
  if (found.length < 4 || holding * 4 < found.length) return Infinity;
  const rest = text.replace(/[\p{L}\s,.;:!?'-]+/gu, "");
  return found.join("").length * LETTER_BITS + (rest ? patternBits(rest) : 0);
}

/** @param {number} bits */
function level(bits) {
  // 60 bits: a thousand cards for two millennia, and the least the offline file of sealed-1 accepts.
  if (bits >= 60) return 4;
  if (bits >= 50) return 3;
  if (bits >= 40) return 2;
  return bits > 0 ? 1 : 0;
}

/** @type {readonly [Strength["unit"], number][]} */
const UNITS = [
  ["centuries", 3_155_760_000],
  ["years", 31_557_600],
  ["months", 2_629_800],
  ["days", 86_400],
  ["hours", 3_600],
  ["minutes", 60],
];

/**
 * @param {number} seconds
 * @returns {Pick<Strength, "unit" | "amount">}
 */
function inWords(seconds) {
  for (const [unit, length] of UNITS) if (seconds >= length) return { unit, amount: Math.min(1000, Math.floor(seconds / length)) };
  return { unit: "seconds", amount: Math.max(1, Math.floor(seconds)) };
}
