/** One OpenPGP signature against the certificates at hand: does it hold, whose is it, and may it count. */
import { toHex } from "./bytes.js";
import { digestOf } from "./openpgp-digest.js";
import { dateOf, expiredAt, SKEW_MS } from "./openpgp-certificate.js";
import { lenient, pgp } from "./openpgp-library.js";

/** @typedef {import("./openpgp-certificate.js").Certificate} Certificate */

/**
 * @typedef {object} SignatureFacts
 * @property {"good" | "bad" | "no-certificate" | "unsupported" | "unreadable"} state
 * @property {boolean} weak
 * @property {"ok" | "wrong-use"} path
 * @property {"ok" | "expired-then" | "not-yet" | "future"} when
 * @property {"ok" | "revoked-before" | "revoked-after" | "compromised"} status
 * @property {boolean} expiredNow
 * @property {Date | null} created
 * @property {string} keyId of the key that made it, "" when unknown
 * @property {string} hash
 * @property {string} method hash and key algorithm, for Details
 * @property {Date | null} revokedOn
 * @property {"superseded" | "retired" | "user-id" | ""} reason of that revocation; "" where it is hard
 * @property {Date | null} expires of the key that signed, or of the signature itself where that is sooner
 * @property {Date | null} begins of that key's life
 * @property {readonly string[]} uses what that key may be used for, where it may not sign
 * @property {Certificate | null} certificate
 * @property {((certificates: readonly Certificate[]) => Promise<SignatureFacts>) | null} again where the certificate was
 *   missing: checks it by those that were found since, over the same text, which is neither decrypted nor hashed again
 */

const { enums } = pgp;
/** @type {ReadonlyMap<number, "superseded" | "retired" | "user-id">} */
const REASONS = new Map([[enums.reasonForRevocation.keySuperseded, "superseded"], [enums.reasonForRevocation.keyRetired, "retired"], [enums.reasonForRevocation.userIDInvalid, "user-id"]]);
const WEAK_HASHES = new Set([enums.hash.md5, enums.hash.sha1, enums.hash.ripemd]);

/** @type {SignatureFacts} */
const UNREADABLE = Object.freeze({
  state: "unreadable", weak: false, path: "ok", when: "ok", status: "ok", expiredNow: false, created: null, keyId: "", hash: "", method: "", revokedOn: null, reason: "", expires: null, begins: null, uses: [], certificate: null, again: null,
});

/** @param {"unreadable" | "unsupported"} state @returns {SignatureFacts} */
export function noSignature(state) {
  return { ...UNREADABLE, state };
}

/**
 * @param {any} packet SignaturePacket, or what the library could not read of one
 * @param {any} literal LiteralDataPacket over what was signed
 * @param {{detached: boolean, certificates: readonly Certificate[], now: Date, watch: import("./pace.js").Watch}} by
 * @returns {Promise<SignatureFacts>}
 */
export async function checkSignature(packet, literal, { detached, certificates, now, watch }) {
  if (!(packet instanceof pgp.SignaturePacket)) return noSignature("unsupported");
  const type = packet.signatureType;
  // Only these two are made over a document (RFC 9580 section 5.2.1); a certification is no statement about this text.
  if (type !== enums.signature.binary && type !== enums.signature.text) return noSignature("unsupported");
  const created = dateOf(packet);
  const keyId = packet.issuerKeyID.toHex();
  const hash = nameOf(enums.hash, packet.hashAlgorithm);
  /** @type {SignatureFacts} */
  const facts = { ...UNREADABLE, state: "no-certificate", created, keyId, hash, method: hash.toUpperCase() };
  const signers = candidates(packet, certificates);
  if (signers.length === 0) return { ...facts, again: (more) => checkSignature(packet, literal, { detached, certificates: more, now, watch }) };
  // Never what the packet itself brings: a hash that nobody computed would be a signature over anything.
  /** @type {any} */ (packet).hashed = await digestOf(packet, literal, watch);
  for (const { certificate, key } of signers) {
    const error = await refusal(packet, key.packet, type, literal, detached);
    if (error === null) return { ...facts, ...judge(packet, certificate, key, created, now) };
    if (/unsupported|unknown|critical|not supported|disabled/i.test(error)) return { ...facts, state: "unsupported", certificate };
  }
  return { ...facts, state: "bad", certificate: signers[0].certificate };
}

/** @param {any} packet @param {readonly Certificate[]} certificates */
function candidates(packet, certificates) {
  const keyId = packet.issuerKeyID.toHex();
  const fingerprint = packet.issuerFingerprint === null ? null : toHex(packet.issuerFingerprint);
  const found = [];
  for (const certificate of certificates) {
    for (const key of certificate.keys) {
      if (key.keyId === keyId && (fingerprint === null || key.fingerprint === fingerprint)) found.push({ certificate, key });
    }
  }
  return found;
}

/** @param {any} packet @param {any} key @param {number} type @param {any} literal @param {boolean} detached @returns {Promise<string | null>} */
async function refusal(packet, key, type, literal, detached) {
  try {
    // No date: when and status are judged by themselves below.
    await packet.verify(key, type, literal, null, detached, lenient);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/**
 * @param {any} packet
 * @param {Certificate} certificate
 * @param {import("./openpgp-certificate.js").KeyFacts} key
 * @param {Date} created
 * @param {Date} now
 * @returns {Partial<SignatureFacts>}
 */
function judge(packet, certificate, key, created, now) {
  const hard = key.revocations.find((one) => one.hard);
  const before = key.revocations.find((one) => !one.hard && one.date <= created);
  const after = key.revocations.find((one) => !one.hard && one.date > created);
  // A signature has an end of its own (RFC 9580 section 5.2.3.18); it counts like the key's.
  const end = packet.signatureNeverExpires === false ? packet.getExpirationTime() : null;
  const ended = end !== null && now >= end;
  const counted = hard ?? before ?? after;
  return {
    state: "good",
    certificate,
    weak: WEAK_HASHES.has(packet.hashAlgorithm) || key.weak,
    path: key.canSign ? "ok" : "wrong-use",
    when:
      created.getTime() > now.getTime() + SKEW_MS ? "future"
      : created < key.created || created < certificate.created ? "not-yet"
      : expiredAt(key, created) || ended ? "expired-then"
      : "ok",
    status: hard !== undefined ? "compromised" : before !== undefined ? "revoked-before" : after !== undefined ? "revoked-after" : "ok",
    revokedOn: counted?.date ?? null,
    reason: REASONS.get(counted?.reason ?? -1) ?? "",
    expires: ended && !expiredAt(key, created) ? end : key.expires,
    begins: key.created > certificate.created ? key.created : certificate.created,
    uses: key.uses,
    expiredNow: expiredAt(key, now),
    method: `${nameOf(enums.hash, packet.hashAlgorithm).toUpperCase()}, ${key.algorithm}${key.bits > 0 ? ` ${key.bits}` : ""}`,
  };
}

/** @param {object} table @param {number | null} value */
function nameOf(table, value) {
  return Object.entries(table).find(([, number]) => number === value)?.[0] ?? String(value);
}
