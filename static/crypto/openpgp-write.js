/**
 * Signing and encrypting of texts of any size: read, hashed and encrypted once through, a chunk at a time (decision 0100).
 * The library makes the packets with session keys and signatures; what is long passes it by.
 */
import { concat } from "./bytes.js";
import { CryptoError } from "./errors.js";
import { encryptionKey } from "./openpgp-certificate.js";
import { pgp } from "./openpgp-library.js";
import { CHUNK, GCM, newSessionKey, OCB, sealer } from "./openpgp-seal.js";
import { signing } from "./openpgp-sign.js";
import { Pace } from "./pace.js";
import { PartsWriter, packetHeader } from "./packet-writer.js";
import { read, sizeOf } from "./pieces.js";
import { WHOLE } from "./text-hash.js";

/** @typedef {import("./openpgp-certificate.js").Certificate} Certificate */
/** @typedef {import("./openpgp-secret.js").OwnKey} OwnKey */
/** @typedef {import("./openpgp-seal.js").Form} Form */
/** @typedef {import("./pace.js").Watch} Watch */
/** @typedef {import("./pieces.js").Piece} Piece */

const { enums } = pgp;
const LITERAL = 11;
const SEIPD = 18;
const AES_128 = 7;
const AES_256 = 9;
/** Chunks that are on their way at once, while this thread hashes; with more, they are out of the processor's cache again. */
const AHEAD = 4;
/** Room for session keys, a signature and what stands around them; where it is not enough, more is taken. */
const AROUND = 16 * 1024;

/**
 * One ciphertext.
 * @typedef {object} Target
 * @property {readonly Certificate[]} recipients judged before; the writer is among them
 * @property {(bytes: Uint8Array<ArrayBuffer>) => void} out takes the binary message, piece by piece: a copy, where it keeps it
 */

/**
 * What all of the recipients say they can read (RFC 9580 sections 5.2.3.14, 5.2.3.15 and 5.2.3.32), never more.
 * @param {readonly Certificate[]} recipients
 * @returns {Form}
 */
export function formFor(recipients) {
  const all = (/** @type {(certificate: Certificate) => boolean} */ holds) => recipients.every(holds);
  if (!all(({ seipdv2 }) => seipdv2)) return { cipher: all(({ ciphers }) => ciphers.includes(AES_256)) ? AES_256 : AES_128, mode: null };
  for (const [cipher, mode] of /** @type {const} */ ([[AES_256, GCM], [AES_256, OCB], [AES_128, GCM]])) {
    if (all(({ suites }) => suites.some(([one, other]) => one === cipher && other === mode))) return { cipher, mode };
  }
  // Everyone has this one (section 5.2.3.15).
  return { cipher: AES_128, mode: OCB };
}

/**
 * Signed once, encrypted for each target with a session key of its own (RFC 3156 section 6.2).
 * @param {readonly Piece[]} pieces
 * @param {readonly Target[]} targets
 * @param {{signer: OwnKey | null, now: Date, watch?: Watch, whole?: number}} by null: not signed; whole as in text-hash.js
 * @throws {CryptoError} bad-input, file-gone; DOMException AbortError
 */
export async function encryptPieces(pieces, targets, { signer, now, watch = {}, whole = WHOLE }) {
  const size = sizeOf(pieces);
  const pace = new Pace(size, watch);
  const made = signer === null ? null : await signing(signer, { now, size, whole });
  const writers = await Promise.all(targets.map((target) => begun(target, { size, gathered: size * targets.length <= whole }, now)));
  /** Oldest first. @type {Promise<Uint8Array[]>[]} */
  const sealing = [];
  const next = async () => {
    const sealed = await /** @type {Promise<Uint8Array[]>} */ (sealing.shift());
    sealed.forEach((bytes, at) => writers[at].parts.write(bytes));
  };
  try {
    for await (const chunk of cut(packets(pieces, size, made, now, watch), CHUNK)) {
      const task = Promise.all(writers.map(({ seal }) => seal.seal(chunk)));
      // Looked at in its turn, or below.
      task.catch(() => {});
      sealing.push(task);
      if (sealing.length >= AHEAD) await next();
      await pace.step(chunk.length);
    }
    while (sealing.length > 0) await next();
  } finally {
    await Promise.allSettled(sealing);
  }
  for (const { seal, parts } of writers) {
    parts.write(await seal.end());
    parts.end();
  }
  watch.signal?.throwIfAborted();
  watch.progress?.({ done: size, total: size });
}

/**
 * Sign, then encrypt, in one message. Drafts have no signer: a signature would speak for a text that nobody has said yet.
 * @param {Uint8Array | readonly Piece[]} entity
 * @param {{recipients: readonly Certificate[], signer: OwnKey | null, now: Date, watch?: Watch, whole?: number}} to
 * @returns {Promise<Uint8Array>} binary; a view, with room behind it
 */
