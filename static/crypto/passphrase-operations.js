/** The worker's operations on passphrases and on the recovery code while it is being kept. */
import { fromUtf8, wipe } from "./bytes.js";
import { CryptoError } from "./errors.js";
import { opaque } from "./passphrase.js";
import { groupMatches } from "./recovery.js";

/** @typedef {import("./bytes.js").Bytes} Bytes */

/**
 * @param {{passphrase: Bytes}} args
 * @returns {Promise<import("./strength.js").Strength & {usable: boolean}>}
 *   `usable` is false when a character in it cannot be typed the same way everywhere (RFC 8265)
 */
export async function strength({ passphrase }) {
  let text;
  let usable = true;
  try {
    text = fromUtf8(passphrase);
  } finally {
    wipe(passphrase);
  }
  try {
    text = opaque(text);
  } catch (error) {
    if (!(error instanceof CryptoError)) throw error;
    usable = false;
  }
  const { estimate } = await import("./strength.js");
  return { ...estimate(text), usable };
}

/** @returns {Promise<{passphrase: string, bits: number}>} */
export async function suggest() {
  const { suggest: five, SUGGESTED_BITS } = await import("./suggest.js");
  return { passphrase: five(), bits: Math.floor(SUGGESTED_BITS * 10) / 10 };
}

/**
 * Did the person keep the code? Asked about two of its groups before the set-up page is left.
 * @param {{code: string, groups: {group: number, typed: string}[]}} args  groups count from 1
 * @returns {boolean[]} one answer for each
 */
export function codeMatches({ code, groups }) {
  return groups.map(({ group, typed }) => groupMatches(code, group, typed));
}
