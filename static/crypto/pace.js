/** Long work in steps: progress is told, a cancel is heard, and the worker's other requests get their turn. */

/**
 * @typedef {object} Watch  what a job gives to work that may take long
 * @property {AbortSignal} [signal]
 * @property {(progress: {done: number, total: number}) => void} [progress] in bytes
 */

/** Between two looks at what else has come in (ms). */
const TURN = 50;

export class Pace {
  /**
   * @param {number} total bytes
   * @param {Watch} watch
   */
  constructor(total, { signal, progress }) {
    this.total = total;
    this.signal = signal;
    this.progress = progress;
    this.done = 0;
    this.turned = performance.now();
  }

  /**
   * So many bytes more are done.
   * @param {number} bytes
   * @throws {DOMException} AbortError
   */
  async step(bytes) {
    this.done += bytes;
    this.signal?.throwIfAborted();
    if (performance.now() - this.turned < TURN) return;
    this.progress?.({ done: Math.min(this.done, this.total), total: this.total });
    // A worker hears its page only between two tasks.
    await new Promise((resolve) => setTimeout(resolve));
    this.turned = performance.now();
    this.signal?.throwIfAborted();
  }
}
