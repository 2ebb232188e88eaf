/**
 * The crypto worker: every operation by its name, each module loaded on first use.
 *
 * The table holds literal imports alone: an import() of a computed address could carry a query out of
 * the browser, which the worker's own Content-Security-Policy would not stop.
 */
import { dispatcher } from "./jobs.js";

/** @type {import("./jobs.js").Table} */
const table = {
  "ring.create": async () => (await import("./ring-operations.js")).create,
  "ring.unlock": async () => (await import("./ring-operations.js")).unlock,
  "ring.lock": async () => (await import("./ring-operations.js")).lock,
  "ring.facts": async () => (await import("./ring-operations.js")).facts,
  "ring.ways": async () => (await import("./ring-operations.js")).listWays,
  "ring.merge": async () => (await import("./ring-operations.js")).merge,
  "ring.add-way": async () => (await import("./ring-operations.js")).addWay,
  "ring.remove-way": async () => (await import("./ring-operations.js")).removeWay,
  "ring.replace-way": async () => (await import("./ring-operations.js")).replaceWay,
  "passphrase.strength": async () => (await import("./passphrase-operations.js")).strength,
  "passphrase.suggest": async () => (await import("./passphrase-operations.js")).suggest,
  "recovery.matches": async () => (await import("./passphrase-operations.js")).codeMatches,
  "stay.seal": async () => (await import("./stay-operations.js")).seal,
  "stay.open": async () => (await import("./stay-operations.js")).open,
  "pins.load": async () => (await import("./pins-operations.js")).load,
  "pins.note": async () => (await import("./pins-operations.js")).note,
  "pins.reject": async () => (await import("./pins-operations.js")).reject,
  "pins.saved": async () => (await import("./pins-operations.js")).saved,
  "seen.open": async () => (await import("./seen.js")).open,
  "seen.seal": async () => (await import("./seen.js")).seal,
  "message.open": async () => (await import("./message-operations.js")).open,
  "message.part": async () => (await import("./message-operations.js")).part,
  "message.headers": async () => (await import("./message-operations.js")).headers,
  "message.build": async () => (await import("./message-operations.js")).build,
  "draft.seal": async () => (await import("./draft-operations.js")).seal,
  "draft.open": async () => (await import("./draft-operations.js")).open,
  "draft.label": async () => (await import("./draft-operations.js")).label,
  "draft.keep": async () => (await import("./draft-operations.js")).keep,
  "draft.restore": async () => (await import("./draft-operations.js")).restore,
  "certificate.judge": async () => (await import("./message-operations.js")).judge,
};

/**
 * @typedef {object} WorkerScope  what of DedicatedWorkerGlobalScope is used here
 * @property {(message: unknown, transfer: Transferable[]) => void} postMessage
 * @property {(type: "message", heard: (event: MessageEvent) => void) => void} addEventListener
 */
const scope = /** @type {WorkerScope} */ (/** @type {unknown} */ (globalThis));
const dispatch = dispatcher(table, (reply, transfer) => scope.postMessage(reply, transfer));
scope.addEventListener("message", ({ data }) => void dispatch(data));
