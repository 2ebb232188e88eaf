/** The one MIME reader: entities as views on the message's own bytes; nothing is copied or decoded before it is asked for. */
import { decodeBase64 } from "./base64.js";
import { fromBinaryString, hasAt } from "./octets.js";
import { first, HEADER_LIMIT, parseFields, parseStructured, splitHeader } from "./header-fields.js";
import { decodeQuotedPrintable } from "./quoted-printable.js";

/** Deeper or more than this is no letter (facts/security.md T7); the rest stays in the original. */
export const DEPTH_LIMIT = 50;
export const PART_LIMIT = 500;

/**
 * @typedef {object} Entity
 * @property {string} id section as in IMAP ("1.2"), "" for the root
 * @property {Uint8Array} raw header and body as they stand in the message
 * @property {readonly import("./header-fields.js").Field[]} fields
 * @property {boolean} cut the header section is longer than was read
 * @property {Uint8Array} body still encoded
 * @property {string} type lower case, "text/plain" when nothing is said
 * @property {Readonly<Record<string, string>>} params of Content-Type
 * @property {string} encoding lower case
 * @property {"inline" | "attachment" | ""} disposition
 * @property {string} name file name for people, "" when none
 * @property {string} cid without angle brackets
 * @property {readonly Entity[]} parts of a multipart, or the one message of message/rfc822
 */

/**
 * @typedef {object} Parsed
 * @property {Entity} root
 * @property {boolean} limited a limit was passed, so not all of it is here
 */

const DASHES = fromBinaryString("--");

/**
 * @param {Uint8Array} bytes a message or entity
 * @param {{depth?: number, parts?: number, type?: string}} [limits] `type` is assumed where Content-Type says nothing
 * @returns {Parsed}
 */
export function parse(bytes, limits = {}) {
  const reader = new Reader(bytes, limits.depth ?? DEPTH_LIMIT, limits.parts ?? PART_LIMIT);
  const root = reader.entity(0, bytes.length, "", 0, limits.type ?? "text/plain");
  return { root, limited: reader.limited };
}

class Reader {
  /**
   * @param {Uint8Array} bytes
   * @param {number} depthLimit
   * @param {number} partLimit
   */
  constructor(bytes, depthLimit, partLimit) {
    this.bytes = bytes;
    this.depthLimit = depthLimit;
    this.partsLeft = partLimit;
    this.limited = false;
    /** Starts of all lines that begin with "--", found once for all levels. @type {number[] | null} */
    this.dashedLines = null;
  }

