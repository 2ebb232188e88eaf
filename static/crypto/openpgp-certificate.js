/** What an OpenPGP certificate says for itself, every signature in it verified (RFC 9580 section 10.1). */
import { addressOfUserId, sameAddress } from "./addresses.js";
import { packetsOf } from "./armor.js";
import { toHex } from "./bytes.js";
import { CERTIFICATE_LIMIT, lenient, pgp } from "./openpgp-library.js";

/** @typedef {import("../vendor/openpgp.js").SignaturePacket} SignaturePacket */
/** @typedef {import("../vendor/openpgp.js").PublicKey} Key */

/**
 * @typedef {object} Revocation
 * @property {Date} date
 * @property {number} reason RFC 9580 section 5.2.3.31
 * @property {boolean} hard nothing made with the key counts any more, whatever its date
 */

/**
 * The primary key or a subkey that is bound to it.
 * @typedef {object} KeyFacts
 * @property {string} keyId
 * @property {string} fingerprint
 * @property {Date} created
 * @property {Date | null} expires
 * @property {readonly Revocation[]} revocations
 * @property {boolean} canSign
 * @property {boolean} canEncrypt
 * @property {readonly ("certify" | "encrypt" | "authenticate")[]} uses what else than signing its flags allow
 * @property {string} algorithm
 * @property {number} bits 0 where the algorithm has one size
 * @property {boolean} weak
 * @property {any} packet
 */

/**
 * @typedef {object} Certificate
 * @property {string} fingerprint
 * @property {Date} created
 * @property {Date | null} expires
 * @property {readonly Revocation[]} revocations
 * @property {readonly {text: string, address: string | null, weak: boolean}[]} userIds verified and not revoked
 * @property {readonly KeyFacts[]} keys the primary key first
 * @property {boolean} seipdv2 advertises Features bit 0x08
 * @property {readonly number[]} ciphers that it prefers for SEIPD version 1
 * @property {readonly (readonly number[])[]} suites cipher and mode that it prefers for version 2
 * @property {Key} key
 */

const { enums } = pgp;
const SOFT = new Set([enums.reasonForRevocation.keySuperseded, enums.reasonForRevocation.keyRetired, enums.reasonForRevocation.userIDInvalid]);
const SHA1 = enums.hash.sha1;
/** A clock may be a little wrong without anybody lying. */
export const SKEW_MS = 5 * 60 * 1000;
const BROKEN = new Set([enums.hash.md5, enums.hash.ripemd]);

/** @type {WeakMap<Key, Promise<Certificate>>} */
const inspected = new WeakMap();

/**
 * All certificates in the bytes, armored or not; [] when there is none that can be read.
 * @param {Uint8Array} bytes
 * @returns {Promise<Key[]>}
 */
export async function readCertificates(bytes) {
  const packets = packetsOf(bytes);
  if (packets === null || packets.length > CERTIFICATE_LIMIT) return [];
  try {
    const keys = await pgp.readKeys({ binaryKeys: packets });
    return keys.map((key) => (key.isPrivate() ? key.toPublic() : key));
  } catch {
    // The library names no classes of errors; whatever it is, these bytes hold no certificate that can be used.
    return [];
  }
}

/** @param {Key} key @returns {Promise<Certificate>} */
export function inspect(key) {
  let facts = inspected.get(key);
  if (facts === undefined) {
    facts = examine(key);
    inspected.set(key, facts);
  }
  return facts;
}

/** @param {Key} key @returns {Promise<Certificate>} */
async function examine(key) {
  const primary = key.keyPacket;
  const direct = await latestValid(directSignatures(key), primary, enums.signature.key, { key: primary });
  const certified = [];
  for (const user of key.users) {
    if (user.userID === null) continue;
    const data = { userID: user.userID, key: primary };
    const signature = await latestValid(user.selfCertifications, primary, enums.signature.certGeneric, data);
    if (signature === null) continue;
    const revoked = await revocationsOf(user.revocationSignatures, primary, enums.signature.certRevocation, data);
    // A user ID can be certified again after a soft revocation; then the newer statement counts.
    if (revoked.some((one) => one.hard || one.date >= dateOf(signature))) continue;
    certified.push({ text: user.userID.userID, signature });
  }
  // The primary user ID's statement is the key's; among equals the newest.
  const main = certified.map((one) => one.signature).sort((a, b) => rank(b) - rank(a) || dateOf(b).getTime() - dateOf(a).getTime())[0] ?? null;
  const self = primary.version === 6 ? direct : (main ?? direct);
  const revocations = await revocationsOf(key.revocationSignatures, primary, enums.signature.keyRevocation, { key: primary });
  const expires = earliest([expiry(primary, self), direct === null ? null : expiry(primary, direct)]);
  /** @type {KeyFacts[]} */
  const keys = [{ ...facts(key, self), expires, revocations }];
  for (const subkey of key.subkeys) {
    const data = { key: primary, bind: subkey.keyPacket };
    const binding = await latestValid(subkey.bindingSignatures, primary, enums.signature.subkeyBinding, data);
    if (binding === null) continue;
    const found = facts(subkey, binding);
    const back = binding.embeddedSignature;
    // Without its own consent a subkey could be claimed by a stranger, and so the signatures it made (section 5.2.1.10).
    const consents = back !== null && (await latestValid([back], subkey.keyPacket, enums.signature.keyBinding, data)) !== null;
    keys.push({
      ...found,
      canSign: found.canSign && consents,
      expires: earliest([expiry(subkey.keyPacket, binding), expires]),
      revocations: [...revocations, ...(await revocationsOf(subkey.revocationSignatures, primary, enums.signature.subkeyRevocation, data))],
    });
  }
  return {
    fingerprint: key.getFingerprint(),
    created: key.getCreationTime(),
    expires,
    revocations,
    userIds: self === null ? [] : certified.map(({ text, signature }) => ({ text, address: addressOfUserId(text), weak: signature.hashAlgorithm === SHA1 })),
    keys,
    seipdv2: ((self?.features?.[0] ?? 0) & 0x08) !== 0,
    ciphers: [...(self?.preferredSymmetricAlgorithms ?? [])],
    suites: /** @type {any} */ (self)?.preferredCipherSuites ?? [],
    key,
  };
}

