/**
 * When a draft is kept and when it is uploaded: soon after typing stops, and now and then while it goes on. A draft with large
 * files goes up as a whole each time, so it waits the longer the larger it is; its text is kept in this browser all the same.
 */

/** Milliseconds. In this browser: after a pause, and at the latest. */
const [KEEP_PAUSE, KEEP_LATEST] = [700, 3_000];
/** To the mailbox. */
const [UPLOAD_PAUSE, UPLOAD_LATEST] = [3_000, 20_000];
/** After a failure, each time twice as long. */
const [AGAIN_FIRST, AGAIN_LONGEST] = [5_000, 60_000];
/** What an upload may take of a line, in bytes each millisecond: 20 MB every 100 seconds. */
const SHARE = 200;

export class DraftPace {
  /** @type {Map<"keep" | "upload", {timer: ReturnType<typeof setTimeout>, since: number}>} */
  #waiting = new Map();
  #uploadedAt = 0;
  #failures = 0;

  /** @param {{keep: () => void, upload: () => void, size: () => number}} on */
  constructor(on) {
    this.on = on;
  }

  /** Something was typed. */
  touched() {
    this.#arm("keep", KEEP_PAUSE, KEEP_LATEST);
  }

  /** Something was kept that the mailbox does not have. */
  kept() {
    const rest = this.#uploadedAt + this.on.size() / SHARE - Date.now();
    const wait = this.#failures > 0 ? Math.min(AGAIN_FIRST * 2 ** (this.#failures - 1), AGAIN_LONGEST) : UPLOAD_PAUSE;
    this.#arm("upload", Math.max(wait, rest), Math.max(UPLOAD_LATEST, rest));
  }

  /** @param {boolean} good */
  uploaded(good) {
    this.#uploadedAt = Date.now();
    this.#failures = good ? 0 : this.#failures + 1;
  }

  /** The connection is back: what failed is tried at once. */
  online() {
    this.#failures = 0;
    if (this.#waiting.has("upload")) this.#fire("upload");
  }

  stop() {
    for (const { timer } of this.#waiting.values()) clearTimeout(timer);
    this.#waiting.clear();
  }

  /** @param {"keep" | "upload"} what @param {number} pause @param {number} latest */
  #arm(what, pause, latest) {
    const before = this.#waiting.get(what);
    clearTimeout(before?.timer);
    const since = before?.since ?? Date.now();
    const wait = Math.max(0, Math.min(pause, since + latest - Date.now()));
    this.#waiting.set(what, { since, timer: setTimeout(() => this.#fire(what), wait) });
  }

  /** @param {"keep" | "upload"} what */
  #fire(what) {
    clearTimeout(this.#waiting.get(what)?.timer);
    this.#waiting.delete(what);
    this.on[what]();
  }
}