export async function encrypt(entity, { recipients, signer, now, watch, whole }) {
  const pieces = entity instanceof Uint8Array ? [entity] : entity;
  const size = sizeOf(pieces);
  let written = new Uint8Array(size + size / 1024 + AROUND);
  let filled = 0;
  const out = (/** @type {Uint8Array} */ bytes) => {
    if (filled + bytes.length > written.length) written = concat(written, new Uint8Array(written.length + bytes.length));
    written.set(bytes, filled);
    filled += bytes.length;
  };
  await encryptPieces(pieces, [{ recipients, out }], { signer, now, watch, whole });
  return written.subarray(0, filled);
}

/**
 * A detached signature over exactly these bytes, which are handed on as they pass.
 * @param {readonly Piece[]} pieces
 * @param {{signer: OwnKey, now: Date, watch?: Watch, whole?: number, begin?: (micalg: string) => void, out?: (bytes: Uint8Array) => void}} by
 *   begin is called before the first of them
 * @returns {Promise<{signature: Uint8Array, micalg: string}>} micalg for multipart/signed (RFC 3156 section 5)
 */
export async function signPieces(pieces, { signer, now, watch = {}, whole, begin, out }) {
  const size = sizeOf(pieces);
  const pace = new Pace(size, watch);
  const made = await signing(signer, { now, size, whole });
  begin?.(made.micalg);
  for await (const bytes of read(pieces)) {
    made.update(bytes);
    out?.(bytes);
    await pace.step(bytes.length);
  }
  const signature = await made.end();
  watch.progress?.({ done: size, total: size });
  return { signature, micalg: made.micalg };
}

/** @param {Uint8Array} entity @param {{signer: OwnKey, now: Date, whole?: number}} by */
export function sign(entity, by) {
  return signPieces([entity], by);
}

/** @param {Target} target @param {{size: number, gathered: boolean}} text @param {Date} now */
async function begun({ recipients, out }, text, now) {
  const encryptionKeyIDs = recipients.map((certificate) => {
    const key = encryptionKey(certificate, now);
    if (key === null) throw new CryptoError("bad-input", "a certificate without usable encryption key", { fingerprint: certificate.fingerprint });
    return key.packet.getKeyID();
  });
  const form = formFor(recipients);
  const data = newSessionKey(form);
  const named = { algorithm: enums.read(enums.symmetric, form.cipher), ...(form.mode === null ? {} : { aeadAlgorithm: enums.read(/** @type {any} */ (enums.aead), form.mode) }) };
  const keys = await pgp.encryptSessionKey(/** @type {any} */ ({ data, ...named, encryptionKeys: recipients.map(({ key }) => key), encryptionKeyIDs, date: now, format: "binary" }));
  const seal = await sealer(form, data, text);
  data.fill(0);
  out(/** @type {any} */ (keys));
  const parts = new PartsWriter(SEIPD, text.size, out);
  parts.write(seal.head);
  return { seal, parts };
}

/**
 * What is encrypted: the literal packet, around it the signature.
 * @param {readonly Piece[]} pieces
 * @param {number} size
 * @param {import("./openpgp-sign.js").Signing | null} made
 * @param {Date} now
 * @param {Watch} watch
 */
async function* packets(pieces, size, made, now, { signal }) {
  if (made !== null) yield made.onePass;
  const date = new Uint8Array(4);
  new DataView(date.buffer).setUint32(0, Math.floor(now.getTime() / 1000));
  // Binary, no name, the time of writing (RFC 9580 section 5.9).
  const head = concat(Uint8Array.of(0x62, 0), date);
  yield concat(packetHeader(LITERAL, head.length + size), head);
  let total = 0;
  for await (const bytes of read(pieces)) {
    // While it is gathered, nothing else hears a cancel.
    signal?.throwIfAborted();
    made?.update(bytes);
    total += bytes.length;
    if (!made?.taken) yield bytes;
  }
  if (total !== size) throw new CryptoError("bad-input", "not of the length that was announced");
  if (made === null) return;
  // What was gathered is hashed while it is encrypted: WebCrypto has threads of its own.
  const text = made.taken?.();
  const ending = made.end();
  // Looked at below, if the reader comes so far.
  ending.catch(() => {});
  if (text !== undefined) yield text;
  yield await ending;
}

/**
 * The same in chunks; the last may be shorter, and is never empty.
 * @param {AsyncIterable<Uint8Array>} source
 * @param {number} size
 * @returns {AsyncGenerator<Uint8Array<ArrayBuffer>>} each is overwritten by the next
 */
async function* cut(source, size) {
  const chunk = new Uint8Array(size);
  let filled = 0;
  for await (const bytes of source) {
    for (let at = 0; at < bytes.length; ) {
      const taken = bytes.subarray(at, at + size - filled);
      at += taken.length;
      if (taken.length === size) {
        yield /** @type {Uint8Array<ArrayBuffer>} */ (taken);
        continue;
      }
      chunk.set(taken, filled);
      filled += taken.length;
      if (filled < size) continue;
      yield chunk;
      filled = 0;
    }
  }
  if (filled > 0) yield chunk.subarray(0, filled);
}
