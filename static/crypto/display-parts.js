/** The payload as what a reader is shown: texts, pictures, files, and cards for parts with protection of their own. */
import { binaryString, find } from "./octets.js";
import { utf8 } from "./bytes.js";
import { decodeSigned, decodeText } from "./charset.js";
import { encryptedIn, entityOf, smimeKind } from "./envelope.js";
import { unflow } from "./flowed.js";
import { text as headerText } from "./header-fields.js";
import { hasBlocks, piecesOf } from "./inline-pgp.js";
import { decodeBody, decodedSize, isMessage } from "./mime-read.js";
import { isLegacyDisplay, withoutLegacyDisplay } from "./protected-headers.js";
import { ATTACHED_LIMIT, ATTACHED_MOST } from "./sender-certificates.js";

/** @typedef {import("./mime-read.js").Entity} Entity */

/**
 * @typedef {object} Part
 * @property {string} id for message.part
 * @property {string} section as in IMAP ("1.2"), "" for the root and for pieces of a text
 * @property {"text" | "html" | "image" | "attachment" | "message" | "encrypted" | "certificate"} kind
 * @property {string} type
 * @property {string} name
 * @property {number} size in bytes, estimated before decoding
 * @property {string} cid
 * @property {boolean} inline shown where it stands, not as a file
 * @property {string} group text and html of one multipart/alternative share it; "" else
 * @property {number | null} card index into cards: this part stands inside that card's frame
 * @property {string} [text] of text and html
 * @property {string} [subject] of an attached message
 * @property {string} [from] of an attached message
 */

/**
 * A frame of its own, with a line of its own (words.md section 2.5).
 * @typedef {object} Card
 * @property {"part-encrypted" | "part-encrypted-inline" | "part-signed" | "part-message" | "part-file" | "part-limit"} id
 * @property {Entity | null} signed multipart/signed that is to be checked
 * @property {{bytes: Uint8Array, data: Uint8Array} | null} clear cleartext-signed text that is to be checked
 * @property {string} part id of the part to open, "" when none
 */

/**
 * @typedef {object} Display
 * @property {Part[]} parts
 * @property {Card[]} cards
 * @property {Map<string, Stored>} stored
 * @property {Uint8Array[]} certificates that came along
 * @property {boolean} textOnly an HTML part was over the cap
 * @property {boolean} inlineSigned
 */
/** @typedef {{entity: Entity} | {bytes: Uint8Array, type: string}} Stored */

