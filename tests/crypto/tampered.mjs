/** Encrypted messages packet by packet, for tests that change them on the way as an attacker would (RFC 9580 section 5.13). */
import { createCipheriv, createHash, hkdfSync, randomBytes } from "node:crypto";
import { armor } from "../../static/crypto/armor.js";
import { pgp } from "../../static/crypto/openpgp-library.js";

/** @typedef {Uint8Array} Bytes */
/** @typedef {{head: Bytes, chunks: Bytes[], last: Bytes}} Sealed chunks with their tags, and the tag over them all */

export const bytes = (/** @type {string} */ text) => new TextEncoder().encode(text);
export const text = (/** @type {Bytes} */ data) => new TextDecoder("latin1").decode(data);
/** @param {...(Bytes | readonly number[])} pieces @returns {Bytes} */
export const joined = (...pieces) => new Uint8Array(Buffer.concat(pieces.map((piece) => Buffer.from(piece))));

export const SED = 9;
export const LITERAL = 11;
export const SEIPD = 18;
export const GNUPG_AEAD = 20;
const AES256 = 9;
const OCB = 2;
const GCM = 3;
const TAG = 16;

/** With a length of five octets, so that only the length changes with it. @param {number} tag @param {Bytes} body */
export function packet(tag, body) {
  const head = Buffer.from([0xc0 | tag, 0xff, 0, 0, 0, 0]);
  head.writeUInt32BE(body.length, 2);
  return joined(head, body);
}

/** @param {Bytes | string} data */
export function literal(data) {
  return packet(LITERAL, joined([0x62, 0, 0, 0, 0, 0], typeof data === "string" ? bytes(data) : data));
}

/**
 * The session key, sealed for a certificate: version 3, or version 6 for SEIPDv2.
 * @param {Bytes} certificate
 * @param {Bytes} key
 * @param {number} [version] of the encrypted data that it is for
 * @returns {Promise<Bytes>}
 */
export async function sessionKey(certificate, key, version = 1) {
  const encryptionKeys = await pgp.readKey({ binaryKey: certificate });
  const how = /** @type {any} */ ({ data: key, algorithm: "aes256", encryptionKeys, format: "binary", ...(version === 2 ? { aeadAlgorithm: "gcm" } : {}) });
  return /** @type {Promise<Bytes>} */ (/** @type {unknown} */ (pgp.encryptSessionKey(how)));
}

/** @param {Bytes} key @param {Bytes} data @param {Bytes} [iv] */
function cfb(key, data, iv = new Uint8Array(16)) {
  return new Uint8Array(createCipheriv("aes-256-cfb", key, iv).update(data));
}

/** Random octets, of which two are repeated. */
function prefix() {
  const random = randomBytes(16);
  return joined(random, random.subarray(14));
}

/** Body of SEIPDv1. @param {Bytes} key @param {Bytes} packets */
export function sealedV1(key, packets) {
  const open = joined(prefix(), packets, [0xd3, 0x14]);
  return joined([1], cfb(key, joined(open, createHash("sha1").update(open).digest())));
}

/** Body of a packet of the nineties, without any check (section 5.7). @param {Bytes} key @param {Bytes} packets */
export function sealedOld(key, packets) {
  const start = cfb(key, prefix());
  return joined(start, cfb(key, packets, start.subarray(2)));
}

/** @param {number} value */
function eight(value) {
  const out = Buffer.alloc(8);
  out.writeBigUInt64BE(BigInt(value));
  return out;
}

/**
 * @param {"ocb" | "gcm"} mode
 * @param {Bytes} key
 * @param {Bytes} nonce
 * @param {Bytes} associated
 * @param {Bytes} data
 */
function aead(mode, key, nonce, associated, data) {
  const cipher = createCipheriv(/** @type {"aes-256-gcm"} */ (`aes-256-${mode}`), key, nonce, { authTagLength: TAG });
  cipher.setAAD(associated);
  return joined(cipher.update(data), cipher.final(), cipher.getAuthTag());
}

/** @param {Bytes} data @param {number} size @returns {Bytes[]} */
function pieces(data, size) {
  return Array.from({ length: Math.ceil(data.length / size) }, (_, at) => data.subarray(at * size, (at + 1) * size));
}

/**
 * SEIPDv2 in chunks of 2^(exponent + 6) octets (section 5.13.2).
 * @param {Bytes} key
 * @param {Bytes} packets
 * @param {"ocb" | "gcm"} mode
 * @param {number} exponent
 * @returns {Sealed}
 */
