/** Hashes of texts that come in pieces, by WebCrypto where they may be gathered, else by WebAssembly as they pass. */

/**
 * Texts up to this size are gathered: WebCrypto hashes one piece of memory alone, and takes a third of WebAssembly's time for
 * SHA-256 and SHA-1 where processors know them.
 */
export const WHOLE = 48 * 1024 * 1024;
/** Room for what stands around a text: packets, a signature, what a signature says. */
const AROUND = 16 * 1024;

/**
 * @typedef {object} TextHash
 * @property {(bytes: Uint8Array) => void} update copied
 * @property {() => Promise<Uint8Array>} end once
 * @property {(() => Uint8Array) | null} taken what was given so far, where it is gathered
 */

/**
 * @param {"SHA-1" | "SHA-256" | "SHA-512"} name
 * @param {number} size of the text, near enough
 * @param {boolean} gathered
 * @returns {Promise<TextHash>}
 */
export async function textHash(name, size, gathered) {
  if (gathered) return new Gathered(name, size + AROUND);
  const { createSHA1, createSHA256, createSHA512 } = await import("../vendor/argon2.js");
  const hasher = (await { "SHA-1": createSHA1, "SHA-256": createSHA256, "SHA-512": createSHA512 }[name]()).init();
  return { taken: null, update: (bytes) => void hasher.update(bytes), end: async () => hasher.digest("binary") };
}

class Gathered {
  #name;
  #place;
  #filled = 0;

  /** @param {string} name @param {number} room */
  constructor(name, room) {
    this.#name = name;
    this.#place = new Uint8Array(room);
  }

  /** @param {Uint8Array} bytes */
  update(bytes) {
    this.#place.set(bytes, this.#filled);
    this.#filled += bytes.length;
  }

  async end() {
    return new Uint8Array(await globalThis.crypto.subtle.digest(this.#name, this.taken()));
  }

  taken() {
    return this.#place.subarray(0, this.#filled);
  }
}