/** Over this the sanitiser and the page become slow (facts/browser-crypto.md section e). */
const HTML_LIMIT = 2 * 1024 * 1024;
/** Over this a text is a file. */
const TEXT_LIMIT = 5 * 1024 * 1024;
const IMAGES = new Set(["image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "image/bmp"]);

/**
 * @param {Entity} payload
 * @param {{legacyDisplay: boolean, bare?: boolean}} options `legacyDisplay`: the payload carries protected headers, so that
 *   their copies are left out; `bare`: the text alone was protected, and what its header says of it was not
 * @returns {Display}
 */
export function displayParts(payload, { legacyDisplay, bare = false }) {
  const collector = new Collector(payload, legacyDisplay && !bare, bare);
  collector.entity(payload, { group: "", card: null, related: false });
  return collector.display;
}

/** @typedef {{group: string, card: number | null, related: boolean}} Place */

class Collector {
  /**
   * @param {Entity} payload
   * @param {boolean} legacyDisplay
   * @param {boolean} bare
   */
  constructor(payload, legacyDisplay, bare) {
    this.payload = payload;
    this.legacyDisplay = legacyDisplay;
    this.bare = bare;
    this.groups = 0;
    /** @type {Display} */
    this.display = { parts: [], cards: [], stored: new Map(), certificates: [], textOnly: false, inlineSigned: false };
  }

  /**
   * @param {Entity} entity
   * @param {Place} place
   */
  entity(entity, place) {
    if (encryptedIn(entity, false) !== null) {
      this.closed(entity, "encrypted", "part-encrypted", place);
    } else if (entity.type === "multipart/signed" && entity.parts.length > 0) {
      const card = place.card ?? this.card({ id: "part-signed", signed: entity, clear: null, part: "" });
      // Never an alternative to what stands outside: that would be shown, and the card be empty.
      this.entity(entityOf(entity.parts[0]), { ...place, group: place.card === null ? "" : place.group, card });
      // What stands beside the two is outside every signature, and shown as files.
      for (const extra of entity.parts.slice(2)) this.file(extra, { ...place, card: null });
    } else if (entity.type === "multipart/alternative" && entity.parts.length > 0) {
      this.alternative(entity, place);
    } else if (entity.type === "multipart/related" && entity.parts.length > 0) {
      this.related(entity, place);
    } else if (entity.type.startsWith("multipart/") && entity.parts.length > 0) {
      for (const part of entity.parts) this.entity(part, { ...place, group: "", related: false });
    } else {
      this.leaf(entity, place);
    }
  }

  /** @param {Entity} entity @param {Place} place */
  alternative(entity, place) {
    const group = `alternative-${++this.groups}`;
    for (const part of entity.parts) this.entity(part, { ...place, group });
  }

  /** @param {Entity} entity @param {Place} place */
  related(entity, place) {
    const start = (entity.params["start"] ?? "").replace(/^<|>$/g, "");
    const root = entity.parts.find((part) => start !== "" && part.cid === start) ?? entity.parts[0];
    if (root !== undefined) this.entity(root, place);
    for (const part of entity.parts) if (part !== root) this.entity(part, { ...place, group: "", related: true });
  }

  /** @param {Entity} entity @param {Place} place */
  leaf(entity, place) {
    const { type, disposition } = entity;
    // The root carries the headers themselves, a part below it their copy.
    if (this.copies(place) && entity !== this.payload && isLegacyDisplay(entity)) return;
    if (isMessage(type)) {
      this.message(entity, place);
    } else if (type === "application/pgp-keys") {
      this.keys(entity, place);
    } else if (type === "application/pgp-signature" && disposition !== "attachment" && entity.name === "") {
      // The signature of a part is not something to read.
    } else if (isEncryptedFile(entity)) {
      this.closed(entity, "attachment", "part-file", place);
    } else if (disposition === "attachment" || entity.body.length > 2 * TEXT_LIMIT) {
      this.file(entity, place);
    } else if (type === "text/plain" || type === "message/delivery-status" || type === "text/rfc822-headers" || type === "message/disposition-notification") {
      this.text(entity, place);
    } else if (type === "text/html") {
      this.html(entity, place);
    } else {
      this.file(entity, place);
    }
  }

  /** @param {Entity} entity @param {Place} place */
  text(entity, place) {
    const bytes = decodeBody(entity);
    if (bytes.length > TEXT_LIMIT) {
      this.file(entity, place);
      return;
    }
    if (place.card !== null || !hasBlocks(bytes)) {
      this.plain(entity, bytes, place);
      return;
    }
    for (const piece of piecesOf(bytes)) {
      if (piece.kind === "signed" && piece.data !== undefined) {
        this.display.inlineSigned = true;
        const card = this.card({ id: "part-signed", signed: null, clear: { bytes: piece.bytes, data: piece.data }, part: "" });
        this.plain(entity, piece.bytes, { ...place, group: "", card }, true);
      } else if (piece.kind === "encrypted") {
        const part = this.add({ kind: "encrypted", type: "text/plain", name: "", size: piece.bytes.length, cid: "" }, place, { bytes: piece.bytes, type: "text/plain" });
        part.card = this.card({ id: "part-encrypted-inline", signed: null, clear: null, part: part.id });
      } else if (piece.kind === "key" && piece.data !== undefined) {
        this.certificate(piece.data);
        this.add({ kind: "certificate", type: "application/pgp-keys", name: "certificate.asc", size: piece.bytes.length, cid: "" }, place, { bytes: piece.bytes, type: "application/pgp-keys" });
      } else {
        this.plain(entity, piece.bytes, place);
      }
    }
  }

  /**
   * Whether parts may only repeat the headers. In a card never: what surrounds it would say which signed text is left out.
   * @param {Place} place
   */
  copies({ card }) {
    return this.legacyDisplay && card === null;
  }

  /**
   * @param {Entity} entity
   * @param {Uint8Array} bytes
   * @param {Place} place
   * @param {boolean} [bare] a signature covers the text and not the header of its part
   */
  plain(entity, bytes, place, bare = this.bare) {
    const charset = entity.params["charset"] ?? null;
    const whole = bare ? decodeSigned(bytes, charset) : decodeText(bytes, charset);
    const decoded = (this.copies(place) ? withoutLegacyDisplay(entity, whole) : whole).replace(/\r\n?/g, "\n");
    const flowed = (entity.params["format"] ?? "").toLowerCase() === "flowed";
    const part = this.add({ kind: "text", type: entity.type, name: entity.name, size: bytes.length, cid: entity.cid }, place, { bytes, type: "text/plain" });
    part.text = flowed ? unflow(decoded, (entity.params["delsp"] ?? "").toLowerCase() === "yes") : decoded;
  }

  /** @param {Entity} entity @param {Place} place */
  html(entity, place) {
    const bytes = decodeBody(entity);
    if (bytes.length > HTML_LIMIT) {
      this.display.textOnly = true;
      this.file(entity, place);
      return;
    }
    // Armor inside HTML is never opened: what surrounds it could carry it away (EFAIL).
    const part = this.add({ kind: "html", type: "text/html", name: entity.name, size: bytes.length, cid: entity.cid }, place, { entity });
    const decoded = decodeText(bytes, entity.params["charset"] ?? charsetOfHtml(bytes));
    part.text = this.copies(place) ? withoutLegacyDisplay(entity, decoded) : decoded;
  }

  /** @param {Entity} entity @param {Place} place */
  file(entity, place) {
    const image = IMAGES.has(entity.type) && entity.disposition !== "attachment";
    const part = this.add(
      { kind: image ? "image" : "attachment", type: entity.type, name: entity.name, size: decodedSize(entity), cid: entity.cid },
      place,
      { entity },
    );
    part.inline = image || (place.related && entity.cid !== "" && entity.disposition !== "attachment");
  }

  /** @param {Entity} entity @param {Place} place */
  message(entity, place) {
    const [inner] = entity.parts;
    const part = this.add({ kind: "message", type: "message/rfc822", name: entity.name, size: decodedSize(entity), cid: entity.cid }, place, { entity });
    if (inner === undefined) return;
    part.subject = headerText(inner.fields, "subject");
    part.from = headerText(inner.fields, "from");
    if (isProtected(inner)) part.card = this.card({ id: "part-message", signed: null, clear: null, part: part.id });
  }

  /** @param {Entity} entity @param {Place} place */
  keys(entity, place) {
    const bytes = decodeBody(entity);
    this.certificate(bytes);
    this.add({ kind: "certificate", type: entity.type, name: entity.name || "certificate.asc", size: bytes.length, cid: entity.cid }, place, { entity });
  }

  /** @param {Uint8Array} bytes */
  certificate(bytes) {
    if (this.display.certificates.length < ATTACHED_MOST && bytes.length <= ATTACHED_LIMIT) this.display.certificates.push(bytes);
  }

  /**
   * A part that stays closed until it is opened on its own.
   * @param {Entity} entity
   * @param {"encrypted" | "attachment"} kind
   * @param {"part-encrypted" | "part-file"} id
   * @param {Place} place
   */
  closed(entity, kind, id, place) {
    const part = this.add({ kind, type: entity.type, name: entity.name, size: decodedSize(entity), cid: entity.cid }, place, { entity });
    part.card = this.card({ id, signed: null, clear: null, part: part.id });
  }

  /** @param {Card} card @returns {number} its index */
  card(card) {
    return this.display.cards.push(card) - 1;
  }

  /**
   * @param {Pick<Part, "kind" | "type" | "name" | "size" | "cid">} known
   * @param {Place} place
   * @param {Stored} stored
   * @returns {Part}
   */
  add(known, place, stored) {
    const id = String(this.display.parts.length + 1);
    /** @type {Part} */
    const part = { ...known, id, section: "entity" in stored ? stored.entity.id : "", inline: known.kind === "text" || known.kind === "html", group: place.group, card: place.card };
    this.display.parts.push(part);
    this.display.stored.set(id, stored);
    return part;
  }
}

/** @param {Uint8Array} bytes @returns {string | null} what a meta element says, where the header says nothing */
function charsetOfHtml(bytes) {
  return /<meta[^>]{0,200}charset\s*=\s*["']?([\w-]{1,40})/i.exec(binaryString(bytes.subarray(0, 2048)))?.[1] ?? null;
}

/** @param {Entity} entity */
function isEncryptedFile(entity) {
  if (smimeKind(entity) !== null && smimeKind(entity) !== "signed") return true;
  if (entity.type === "application/pgp-encrypted") return !/^\s*Version/.test(binaryString(entity.body.subarray(0, 40)));
  return /\.(?:pgp|gpg|asc)$/i.test(entity.name) && find(entity.body.subarray(0, 1000), utf8("-----BEGIN PGP MESSAGE-----")) >= 0;
}

/** Whether an attached message has an encrypted or signed outermost layer. @param {Entity} inner */
function isProtected(inner) {
  return inner.type === "multipart/encrypted" || inner.type === "multipart/signed" || smimeKind(inner) !== null || (inner.type === "text/plain" && hasBlocks(inner.body));
}
