/**
 * The cryptographic envelope: the outermost layers of encryption and signature, and the payload they protect (RFC 9787
 * section 4). What lies deeper is a part and says nothing about the message.
 */
import { packetsOf } from "./armor.js";
import { CryptoError } from "./errors.js";
import { first } from "./header-fields.js";
import { hasBlocks, piecesOf } from "./inline-pgp.js";
import { decodeBody, parse } from "./mime-read.js";
import { dateIn } from "./shown-headers.js";
import { binaryString, withCrlf } from "./octets.js";
import { NO_ENCRYPTION } from "./verdict.js";

/** @typedef {import("./mime-read.js").Entity} Entity */
/** @typedef {import("./verdict.js").Encryption} Encryption */
/** @typedef {import("./openpgp-signature.js").SignatureFacts} SignatureFacts */
/** @typedef {import("./openpgp.js").OwnKey} OwnKey */

/**
 * @typedef {object} Tools
 * @property {readonly OwnKey[] | null} keys null when locked
 * @property {readonly import("./openpgp-certificate.js").Certificate[]} certificates
 * @property {Date} now
 * @property {import("./pace.js").Watch} [watch]
 * @property {boolean} [disposable] nobody needs the bytes of the message any more, and decryption may overwrite them
 */

/**
 * @typedef {object} Envelope
 * @property {Encryption} enc
 * @property {readonly SignatureFacts[]} inside signatures over the whole payload
 * @property {readonly SignatureFacts[]} outside signatures over the ciphertext
 * @property {"none" | "unsupported" | "unreadable"} other a layer of signature that was not checked
 * @property {boolean} smime that layer is S/MIME
 * @property {boolean} wrapped a signature layer of any kind lies outside the encryption
 * @property {Entity} payload
 * @property {boolean} limited
 * @property {import("./openpgp.js").Opened["key"] | null} openedWith
 * @property {string} method
 * @property {readonly string[]} keyIds for which it was encrypted, as far as it names them
 * @property {number} limit of size, where it was passed
 * @property {boolean} inline the text alone was encrypted, in the old form
 * @property {string} why what made a signature unreadable, for its sentence; "" when none is
 * @property {Date | null} atRest when we encrypted it for its reader ourselves
 */

/**
 * Our own mark on what was encrypted on arrival, in the header inside the encryption: whoever forges it only makes their
 * message claim less.
 */
export const AT_REST = "postern-encrypted-here";

/** Layers that honest mail stacks are two; more is somebody playing. */
const LAYERS = 6;

/**
 * @param {Entity} root
 * @param {boolean} limited
 * @param {Tools} tools
 * @returns {Promise<Envelope>}
 */
export async function unwrap(root, limited, tools) {
  /** @type {Envelope} */
  let envelope = {
    enc: NO_ENCRYPTION, inside: [], outside: [], other: "none", smime: false, wrapped: false, payload: root, limited, openedWith: null, method: "", keyIds: [], limit: 0, inline: false, why: "", atRest: null,
  };
  for (let layer = 0; layer < LAYERS; layer++) {
    const entity = envelope.payload;
    // Nothing but this layer stands on the bytes of the message: no signature around it is still to be checked.
    const how = { own: layer === 0 && tools.disposable === true };
    const encrypted = envelope.enc.layer === "none" ? encryptedIn(entity, layer === 0, how) : null;
    if (encrypted !== null) {
      const opaque = await signedOpaque(envelope, encrypted, tools);
      if (opaque !== null) return opaque;
      // Whatever was signed so far covers ciphertext alone.
      envelope = { ...envelope, outside: [...envelope.outside, ...envelope.inside], inside: [], other: "none", wrapped: layer > 0 };
      envelope = await decrypted(envelope, { ...encrypted, ...how }, tools);
      if (envelope.enc.state !== "ok" || envelope.enc.integrity !== "ok") return envelope;
      if (envelope.inline) return envelope;
      continue;
    }
    if (entity.type === "multipart/signed" && entity.parts.length > 0) {
      envelope = await signed(envelope, entity, tools);
      continue;
    }
    const smime = smimeKind(entity);
    if (smime === "signed") return { ...envelope, other: "unsupported", smime: true, method: "S/MIME" };
    if (smime !== null && envelope.enc.layer === "none") return { ...envelope, enc: { ...NO_ENCRYPTION, layer: smime, state: "unsupported", integrity: "none" }, method: "S/MIME" };
    return envelope;
  }
  return { ...envelope, limited: true };
}

