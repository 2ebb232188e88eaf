/**
 * The page's only way to the crypto worker.
 *
 * `crypto.request(op, args)` starts the worker when needed and answers with the operation's result.
 * Locking ends the worker, which frees every unlocked key at once; the next request starts a new one.
 *
 * Events on `crypto`:
 *   unlocked  a key ring is open
 *   locking   about to lock by idling or by the person's wish: `event.detail.waitUntil(promise)` keeps the keys for as
 *             long as a draft needs to be saved, at most GRACE
 *   locked    `event.detail.reason`: a LockReason; after "stuck", when a cancelled job did not end, whoever keeps the ring
 *             open over a reload may open it again at once
 *   signed-out  another tab signed out
 */
import { CryptoError, fromMessage } from "./errors.js";
import { watchIdle } from "./idle.js";

/** @typedef {"none" | "locked" | "unlocked"} State  none: no key ring known yet */
/** @typedef {"person" | "idle" | "signed-out" | "elsewhere" | "failed" | "stuck"} LockReason  failed, stuck: the worker is gone already */
/**
 * @typedef {object} Options
 * @property {Transferable[]} [transfer]
 * @property {(progress: any) => void} [onprogress]
 * @property {AbortSignal} [signal]
 */
/**
 * @typedef {object} Waiting
 * @property {(result: any) => void} resolve
 * @property {(error: CryptoError) => void} reject
 * @property {((progress: any) => void) | undefined} onprogress
 */

/** Operations after which a ring is open. */
const OPENING = new Set(["ring.create", "ring.unlock", "stay.open"]);
/** How long `locking` may be held up, in milliseconds. */
const GRACE = 5_000;
/** A worker that is silent for so long after a cancel is stuck in what was cancelled (ms). */
const STUCK = 5_000;

class CryptoClient extends EventTarget {
  /** @type {Worker | null} */
  #worker = null;
  /** @type {Map<number, Waiting>} */
  #waiting = new Map();
  /** Cancelled jobs whose end the worker has not told yet. @type {Map<number, ReturnType<typeof setTimeout>>} */
  #ending = new Map();
  #last = 0;
  /** @type {State} */
  #state = "none";
  /** @type {BroadcastChannel | null} */
  #tabs = null;
  /** @type {ReturnType<typeof watchIdle> | null} */
  #idle = null;
  /** @type {Promise<void> | null} */
  #locking = null;

  get state() {
    return this.#state;
  }

  /** Milliseconds until the keys lock by themselves if nothing is touched; 0 while none are open. */
  get lockIn() {
    return this.#idle?.left() ?? 0;
  }

