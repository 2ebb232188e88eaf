/**
 * What the key ring's own OpenPGP keys are, and whether each is whole.
 *
 * KO, "key overwriting" (Bruseghini, Huigens, Paterson 2022): who can change the public half of a stored key makes its
 * owner compute with a mixed pair and reads the private half out of the results. The ring is sealed as a whole, so
 * this is the second lock on that door: no key is used before both halves were seen to belong together.
 */
import { copy, equal } from "./bytes.js";
import { CryptoError } from "./errors.js";

/** @typedef {import("./keyring-file.js").OwnKey} OwnKey */
/**
 * @typedef {object} KeyFacts  public, for the list of own keys
 * @property {string} fingerprint
 * @property {string} account
 * @property {string} address
 * @property {string} label
 * @property {"openpgp"} kind
 * @property {"sign-encrypt" | "sign" | "decrypt"} purpose  what it may still be used for
 * @property {number} created  Unix seconds
 * @property {number | null} expires  Unix seconds; null for never
 * @property {boolean} revoked
 * @property {string[]} userIds
 * @property {Uint8Array} certificate
 */

/**
 * @param {OwnKey} key
 * @returns {Promise<KeyFacts>}
 * @throws {CryptoError} key-refused
 */
export async function examine(key) {
  const { pgp } = await import("./openpgp-library.js");
  const refuse = (/** @type {string} */ why) => new CryptoError("key-refused", why, { fingerprint: key.fingerprint });
  let secret;
  let certificate;
  try {
    secret = await pgp.readPrivateKey({ binaryKey: key.key });
    certificate = await pgp.readKey({ binaryKey: key.certificate });
  } catch (error) {
    throw refuse(`unreadable: ${String(error)}`);
  }
  if ([secret, certificate].some((each) => each.getFingerprint() !== key.fingerprint)) throw refuse("fingerprint");
  const own = new Set();
  for (const { keyPacket } of secret.getKeys()) {
    await wholePair(keyPacket, refuse);
    own.add(keyPacket.getFingerprint());
  }
  // A subkey in the certificate that the ring cannot answer for would be encrypted to by everybody else.
  for (const { keyPacket } of certificate.getKeys()) {
    if (!own.has(keyPacket.getFingerprint())) throw refuse("subkey without its private half");
  }
  if (certificate.isPrivate() || equal(key.key, key.certificate)) throw refuse("the certificate is not public");

  const expires = await certificate.getExpirationTime();
  const revoked = await certificate.isRevoked();
  const signs = await usable(certificate.getSigningKey());
  const encrypts = await usable(certificate.getEncryptionKey());
  return {
    fingerprint: key.fingerprint,
    account: key.account,
    address: key.address,
    label: key.label,
    kind: key.kind,
    purpose: signs && encrypts ? "sign-encrypt" : signs ? "sign" : "decrypt",
    created: Math.floor(certificate.getCreationTime().getTime() / 1000),
    expires: expires instanceof Date ? Math.floor(expires.getTime() / 1000) : null,
    revoked,
    userIds: certificate.getUserIDs(),
    certificate: key.certificate,
  };
}

/**
 * One key as two devices have it: user IDs, subkeys and signatures of both, such as one that renewed it.
 * @param {OwnKey} leading  whose label and address stay
 * @param {OwnKey} other  of the same fingerprint
 * @returns {Promise<OwnKey>} `leading` itself where the other adds nothing
 * @throws {CryptoError} key-refused
 */
export async function unite(leading, other) {
  if (equal(leading.key, other.key) && equal(leading.certificate, other.certificate)) return leading;
  const { pgp } = await import("./openpgp-library.js");
  try {
    const [secrets, certificates] = await Promise.all([
      Promise.all([leading, other].map(({ key }) => pgp.readPrivateKey({ binaryKey: key }))),
      Promise.all([leading, other].map(({ certificate }) => pgp.readKey({ binaryKey: certificate }))),
    ]);
    const key = await secrets[0].update(secrets[1]);
    const certificate = await certificates[0].update(certificates[1]);
    return { ...leading, key: copy(key.write()), certificate: copy(certificate.write()) };
  } catch (error) {
    throw new CryptoError("key-refused", `the halves of two devices do not unite: ${String(error)}`, { fingerprint: leading.fingerprint });
  }
}

/**
 * @param {any} packet  SecretKeyPacket or SecretSubkeyPacket
 * @param {(why: string) => CryptoError} refuse
 */
async function wholePair(packet, refuse) {
  if (typeof packet.validate !== "function" || packet.isDummy?.()) throw refuse("no private half");
  try {
    await packet.validate();
  } catch (error) {
    throw refuse(`the halves differ: ${String(error)}`);
  }
}

/**
 * OpenPGP.js throws when a certificate has no usable key of a sort.
 * @param {Promise<unknown>} found
 */
async function usable(found) {
  try {
    await found;
    return true;
  } catch {
    return false;
  }
}
