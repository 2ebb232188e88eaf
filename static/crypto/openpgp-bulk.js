/**
 * Large encrypted data, past the library, which is slow with it and holds it several times over (decision 0040). What is
 * not of a form that is known here is not ours: the library reads it, or refuses it.
 *
 * All of it is decrypted and checked before the first packet inside is looked at (EFAIL).
 */
import { hasAes } from "./aes.js";
import { concat, equal } from "./bytes.js";
import { decryptCfb } from "./cfb.js";
import { CryptoError } from "./errors.js";
import { chunked, decryptChunks, GCM } from "./openpgp-aead.js";
import { joined, lengthOf, packetAt, packetsIn } from "./openpgp-packets.js";
import { Pace } from "./pace.js";

/** @typedef {import("./openpgp-packets.js").Packet} Packet */
/** @typedef {import("./pace.js").Watch} Watch */

/** Below this the library is quick enough. */
export const BULK = 64 * 1024;

const PKESK = 1;
const SIGNATURE = 2;
const SKESK = 3;
const ONE_PASS = 4;
const COMPRESSED = 8;
const MARKER = 10;
const LITERAL = 11;
const TRUST = 12;
const SEIPD = 18;
const GNUPG_AEAD = 20;
const PADDING = 21;
/** Octets of the keys of AES by the cipher's number (RFC 9580 section 9.3). */
const AES = new Map([[7, 16], [8, 24], [9, 32]]);
const BLOCK = 16;
/** Header and SHA-1 of the packet that ends version 1 (section 5.13.1). */
const MDC = 22;
/** What may stand in an encrypted message (section 10.3). Others from 40 on are left out by whoever does not know them. */
const INSIDE = new Set([SIGNATURE, ONE_PASS, COMPRESSED, LITERAL, MARKER, TRUST, PADDING]);
const KNOWN = new Set([...INSIDE, PKESK, SKESK, 5, 6, 7, 9, 13, 14, 17, SEIPD, 19, GNUPG_AEAD]);

/**
 * An encrypted message whose bulk can be decrypted here.
 * @typedef {object} Bulk
 * @property {Uint8Array} keys the packets with session keys, for the library
 * @property {Packet} packet
 * @property {number | null} cipher null where the session key says which
 */

/**
 * @param {Uint8Array} bytes
 * @param {number} [from] data of this many bytes is bulk
 * @returns {Promise<Bulk | null>} null: not ours
 */
export async function bulkOf(bytes, from = BULK) {
  if (bytes.length < from) return null;
  try {
    let at = 0;
    let packet = packetAt(bytes, at);
    for (; packet.tag !== SEIPD && packet.tag !== GNUPG_AEAD; packet = packetAt(bytes, at)) {
      if (packet.tag !== PKESK && packet.tag !== SKESK && packet.tag !== MARKER && packet.tag !== PADDING) return null;
      at = packet.end;
    }
    if (at === 0) return null;
    // One encrypted packet and nothing behind it (section 10.3).
    if (packet.end !== bytes.length || lengthOf(packet) < from) return null;
    const [{ from: body }] = packet.pieces;
    const version = bytes[body];
    if (packet.tag === SEIPD && version === 1) return (await hasAes()) ? { keys: bytes.subarray(0, at), packet, cipher: null } : null;
    // The first piece of a body that comes in several is of 512 octets at least (section 4.2.1.4); else it is not ours.
    const head = packet.pieces[0].to - body < 64 ? null : chunked(packet.tag, bytes.subarray(body, packet.pieces[0].to));
    if (head === null || !AES.has(head.cipher)) return null;
    // Browsers do not all have AES-192 in WebCrypto.
    const possible = head.mode === GCM ? head.cipher !== 8 : await hasAes();
    return possible ? { keys: bytes.subarray(0, at), packet, cipher: head.cipher } : null;
  } catch (error) {
    if (error instanceof CryptoError) return null;
    throw error;
  }
}

/**
 * @param {Uint8Array} bytes as given to bulkOf; overwritten
 * @param {Bulk} bulk
 * @param {{data: Uint8Array, cipher: number | null}} session
 * @param {Watch} watch
 * @returns {Promise<Uint8Array | null>} packets, a view on `bytes`: integrity held over all of them. null: not a cipher of ours, and nothing was overwritten
 * @throws {CryptoError} damaged, not-opened
 */
export async function decryptBulk(bytes, { packet, cipher }, session, watch) {
  const used = cipher ?? session.cipher;
  if (used === null) throw new CryptoError("not-opened", "a session key without a cipher");
  const width = AES.get(used);
  if (width === undefined) return null;
  // The library, too, goes by the data where session key and data name two ciphers.
  if (session.data.length !== width) throw new CryptoError("not-opened", "a session key of another length");
  const body = joined(bytes, packet);
  const pace = new Pace(body.length, watch);
  const message = chunked(packet.tag, body);
  return message === null ? decryptWithMdc(session.data, body.subarray(1), pace) : decryptChunks(message, session.data, pace);
}

/**
 * @param {Uint8Array} key
 * @param {Uint8Array} data
 * @param {Pace} pace
 */
async function decryptWithMdc(key, data, pace) {
  if (data.length < BLOCK + 2 + MDC) throw new CryptoError("damaged", "too short for its integrity check");
  await decryptCfb(key, data, pace);
  const end = data.length - MDC;
  const hash = await globalThis.crypto.subtle.digest("SHA-1", /** @type {Uint8Array<ArrayBuffer>} */ (data.subarray(0, end + 2)));
  const held = data[end] === 0xd3 && data[end + 1] === 0x14 && equal(new Uint8Array(hash), data.subarray(end + 2));
  if (!held) {
    data.fill(0);
    throw new CryptoError("damaged", "the integrity check of version 1 failed");
  }
  // Random octets, of which two are repeated, come first. They are not compared: that would tell of the key.
  return data.subarray(BLOCK + 2, end);
}

/**
 * What was inside, without its text: for the library, which reads signatures from it and holds to the grammar of messages.
 * @typedef {object} Inside
 * @property {Uint8Array} packets
 * @property {Uint8Array | null} text the bytes of the one literal packet; null where it is small or compressed and still in `packets`
 */

/**
 * @param {Uint8Array} bytes packets whose integrity held; moved where they stand
 * @returns {Inside}
 * @throws {CryptoError} not-opened
 */
export function withoutText(bytes) {
  const packets = packetsIn(bytes);
  // The same as the library says of packets in a place that is not theirs.
  if (packets.some(({ tag }) => KNOWN.has(tag) && !INSIDE.has(tag))) throw new CryptoError("not-opened", "a packet that may not be inside");
  const literals = packets.filter(({ tag }) => tag === LITERAL);
  if (literals.length !== 1 || lengthOf(literals[0]) < BULK) return { packets: bytes, text: null };
  const [literal] = literals;
  const before = bytes.slice(0, literal.start);
  const behind = bytes.slice(literal.end);
  const body = joined(bytes, literal);
  // Form, length of the name, name, date (section 5.9).
  const head = 2 + body[1] + 4;
  const header = Uint8Array.of(0xc0 | LITERAL, 0xff, 0, 0, head >> 8, head & 0xff);
  return { packets: concat(before, header, body.subarray(0, head), behind), text: body.subarray(head) };
}
