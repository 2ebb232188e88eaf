/** The worker's operations on messages and certificates; own keys and pins come from beside, never from the page. */
import { addressKey } from "./address-key.js";
import { smimeKind } from "./envelope.js";
import { CryptoError } from "./errors.js";
import { blobOf } from "./part-blob.js";
import { decodeBody, parse } from "./mime-read.js";
import { parseFields } from "./header-fields.js";
import { build as buildMessage, headersOf, open as openMessage } from "./message.js";
import { concat, utf8 } from "./bytes.js";
import { fromBinaryString } from "./octets.js";
import { unlockedKeys } from "./keyring.js";
import { correspondents, loaded as pinsLoaded, pinFor } from "./pins.js";

/** @typedef {import("./jobs.js").Job} Job */
/** @typedef {import("./display-parts.js").Stored} Stored */

/** Messages that the page has open at once; more would only be forgotten tabs of memory. */
const KEPT = 8;
/** Begins anywhere, so that the handle of an earlier worker's message never names one of this worker's. */
let handles = globalThis.crypto.getRandomValues(new Uint32Array(1))[0] * 2 ** 20;
/** @type {Map<number, Map<string, Stored>>} */
const opened = new Map();

/** @param {string | undefined} address */
function ownSigner(address) {
  return keysIfUnlocked() === null ? null : unlockedKeys(address).signing;
}

/** null when locked: a message that is not encrypted is read all the same. */
function keysIfUnlocked() {
  try {
    return unlockedKeys();
  } catch (error) {
    if (error instanceof CryptoError && error.code === "locked") return null;
    throw error;
  }
}

/**
 * `raw` is a message, and is overwritten; `handle` and `part` instead open a closed part of one on its own. `pins` by address is for callers
 * without a key ring; else what the ring keeps is used. `certificates` is null where no answer came for the sender.
 * `hasRing`: this person has a key ring, so while it is locked nobody knows what it says about a certificate.
 * @param {{raw?: Uint8Array | Blob, handle?: number, part?: string, certificates?: (Uint8Array | {data: Uint8Array, source: string})[] | null,
 *   hasRing?: boolean, pins?: Record<string, import("./evidence.js").Pin>, own?: readonly string[], signs?: readonly string[], authserv?: string}} args
 *   `own`: the person's addresses; `signs` and `authserv` as in message-open.js
 * @param {import("./pace.js").Watch} [watch] the job, told how much of a large message is decrypted
 */
export async function open({ raw, handle, part, certificates = null, hasRing = false, pins, own = [], signs = [], authserv = "" }, watch = {}) {
  const bytes = raw === undefined ? standalone(storedOf(handle, part)) : raw instanceof Uint8Array ? raw : await bytesOf(raw);
  const unlocked = keysIfUnlocked();
  const { stored, ...result } = await openMessage(bytes, {
    keys: unlocked?.decryption ?? null,
    certificates,
    pinOf: (address) => pins?.[addressKey(address)] ?? (unlocked === null ? null : pinFor(address)),
    // Also between the unlocking and the loading of the list.
    locked: pins === undefined && (unlocked === null ? hasRing : !pinsLoaded()),
    acquaintance: { own, correspondents: unlocked === null || !pinsLoaded() ? [] : correspondents() },
    signs,
    authserv,
    watch,
    // The page's bytes are a copy for this worker, or were handed over. A part's may be those of its open message.
    disposable: raw !== undefined,
  });
  // Given up in the meantime: nothing of it is kept.
  watch.signal?.throwIfAborted();
  const id = ++handles;
  opened.set(id, stored);
  for (const old of opened.keys()) if (opened.size > KEPT) opened.delete(old);
  return { handle: id, ...result };
}

/** @param {unknown} raw */
async function bytesOf(raw) {
  if (!(raw instanceof Blob)) throw new CryptoError("bad-input", "raw must be bytes or a Blob");
  return new Uint8Array(await raw.arrayBuffer());
}

/** @param {number | undefined} handle @param {string | undefined} part @returns {Stored} */
function storedOf(handle, part) {
  const message = opened.get(Number(handle));
  if (message === undefined) throw new CryptoError("not-open");
  const stored = message.get(String(part));
  if (stored === undefined) throw new CryptoError("bad-input", "no such part is open");
  return stored;
}

/**
 * A part with only those fields that describe it (RFC 2045 section 3): a From there is nobody's word about who wrote.
 * @param {import("./mime-read.js").Entity} entity
 */
function described({ fields, body }) {
  const header = fields.filter(({ key }) => key.startsWith("content-")).map(({ name, value }) => `${name}: ${value}\r\n`);
  return concat(fromBinaryString(`${header.join("")}\r\n`), body);
}

/** A part as a message of its own; an encrypted file or block gets the header it needs. @param {Stored} stored @returns {Uint8Array} */
function standalone(stored) {
  if ("bytes" in stored) return concat(utf8("Content-Type: text/plain; charset=utf-8\r\n\r\n"), stored.bytes);
  const { entity } = stored;
  if (entity.type.startsWith("message/")) return decodeBody(entity);
  if (entity.type.startsWith("multipart/") || smimeKind(entity) !== null) return described(entity);
  return concat(utf8("Content-Type: text/plain; charset=utf-8\r\n\r\n"), decodeBody(entity));
}

/**
 * A part of an open message, or the content of an entity that the page fetched by itself.
 * @param {{handle?: number, part?: string, raw?: Uint8Array}} args
 * @returns {Promise<{blob: Blob}>} type octet-stream: what a stranger calls it must not decide what a browser does with it
 */
export async function part({ handle, part: id, raw }) {
  const stored = raw === undefined ? storedOf(handle, id) : { entity: parse(raw).root };
  return { blob: blobOf(stored) };
}

/** @param {{raw: Uint8Array}} args a header section @returns {import("./shown-headers.js").Headers} */
export function headers({ raw }) {
  if (!(raw instanceof Uint8Array)) throw new CryptoError("bad-input", "raw must be bytes");
  return headersOf(parseFields(raw));
}

/**
 * @param {import("./message-build.js").Letter} letter
 * @param {Job} job
 */
export async function build(letter, job) {
  const signer = letter.protection === "clear" ? null : unlockedKeys(letter.from?.address).signing;
  if (letter.protection !== "clear" && signer === null) throw new CryptoError("no-key", "no key of this address may sign");
  // Also what goes in the clear offers the certificate, where the keys are open.
  const certificate = (signer ?? ownSigner(letter.from?.address))?.certificate ?? null;
  return buildMessage(letter, { signer, certificate, signal: job.signal, progress: job.progress });
}

/** @param {{address: string, certificates: Uint8Array[]}} args */
export async function judge({ address, certificates }) {
  const openpgp = await import("./openpgp.js");
  return openpgp.judge({ address, certificates });
}
