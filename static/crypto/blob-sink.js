/** A long result that is put together as Blobs: the browser keeps those outside the worker, on disk where it must. */

/** Octets that are gathered before a Blob is made of them. */
const GATHERED = 2 * 1024 * 1024;

export class BlobSink {
  /** @type {Blob[]} */
  #blobs = [];
  /** @type {Uint8Array<ArrayBuffer>[]} */
  #gathered = [];
  #size = 0;

  /** @param {Uint8Array} bytes not changed any more by anybody */
  add(bytes) {
    this.#gathered.push(/** @type {Uint8Array<ArrayBuffer>} */ (bytes));
    this.#size += bytes.length;
    if (this.#size >= GATHERED) this.#pack();
  }

  /** @returns {Blob} all that was added, in order */
  finish() {
    this.#pack();
    return new Blob(this.#blobs, { type: "application/octet-stream" });
  }

  #pack() {
    if (this.#size > 0) this.#blobs.push(new Blob(this.#gathered));
    this.#gathered = [];
    this.#size = 0;
  }
}
