/**
 * What can go wrong on the crypto side, one code per thing a caller would do differently.
 *
 *     CryptoError
 *     ├─ bad-input        an argument does not have the shape the operation asks for
 *     ├─ not-open         a message that this worker does not hold: it was another one's, or it was forgotten
 *     ├─ file-gone        a file to be sent cannot be read any more
 *     ├─ cancelled        the caller gave up, or a newer request took its place
 *     ├─ locked           no key ring is open in this worker
 *     ├─ wrong-secret     passphrase or code does not open the ring; a damaged box says the same
 *     ├─ ring-tampered    the right key was used and the ring is not what was sealed
 *     ├─ ring-rollback    an older revision than this browser has seen
 *     ├─ pins-rollback    the list of pins is older than this browser has seen
 *     ├─ key-refused      a private key and its public half do not belong together
 *     ├─ stay-ended       the server's half or this browser's half of stay-1 is gone
 *     ├─ no-key           nothing in the key ring decrypts this
 *     ├─ damaged          the integrity check of a message failed
 *     ├─ not-opened       a key of the ring matches and the content did not open; one code for every cause
 *     ├─ no-certificate   somebody has no certificate that may be used
 *     ├─ no-integrity     the form of encryption has no integrity check
 *     ├─ unsupported      a version, algorithm or form this code does not know
 *     ├─ too-large        over a cap that keeps the tab usable
 *     └─ worker-failed    the worker itself stopped; the page starts another
 *
 * A failed check throws, it never returns false. `facts` carries values for the sentence that is
 * shown (words.md), never cleartext and never key material.
 */

/**
 * @typedef {"bad-input" | "not-open" | "file-gone" | "cancelled" | "locked" | "wrong-secret" | "ring-tampered" | "ring-rollback"
 *   | "pins-rollback" | "key-refused" | "stay-ended" | "no-key" | "damaged" | "not-opened" | "no-certificate" | "no-integrity"
 *   | "unsupported" | "too-large" | "worker-failed"} ErrorCode
 */
/** @typedef {Readonly<Record<string, string | number | boolean | null | readonly string[]>>} ErrorFacts */

export class CryptoError extends Error {
  /**
   * @param {ErrorCode} code
   * @param {string} [reason]  for logs and tests; the person sees a sentence chosen by code
   * @param {ErrorFacts} [facts]
   */
  constructor(code, reason = code, facts = {}) {
    super(reason);
    this.name = "CryptoError";
    this.code = code;
    this.facts = facts;
  }
}

/**
 * An error as it crosses postMessage. Anything that is not ours keeps its text for the console, but no
 * caller can take it for one of the known codes.
 * @param {unknown} error
 * @returns {{code: ErrorCode, reason: string, facts: ErrorFacts}}
 */
export function toMessage(error) {
  if (error instanceof CryptoError) return { code: error.code, reason: error.message, facts: error.facts };
  if (error instanceof Error && error.name === "AbortError") return { code: "cancelled", reason: "cancelled", facts: {} };
  const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return { code: "worker-failed", reason, facts: {} };
}

/**
 * @param {{code: ErrorCode, reason: string, facts: ErrorFacts}} message
 */
export function fromMessage(message) {
  return new CryptoError(message.code, message.reason, message.facts);
}
