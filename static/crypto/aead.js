/** AES-256-GCM with a 96-bit nonce and a 128-bit tag, the one cipher of our own formats. */

/** @typedef {import("./bytes.js").Bytes} Bytes */

/** For keys that seal exactly once: the salt makes the key fresh, so the nonce need not be. */
export const ZERO_NONCE = new Uint8Array(12);

/**
 * @param {Bytes | CryptoKey} key  32 bytes
 * @param {Bytes} nonce  12 bytes
 * @param {Bytes} cleartext
 * @param {Bytes} aad
 * @returns {Promise<Bytes>} ciphertext ‖ tag
 */
export async function seal(key, nonce, cleartext, aad) {
  const algorithm = { name: "AES-GCM", iv: nonce, additionalData: aad, tagLength: 128 };
  return new Uint8Array(await globalThis.crypto.subtle.encrypt(algorithm, await imported(key), cleartext));
}

/**
 * @param {Bytes | CryptoKey} key
 * @param {Bytes} nonce
 * @param {Bytes} sealed
 * @param {Bytes} aad
 * @returns {Promise<Bytes | null>} null when key, nonce, bytes or AAD do not fit; the caller knows what that means
 */
export async function open(key, nonce, sealed, aad) {
  const algorithm = { name: "AES-GCM", iv: nonce, additionalData: aad, tagLength: 128 };
  const usable = await imported(key);
  try {
    return new Uint8Array(await globalThis.crypto.subtle.decrypt(algorithm, usable, sealed));
  } catch (error) {
    if (error instanceof DOMException && error.name === "OperationError") return null;
    throw error;
  }
}

/** @param {Bytes | CryptoKey} key */
function imported(key) {
  if (!(key instanceof Uint8Array)) return key;
  return globalThis.crypto.subtle.importKey("raw", key, "AES-GCM", false, ["encrypt", "decrypt"]);
}
