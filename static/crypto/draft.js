/**
 * Drafts as messages in the person's own mailbox (design D10): encrypted to self, not signed, known again by a MAC under the
 * state key. Whatever lacks that MAC was put there by somebody else, and nothing in it is decrypted: its text would go out
 * again under this person's name.
 */
import { isAddress, parseAddresses } from "./addresses.js";
import { armor } from "./armor.js";
import { toBase64 } from "./bytes.js";
import { complete, stateIn, stateOf } from "./draft-content.js";
import { FIELD, isDraftId, isOwn, labelIn, macOf, written } from "./draft-label.js";
import { displayParts } from "./display-parts.js";
import { encryptedIn } from "./envelope.js";
import { CryptoError } from "./errors.js";
import { all, first } from "./header-fields.js";
import { checked, contentOf, encryptedParts, headerLines, PLACEHOLDER, withHeaderProtection } from "./message-build.js";
import { decodeBody, parse } from "./mime-read.js";
import { pieces, transportable, write } from "./mime-write.js";
import { fromBinaryString } from "./octets.js";
import { decodeText } from "./charset.js";
import { headersOf } from "./shown-headers.js";

/** @typedef {import("./draft-content.js").Content} Content */
/** @typedef {import("./keyring-file.js").OwnKey} OwnKey */
/** @typedef {import("./mime-read.js").Entity} Entity */
/** @typedef {import("./mime-write.js").HeaderLine} HeaderLine */
/**
 * @typedef {object} Opened
 * @property {Omit<Content, "from">} content
 * @property {{id: string, rev: number} | null} own null for a draft of somebody else
 * @property {boolean} closed something in it stays closed: ciphertext, and files of a foreign draft
 */

/** Inside the encryption alone: what the composer needs to go on. */
const STATE = "X-Postern-Composer";

/**
 * @param {Content} content
 * @param {{id: string, rev: number, root: import("./state.js").Root, own: OwnKey, now?: Date}} by
 * @returns {Promise<{bytes: Uint8Array, mac: string}>}
 * @throws {CryptoError} bad-input, no-certificate
 */
export async function seal(content, { id, rev, root, own, now = new Date() }) {
  if (!isDraftId(id)) throw new CryptoError("bad-input", "a draft has a UUID in lower case");
  const from = checked(content.from);
  const messageId = `<${id}@${from.address.slice(from.address.lastIndexOf("@") + 1)}>`;
  const [to, cc, bcc] = [content.to, content.cc, content.bcc].map((list) => list.filter(complete).map(checked));
  // One line end more than was written, taken off again when read: so a text comes back to the letter.
  const letter = { ...content, from, to, cc, bcc, text: `${content.text}\n`, html: content.html === null ? null : `${content.html}\n`, protection: /** @type {const} */ ("encrypted") };
  const headers = headerLines(letter, { from, to, cc, messageId, now });
  const hidden = headerLines({ ...letter, to: bcc }, { from, to: bcc, cc: [], messageId, now }).find(([name]) => name === "To");
  const outer = headers.filter(([name]) => ["From", "Subject", "Date", "Message-ID"].includes(name)).map(([name, value]) => /** @type {HeaderLine} */ ([name, name === "Subject" ? PLACEHOLDER : value]));
  if (!outer.some(([name]) => name === "Subject")) outer.push(["Subject", PLACEHOLDER]);
  const told = outer.map(([name, value]) => /** @type {HeaderLine} */ (["HP-Outer", `${name}: ${value}`]));
  const inner = headers.filter(([name]) => name !== "To" || to.length > 0);
  const bccLine = bcc.length > 0 && hidden ? [/** @type {HeaderLine} */ (["Bcc", hidden[1]])] : [];
  const payload = pieces(withHeaderProtection(contentOf(letter), "cipher"), [...inner, ...bccLine, [STATE, stateOf(content)], ...told]);

  const openpgp = await import("./openpgp.js");
  const { certificate, judgement } = await openpgp.choose(own.address, [own.certificate], now);
  if (certificate === null) throw new CryptoError("no-certificate", judgement.reason, { address: own.address });
  const message = await openpgp.encrypt(payload, { recipients: [certificate], signer: null, now });
  const mac = await macOf(root, id, rev, message);
  const parts = encryptedParts(armor(message, "MESSAGE", { checksum: !certificate.seipdv2 }));
  return { bytes: transportable(write(parts, [...outer, [FIELD, written({ id, rev, mac })], ["MIME-Version", "1.0"]])), mac };
}

