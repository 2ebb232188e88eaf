/** The worker's half of the conversation: requests are jobs with progress, cancel and transferred results. */
import { CryptoError, toMessage } from "./errors.js";

/**
 * What an operation gets besides its arguments.
 * @typedef {object} Job
 * @property {AbortSignal} signal  aborted when the page cancels; long work checks it between steps
 * @property {(progress: unknown) => void} progress  told to the page's `onprogress`
 * @property {(...buffers: (Transferable | Uint8Array)[]) => void} transfer
 *   hands buffers over with the result instead of copying them; the worker must not keep them
 */
/** @typedef {(args: any, job: Job) => unknown} Operation  the page is our own code; each operation checks its arguments */
/** @typedef {Readonly<Record<string, () => Promise<Operation>>>} Table  loads the module of an operation on first use */
/**
 * @typedef {{id: number, op: string, args?: unknown} | {id: number, cancel: true}} Request
 */
/**
 * @typedef {{id: number, progress: unknown} | {id: number, result: unknown}
 *   | {id: number, error: ReturnType<typeof toMessage>}} Reply
 */

/**
 * @param {Table} table
 * @param {(reply: Reply, transfer: Transferable[]) => void} post
 * @returns {(request: Request) => Promise<void>}
 */
export function dispatcher(table, post) {
  /** @type {Map<number, AbortController>} */
  const running = new Map();

  return async (request) => {
    const { id } = request;
    if ("cancel" in request) {
      running.get(id)?.abort();
      return;
    }
    const controller = new AbortController();
    running.set(id, controller);
    /** @type {Set<Transferable>} */
    const handed = new Set();
    /** @type {Job} */
    const job = {
      signal: controller.signal,
      progress: (progress) => {
        if (!controller.signal.aborted) post({ id, progress }, []);
      },
      transfer: (...buffers) => {
        for (const buffer of buffers) handed.add(buffer instanceof Uint8Array ? /** @type {ArrayBuffer} */ (buffer.buffer) : buffer);
      },
    };
    try {
      // Object.hasOwn: a name like "constructor" is no operation.
      if (!Object.hasOwn(table, request.op)) throw new CryptoError("bad-input", `no operation ${request.op}`);
      const operation = await table[request.op]();
      const result = await operation(request.args ?? {}, job);
      if (controller.signal.aborted) throw new CryptoError("cancelled");
      post({ id, result }, [...handed]);
    } catch (error) {
      post({ id, error: controller.signal.aborted ? toMessage(new CryptoError("cancelled")) : toMessage(error) }, []);
    } finally {
      running.delete(id);
    }
  };
}