/**
 * The newest signature that verifies and is in force today. It is not asked whether it was in force when some message was
 * signed: a certificate renewed today carries only today's signatures and must still judge yesterday's mail.
 * @param {readonly SignaturePacket[]} signatures
 * @param {any} packet
 * @param {number} type
 * @param {object} data
 * @returns {Promise<SignaturePacket | null>}
 */
async function latestValid(signatures, packet, type, data) {
  // Of two from one second the later in the certificate counts, as elsewhere.
  const newest = [...signatures].reverse().sort((a, b) => dateOf(b).getTime() - dateOf(a).getTime());
  // A few per key are honest; thousands are a flood, and each costs a verification.
  for (const signature of newest.slice(0, 64)) {
    if (BROKEN.has(/** @type {number} */ (signature.hashAlgorithm)) || !inForce(signature)) continue;
    if (await verifies(signature, packet, type, data)) return signature;
  }
  return null;
}

/** Neither from the future nor past its own end (RFC 9580 section 5.2.3.18). @param {SignaturePacket} signature */
function inForce(signature) {
  const now = Date.now();
  const ends = signature.getExpirationTime();
  return dateOf(signature).getTime() <= now + SKEW_MS && (!(ends instanceof Date) || ends.getTime() > now);
}

/**
 * @param {SignaturePacket} signature
 * @param {any} packet
 * @param {number} type
 * @param {object} data
 * @returns {Promise<boolean>}
 */
async function verifies(signature, packet, type, data) {
  try {
    await signature.verify(packet, type, data, /** @type {any} */ (null), false, /** @type {any} */ (lenient));
    return true;
  } catch {
    return false;
  }
}

/**
 * @param {readonly SignaturePacket[]} signatures
 * @param {any} packet
 * @param {number} type
 * @param {object} data
 * @returns {Promise<Revocation[]>}
 */
async function revocationsOf(signatures, packet, type, data) {
  const found = [];
  for (const signature of signatures.slice(0, 64)) {
    if (!(await verifies(signature, packet, type, data))) continue;
    const reason = signature.reasonForRevocationFlag ?? 0;
    found.push({ date: dateOf(signature), reason, hard: !SOFT.has(reason) });
  }
  return found;
}

/** @param {any} key a key or subkey @param {SignaturePacket | null} signature that binds it @returns {Omit<KeyFacts, "expires" | "revocations">} */
function facts(key, signature) {
  const info = key.getAlgorithmInfo();
  const flags = signature?.keyFlags?.[0];
  const { algorithm } = key.keyPacket;
  const signs = SIGNING.has(algorithm);
  const encrypts = ENCRYPTING.has(algorithm);
  return {
    keyId: key.getKeyID().toHex(),
    fingerprint: key.getFingerprint(),
    created: key.getCreationTime(),
    // Keys of the nineties carry no flags; then the algorithm alone says what they are for.
    canSign: signature !== null && signs && (flags === undefined || (flags & enums.keyFlags.signData) !== 0),
    canEncrypt: signature !== null && encrypts && (flags === undefined ? !signs : (flags & (enums.keyFlags.encryptCommunication | enums.keyFlags.encryptStorage)) !== 0),
    uses: flags === undefined ? [] : USES.filter(([flag]) => (flags & flag) !== 0).map(([, use]) => use),
    algorithm: info.curve ?? info.algorithm,
    bits: info.bits ?? 0,
    weak: info.bits !== undefined && info.bits < 2048,
    packet: key.keyPacket,
  };
}

