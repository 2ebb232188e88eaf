/**
 * Certificates that travel in header fields: Autocrypt of whoever writes, and Autocrypt-Gossip of everybody in To and
 * Cc, so that they can answer all of them (Autocrypt Level 1 sections 2.1 and 5.1). Nobody in Bcc is named.
 */
import { sameAddress } from "./addresses.js";
import { encodeBase64 } from "./base64.js";
import { packetsOf } from "./armor.js";
import { fromUtf8 } from "./bytes.js";
import { directSignatures, inspect, readCertificates } from "./openpgp-certificate.js";
import { pgp } from "./openpgp-library.js";

/** @typedef {import("./openpgp-certificate.js").Certificate} Certificate */
/** @typedef {import("./mime-write.js").HeaderLine} HeaderLine */

/** Section 2.1.1: others need not read a longer field. A certificate that needs one is found by its address instead. */
const FIELD_LIMIT = 10 * 1024;
const { enums } = pgp;

/**
 * The field for whoever writes, or none where the certificate is too large or does not name the address.
 * @param {string} address
 * @param {Uint8Array} own the own certificate, binary
 * @returns {Promise<HeaderLine[]>}
 */
export async function autocryptField(address, own) {
  const [key] = await readCertificates(packetsOf(own) ?? new Uint8Array());
  if (key === undefined) return [];
  const keydata = await keydataOf(address, await inspect(key));
  return keydata === null ? [] : [["Autocrypt", `addr=${address}; prefer-encrypt=mutual; keydata=${keydata}`]];
}

/**
 * What each of several recipients is told of the others' certificates. Goes inside the encryption.
 * @param {readonly {address: string, certificate: Certificate}[]} visible those in To and Cc, without the writer
 * @returns {Promise<HeaderLine[]>} none for a single recipient, who has nobody to be told about
 */
export async function gossip(visible) {
  if (visible.length < 2) return [];
  /** @type {HeaderLine[]} */
  const lines = [];
  for (const { address, certificate } of visible) {
    const keydata = await keydataOf(address, certificate);
    if (keydata !== null) lines.push(["Autocrypt-Gossip", `addr=${address}; keydata=${keydata}`]);
  }
  return lines;
}

/**
 * The parts of a certificate that are of use for this address alone: no photos, no other names, no strangers' signatures.
 * @param {string} address
 * @param {Certificate} certificate
 */
async function keydataOf(address, certificate) {
  const { key } = certificate;
  const named = certificate.userIds.find((one) => one.address !== null && sameAddress(one.address, address));
  const user = key.users.find(({ userID }) => userID !== null && named !== undefined && userID.userID === named.text);
  if (user?.userID === undefined || user.userID === null) return null;
  const packets = new pgp.PacketList();
  packets.push(key.keyPacket, ...newest(directSignatures(key)), user.userID, ...newest(user.selfCertifications));
  const bound = new Map(certificate.keys.map((one) => [one.keyId, one]));
  for (const { keyPacket, bindingSignatures } of key.subkeys) {
    const facts = bound.get(keyPacket.getKeyID().toHex());
    const past = facts === undefined || facts.revocations.length > 0 || (facts.expires !== null && facts.expires < new Date());
    if (!past && (facts.canEncrypt || facts.canSign)) packets.push(keyPacket, ...newest(bindingSignatures));
  }
  const keydata = fromUtf8(encodeBase64(packets.write())).replace(/\s+/g, "");
  // Blanks, where the field may be folded.
  return keydata.length > FIELD_LIMIT ? null : (keydata.match(/.{1,72}/g) ?? []).join(" ");
}

/**
 * Only the newest statement counts for a reader, so only that travels.
 * @param {readonly import("./openpgp-certificate.js").SignaturePacket[]} signatures
 */
function newest(signatures) {
  const made = signatures.filter(({ signatureType }) => signatureType !== enums.signature.certRevocation && signatureType !== enums.signature.subkeyRevocation);
  return [...made].sort((a, b) => Number(b.created) - Number(a.created)).slice(0, 1);
}
