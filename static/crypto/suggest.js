/** Five random words: 64.6 bits that a person can keep. */
import { WORDS } from "./word-list.js";

const COUNT = 5;
/** Largest multiple of 7776 below 2^16: a number above it would favour the first words. */
const FAIR = 0x10000 - (0x10000 % WORDS.length);

export const SUGGESTED_BITS = COUNT * Math.log2(WORDS.length);

/** @returns {string} */
export function suggest() {
  const chosen = [];
  while (chosen.length < COUNT) {
    const [number] = globalThis.crypto.getRandomValues(new Uint16Array(1));
    if (number < FAIR) chosen.push(WORDS[number % WORDS.length]);
  }
  return chosen.join(" ");
}