/**
 * The signatures whose certificates were missing, checked by those that were found inside. Nothing is decrypted again.
 * @param {Envelope} envelope
 * @param {Tools["certificates"]} certificates
 * @returns {Promise<Envelope>}
 */
export async function checkedAgain(envelope, certificates) {
  const again = (/** @type {readonly SignatureFacts[]} */ signatures) => Promise.all(signatures.map((facts) => facts.again?.(certificates) ?? facts));
  return { ...envelope, inside: await again(envelope.inside), outside: await again(envelope.outside) };
}

/**
 * @param {Envelope} envelope
 * @param {{data: Uint8Array, inline: boolean, own: boolean}} encrypted
 * @param {Tools} tools
 * @returns {Promise<Envelope>}
 */
async function decrypted(envelope, { data, inline, own }, { keys, certificates, now, watch }) {
  /** @type {Encryption} */
  const enc = { ...NO_ENCRYPTION, layer: "openpgp" };
  if (keys === null) return { ...envelope, enc: { ...enc, state: "locked" } };
  const { decrypt } = await import("./openpgp.js");
  try {
    // Out of base64 it is nobody else's; what stood in the message as it is must stay.
    const disposable = own || data.buffer !== envelope.payload.raw.buffer;
    const opened = await decrypt(data, { keys, certificates, now, disposable, ...(watch ? { watch } : {}) });
    const known = { ...envelope, enc: { ...enc, oldKey: opened.key.old }, inside: opened.signatures, openedWith: opened.key, keyIds: opened.readers, method: opened.method };
    if (inline) return { ...known, inline: true, payload: { ...envelope.payload, body: opened.data, encoding: "8bit" } };
    const inner = parse(opened.data);
    const here = first(inner.root.fields, AT_REST);
    if (here !== null) Object.assign(known, { enc: { ...known.enc, atRest: true }, atRest: dateIn(here) });
    return { ...known, payload: here === null ? entityOf(inner.root) : inner.root, limited: envelope.limited || inner.limited };
  } catch (error) {
    if (!(error instanceof CryptoError)) throw error;
    return { ...envelope, ...refused(enc, error) };
  }
}

/** @param {Encryption} enc @param {CryptoError} error @returns {Partial<Envelope>} */
function refused(enc, error) {
  switch (error.code) {
    case "no-key":
      return { enc: { ...enc, state: "no-key" }, keyIds: /** @type {string[]} */ (error.facts["keyIds"] ?? []) };
    case "no-integrity":
      return { enc: { ...enc, integrity: "none" } };
    case "damaged":
      return { enc: { ...enc, integrity: "failed" } };
    case "too-large":
      return { enc: { ...enc, state: "too-large" }, limit: Number(error.facts["limit"]) };
    case "unsupported":
      return { enc: { ...enc, state: "unsupported" }, method: String(error.facts["method"] ?? "OpenPGP") };
    case "not-opened":
      return { enc: { ...enc, state: "failed" } };
    default:
      throw error;
  }
}

/**
 * The old form without encryption: text inside a signed message.
 * @param {Envelope} envelope
 * @param {{data: Uint8Array, inline: boolean}} found
 * @param {Tools} tools
 * @returns {Promise<Envelope | null>} null when it is encrypted
 */
async function signedOpaque(envelope, { data, inline }, { certificates, now }) {
  const { isEncrypted, readSigned } = await import("./openpgp.js");
  if (!inline || isEncrypted(data)) return null;
  try {
    const { data: body, signatures } = await readSigned(data, { certificates, now });
    return { ...envelope, inline: true, inside: signatures, payload: { ...envelope.payload, body, encoding: "8bit" } };
  } catch (error) {
    if (!(error instanceof CryptoError)) throw error;
    return { ...envelope, other: "unreadable", why: "cut" };
  }
}

/**
 * @param {Envelope} envelope
 * @param {Entity} entity multipart/signed
 * @param {Tools} tools
 * @returns {Promise<Envelope>}
 */
async function signed(envelope, entity, tools) {
  const covered = entityOf(entity.parts[0]);
  const inner = { ...envelope, payload: covered };
  const facts = await detached(entity, tools);
  if (Array.isArray(facts)) return { ...inner, inside: [...envelope.inside, ...facts] };
  // What stands beside the two would be shown nowhere; and nobody knows which of them was to be signed.
  if (entity.parts.length !== 2) return { ...envelope, payload: { ...entity, type: "multipart/mixed" }, other: "unreadable", why: "parts" };
  const why = facts === "unsupported" ? "" : "kind";
  return { ...inner, other: facts, smime: facts === "unsupported", method: facts === "unsupported" ? "S/MIME" : "", why };
}

