/** Whether an OpenPGP certificate may be used for an address, and why not (words.md section 3.1). */
import { CryptoError } from "./errors.js";
import { encryptionKey, expiredAt, inspect, names, readCertificates, revokedAt } from "./openpgp-certificate.js";
import { CERTIFICATE_LIMIT } from "./openpgp-library.js";

/** @typedef {import("./openpgp-certificate.js").Certificate} Certificate */

/**
 * What a certificate can be for an address.
 * @typedef {object} Judgement
 * @property {boolean} usable
 * @property {"" | "expired" | "revoked" | "weak-self-signature" | "no-encryption-key" | "other-address" | "too-large" | "unreadable"} reason
 * @property {string} fingerprint
 * @property {string} created ISO date, "" when unreadable
 * @property {string | null} expires ISO date
 * @property {string | null} revoked ISO date
 * @property {string[]} userIds
 * @property {Uint8Array | null} certificate the one that was judged, binary
 */

/** In the order in which a person can do something about them. @type {readonly Judgement["reason"][]} */
const REASONS = ["", "expired", "revoked", "no-encryption-key", "weak-self-signature", "other-address", "too-large", "unreadable"];

/**
 * Which of the certificates may be used for exactly this address, and why not.
 * @param {{address: string, certificates: readonly Uint8Array[], now?: Date}} asked
 * @returns {Promise<Judgement>}
 */
export async function judge({ address, certificates, now = new Date() }) {
  if (typeof address !== "string" || !Array.isArray(certificates)) throw new CryptoError("bad-input", "address and certificates");
  const { judgement } = await choose(address, certificates, now);
  return judgement;
}

/**
 * @param {string} address
 * @param {readonly Uint8Array[]} certificates
 * @param {Date} now
 * @returns {Promise<{judgement: Judgement, certificate: Certificate | null}>} certificate when usable
 */
export async function choose(address, certificates, now) {
  /** @type {{judgement: Judgement, certificate: Certificate | null}[]} */
  const judged = [];
  for (const bytes of certificates) {
    if (bytes.length > CERTIFICATE_LIMIT) {
      judged.push(unread("too-large"));
      continue;
    }
    const keys = await readCertificates(bytes);
    if (keys.length === 0) judged.push(unread("unreadable"));
    for (const key of keys) judged.push(judgeOne(await inspect(key), address, now));
  }
  judged.sort((a, b) => REASONS.indexOf(a.judgement.reason) - REASONS.indexOf(b.judgement.reason) || (a.judgement.created < b.judgement.created ? 1 : -1));
  return judged[0] ?? unread("unreadable");
}

/** @param {Judgement["reason"]} reason @returns {{judgement: Judgement, certificate: null}} */
function unread(reason) {
  return { judgement: { usable: false, reason, fingerprint: "", created: "", expires: null, revoked: null, userIds: [], certificate: null }, certificate: null };
}

/**
 * @param {Certificate} certificate
 * @param {string} address
 * @param {Date} now
 */
function judgeOne(certificate, address, now) {
  const encryption = encryptionKey(certificate, now);
  const revocation = certificate.revocations.find((one) => one.hard || one.date <= now);
  const candidates = certificate.keys.filter((key) => key.canEncrypt);
  const [primary] = certificate.keys;
  /** @type {Judgement["reason"]} */
  const reason =
    !names(certificate, address) ? "other-address"
    : revocation !== undefined ? "revoked"
    : expiredAt(certificate, now) ? "expired"
    // SHA-1 certifications can be forged by collision; so can any with RSA below 2048 bits be factored.
    : primary.weak || certificate.userIds.every((id) => id.weak) ? "weak-self-signature"
    : encryption !== null ? ""
    : candidates.length > 0 && candidates.every((key) => expiredAt(key, now)) ? "expired"
    : candidates.length > 0 && candidates.every((key) => revokedAt(key, now)) ? "revoked"
    : "no-encryption-key";
  const expires = encryption?.expires ?? certificate.expires ?? candidates[0]?.expires ?? null;
  /** @type {Judgement} */
  const judgement = {
    usable: reason === "",
    reason,
    fingerprint: certificate.fingerprint,
    created: certificate.created.toISOString(),
    expires: expires?.toISOString() ?? null,
    revoked: (revocation ?? candidates.find((key) => revokedAt(key, now))?.revocations[0])?.date.toISOString() ?? null,
    userIds: certificate.userIds.map((id) => id.text),
    certificate: certificate.key.write(),
  };
  return { judgement, certificate: reason === "" ? certificate : null };
}
