/** A long result that is put together as Blobs: the browser keeps those outside the worker, on disk where it must. */

/** Octets of one Blob: each has a price of its own, and is copied once. */
const SIZE = 2 * 1024 * 1024;

export class BlobSink {
  /** @type {Blob[]} */
  #blobs = [];
  #place = new Uint8Array(64 * 1024);
  #filled = 0;

  /** @param {Uint8Array} bytes copied */
  add(bytes) {
    for (let at = 0; at < bytes.length; ) {
      this.#make(bytes.length - at);
      const taken = bytes.subarray(at, at + this.#place.length - this.#filled);
      this.#place.set(taken, this.#filled);
      this.#filled += taken.length;
      at += taken.length;
    }
  }

  /** @returns {Blob} all that was added, in order */
  finish() {
    this.#pack();
    return new Blob(this.#blobs, { type: "application/octet-stream" });
  }

  /** Room for some of so many octets more. @param {number} wanted */
  #make(wanted) {
    if (this.#filled === SIZE) this.#pack();
    if (this.#filled + wanted <= this.#place.length || this.#place.length === SIZE) return;
    // Short messages have short places.
    const larger = new Uint8Array(Math.min(SIZE, Math.max(2 * this.#place.length, this.#filled + wanted)));
    larger.set(this.#place.subarray(0, this.#filled));
    this.#place = larger;
  }

  #pack() {
    if (this.#filled > 0) this.#blobs.push(new Blob([this.#place.subarray(0, this.#filled)]));
    this.#filled = 0;
  }
}