  /**
   * The page asked the server whether this person has a key ring; only matters while none is open.
   * @param {boolean} known
   */
  set ringKnown(known) {
    if (this.#state !== "unlocked") this.#state = known ? "locked" : "none";
  }

  /**
   * @param {string} op
   * @param {object} [args]  Uint8Arrays are copied unless their buffers stand in `transfer`
   * @param {Options} [options]
   * @returns {Promise<any>}
   * @throws {CryptoError}
   */
  async request(op, args = {}, { transfer = [], onprogress, signal } = {}) {
    if (signal?.aborted) throw new CryptoError("cancelled");
    const worker = this.#start();
    const id = ++this.#last;
    /** @type {() => void} */
    let cancel = () => {};
    try {
      const result = await new Promise((resolve, reject) => {
        this.#waiting.set(id, { resolve, reject, onprogress });
        cancel = () => {
          // The worker may be deep in a derivation that cannot stop; the caller need not wait for it.
          worker.postMessage({ id, cancel: true });
          this.#watch(id, worker);
          this.#waiting.delete(id);
          reject(new CryptoError("cancelled"));
        };
        signal?.addEventListener("abort", cancel, { once: true });
        worker.postMessage({ id, op, args }, transfer);
      });
      if (OPENING.has(op)) this.#unlocked();
      return result;
    } finally {
      this.#waiting.delete(id);
      signal?.removeEventListener("abort", cancel);
    }
  }

  /**
   * Locks here and in every other tab.
   * @param {"person" | "idle" | "signed-out"} [reason]
   */
  async lock(reason = "person") {
    await this.#lock(reason);
    this.#channel()?.postMessage({ type: reason === "signed-out" ? "signed-out" : "lock", reason });
  }

  /** Signing out: lock everywhere, and let every tab know why. */
  async signOut() {
    await this.lock("signed-out");
  }

  #unlocked() {
    this.#channel();
    this.#idle ??= watchIdle({
      onidle: () => void this.#lock("idle"),
      onactive: () => this.#channel()?.postMessage({ type: "active" }),
    });
    this.#idle.touch();
    if (this.#state === "unlocked") return;
    this.#state = "unlocked";
    this.dispatchEvent(new CustomEvent("unlocked"));
  }

  /** @param {LockReason} reason */
  #lock(reason) {
    this.#locking ??= this.#finish(reason).finally(() => {
      this.#locking = null;
    });
    return this.#locking;
  }

  /** @param {LockReason} reason */
  async #finish(reason) {
    if (this.#state === "unlocked" && reason !== "failed" && reason !== "stuck") {
      /** @type {Promise<unknown>[]} */
      const held = [];
      const waitUntil = (/** @type {Promise<unknown>} */ promise) => void held.push(promise);
      this.dispatchEvent(new CustomEvent("locking", { detail: { reason, waitUntil } }));
      await within(Promise.allSettled(held), GRACE);
    }
    this.#stop("locked");
    this.#idle?.stop();
    this.#idle = null;
    const was = this.#state;
    if (was === "unlocked") this.#state = "locked";
    if (was === "unlocked") this.dispatchEvent(new CustomEvent("locked", { detail: { reason } }));
  }

  #start() {
    if (this.#worker) return this.#worker;
    const address = workerAddress();
    // A TrustedScriptURL where the browser has Trusted Types, a string where it has not.
    const worker = new Worker(/** @type {string} */ (trusted(address)), { type: "module", name: "postern-crypto" });
    worker.addEventListener("message", ({ data }) => {
      // What an ended worker had still posted belongs to nobody.
      if (worker === this.#worker) this.#answer(data);
    });
    worker.addEventListener("error", (event) => {
      event.preventDefault();
      this.#failed(worker, event.message || "the worker did not start");
    });
    worker.addEventListener("messageerror", () => this.#failed(worker, "an answer could not be read"));
    this.#worker = worker;
    this.#channel();
    return worker;
  }

  /**
   * One message must not stop all crypto of a tab: a worker that does not come back from a cancelled job is ended, and
   * the page opens the ring anew where it stays open (keys-lock.js). While it answers others, it is not stuck.
   * @param {number} id
   * @param {Worker} worker
   */
  #watch(id, worker) {
    clearTimeout(this.#ending.get(id));
    const timer = setTimeout(() => this.#failed(worker, "a cancelled job did not end", "stuck"), STUCK);
    /** @type {{unref?: () => void}} */ (/** @type {unknown} */ (timer)).unref?.();
    this.#ending.set(id, timer);
  }

  /**
   * @param {Worker} worker
   * @param {string} reason
   * @param {"failed" | "stuck"} [lock]
   */
  #failed(worker, reason, lock = "failed") {
    if (worker !== this.#worker) return;
    this.#stop("worker-failed", reason);
    void this.#lock(lock);
  }

  /**
   * @param {"locked" | "worker-failed"} code
   * @param {string} [reason]
   */
  #stop(code, reason) {
    this.#worker?.terminate();
    this.#worker = null;
    for (const { reject } of this.#waiting.values()) reject(new CryptoError(code, reason));
    this.#waiting.clear();
    for (const timer of this.#ending.values()) clearTimeout(timer);
    this.#ending.clear();
  }

  /** @param {any} reply */
  #answer(reply) {
    if (!("progress" in reply)) {
      clearTimeout(this.#ending.get(reply.id));
      this.#ending.delete(reply.id);
    }
    if (this.#worker) for (const id of this.#ending.keys()) this.#watch(id, this.#worker);
    const waiting = this.#waiting.get(reply.id);
    if (!waiting) return;
    if ("progress" in reply) waiting.onprogress?.(reply.progress);
    else if ("error" in reply) waiting.reject(fromMessage(reply.error));
    else waiting.resolve(reply.result);
  }

  #channel() {
    if (this.#tabs || typeof BroadcastChannel === "undefined") return this.#tabs;
    this.#tabs = new BroadcastChannel("postern");
    this.#tabs.addEventListener("message", ({ data }) => {
      if (data?.type === "active") this.#idle?.touch();
      if (data?.type === "lock") void this.#lock("elsewhere");
      if (data?.type === "signed-out") {
        void this.#lock("signed-out").then(() => this.dispatchEvent(new CustomEvent("signed-out")));
      }
    });
    return this.#tabs;
  }

  /** Listen to the other tabs from the first moment, also while nothing is unlocked here. */
  listen() {
    this.#channel();
  }
}

/** The worker's address stands in the page, because the path carries the build number. */
function workerAddress() {
  const meta = /** @type {HTMLMetaElement | null} */ (document.querySelector('meta[name="postern-worker"]'));
  if (!meta?.content) throw new CryptoError("worker-failed", 'no <meta name="postern-worker"> in this page');
  return new URL(meta.content, document.baseURI).href;
}

/** Made at once: a name that is still free would let any script of the page vouch for an address of its own. */
const policy = trustedTypes()?.createPolicy("worker-url", { createScriptURL: ours }) ?? { createScriptURL: ours };

/**
 * @param {string} address
 * @returns {unknown}
 */
function trusted(address) {
  return policy.createScriptURL(address);
}

/** @param {string} address */
function ours(address) {
  const url = new URL(address);
  if (url.origin !== location.origin || !/^\/static\/(?:[\w.-]+\/)?crypto\/worker\.js$/.test(url.pathname) || url.search || url.hash) {
    throw new CryptoError("worker-failed", "the worker's address is not ours");
  }
  return url.href;
}

/** @returns {{createPolicy(name: string, rules: object): {createScriptURL(address: string): unknown}} | undefined} */
function trustedTypes() {
  return /** @type {any} */ (globalThis).trustedTypes;
}

/**
 * @param {Promise<unknown>} promise
 * @param {number} milliseconds
 */
function within(promise, milliseconds) {
  return Promise.race([promise, new Promise((resolve) => setTimeout(resolve, milliseconds))]);
}

export const crypto = new CryptoClient();
if (typeof document !== "undefined") crypto.listen();