export function sealedV2(key, packets, mode, exponent) {
  const numbers = [2, AES256, mode === "ocb" ? OCB : GCM, exponent];
  const width = mode === "ocb" ? 15 : 12;
  const salt = randomBytes(32);
  const associated = joined([0xc0 | SEIPD], numbers);
  const made = new Uint8Array(hkdfSync("sha256", key, salt, associated, 32 + width - 8));
  const seal = (/** @type {number} */ index, /** @type {Bytes} */ data, /** @type {Bytes} */ more) => aead(mode, made.subarray(0, 32), joined(made.subarray(32), eight(index)), more, data);
  const chunks = pieces(packets, 2 ** (exponent + 6)).map((data, index) => seal(index, data, associated));
  return { head: joined(numbers, salt), chunks, last: seal(chunks.length, new Uint8Array(), joined(associated, eight(packets.length))) };
}

/**
 * GnuPG's own form: packet 20, OCB.
 * @param {Bytes} key
 * @param {Bytes} packets
 * @param {number} exponent
 * @returns {Sealed}
 */
export function sealedGnupg(key, packets, exponent) {
  const numbers = [1, AES256, OCB, exponent];
  const iv = randomBytes(15);
  const nonce = (/** @type {number} */ index) => {
    const own = Buffer.from(iv);
    eight(index).forEach((octet, at) => (own[7 + at] ^= octet));
    return own;
  };
  const associated = (/** @type {number} */ index) => joined([0xc0 | GNUPG_AEAD], numbers, eight(index));
  const chunks = pieces(packets, 2 ** (exponent + 6)).map((data, index) => aead("ocb", key, nonce(index), associated(index), data));
  return { head: joined(numbers, iv), chunks, last: aead("ocb", key, nonce(chunks.length), joined(associated(chunks.length), eight(packets.length)), new Uint8Array()) };
}

/** @param {Sealed} sealed */
export function whole({ head, chunks, last }) {
  return joined(head, ...chunks, last);
}

/**
 * What CFB decrypts it to, asking for no check: what a careless reader would show.
 * @param {Bytes} key
 * @param {Bytes} sealed behind the version
 * @returns {Bytes}
 */
export function naked(key, sealed) {
  const out = Buffer.alloc(sealed.length);
  for (let at = 0; at < sealed.length; at += 16) {
    const before = at === 0 ? Buffer.alloc(16) : sealed.subarray(at - 16, at);
    const stream = cfb(key, new Uint8Array(16), before);
    for (let one = 0; one < 16 && at + one < sealed.length; one++) out[at + one] = sealed[at + one] ^ stream[one];
  }
  return new Uint8Array(out);
}

/**
 * EFAIL's gadget: who knows one block of the text writes any text, each block of it behind one of rubbish.
 * @param {Bytes} sealed behind the version
 * @param {number} at of the block that is known, a multiple of 16
 * @param {Bytes} known
 * @param {readonly string[]} wanted of 16 letters each
 * @returns {Bytes} put in before the block
 */
export function gadget(sealed, at, known, wanted) {
  const before = sealed.subarray(at - 16, at);
  const own = wanted.map((words) => joined(before, sealed.subarray(at, at + 16).map((octet, one) => octet ^ known[one] ^ words.charCodeAt(one))));
  return joined(sealed.subarray(0, at), ...own, sealed.subarray(at - 16));
}

/**
 * @param {Bytes} packets
 * @param {"mime" | "exchange" | "inline"} [form]
 * @param {string} [from]
 */
export function mail(packets, form = "mime", from = "alice@example.test") {
  const head = `From: ${from}\r\nTo: bob@example.test\r\nSubject: [...]\r\n`;
  const block = text(armor(packets, "MESSAGE"));
  if (form === "inline") return bytes(`${head}Content-Type: text/plain; charset=utf-8\r\n\r\n${block}`);
  const outer = form === "mime" ? 'multipart/encrypted; protocol="application/pgp-encrypted"' : "multipart/mixed";
  const first = form === "mime" ? "" : "--e\r\nContent-Type: text/plain\r\n\r\n\r\n";
  return bytes(`${head}Content-Type: ${outer}; boundary=e\r\n\r\n${first}--e\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n\r\n--e\r\nContent-Type: application/octet-stream\r\n\r\n${block}\r\n--e--\r\n`);
}