/**
 * @param {Uint8Array} raw
 * @param {{root: import("./state.js").Root, keys: readonly OwnKey[], watch?: import("./pace.js").Watch} | null} by null while locked
 * @returns {Promise<Opened>}
 * @throws {CryptoError} locked where only open keys could tell whose draft it is; damaged, not-opened
 */
export async function open(raw, by) {
  const { root: entity } = parse(raw);
  const label = labelIn(entity.fields);
  const encrypted = label === null ? null : encryptedIn(entity, false);
  if (label === null || encrypted === null) return foreign(entity);
  if (by === null) throw new CryptoError("locked");
  if (!(await isOwn(by.root, label, encrypted.data))) return foreign(entity);
  const { decrypt } = await import("./openpgp.js");
  const { data } = await decrypt(encrypted.data, { keys: by.keys, certificates: [], now: new Date(), ...(by.watch ? { watch: by.watch } : {}) });
  return { content: contentIn(parse(data).root), own: { id: label.id, rev: label.rev }, closed: false };
}

/**
 * Back from exactly what `seal` wrote. Blocks that the person left in their text are text.
 * @param {Entity} payload
 * @returns {Omit<Content, "from">}
 */
function contentIn(payload) {
  const [body, ...files] = payload.type === "multipart/mixed" ? payload.parts : [payload];
  const [plain, rich] = body?.type === "multipart/alternative" ? body.parts : [body];
  const [html, ...pictures] = rich?.type === "multipart/related" ? rich.parts : [rich];
  if (plain === undefined) throw new CryptoError("damaged", "a draft without text");
  const { extra, lists } = stateIn(first(payload.fields, STATE.toLowerCase()));
  return {
    ...fieldsIn(payload.fields), ...lists, text: textOf(plain), html: html === undefined ? null : textOf(html),
    inline: pictures.map((part) => ({ id: part.cid, file: fileOf(part) })), attachments: files.map(fileOf), extra,
  };
}

/** @param {Entity} part */
function fileOf(part) {
  return new File([/** @type {Uint8Array<ArrayBuffer>} */ (decodeBody(part))], part.name, { type: part.type });
}

/** @param {readonly import("./header-fields.js").Field[]} fields */
function fieldsIn(fields) {
  const headers = headersOf(fields);
  const bcc = all(fields, "bcc").flatMap((field) => parseAddresses(field.value).addresses);
  const usable = (/** @type {import("./addresses.js").Address[]} */ list) => list.filter(({ address }) => isAddress(address));
  return {
    to: usable(headers.to), cc: usable(headers.cc), bcc: usable(bcc), subject: headers.subject,
    inReplyTo: headers.inReplyTo.match(/<[^<>\s]+>/)?.[0] ?? null, references: headers.references,
  };
}

/** @param {Entity} part */
function textOf(part) {
  return decodeText(decodeBody(part), part.params["charset"] ?? null).replace(/\r\n/g, "\n").replace(/\n$/, "");
}

/**
 * Of a draft that somebody else left: the fields and texts that anybody can read. Files stay where they are, in the original.
 * @param {Entity} entity
 * @returns {Opened}
 */
function foreign(entity) {
  const { parts } = displayParts(entity, { legacyDisplay: false });
  const texts = parts.filter(({ kind }) => kind === "text").map(({ text = "" }) => text.replace(/\n$/, ""));
  return {
    content: { ...fieldsIn(entity.fields), text: texts.join("\n\n"), html: null, inline: [], attachments: [], extra: {} }, own: null,
    closed: parts.some(({ kind }) => kind !== "text" && kind !== "html"),
  };
}
