/**
 * Opening a message: its bytes from the server, certificates of its sender, and the worker that reads it.
 */
import { crypto } from "../crypto/client.js";
import { CryptoError } from "../crypto/errors.js";
import { certificatesOf } from "./certificates.js";
import { getBytes } from "./http.js";
import { keyAddress, person, reopened } from "./keys.js";
import { pinsReady } from "./pins.js";
import { usuallySigns } from "./remembered.js";

/** @typedef {import("./verdict-words.js").Read} Read */
/**
 * @typedef {object} Where
 * @property {string} bytes  address of the message or its outline
 * @property {string} certificates  address where certificates are asked for
 * @property {string} from  outer sender
 * @property {boolean} whole  protected: the bytes are all of it
 * @property {string} [trace]  by which it is known again
 * @property {number} [arrived]  Unix seconds
 * @property {string} [authserv]  as which the person's mail server says what it checked; "" for none
 */
/** @typedef {{ signal?: AbortSignal, onprogress?: (done: number, total: number) => void }} Options  progress in bytes: of what is fetched, then of what is decrypted */

/**
 * @param {Where} where
 * @param {Options} options
 * @returns {Promise<Read>}
 */
export async function readMessage(where, { signal, onprogress }) {
  const [raw, certificates] = await Promise.all([
    getBytes(where.bytes, { ...(signal ? { signal } : {}), ...(onprogress ? { onprogress } : {}) }),
    where.whole && where.from ? offered(where) : null,
    where.whole ? reopened() : null,
  ]);
  const signs = await beforehand(where);
  /** @param {Where} by @param {Awaited<ReturnType<typeof offered>>} certificates */
  const opened = ({ whole, authserv = "" }, certificates) => crypto.request("message.open", {
    raw, certificates, hasRing: keyAddress("hasRing") === "yes", own: [person()].filter(Boolean), signs, authserv,
  }, { ...(whole ? { transfer: [raw.buffer] } : {}), ...(signal ? { signal } : {}), ...(onprogress ? { onprogress: ({ done, total }) => onprogress(done, total) } : {}) });
  /** @type {Read} */
  let read = await opened(where, certificates);
  // The old form stands inside ordinary text, where only reading finds it: then the sender's certificates are asked for
  // after all.
  if (!where.whole && where.from && inText(read)) read = await opened({ ...where, whole: true }, await offered(where));
  return repeatable(read, () => readMessage(where, {}));
}

/** Whether something signed or encrypted was found. @param {Read} read */
function inText({ verdict, cards }) {
  return verdict.enc.layer !== "none" || verdict.sig.state !== "none" || cards.some(({ sig }) => sig !== null);
}

/**
 * What the person's own lists say of the sender, before the message is judged.
 * @param {Where} where
 * @returns {Promise<string[]>} the sender's address where they usually sign
 */
async function beforehand({ whole, from, trace = "", arrived = 0 }) {
  try {
    // Mail without protection is read all the same where a list cannot be had; the worker then says nothing of those known.
    if (!whole) await reopened();
    if (crypto.state !== "unlocked") return [];
    await pinsReady();
  } catch (error) {
    if (whole) throw error;
    return [];
  }
  try {
    return (await usuallySigns(from, trace, arrived)) ? [from] : [];
  } catch (error) {
    reportError(error);
    return [];
  }
}

/** How to read a message again whose worker was ended, by its handle. @type {Map<number, () => Promise<Read>>} */
const repeats = new Map();
/** Where it was read again: the handle by which it is open now. @type {Map<number, number>} */
const current = new Map();
/** Older messages are not on the screen any more. */
const REMEMBERED = 100;

/** @param {Read} read @param {() => Promise<Read>} again @returns {Read} */
function repeatable(read, again) {
  repeats.set(read.handle, again);
  for (const old of repeats.keys()) {
    if (repeats.size <= REMEMBERED) break;
    repeats.delete(old);
    current.delete(old);
  }
  return read;
}

/**
 * Asks something of an open message. Locking ended the worker that held it: then it is read again, as it was.
 * @param {string} op
 * @param {{ handle: number, part: string }} args
 * @param {{ signal?: AbortSignal }} [options]
 */
async function ofOpen(op, { handle, part }, options = {}) {
  try {
    return await crypto.request(op, { handle: current.get(handle) ?? handle, part }, options);
  } catch (error) {
    const again = repeats.get(handle);
    if (!(error instanceof CryptoError && error.code === "not-open") || !again) throw error;
    const read = await again();
    const result = await crypto.request(op, { handle: read.handle, part }, options);
    // Only now: an encrypted message that was read again while the keys are locked has no such part.
    current.set(handle, read.handle);
    return result;
  }
}

/**
 * A part with protection of its own, as a message of its own.
 * @param {number} handle
 * @param {string} part
 * @param {{ signal?: AbortSignal }} [options]
 * @returns {Promise<Read>}
 */
export async function openPart(handle, part, options = {}) {
  return repeatable(await ofOpen("message.open", { handle, part }, options), () => openPart(handle, part));
}

/**
 * @param {Where} where
 * @returns {Promise<{ data: Uint8Array, source: string }[] | null>} null: nobody answered, so nobody knows
 */
async function offered({ certificates, from }) {
  try {
    const answer = (await certificatesOf(certificates, [from])).get(from);
    return (answer?.certificates ?? []).map((data) => ({ data, source: "source-here" }));
  } catch {
    // Without an answer the signature cannot be checked, and the line says so; the text is there all the same. A
    // certificate that came along must not take the place of one that we could not ask for.
    return null;
  }
}

/**
 * The content of a part that was left out of the outline: fetched as an entity of its own, read by the same reader.
 * @param {string} url
 * @param {Options} [options]
 * @returns {Promise<Blob>}
 */
export async function readPart(url, options = {}) {
  const raw = await getBytes(url, options);
  /** @type {Read} */
  const { handle, parts } = await crypto.request("message.open", { raw }, { transfer: [raw.buffer] });
  if (!parts[0]) throw new Error("an entity without content");
  return partBlob(handle, parts[0].id);
}

/**
 * @param {number} handle
 * @param {string} part
 * @returns {Promise<Blob>}
 */
export async function partBlob(handle, part) {
  const { blob } = await ofOpen("message.part", { handle, part });
  return blob;
}
