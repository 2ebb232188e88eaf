/** A long result that is put together as Blobs: the browser keeps those outside the worker, on disk where it must. */
import { concat } from "./bytes.js";

/** Octets that are worth a Blob of their own. */
const LARGE = 64 * 1024;

export class BlobSink {
  /** @type {Blob[]} */
  #blobs = [];
  /** @type {Uint8Array[]} */
  #gathered = [];
  #size = 0;

  /** @param {Uint8Array} bytes copied */
  add(bytes) {
    if (bytes.length >= LARGE) {
      this.#pack();
      this.#blobs.push(new Blob([/** @type {Uint8Array<ArrayBuffer>} */ (bytes)]));
      return;
    }
    this.#gathered.push(bytes.slice());
    this.#size += bytes.length;
    if (this.#size >= LARGE) this.#pack();
  }

  /** @returns {Blob} all that was added, in order */
  finish() {
    this.#pack();
    return new Blob(this.#blobs, { type: "application/octet-stream" });
  }

  #pack() {
    if (this.#size > 0) this.#blobs.push(new Blob([concat(...this.#gathered)]));
    this.#gathered = [];
    this.#size = 0;
  }
}
