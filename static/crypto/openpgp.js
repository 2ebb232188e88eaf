/** OpenPGP (RFC 9580): keys made, entities encrypted and decrypted, signatures made and checked. */
import { isAddress, normalise } from "./addresses.js";
import { packetsOf } from "./armor.js";
import { CryptoError } from "./errors.js";
import { bulkOf, decryptBulk, withoutText } from "./openpgp-bulk.js";
import { expiredAt, inspect, revokedAt } from "./openpgp-certificate.js";
import { pgp } from "./openpgp-library.js";
import { secretKey } from "./openpgp-secret.js";
import { checkSignature, noSignature } from "./openpgp-signature.js";

export { choose, judge } from "./certificate-judge.js";
export { encrypt, encryptPieces, formFor, sign, signPieces } from "./openpgp-write.js";

/** @typedef {import("./openpgp-certificate.js").Certificate} Certificate */
/** @typedef {import("./openpgp-signature.js").SignatureFacts} SignatureFacts */
/** @typedef {import("./pace.js").Watch} Watch */
/** @typedef {import("./openpgp-secret.js").OwnKey} OwnKey */

const { enums } = pgp;
/** The message, its packets and what was inside are held at once; past this the tab would not be usable. */
const MESSAGE_LIMIT = 150 * 1024 * 1024;

/** Honest messages have one or a few signatures; each more costs a verification over the whole text. */
const SIGNATURES = 16;

/**
 * A new key in the form that GnuPG 2.2 reads and writes: v4, Ed25519 with an X25519 subkey for encryption.
 * @param {{name: string, address: string, date?: Date}} person
 * @returns {Promise<{key: Uint8Array, certificate: Uint8Array, revocation: Uint8Array, fingerprint: string}>}
 */
export async function generateKey({ name, address, date }) {
  if (!isAddress(address)) throw new CryptoError("bad-input", "not an address");
  // Brackets in the name could read as another address.
  const shown = name.replace(/[<>()\u0000-\u001f\u007f]/g, " ").replace(/\s+/g, " ").trim();
  const made = await pgp.generateKey({
    type: "ecc",
    curve: "curve25519Legacy",
    userIDs: [shown === "" ? { email: normalise(address) } : { name: shown, email: normalise(address) }],
    format: "object",
    ...(date === undefined ? {} : { date }),
  });
  const revocation = packetsOf(new TextEncoder().encode(made.revocationCertificate));
  if (revocation === null) throw new Error("the library gave no revocation");
  return {
    key: made.privateKey.write(),
    certificate: made.publicKey.write(),
    revocation,
    fingerprint: made.publicKey.getFingerprint(),
  };
}

/**
 * @typedef {object} Opened
 * @property {Uint8Array} data integrity held over all of it
 * @property {SignatureFacts[]} signatures made inside
 * @property {{fingerprint: string, keyId: string, created: Date, old: "none" | "expired" | "revoked", oldSince: Date | null}} key that opened it
 * @property {string[]} readers IDs of the keys it was encrypted for, as far as it names them
 * @property {string} method
 */

/**
 * Decrypt with own keys and check what was signed inside. Nothing is returned before the integrity check held.
 * @param {Uint8Array} packets
 * @param {object} by
 * @param {readonly OwnKey[]} by.keys
 * @param {readonly Certificate[]} by.certificates
 * @param {Date} by.now
 * @param {Watch} [by.watch]
 * @param {boolean} [by.disposable] nobody needs `packets` any more, so large ones may be decrypted where they stand
 * @param {number} [by.bulk] from this size on the library is passed by, in bytes
 * @returns {Promise<Opened>}
 * @throws {CryptoError} no-key, no-integrity, damaged, not-opened, unsupported, too-large
 */
