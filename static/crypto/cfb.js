/** AES in OpenPGP's CFB mode (RFC 9580 section 12.9): decryption of bulk, where it stands. */
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