  /** @returns {number[]} */
  dashed() {
    if (this.dashedLines !== null) return this.dashedLines;
    /** @type {number[]} */
    const starts = [];
    const bytes = this.bytes;
    if (hasAt(bytes, DASHES, 0)) starts.push(0);
    for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) {
      if (bytes[at + 1] === 45 && bytes[at + 2] === 45) starts.push(at + 1);
    }
    this.dashedLines = starts;
    return starts;
  }

  /**
   * @param {number} start
   * @param {number} end
   * @param {string} id
   * @param {number} depth
   * @param {string} assumed
   * @returns {Entity}
   */
  entity(start, end, id, depth, assumed) {
    let { headerEnd, bodyStart } = splitHeader(this.bytes, start, end);
    const cut = headerEnd - start > HEADER_LIMIT;
    if (cut) this.limited = true;
    const fields = parseFields(this.bytes.subarray(start, headerEnd));
    // Not one field: somebody left out the header, and what stands there is the text.
    if (fields.length === 0 && headerEnd > start) bodyStart = start;
    const content = parseStructured(first(fields, "content-type"));
    // RFC 2045 section 5.2: what cannot be read as a type is text/plain.
    const type = /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+$/.test(content.value) ? content.value : assumed;
    const disposition = parseStructured(first(fields, "content-disposition"));
    const placed = disposition.value === "inline" || disposition.value === "" ? disposition.value : "attachment";
    const name = disposition.params["filename"] ?? content.params["name"] ?? "";
    const encoding = (first(fields, "content-transfer-encoding") ?? "7bit").replace(/[\s;(].*$/, "").trim().toLowerCase();
    const body = this.bytes.subarray(Math.min(bodyStart, end), end);
    const boundary = content.params["boundary"];
    /** @type {Entity[]} */
    let parts = [];
    // A boundary is part of one line (RFC 2046 section 5.1.1); one with line ends would be compared over all of them.
    if (type.startsWith("multipart/") && boundary !== undefined && boundary !== "" && !/[\r\n]/.test(boundary)) {
      const inner = type === "multipart/digest" ? "message/rfc822" : "text/plain";
      parts = this.multipart(bodyStart, end, boundary, id, depth, inner);
    } else if (isMessage(type) && this.admit(depth)) {
      const section = id === "" ? "1" : `${id}.1`;
      parts = [isIdentity(encoding) ? this.entity(bodyStart, end, section, depth + 1, "text/plain") : this.encoded(body, encoding, section, depth + 1)];
    }
    return {
      id,
      raw: this.bytes.subarray(start, end),
      fields,
      cut,
      body,
      type,
      params: content.params,
      encoding,
      disposition: placed,
      name: cleanName(name),
      cid: (first(fields, "content-id") ?? "").replace(/^\s*<|>\s*$/g, ""),
      parts,
    };
  }

  /**
   * A message that came encoded, which RFC 2046 section 5.2.1 forbids and some programs write: read from its own bytes,
   * within the same limits.
   * @param {Uint8Array} body
   * @param {string} encoding
   * @param {string} id
   * @param {number} depth
   * @returns {Entity}
   */
  encoded(body, encoding, id, depth) {
    const bytes = decodeBody({ body, encoding });
    const reader = new Reader(bytes, this.depthLimit, this.partsLeft);
    const entity = reader.entity(0, bytes.length, id, depth, "text/plain");
    this.partsLeft = reader.partsLeft;
    this.limited ||= reader.limited;
    return entity;
  }

  /**
   * @param {number} start
   * @param {number} end
   * @param {string} boundary
   * @param {string} id
   * @param {number} depth
   * @param {string} assumed
   * @param {boolean} [lax] a delimiter may have words behind it
   * @returns {Entity[]}
   */
  multipart(start, end, boundary, id, depth, assumed, lax = false) {
    const bytes = this.bytes;
    const mark = fromBinaryString(`--${boundary}`);
    /** @type {Entity[]} */
    const parts = [];
    let opened = -1;
    const starts = this.dashed();
    for (let index = lowerBound(starts, start); index < starts.length && starts[index] < end; index++) {
      const line = starts[index];
      if (!hasAt(bytes, mark, line) || line + mark.length > end) continue;
      let at = line + mark.length;
      const closing = hasAt(bytes, DASHES, at);
      if (closing) at += 2;
      while (at < end && (lax ? bytes[at] !== 10 && bytes[at] !== 13 : bytes[at] === 32 || bytes[at] === 9)) at++;
      if (at < end && bytes[at] !== 10 && !(bytes[at] === 13 && bytes[at + 1] === 10)) continue;
      if (opened >= 0) this.part(parts, opened, beforeLine(bytes, line, opened), id, depth, assumed);
      opened = closing ? -1 : at < end ? Math.min(at + (bytes[at] === 13 ? 2 : 1), end) : end;
      if (closing) break;
      if (this.partsLeft <= 0) {
        this.limited = true;
        return parts;
      }
    }
    // No closing delimiter: the message was cut off; what there is, is shown.
    if (opened >= 0) this.part(parts, opened, end, id, depth, assumed);
    // RFC 2046 section 5.1.1 lets words stand behind a delimiter. They are allowed only where nothing else divides the
    // body, because one boundary is often the beginning of another.
    if (parts.length === 0 && !lax && !this.limited) return this.multipart(start, end, boundary, id, depth, assumed, true);
    return parts;
  }

  /**
   * @param {Entity[]} parts
   * @param {number} start
   * @param {number} end
   * @param {string} id
   * @param {number} depth
   * @param {string} assumed
   */
  part(parts, start, end, id, depth, assumed) {
    if (!this.admit(depth)) return;
    const section = `${id === "" ? "" : `${id}.`}${parts.length + 1}`;
    parts.push(this.entity(start, Math.max(start, end), section, depth + 1, assumed));
  }

  /** @param {number} depth @returns {boolean} whether one more part is within the limits */
  admit(depth) {
    if (depth >= this.depthLimit || this.partsLeft <= 0) {
      this.limited = true;
      return false;
    }
    this.partsLeft--;
    return true;
  }
}

/** The line end before a delimiter belongs to the delimiter (RFC 2046 section 5.1.1). @param {Uint8Array} bytes @param {number} line @param {number} floor */
function beforeLine(bytes, line, floor) {
  let end = line;
  if (end > floor && bytes[end - 1] === 10) end--;
  if (end > floor && end < line && bytes[end - 1] === 13) end--;
  return end;
}

/** @param {number[]} sorted @param {number} value @returns {number} index of the first not below value */
function lowerBound(sorted, value) {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** @param {string} type */
export function isMessage(type) {
  return type === "message/rfc822" || type === "message/global";
}

/** @param {string} encoding */
function isIdentity(encoding) {
  return encoding === "7bit" || encoding === "8bit" || encoding === "binary" || encoding === "";
}

/** A name without folders, control or direction characters: it is shown, and becomes the name of a saved file. @param {string} name */
function cleanName(name) {
  return name
    .replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, "")
    .replace(/^.*[\\/]/, "")
    .trim()
    .slice(0, 255);
}

/**
 * The content without its transfer encoding. For identity encodings a view, not a copy.
 * @param {Pick<Entity, "body" | "encoding">} entity
 * @param {{own?: boolean}} [how] own: nobody needs the entity any more, and it may be overwritten
 * @returns {Uint8Array}
 */
export function decodeBody(entity, how) {
  if (entity.encoding === "base64") return decodeBase64(entity.body, how);
  if (entity.encoding === "quoted-printable") return decodeQuotedPrintable(entity.body);
  return entity.body;
}

/** Size after decoding, estimated from the encoding and not from the work. @param {Entity} entity */
export function decodedSize(entity) {
  if (entity.encoding !== "base64") return entity.body.length;
  // 76 letters and CRLF carry 57 bytes.
  return Math.floor((entity.body.length * 57) / 78);
}