/**
 * What was protected, as it is read. A text that was signed or encrypted bare can be put by anybody where an entity belongs
 * (RFC 3156 sections 4 and 5): its first lines would pass for a header, and be left out with the signature still good.
 * @param {Entity} entity
 * @returns {Entity} all of it as text, unless its header begins at once and describes a content
 */
export function entityOf(entity) {
  const { raw, fields } = entity;
  const begin = binaryString(raw.subarray(0, 1000));
  const described = /^[!-9;-~]+[ \t]*:/.test(begin) && fields.some(({ key }) => key.startsWith("content-"));
  if (described || /^(?:\r?\n|$)/.test(begin)) return entity;
  return { ...entity, fields: [], cut: false, body: raw, type: "text/plain", params: {}, encoding: "8bit", disposition: "", name: "", cid: "", parts: [] };
}

/**
 * The signatures of a multipart/signed, or what kept them from being checked.
 * @param {Entity} entity
 * @param {Tools} tools
 * @returns {Promise<SignatureFacts[] | "unsupported" | "unreadable">}
 */
export async function detached(entity, { certificates, now, watch }) {
  const [covered, signature] = entity.parts;
  // RFC 1847 section 2.1: exactly two. With more, which text is signed would be a matter of taste.
  if (entity.parts.length !== 2) return "unreadable";
  if (/pkcs7-signature$/.test(signature.type)) return "unsupported";
  if (signature.type !== "application/pgp-signature") return "unreadable";
  const { verify } = await import("./openpgp.js");
  return verify(withCrlf(covered.raw), decodeBody(signature), { certificates, now, ...(watch ? { watch } : {}) });
}

/**
 * @param {Entity} entity
 * @param {boolean} root
 * @param {{own?: boolean}} [how] own: nobody needs the entity any more, and its packets may overwrite it
 * @returns {{data: Uint8Array, inline: boolean} | null} packets
 */
export function encryptedIn(entity, root, how) {
  const data = pgpMimeData(entity, how);
  if (data !== null) return { data, inline: false };
  if (!root || entity.type !== "text/plain" || entity.disposition === "attachment") return null;
  // The old form: one block, and nothing else, is the whole text.
  const pieces = blocksOf(entity);
  return pieces.length === 1 && pieces[0].kind === "encrypted" && pieces[0].data !== undefined ? { data: pieces[0].data, inline: true } : null;
}

/** @param {Entity} entity */
function blocksOf(entity) {
  const bytes = decodeBody(entity);
  return hasBlocks(bytes) ? piecesOf(bytes) : [];
}

/** @param {Entity} entity @param {{own?: boolean}} [how] @returns {Uint8Array | null} packets of PGP/MIME (RFC 3156 section 4) */
function pgpMimeData(entity, how) {
  const { type, parts } = entity;
  const control = parts.findIndex((part) => part.type === "application/pgp-encrypted");
  const content = control < 0 ? undefined : parts[control + 1];
  if (content === undefined) return null;
  const proper = type === "multipart/encrypted" && parts.length === 2;
  // Exchange turns multipart/encrypted into multipart/mixed with an empty text before it.
  const rebuilt = type === "multipart/mixed" && parts.length === 3 && control === 1 && parts[0].type === "text/plain" && parts[0].body.every((code) => code <= 32);
  if (!(proper || rebuilt)) return null;
  return packetsOf(decodeBody(content, how), how) ?? new Uint8Array();
}

/**
 * @param {Entity} entity
 * @returns {"smime-cbc" | "smime-gcm" | "signed" | null}
 */
export function smimeKind({ type, params, name }) {
  // RFC 8551 section 3.9: some servers make octet-stream of it, and only the name is left.
  const renamed = type === "application/octet-stream" && /\.p7m$/i.test(name);
  if (type !== "application/pkcs7-mime" && type !== "application/x-pkcs7-mime" && !renamed) return null;
  const kind = (params["smime-type"] ?? "").toLowerCase();
  if (kind === "signed-data") return "signed";
  if (kind === "authenveloped-data") return "smime-gcm";
  if (kind === "enveloped-data" || (kind === "" && !/\.p7c$/i.test(name))) return "smime-cbc";
  return null;
}
