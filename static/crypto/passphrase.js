/**
 * Passphrases as bytes: the OpaqueString profile of RFC 8265 section 4.2.
 *
 * Two keyboards may write the same word as different code points; after preparation they are the same bytes.
 * Preparation never depends on a locale, and plain ASCII passes without ever becoming a string, which JavaScript
 * could not wipe.
 */
import { fromUtf8, utf8, wipe } from "./bytes.js";
import { CryptoError } from "./errors.js";

/** @typedef {import("./bytes.js").Bytes} Bytes */

/** Longer than any person types; keeps a pasted novel out of the derivation. */
const MOST = 4096;

/** RFC 8264 section 9.6: disallowed whatever their other properties say. */
const EXCEPTIONS = /[\u0640\u07fa\u302e\u302f\u3031-\u3035\u303b]/u;
/** RFC 8264 sections 9.9, 9.10, 9.12, 9.13: old Hangul jamo, unassigned, ignorable, control, and what is for private use. */
const DISALLOWED =
  /[\u1100-\u11ff\ua960-\ua97c\ud7b0-\ud7c6\ud7cb-\ud7fb\p{Cn}\p{Cc}\p{Cs}\p{Co}]|(?![\u200c\u200d])[\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}]|[\u2028\u2029]/u;
/** Signs that vanish into the letter before them; ZWJ and ZWNJ may follow one (RFC 5892 appendix A.1, A.2). */
const VIRAMA =
  "\u094d\u09cd\u0a4d\u0acd\u0b4d\u0bcd\u0c4d\u0ccd\u0d3b\u0d3c\u0d4d\u0dca\u0e3a\u0eba\u0f84\u1039\u103a\u1714\u1715\u1734\u17d2\u1a60\u1b44\u1baa\u1bab\u1bf2\u1bf3\u2d7f\ua806\ua82c\ua8c4\ua953\ua9c0\uaaf6\uabed" +
  "\u{10a3f}\u{11046}\u{11070}\u{1107f}\u{110b9}\u{11133}\u{11134}\u{111c0}\u{11235}\u{112ea}\u{1134d}\u{11442}\u{114c2}\u{115bf}\u{1163f}\u{116b6}\u{1172b}\u{11839}\u{1193d}\u{1193e}\u{119e0}\u{11a34}\u{11a47}\u{11a99}\u{11c3f}\u{11d44}\u{11d45}\u{11d97}";
const JOINING = "\\p{Script=Arabic}\\p{Script=Syriac}\\p{Script=Nko}\\p{Script=Mandaic}\\p{Script=Mongolian}\\p{Script=Phags_Pa}\\p{Script=Adlam}\\p{Script=Hanifi_Rohingya}";
/** A joiner where RFC 5892 gives it no meaning: not after a virama, nor (ZWNJ) between two letters that join. */
const LONE_JOINER = new RegExp(
  `(?<![${VIRAMA}])\u200d|(?<![${VIRAMA}])(?<!(?=[${JOINING}])\\p{L}\\p{M}*)\u200c|(?<![${VIRAMA}])\u200c(?!\\p{M}*(?=[${JOINING}])\\p{L})`,
  "u",
);

/**
 * Prepares and enforces a passphrase. The argument is filled with 0, the result is the caller's to wipe.
 * @param {Bytes} typed  UTF-8
 * @returns {Bytes}
 * @throws {CryptoError} bad-input, fact `why` "empty" | "long" | "character"
 */
export function prepare(typed) {
  try {
    if (!(typed instanceof Uint8Array)) throw new CryptoError("bad-input", "a passphrase is a Uint8Array");
    if (typed.length === 0) throw refused("empty");
    if (typed.length > MOST) throw refused("long");
    if (typed.every((byte) => byte >= 0x20 && byte < 0x7f)) return new Uint8Array(typed);
    return utf8(opaque(fromUtf8(typed)));
  } finally {
    if (typed instanceof Uint8Array) wipe(typed);
  }
}

/**
 * RFC 8265 section 4.2.2: only the additional mapping (spaces) and the normalisation (NFC) change anything.
 * @param {string} text
 */
export function opaque(text) {
  const mapped = text.replace(/\p{Zs}/gu, " ").normalize("NFC");
  if (EXCEPTIONS.test(mapped) || DISALLOWED.test(mapped) || LONE_JOINER.test(mapped)) throw refused("character");
  return mapped;
}

/** @param {string} why */
function refused(why) {
  return new CryptoError("bad-input", "no passphrase", { why });
}
