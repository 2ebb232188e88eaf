/**
 * The recovery code: 160 random bits in Crockford's base32 with its check symbol.
 *
 * Written in eight groups, the last one longer by the check symbol: "7KQF-MX2P-…-RB6S*". Reading forgives what
 * hands do: case, spaces and hyphens anywhere, the letter O for 0, the letters I and L for 1.
 */
import { CryptoError } from "./errors.js";
import { random, wipe } from "./bytes.js";

/** @typedef {import("./bytes.js").Bytes} Bytes */

const DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/** Crockford's five extra symbols for the remainder modulo 37. */
const CHECK = DIGITS + "*~$=U";
const BYTES = 20;
const LENGTH = (BYTES * 8) / 5;
export const GROUPS = 8;

/** @returns {{code: string, secret: Bytes}} the code to show, and the 160 bits it stands for */
export function make() {
  const secret = random(BYTES);
  return { code: write(secret), secret };
}

/**
 * @param {Uint8Array} secret  20 bytes
 * @returns {string}
 */
export function write(secret) {
  let value = 0n;
  for (const byte of secret) value = (value << 8n) | BigInt(byte);
  const check = CHECK[Number(value % 37n)];
  let digits = "";
  for (let i = 0; i < LENGTH; i++, value >>= 5n) digits = DIGITS[Number(value & 31n)] + digits;
  return (digits.match(/.{4}/g) ?? []).join("-") + check;
}

/**
 * @param {Uint8Array} typed  the bytes of what was typed, UTF-8; filled with 0 on the way out
 * @returns {Bytes} 20 bytes
 * @throws {CryptoError} bad-input, fact `why` "length" | "symbol" | "check": told before any derivation is run
 */
export function read(typed) {
  try {
    const symbols = normal(typed);
    if (symbols.length !== LENGTH + 1) throw refused("length");
    let value = 0n;
    for (const symbol of symbols.slice(0, LENGTH)) {
      const digit = DIGITS.indexOf(symbol);
      if (digit < 0) throw refused("symbol");
      value = (value << 5n) | BigInt(digit);
    }
    if (symbols[LENGTH] !== CHECK[Number(value % 37n)]) throw refused("check");
    const secret = new Uint8Array(BYTES);
    for (let i = BYTES - 1; i >= 0; i--, value >>= 8n) secret[i] = Number(value & 0xffn);
    return secret;
  } finally {
    wipe(typed);
  }
}

/**
 * Does the typed text repeat one group of the code (words.md recovery-check)?
 * @param {string} code  as `write` gave it
 * @param {number} group  1 … GROUPS
 * @param {string} typed
 */
export function groupMatches(code, group, typed) {
  return normal(new TextEncoder().encode(typed)) === normal(new TextEncoder().encode(code.split("-")[group - 1] ?? "-?"));
}

/** @param {Uint8Array} typed */
function normal(typed) {
  // NFKC reads full-width letters as plain ones; any kind of dash may come from a word processor.
  const text = new TextDecoder().decode(typed).normalize("NFKC").toUpperCase();
  return text.replace(/[\s\p{Pd}]/gu, "").replace(/O/g, "0").replace(/[IL]/g, "1");
}

/** @param {string} why */
function refused(why) {
  return new CryptoError("bad-input", "no recovery code", { why });
}