/** @type {readonly (readonly [number, "certify" | "encrypt" | "authenticate"])[]} */
const USES = [[enums.keyFlags.certifyKeys, "certify"], [enums.keyFlags.encryptCommunication | enums.keyFlags.encryptStorage, "encrypt"], [enums.keyFlags.authentication, "authenticate"]];
const SIGNING = new Set([enums.publicKey.rsaEncryptSign, enums.publicKey.rsaSign, enums.publicKey.dsa, enums.publicKey.ecdsa, enums.publicKey.eddsaLegacy, enums.publicKey.ed25519, enums.publicKey.ed448]);
const ENCRYPTING = new Set([enums.publicKey.rsaEncryptSign, enums.publicKey.rsaEncrypt, enums.publicKey.elgamal, enums.publicKey.ecdh, enums.publicKey.x25519, enums.publicKey.x448]);

/** @param {Key} key @returns {SignaturePacket[]} not in the library's types */
export function directSignatures(key) {
  return /** @type {{directSignatures: SignaturePacket[]}} */ (/** @type {unknown} */ (key)).directSignatures;
}

/** @param {SignaturePacket} signature */
function rank(signature) {
  return signature.isPrimaryUserID ? 1 : 0;
}

/** @param {SignaturePacket} signature */
export function dateOf(signature) {
  return signature.created ?? new Date(0);
}

/** @param {any} packet @param {SignaturePacket | null} signature @returns {Date | null} */
function expiry(packet, signature) {
  if (signature === null || signature.keyNeverExpires !== false) return null;
  return new Date(packet.created.getTime() + (signature.keyExpirationTime ?? 0) * 1000);
}

/** @param {readonly (Date | null)[]} dates @returns {Date | null} */
function earliest(dates) {
  const known = dates.filter((date) => date !== null);
  return known.length === 0 ? null : new Date(Math.min(...known.map((date) => date.getTime())));
}

/** @param {{expires: Date | null}} key @param {Date} at */
export function expiredAt(key, at) {
  return key.expires !== null && at >= key.expires;
}

/** Soft revocations count from their date, hard ones always. @param {{revocations: readonly Revocation[]}} key @param {Date} at */
export function revokedAt(key, at) {
  return key.revocations.some((one) => one.hard || one.date <= at);
}

/** @param {Certificate} certificate @param {string} address */
export function names(certificate, address) {
  return certificate.userIds.some((id) => id.address !== null && sameAddress(id.address, address));
}

/**
 * The subkey that others should encrypt to now: the newest that is in order.
 * @param {Certificate} certificate
 * @param {Date} now
 * @returns {KeyFacts | null}
 */
export function encryptionKey(certificate, now) {
  const usable = certificate.keys.filter((key) => key.canEncrypt && !key.weak && key.created <= now && !expiredAt(key, now) && !revokedAt(key, now));
  usable.sort((a, b) => b.created.getTime() - a.created.getTime());
  // A primary key that also encrypts comes last, as in the library and in GnuPG.
  return usable.find((key) => key.fingerprint !== certificate.fingerprint) ?? usable[0] ?? null;
}

/**
 * Whether the holder of `older` vouches for `newer` under this address by a certification that verifies, was made in the
 * life of that key, and was not taken back.
 * @param {Certificate} newer
 * @param {Certificate} older
 * @param {string} address
 * @param {Date} now
 */
export async function vouchedFor(newer, older, address, now) {
  const [primary] = older.keys;
  for (const user of newer.key.users) {
    const id = user.userID === null ? null : addressOfUserId(user.userID.userID);
    if (user.userID === null || id === null || !sameAddress(id, address)) continue;
    const data = { userID: user.userID, key: newer.key.keyPacket };
    for (const certification of user.otherCertifications.slice(0, 64)) {
      if (!issuedBy(certification, older)) continue;
      const made = dateOf(certification);
      const ends = certification.getExpirationTime();
      if (made.getTime() > now.getTime() + SKEW_MS || (ends instanceof Date && ends <= now)) continue;
      if (made < older.created || made < newer.created || expiredAt(older, made) || revokedAt(older, made)) continue;
      if (certification.hashAlgorithm === SHA1 || BROKEN.has(/** @type {number} */ (certification.hashAlgorithm)) || primary.weak) continue;
      if (!(await verifies(certification, primary.packet, enums.signature.certGeneric, data))) continue;
      // RFC 9580 section 5.2.1.13: whoever certified may take it back; certifying anew after that counts again.
      const takenBack = await revocationsOf(user.revocationSignatures.filter((one) => issuedBy(one, older)), primary.packet, enums.signature.certRevocation, data);
      if (!takenBack.some((one) => one.date >= made)) return true;
    }
  }
  return false;
}

/** @param {SignaturePacket} signature @param {Certificate} certificate */
function issuedBy(signature, certificate) {
  if (certificate.keys[0].keyId !== signature.issuerKeyID.toHex()) return false;
  return signature.issuerFingerprint === null || toHex(signature.issuerFingerprint) === certificate.fingerprint;
}
