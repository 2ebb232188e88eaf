/** What is to be written, in pieces: short ones as bytes, files as files, which are read and encoded when their turn comes. */
import { encodeBase64, encodedLength } from "./base64.js";
import { concat } from "./bytes.js";
import { CryptoError } from "./errors.js";

/** @typedef {Uint8Array | Encoded} Piece */

/** Octets of a file that are read at once: whole lines of 57, so that encodings join without a seam. */
const READ = 57 * 8192;
/** Octets of bytes that are handed on at once. */
const STEP = 1024 * 1024;

/** A file in base64, lines of 76. */
export class Encoded {
  /** @param {Blob & {name?: string}} file */
  constructor(file) {
    this.file = file;
    this.length = encodedLength(file.size);
  }

  /** @returns {AsyncGenerator<Uint8Array<ArrayBuffer>>} */
  async *read() {
    const { file } = this;
    const place = new ArrayBuffer(encodedLength(Math.min(READ, file.size)));
    // While one part is worked on, the next is fetched.
    let next = part(file, 0);
    for (let at = 0; at < file.size; at += READ) {
      const bytes = await next;
      if (at + READ < file.size) {
        next = part(file, at + READ);
        // Whoever stops in between does not wait for it; who goes on is told above.
        next.catch(() => {});
      }
      yield encodeBase64(bytes, 76, place);
    }
  }
}

/** @param {readonly Piece[]} pieces */
export function sizeOf(pieces) {
  return pieces.reduce((sum, { length }) => sum + length, 0);
}

/**
 * @param {readonly Piece[]} pieces
 * @returns {AsyncGenerator<Uint8Array>} what they are, in order; never much at once, and each may be overwritten by the next
 * @throws {CryptoError} bad-input: a file that cannot be read any more
 */
export async function* read(pieces) {
  for (const piece of pieces) {
    if (piece instanceof Encoded) yield* piece.read();
    else for (let at = 0; at < piece.length; at += STEP) yield piece.subarray(at, at + STEP);
  }
}

/**
 * What is short enough to be one.
 * @param {readonly Piece[]} pieces
 * @returns {Uint8Array}
 */
export function inOne(pieces) {
  return concat(...pieces.map((piece) => {
    if (piece instanceof Encoded) throw new TypeError("a file is read piece by piece");
    return piece;
  }));
}

/** @param {Blob & {name?: string}} file @param {number} at */
async function part(file, at) {
  const wanted = Math.min(READ, file.size - at);
  try {
    const read = await file.slice(at, at + wanted).arrayBuffer();
    if (read.byteLength === wanted) return new Uint8Array(read);
  } catch (error) {
    // Browsers refuse to read a file that was changed or removed since it was chosen.
    throw new CryptoError("file-gone", String(error), { name: file.name ?? "" });
  }
  throw new CryptoError("file-gone", "shorter than it was", { name: file.name ?? "" });
}
