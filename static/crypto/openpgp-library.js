/** OpenPGP.js with every limit set by us: modules take the library from here, so that no message meets its defaults. */
import * as pgp from "../vendor/openpgp.js";

/**
 * Sequoia hides the length of a message behind bytes after the end of the compressed data. Browsers (and Node 24) refuse
 * such data in DecompressionStream, GnuPG and RFC 1951 readers do not. Told that the native stream has not the format, the
 * library takes its own inflate, which stops at the end. This is a worker's own global; no other code here inflates.
 */
globalThis.DecompressionStream = class {
  constructor() {
    throw new TypeError("not for data that may be padded");
  }
  /** @returns {never} */
  get readable() {
    throw new TypeError("never made");
  }
  /** @returns {never} */
  get writable() {
    throw new TypeError("never made");
  }
};

const { config } = pgp;
// Defaults were measured: no limit at all on decompression, 1 TiB for Argon2 (facts/security.md M6).
config.maxDecompressedMessageSize = 50 * 1024 * 1024;
config.maxArgon2MemoryExponent = 18;
config.minRSABits = 2048;
config.allowUnauthenticatedMessages = false;
config.allowUnauthenticatedStream = false;
config.allowInsecureDecryptionWithSigningKeys = false;
config.allowInsecureVerificationWithReformattedKeys = false;
config.enforceGrammar = true;
config.ignoreUnsupportedPackets = true;
config.showVersion = false;
config.showComment = false;
// Keys we make advertise SEIPDv1 alone, so that every OpenPGP program can write to them; what is used for a message is
// decided by its recipients (openpgp.js).
config.aeadProtect = false;
config.v6Keys = false;

/** Certificates over this size are not looked at: 10,000 foreign signatures are no certificate (facts/security.md B22). */
export const CERTIFICATE_LIMIT = 1024 * 1024;

/**
 * For telling apart why a signature does not count, each reason is asked by itself; the library's own refusals would
 * answer for all of them with one error. SHA-1 and MD5 are named weak by the caller.
 */
export const lenient = {
  ...config,
  minRSABits: 0,
  rejectHashAlgorithms: new Set(),
  rejectMessageHashAlgorithms: new Set(),
  rejectPublicKeyAlgorithms: new Set(),
  rejectCurves: new Set(),
};

export { pgp };
