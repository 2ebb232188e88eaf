/** A signature over a text that comes in pieces: hashed here as it passes, made into a packet by the library. */
import { concat, random } from "./bytes.js";
import { SALTS } from "./openpgp-digest.js";
import { pgp } from "./openpgp-library.js";
import { secretKey } from "./openpgp-secret.js";
import { packet } from "./packet-writer.js";
import { textHash, WHOLE } from "./text-hash.js";

/** @typedef {import("./openpgp-secret.js").OwnKey} OwnKey */

const { enums } = pgp;
const SIGNATURE = 2;
const ONE_PASS = 4;
/** Of the curves whose numbers are no longer than SHA-256 (RFC 9580 section 5.2.3.2 wants a hash that is as long). */
const SHORT_CURVES = new Set(["nistP256", "brainpoolP256r1", "secp256k1"]);
/** For these keys WebCrypto signs texts, not hashes; up to this size the library gets the text, and WebCrypto's own care. */
const BY_TEXT = new Set([enums.publicKey.rsaEncryptSign, enums.publicKey.rsaSign, enums.publicKey.ecdsa]);
const SHORT = 1024 * 1024;

/**
 * A signature in the making.
 * @typedef {object} Signing
 * @property {string} micalg for multipart/signed (RFC 3156 section 5)
 * @property {Uint8Array} onePass the packet that announces it (RFC 9580 section 5.4)
 * @property {(bytes: Uint8Array) => void} update the next of the text, copied
 * @property {(() => Uint8Array) | null} taken the text that was given so far, where it is gathered
 * @property {() => Promise<Uint8Array>} end the packet
 */

/**
 * @param {OwnKey} own
 * @param {{now: Date, size: number, whole?: number}} about size of the text in octets; up to `whole` it is gathered
 * @returns {Promise<Signing>}
 */
export async function signing(own, { now, size, whole = WHOLE }) {
  const key = await secretKey(own);
  const { keyPacket } = await key.getSigningKey(undefined, now, undefined, pgp.config);
  const gathered = size <= whole;
  // WebAssembly is quicker with SHA-512.
  const hash = gathered && !isLong(keyPacket) ? enums.hash.sha256 : enums.hash.sha512;
  const signature = /** @type {any} */ (new pgp.SignaturePacket());
  Object.assign(signature, { signatureType: enums.signature.binary, publicKeyAlgorithm: keyPacket.algorithm, hashAlgorithm: hash });
  const salt = keyPacket.version === 6 ? random(/** @type {number} */ (SALTS.get(hash))) : new Uint8Array();
  if (keyPacket.version === 6) signature.salt = salt;
  const text = await textHash(hash === enums.hash.sha256 ? "SHA-256" : "SHA-512", size, gathered);
  text.update(salt);
  /** @type {Uint8Array[] | null} */
  const kept = BY_TEXT.has(keyPacket.algorithm) && size <= SHORT ? [] : null;
  const announced = /** @type {any} */ (new pgp.OnePassSignaturePacket());
  Object.assign(announced, {
    version: keyPacket.version === 6 ? 6 : 3, signatureType: signature.signatureType, hashAlgorithm: hash, publicKeyAlgorithm: keyPacket.algorithm,
    salt: signature.salt, issuerKeyID: keyPacket.getKeyID(), issuerFingerprint: keyPacket.getFingerprintBytes(), flags: 1,
  });
  const { taken } = text;
  return {
    taken: taken === null || kept !== null ? null : () => taken.call(text).subarray(salt.length),
    micalg: `pgp-${enums.read(enums.hash, hash)}`,
    onePass: packet(ONE_PASS, announced.write()),
    update(bytes) {
      if (kept === null) text.update(bytes);
      else kept.push(bytes.slice());
    },
    async end() {
      const literal = /** @type {any} */ (new pgp.LiteralDataPacket());
      literal.setBytes(concat(...(kept ?? [])), enums.literal.binary);
      if (kept === null) {
        // Without a text the library signs the hash. What is hashed behind the text is known when it asks (section 5.2.4).
        signature.toHash = () => null;
        signature.hash = () => {
          const { signatureData, version } = signature;
          const trailer = new Uint8Array(6);
          trailer.set([version, 0xff]);
          new DataView(trailer.buffer).setUint32(2, signatureData.length);
          text.update(concat(signatureData, trailer));
          return text.end();
        };
      }
      await signature.sign(keyPacket, literal, now, false, pgp.config);
      return packet(SIGNATURE, signature.write());
    },
  };
}

/** @param {any} keyPacket */
function isLong(keyPacket) {
  return keyPacket.algorithm === enums.publicKey.ed448 || (keyPacket.algorithm === enums.publicKey.ecdsa && !SHORT_CURVES.has(keyPacket.getAlgorithmInfo().curve));
}
