/** A signature over a text that comes in pieces: hashed here as it passes, made into a packet by the library. */
import { concat } from "./bytes.js";
import { SALTS } from "./openpgp-digest.js";
import { pgp } from "./openpgp-library.js";
import { secretKey } from "./openpgp-secret.js";
import { packet } from "./packet-writer.js";

/** @typedef {import("./openpgp-secret.js").OwnKey} OwnKey */

const { enums } = pgp;
const SIGNATURE = 2;
const ONE_PASS = 4;
/** Every program of OpenPGP has it, and of the hashes it is the quickest on long texts. */
const HASH = enums.hash.sha512;
export const MICALG = "pgp-sha512";
/** For these keys WebCrypto signs texts, not hashes; up to this size the library gets the text, and WebCrypto's own care. */
const BY_TEXT = new Set([enums.publicKey.rsaEncryptSign, enums.publicKey.rsaSign, enums.publicKey.ecdsa]);
const SHORT = 1024 * 1024;

/**
 * A signature in the making.
 * @typedef {object} Signing
 * @property {Uint8Array} onePass the packet that announces it (RFC 9580 section 5.4)
 * @property {(bytes: Uint8Array) => void} update the next of the text
 * @property {() => Promise<Uint8Array>} end the packet
 */

/**
 * @param {OwnKey} own
 * @param {{now: Date, size: number}} about size of the text in octets
 * @returns {Promise<Signing>}
 */
export async function signing(own, { now, size }) {
  const { createSHA512 } = await import("../vendor/argon2.js");
  const key = await secretKey(own);
  const { keyPacket } = await key.getSigningKey(undefined, now, undefined, pgp.config);
  const signature = /** @type {any} */ (new pgp.SignaturePacket());
  Object.assign(signature, { signatureType: enums.signature.binary, publicKeyAlgorithm: keyPacket.algorithm, hashAlgorithm: HASH });
  const hasher = (await createSHA512()).init();
  if (keyPacket.version === 6) {
    signature.salt = globalThis.crypto.getRandomValues(new Uint8Array(/** @type {number} */ (SALTS.get(HASH))));
    hasher.update(signature.salt);
  }
  /** @type {Uint8Array[] | null} */
  const kept = BY_TEXT.has(keyPacket.algorithm) && size <= SHORT ? [] : null;
  const announced = /** @type {any} */ (new pgp.OnePassSignaturePacket());
  Object.assign(announced, {
    version: keyPacket.version === 6 ? 6 : 3, signatureType: signature.signatureType, hashAlgorithm: HASH, publicKeyAlgorithm: keyPacket.algorithm,
    salt: signature.salt, issuerKeyID: keyPacket.getKeyID(), issuerFingerprint: keyPacket.getFingerprintBytes(), flags: 1,
  });
  return {
    onePass: packet(ONE_PASS, announced.write()),
    update(bytes) {
      if (kept === null) hasher.update(bytes);
      else kept.push(bytes.slice());
    },
    async end() {
      const literal = /** @type {any} */ (new pgp.LiteralDataPacket());
      literal.setBytes(kept === null ? new Uint8Array() : concat(...kept), enums.literal.binary);
      if (kept === null) {
        // Without a text the library signs the hash. What is hashed behind the text is known when it asks (section 5.2.4).
        signature.toHash = () => null;
        signature.hash = async () => {
          const { signatureData, version } = signature;
          const trailer = new Uint8Array(6);
          trailer.set([version, 0xff]);
          new DataView(trailer.buffer).setUint32(2, signatureData.length);
          return hasher.update(signatureData).update(trailer).digest("binary");
        };
      }
      await signature.sign(keyPacket, literal, now, false, pgp.config);
      return packet(SIGNATURE, signature.write());
    },
  };
}