export async function decrypt(packets, { keys, certificates, now, watch = {}, disposable = false, bulk: from }) {
  if (packets.length > MESSAGE_LIMIT) throw new CryptoError("too-large", "encrypted message", { limit: MESSAGE_LIMIT });
  const bulk = await bulkOf(packets, from);
  const first = await readMessage(bulk === null ? packets : bulk.keys);
  const sealed = first.packets.filterByTag(enums.packet.symmetricallyEncryptedData, enums.packet.symEncryptedIntegrityProtectedData, enums.packet.aeadEncryptedData)[0];
  const recipients = first.getEncryptionKeyIDs();
  if (recipients.length === 0 && first.packets.filterByTag(enums.packet.symEncryptedSessionKey).length > 0) {
    throw new CryptoError("unsupported", "encrypted to a passphrase", { method: "OpenPGP, passphrase" });
  }
  if (bulk === null && sealed === undefined) throw new CryptoError("unsupported", "no encrypted data that can be read", { method: "OpenPGP" });
  const { key, keyId, sessionKeys } = await sessionKeysFor(first, recipients, keys);
  // Without MDC anybody on the way could have changed it (EFAIL); it is not decrypted at all.
  if (sealed instanceof pgp.SymmetricallyEncryptedDataPacket) throw new CryptoError("no-integrity");
  // Cut off before its data begins. The library would wait for it for ever.
  if (sealed instanceof pgp.AEADEncryptedDataPacket && !(/** @type {any} */ (sealed).iv instanceof Uint8Array)) throw new CryptoError("damaged", "no initialisation vector");
  const [{ data, algorithm }] = sessionKeys;
  const session = { data, cipher: algorithm === null ? null : /** @type {any} */ (enums.symmetric)[algorithm] };
  const owned = bulk === null || disposable ? packets : new Uint8Array(packets);
  const opened = bulk === null ? null : await decryptBulk(owned, bulk, session, watch);
  const { inside, text } = opened === null ? { inside: await openedByLibrary(bulk === null ? first : await readMessage(packets), sessionKeys, now), text: null } : await read(opened);
  const literals = inside.filter((packet) => packet instanceof pgp.LiteralDataPacket);
  // Two texts and one signature: whose would it be?
  if (literals.length !== 1) throw new CryptoError("unsupported", "not exactly one text inside", { method: "OpenPGP" });
  const [literal] = /** @type {any[]} */ (literals);
  if (text !== null) literal.setBytes(text, literal.format);
  return {
    data: literal.getBytes(),
    signatures: await signaturesOf(inside, literal, certificates, now, watch),
    key: await describe(key, keyId, now),
    readers: recipients.filter((id) => !isHidden(id)).map((id) => id.toHex()),
    method: `OpenPGP, ${algorithm ?? "AEAD"}`,
  };
}

/**
 * @param {any} message
 * @param {{data: Uint8Array, algorithm: string | null}[]} sessionKeys
 * @param {Date} now
 * @returns {Promise<any[]>}
 */
async function openedByLibrary(message, sessionKeys, now) {
  try {
    // The session key is at hand, so what fails from here on is the message itself.
    const { config } = pgp;
    const opened = await message.decrypt(undefined, undefined, sessionKeys, now, config);
    return await allPackets(opened.unwrapCompressed().packets);
  } catch (error) {
    throw refusal(error);
  }
}

/** @param {Uint8Array} opened packets whose integrity held @returns {Promise<{inside: any[], text: Uint8Array | null}>} */
async function read(opened) {
  const { packets, text } = withoutText(opened);
  const message = await readMessage(packets, decompressedLimit(packets.length));
  const inside = await allPackets(message.unwrapCompressed().packets).catch((error) => {
    throw refusal(error);
  });
  return { inside, text };
}

/**
 * A letter with files, which are base64, becomes about a quarter smaller; a bomb a thousand times. So a large letter may
 * grow a little over what any message may.
 * @param {number} compressed
 */
function decompressedLimit(compressed) {
  return Math.max(pgp.config.maxDecompressedMessageSize, Math.min(2 * compressed, MESSAGE_LIMIT));
}

