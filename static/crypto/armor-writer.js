/** ASCII armor (RFC 9580 section 6) around data that comes in pieces. */
import { encodeBase64, encodedLength } from "./base64.js";
import { concat, utf8 } from "./bytes.js";

/** Octets of a line of 64 letters. */
const LINE = 48;

/** CRC-24 of an octet with none to five more behind it (RFC 9580 section 6.1.1), so that six are taken at once. */
const CRC = Array.from({ length: 6 }, () => new Int32Array(256));
for (let octet = 0; octet < 256; octet++) {
  let crc = octet << 16;
  for (const table of CRC) {
    for (let bit = 0; bit < 8; bit++) crc = (crc << 1) ^ ((crc & 0x800000) !== 0 ? 0x1864cfb : 0);
    table[octet] = crc &= 0xffffff;
  }
}

/**
 * RFC 9580 section 6.1 leaves the CRC out where all readers are known to do without. GnuPG 2.2 is not one of them: data
 * whose length is a multiple of three, so that no "=" ends it, is "no valid OpenPGP data" for it (2.2.40, measured).
 */
export class ArmorWriter {
  #kind;
  #out;
  /** What does not fill a line yet. @type {Uint8Array} */
  #rest = new Uint8Array();
  /** What is written next, over what was before. */
  #place = new ArrayBuffer(0);
  /** null where no checksum is written. @type {number | null} */
  #crc;

  /**
   * @param {import("./armor.js").ArmorKind} kind
   * @param {(bytes: Uint8Array<ArrayBuffer>) => void} out takes what is written, lines of 64, CRLF: a copy, where it keeps it
   * @param {{checksum?: boolean}} [options] false where only programs of RFC 9580 can read the data anyway
   */
  constructor(kind, out, { checksum = true } = {}) {
    this.#kind = kind;
    this.#out = out;
    this.#crc = checksum ? 0xb704ce : null;
    out(utf8(`-----BEGIN PGP ${kind}-----\r\n\r\n`));
  }

  /** @param {Uint8Array} data nobody's any more */
  write(data) {
    if (this.#crc !== null) this.#crc = crc24(this.#crc, data);
    const missing = (LINE - this.#rest.length) % LINE;
    const begin = Math.min(missing, data.length);
    if (begin > 0) this.#rest = concat(this.#rest, data.subarray(0, begin));
    if (begin < missing) return;
    this.#encode(this.#rest);
    const end = data.length - ((data.length - begin) % LINE);
    this.#encode(data.subarray(begin, end));
    this.#rest = data.slice(end);
  }

  end() {
    this.#encode(this.#rest);
    const crc = this.#crc;
    if (crc !== null) this.#out(concat(utf8("="), encodeBase64(Uint8Array.of(crc >> 16, crc >> 8, crc), 0), utf8("\r\n")));
    this.#out(utf8(`-----END PGP ${this.#kind}-----\r\n`));
  }

  /** @param {Uint8Array} data */
  #encode(data) {
    if (data.length === 0) return;
    const length = encodedLength(data.length, 64);
    if (this.#place.byteLength < length) this.#place = new ArrayBuffer(length);
    this.#out(encodeBase64(data, 64, this.#place));
  }
}

/** @param {number} crc of what was before @param {Uint8Array} data */
function crc24(crc, data) {
  const [one, two, three, four, five, six] = CRC;
  let at = 0;
  for (; at + 6 <= data.length; at += 6) {
    const mixed = crc ^ ((data[at] << 16) | (data[at + 1] << 8) | data[at + 2]);
    crc = six[mixed >> 16] ^ five[(mixed >> 8) & 255] ^ four[mixed & 255] ^ three[data[at + 3]] ^ two[data[at + 4]] ^ one[data[at + 5]];
  }
  for (; at < data.length; at++) crc = ((crc << 8) & 0xffffff) ^ one[(crc >> 16) ^ data[at]];
  return crc;
}
