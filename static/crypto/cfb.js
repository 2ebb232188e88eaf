/** AES in OpenPGP's CFB mode (RFC 9580 section 12.9): of bulk. */
import { aes, BLOCK, PIECE } from "./aes.js";

/**
 * @param {Uint8Array} key
 * @param {Uint8Array} data overwritten by what it hides; the IV is zero
 * @param {import("./pace.js").Pace} pace
 */
export async function decryptCfb(key, data, pace) {
  const machine = await aes(key);
  try {
    const before = new Uint8Array(BLOCK);
    for (let at = 0; at < data.length; at += PIECE) {
      const piece = data.subarray(at, at + PIECE);
      // Each block is XORed with the encrypted block before it.
      machine.from.set(before);
      machine.from.set(piece.subarray(0, PIECE - BLOCK), BLOCK);
      machine.mask.set(piece);
      before.set(piece.subarray(PIECE - BLOCK));
      machine.encrypt(Math.ceil(piece.length / BLOCK));
      piece.set(machine.to.subarray(0, piece.length));
      await pace.step(piece.length);
    }
  } finally {
    machine.wipe();
  }
}

/**
 * Encryption by WebCrypto, which has no CFB: CBC of the same text gives what CFB encrypts each block's XOR with, one block
 * late. (With C = P ^ X the next X is E(C) = E(P ^ X), and that is CBC's rule for X.) Block after block, whichever way it
 * is done, so the eight lanes of aes.js would stand empty.
 */
export class CfbWriter {
  #key;
  /** What the next block is XORed with. */
  #next;

  /** @param {CryptoKey} key @param {Uint8Array<ArrayBuffer>} next */
  constructor(key, next) {
    this.#key = key;
    this.#next = next;
  }

  /** @param {Uint8Array<ArrayBuffer>} raw the IV is zero */
  static async begin(raw) {
    const key = await globalThis.crypto.subtle.importKey("raw", raw, CBC, false, ["encrypt"]);
    const first = await globalThis.crypto.subtle.encrypt({ name: CBC, iv: new Uint8Array(BLOCK) }, key, new Uint8Array(BLOCK));
    return new CfbWriter(key, new Uint8Array(first, 0, BLOCK));
  }

  /** @param {Uint8Array<ArrayBuffer>} data whole blocks with a buffer of their own; overwritten. One call after another. */
  async encrypt(data) {
    if (data.length === 0) return;
    const before = this.#next;
    // Padding makes it a block longer, which is not used.
    const chained = new Uint8Array(await globalThis.crypto.subtle.encrypt({ name: CBC, iv: before }, this.#key, data));
    this.#next = chained.slice(data.length - BLOCK, data.length);
    const words = new Int32Array(data.buffer, data.byteOffset, data.length / 4);
    const others = new Int32Array(chained.buffer);
    const first = new Int32Array(before.buffer, before.byteOffset, BLOCK / 4);
    for (let word = 0; word < BLOCK / 4; word++) words[word] ^= first[word];
    for (let word = BLOCK / 4; word < words.length; word++) words[word] ^= others[word - BLOCK / 4];
  }
}

const CBC = "AES-CBC";