/** @param {Uint8Array} packets @param {number} [limit] of what is decompressed */
async function readMessage(packets, limit = pgp.config.maxDecompressedMessageSize) {
  try {
    return await pgp.readMessage({ binaryMessage: packets, config: { maxDecompressedMessageSize: limit } });
  } catch (error) {
    throw refusal(error, limit);
  }
}

/**
 * The library's errors have texts and no classes; these are the ones that a test of ours holds in place.
 * @param {unknown} error
 * @param {number} [limit] of what is decompressed
 * @returns {CryptoError}
 */
function refusal(error, limit = pgp.config.maxDecompressedMessageSize) {
  if (error instanceof CryptoError) return error;
  const text = error instanceof Error ? error.message : String(error);
  if (/Maximum decompressed/.test(text)) return new CryptoError("too-large", text, { limit });
  if (/Modification detected|Authentication tag mismatch|operation-specific reason/.test(text)) return new CryptoError("damaged", text);
  if (/not authenticated/.test(text)) return new CryptoError("no-integrity", text);
  if (/[Uu]nsupported|not supported|[Uu]nknown .*(?:algorithm|packet|version)|disabled|enum value|Argon2/.test(text)) return new CryptoError("unsupported", text, { method: "OpenPGP" });
  return new CryptoError("not-opened", text);
}

/**
 * @param {import("../vendor/openpgp.js").Message<any>} message
 * @param {readonly import("../vendor/openpgp.js").KeyID[]} recipients
 * @param {readonly OwnKey[]} keys
 */
async function sessionKeysFor(message, recipients, keys) {
  /** @type {unknown} */
  let last = null;
  for (const own of keys) {
    const key = await secretKey(own);
    const mine = recipients.some((id) => isHidden(id) || key.getKeys(id).length > 0);
    if (!mine) continue;
    try {
      return { key, ...(await openSessionKey(message, key)) };
    } catch (error) {
      last = error;
    }
  }
  const named = recipients.filter((id) => !isHidden(id)).map((id) => id.toHex());
  if (last === null || recipients.every((id) => isHidden(id))) throw new CryptoError("no-key", "for none of the keys", { keyIds: named });
  throw refusal(last);
}

/**
 * The library's own function refuses ciphers that the key does not prefer; which those were when an old message was
 * written, nobody knows any more.
 * @param {any} message
 * @param {any} key
 * @returns {Promise<{keyId: string, sessionKeys: {data: Uint8Array, algorithm: string | null}[]}>}
 */
async function openSessionKey(message, key) {
  /** @type {unknown} */
  let last = new Error("Session key decryption failed.");
  for (const packet of message.packets.filterByTag(enums.packet.publicKeyEncryptedSessionKey)) {
    const id = isHidden(packet.publicKeyID) ? null : packet.publicKeyID;
    // Keys without flags are from before flags; they may still open what was made for them.
    const candidates = await key.getDecryptionKeys(id, null, undefined, { ...pgp.config, allowMissingKeyFlags: true }).catch(() => []);
    for (const { keyPacket } of candidates) {
      try {
        await packet.decrypt(keyPacket);
        const algorithm = packet.sessionKeyAlgorithm === null ? null : enums.read(enums.symmetric, packet.sessionKeyAlgorithm);
        return { keyId: keyPacket.getKeyID().toHex(), sessionKeys: [{ data: packet.sessionKey, algorithm }] };
      } catch (error) {
        last = error;
      }
    }
  }
  throw last;
}

/** A recipient that the writer did not name (RFC 9580 section 5.1.8). @param {import("../vendor/openpgp.js").KeyID} id */
function isHidden(id) {
  return /^0*$/.test(id.toHex());
}

/**
 * Whether the packets are encrypted at all: armor says MESSAGE for signed and compressed ones too.
 * @param {Uint8Array} packets
 */
export function isEncrypted(packets) {
  if (packets.length === 0) return true;
  const [head] = packets;
  const tag = (head & 0x40) !== 0 ? head & 0x3f : (head >> 2) & 0x0f;
  return tag !== enums.packet.compressedData && tag !== enums.packet.onePassSignature && tag !== enums.packet.signature && tag !== enums.packet.literalData;
}

