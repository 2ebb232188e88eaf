/**
 * HPKE base mode, single shot (RFC 9180): DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM.
 *
 * One message per encapsulation, so the sequence number is always 0 and the nonce is the base nonce.
 */
import * as aead from "./aead.js";
import { concat, random, utf8, wipe } from "./bytes.js";
import { CryptoError } from "./errors.js";
import { expand, extract } from "./kdf.js";
import { publicKey, shared } from "./x25519.js";

/** @typedef {import("./bytes.js").Bytes} Bytes */

const VERSION = utf8("HPKE-v1");
/** RFC 9180 section 4.1: "KEM" ‖ 0x0020 */
const KEM = concat(utf8("KEM"), new Uint8Array([0x00, 0x20]));
/** RFC 9180 section 5.1: "HPKE" ‖ kem 0x0020 ‖ kdf 0x0001 ‖ aead 0x0002 */
const SUITE = concat(utf8("HPKE"), new Uint8Array([0x00, 0x20, 0x00, 0x01, 0x00, 0x02]));
const BASE_MODE = new Uint8Array([0x00]);
const EMPTY = new Uint8Array(0);

/**
 * @param {Bytes} recipient  X25519 public key
 * @param {Bytes} info
 * @param {Bytes} aad
 * @param {Bytes} cleartext
 * @returns {Promise<{enc: Bytes, box: Bytes}>}
 */
export async function seal(recipient, info, aad, cleartext) {
  const ephemeral = random(32);
  try {
    return await sealWith(ephemeral, recipient, info, aad, cleartext);
  } finally {
    wipe(ephemeral);
  }
}

/**
 * Exported for the RFC's vectors, which fix the ephemeral key; everything else calls `seal`.
 * @param {Bytes} ephemeral
 * @param {Bytes} recipient
 * @param {Bytes} info
 * @param {Bytes} aad
 * @param {Bytes} cleartext
 */
export async function sealWith(ephemeral, recipient, info, aad, cleartext) {
  const enc = await publicKey(ephemeral);
  const secret = await kemSecret(await shared(ephemeral, recipient), enc, recipient);
  const { key, nonce } = await schedule(secret, info);
  return { enc, box: await aead.seal(key, nonce, cleartext, aad) };
}

/**
 * @param {Bytes} secretKey  X25519, raw
 * @param {Bytes} enc
 * @param {Bytes} info
 * @param {Bytes} aad
 * @param {Bytes} box
 * @returns {Promise<Bytes | null>} null when it does not open, for whatever reason
 */
export async function open(secretKey, enc, info, aad, box) {
  const own = await publicKey(secretKey);
  let point;
  try {
    point = await shared(secretKey, enc);
  } catch (error) {
    if (error instanceof CryptoError) return null;
    throw error;
  }
  const { key, nonce } = await schedule(await kemSecret(point, enc, own), info);
  return aead.open(key, nonce, box, aad);
}

/**
 * ExtractAndExpand of RFC 9180 section 4.1.
 * @param {Bytes} dh
 * @param {Bytes} enc
 * @param {Bytes} recipient
 */
async function kemSecret(dh, enc, recipient) {
  const prk = await labeledExtract(KEM, EMPTY, "eae_prk", dh);
  return labeledExpand(KEM, prk, "shared_secret", concat(enc, recipient), 32);
}

/**
 * KeySchedule of RFC 9180 section 5.1 for the base mode: psk and psk_id are empty.
 * @param {Bytes} secret
 * @param {Bytes} info
 */
async function schedule(secret, info) {
  const pskIdHash = await labeledExtract(SUITE, EMPTY, "psk_id_hash", EMPTY);
  const infoHash = await labeledExtract(SUITE, EMPTY, "info_hash", info);
  const context = concat(BASE_MODE, pskIdHash, infoHash);
  const prk = await labeledExtract(SUITE, secret, "secret", EMPTY);
  return {
    key: await labeledExpand(SUITE, prk, "key", context, 32),
    nonce: await labeledExpand(SUITE, prk, "base_nonce", context, 12),
  };
}

/**
 * @param {Bytes} suite
 * @param {Bytes} salt
 * @param {string} label
 * @param {Bytes} ikm
 */
function labeledExtract(suite, salt, label, ikm) {
  return extract(salt, concat(VERSION, suite, utf8(label), ikm));
}

/**
 * @param {Bytes} suite
 * @param {Bytes} prk
 * @param {string} label
 * @param {Bytes} info
 * @param {number} length
 */
function labeledExpand(suite, prk, label, info, length) {
  return expand(prk, concat(new Uint8Array([length >> 8, length & 0xff]), VERSION, suite, utf8(label), info), length);
}