/**
 * A message that is signed and not encrypted.
 * @param {Uint8Array} packets
 * @param {{certificates: readonly Certificate[], now: Date}} by
 * @returns {Promise<{data: Uint8Array, signatures: SignatureFacts[]}>}
 * @throws {CryptoError} unsupported, too-large, not-opened
 */
export async function readSigned(packets, { certificates, now }) {
  const inside = await allPackets((await readMessage(packets)).unwrapCompressed().packets).catch((error) => {
    throw refusal(error);
  });
  const [literal, ...more] = inside.filter((packet) => packet instanceof pgp.LiteralDataPacket);
  if (literal === undefined || more.length > 0) throw new CryptoError("unsupported", "not exactly one text inside", { method: "OpenPGP" });
  return { data: /** @type {any} */ (literal).getBytes(), signatures: await signaturesOf(inside, literal, certificates, now) };
}

/** The library hands out the packets behind the text only when asked. @param {any} list @returns {Promise<any[]>} */
async function allPackets(list) {
  const found = [...list];
  const reader = list.stream?.getReader();
  for (let next = await reader?.read(); next !== undefined && !next.done; next = await reader.read()) found.push(next.value);
  return found;
}

/**
 * @param {readonly any[]} packets
 * @param {any} literal
 * @param {readonly Certificate[]} certificates
 * @param {Date} now
 * @param {Watch} [watch]
 */
async function signaturesOf(packets, literal, certificates, now, watch = {}) {
  /** @type {SignatureFacts[]} */
  const found = [];
  for (const packet of packets) {
    if (found.length === SIGNATURES) break;
    if (packet instanceof pgp.SignaturePacket) found.push(await checkSignature(packet, literal, { detached: false, certificates, now, watch }));
    else if (packet instanceof pgp.UnparseablePacket && packet.tag === enums.packet.signature) found.push(noSignature("unsupported"));
  }
  // Announced by a one-pass packet and missing at the end: cut off.
  if (found.length === 0 && packets.some((packet) => packet instanceof pgp.OnePassSignaturePacket)) found.push(noSignature("unreadable"));
  return found;
}

/**
 * @param {import("../vendor/openpgp.js").PrivateKey} key
 * @param {string} keyId
 * @param {Date} now
 */
async function describe(key, keyId, now) {
  const facts = await inspect(key.toPublic());
  const used = facts.keys.find((one) => one.keyId === keyId) ?? facts.keys[0];
  /** @type {"none" | "expired" | "revoked"} */
  const old = revokedAt(used, now) ? "revoked" : expiredAt(used, now) ? "expired" : "none";
  const revoked = used.revocations.find((one) => one.hard || one.date <= now);
  return { fingerprint: facts.fingerprint, keyId: used.keyId, created: used.created, old, oldSince: old === "none" ? null : (revoked?.date ?? used.expires) };
}

/**
 * Check a detached signature over the raw bytes of what it covers (RFC 3156 section 5).
 * @param {Uint8Array} entity with CRLF
 * @param {Uint8Array} signature
 * @param {{certificates: readonly Certificate[], now: Date, watch?: Watch}} by
 * @returns {Promise<SignatureFacts[]>}
 */
export async function verify(entity, signature, { certificates, now, watch = {} }) {
  const packets = packetsOf(signature);
  if (packets === null) return [noSignature("unreadable")];
  let read;
  try {
    read = await pgp.readSignature({ binarySignature: packets });
  } catch {
    return [noSignature("unreadable")];
  }
  const literal = new pgp.LiteralDataPacket();
  /** @type {any} */ (literal).setBytes(entity, enums.literal.binary);
  const found = [];
  for (const packet of read.packets.slice(0, SIGNATURES)) found.push(await checkSignature(packet, literal, { detached: true, certificates, now, watch }));
  return found.length > 0 ? found : [noSignature("unreadable")];
}
