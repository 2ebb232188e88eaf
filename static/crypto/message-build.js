/** From what the person wrote to finished RFC 5322 bytes, one ciphertext for each group of recipients. */
import { formatAddress, isAddress, normalise, sameAddress } from "./addresses.js";
import { asciiDomain, isAscii } from "./address-key.js";
import { armor } from "./armor.js";
import { ArmorWriter } from "./armor-writer.js";
import { BlobSink } from "./blob-sink.js";
import { utf8 } from "./bytes.js";
import { encodeWords } from "./encoded-words.js";
import { CryptoError } from "./errors.js";
import { attachmentPart, inlinePart, multipart, pieces, textPart, transportable, write } from "./mime-write.js";
import { Pace } from "./pace.js";
import { inOne, read, sizeOf } from "./pieces.js";

/** @typedef {import("./addresses.js").Address} Address */
/** @typedef {import("./mime-write.js").HeaderLine} HeaderLine */
/** @typedef {{key: Uint8Array, certificate: Uint8Array}} Signer */

/**
 * @typedef {object} Letter
 * @property {Address} from
 * @property {readonly Address[]} to
 * @property {readonly Address[]} [cc]
 * @property {readonly Address[]} [bcc]
 * @property {string} subject
 * @property {string} text
 * @property {string | null} [html]
 * @property {readonly {id: string, file: Blob & {name?: string}}[]} [inline]  pictures that `html` shows as cid:id
 * @property {readonly (Blob & {name?: string})[]} [attachments]
 * @property {Address | null} [replyTo]
 * @property {string | null} [inReplyTo]
 * @property {readonly string[]} [references]
 * @property {"encrypted" | "signed" | "clear"} protection
 * @property {Readonly<Record<string, readonly Uint8Array[]>>} [certificates] by address
 */

/**
 * @typedef {object} Built
 * @property {string} messageId
 * @property {{recipients: string[], bytes: Blob}[]} deliveries
 * @property {Blob | null} own the copy for Sent where it differs from what the first delivery carries: it names who was in Bcc
 * @property {number} size of the largest
 */

/** What stands outside in place of an encrypted subject (RFC 9788 section 3.2.1, hcp_baseline). */
export const PLACEHOLDER = "[...]";

/**
 * Files are read once, piece by piece, and what is made of them is kept outside the worker: memory does not grow with them.
 * @param {Letter} letter
 * @param {{signer: Signer | null, certificate?: Uint8Array | null, now?: Date} & import("./pace.js").Watch} by progress in bytes of what is protected;
 *   `certificate`: the own one, to go along
 * @returns {Promise<Built>}
 * @throws {CryptoError} bad-input, locked, no-certificate, file-gone; DOMException AbortError
 */
export async function build(letter, { signer, certificate = signer?.certificate ?? null, now = new Date(), signal, progress }) {
  const from = checked(letter.from);
  const to = (letter.to ?? []).map(checked);
  const cc = (letter.cc ?? []).map(checked);
  const visible = distinct([...to, ...cc]);
  const hidden = distinct((letter.bcc ?? []).map(checked)).filter((address) => !visible.some((other) => sameAddress(other, address)));
  if (visible.length + hidden.length === 0) throw new CryptoError("bad-input", "no recipient");

  const domain = from.address.slice(from.address.lastIndexOf("@") + 1);
  const messageId = `<${globalThis.crypto.randomUUID()}@${domain}>`;
  const headers = headerLines(letter, { from, to, cc, messageId, now });
  const content = contentOf(letter);
  const blind = bccLine(letter.bcc ?? [], hidden);
  const [watch, again] = passes(blind.length > 0 ? 2 : 1, { ...(signal === undefined ? {} : { signal }), ...(progress === undefined ? {} : { progress }) });
  /** @param {Blob} bytes @param {Blob | null} own */
  const toAll = (bytes, own) => ({ messageId, deliveries: [{ recipients: [...visible, ...hidden], bytes }], own, size: bytes.size });
  // Whoever reads this can write back encrypted. Stands outside alone: it says nothing that the encryption could hide.
  const offered = certificate === null ? [] : await (await import("./autocrypt.js")).autocryptField(from.address, certificate);

  if (letter.protection === "clear") {
    const bytes = await asTheyAre(transportable(whole(content, [...headers, ...offered])), watch);
    return toAll(bytes, blind.length > 0 ? await asTheyAre(transportable(whole(content, [...headers, ...blind])), again) : null);
  }
  if (letter.protection !== "signed" && letter.protection !== "encrypted") throw new CryptoError("bad-input", "protection");
  if (signer === null) throw new CryptoError("locked");
  // The library is loaded only when something is to be protected.
  const openpgp = await import("./openpgp.js");

  if (letter.protection === "signed") {
    const payload = pieces(withHeaderProtection(content, "clear"), headers);
    const bytes = await signed(openpgp, payload, [...headers, ...offered], { signer, now, watch });
    return toAll(bytes, blind.length > 0 ? await signed(openpgp, payload, [...headers, ...blind], { signer, now, watch: again }) : null);
  }

  // Whoever writes to themselves as well has their certificate in the ring; nobody else's word about it counts.
  const others = [...visible, ...hidden].filter((address) => !sameAddress(address, from.address));
  const chosen = await certificatesFor(openpgp, others, letter.certificates ?? {}, now);
  const self = (await openpgp.choose(from.address, [signer.certificate], now)).certificate;
  if (self === null) throw new CryptoError("no-certificate", "the own certificate cannot be used", { address: from.address });
  const outer = headers.map(([name, value]) => /** @type {HeaderLine} */ ([name, name === "Subject" ? PLACEHOLDER : value]));
  // The reader is told inside what stands outside, so that a change on the way shows (RFC 9788 section 2.2).
  const told = outer.map(([name, value]) => /** @type {HeaderLine} */ (["HP-Outer", `${name}: ${value}`]));
  const known = visible.flatMap((address) => {
    const one = chosen.get(address);
    return one === undefined ? [] : [{ address, certificate: one }];
  });
  const gossiped = await (await import("./autocrypt.js")).gossip(known);
  const payload = pieces(withHeaderProtection(content, "cipher"), [...headers, ...gossiped, ...told]);

  // Whoever is in Bcc gets a ciphertext of their own: its key IDs would tell the others.
  const groups = [...(visible.length > 0 ? [visible] : []), ...hidden.map((address) => [address])];
  const envelopes = groups.map((recipients) => {
    const certificates = new Map(recipients.map((address) => chosen.get(address) ?? self).concat(self).map((one) => [one.fingerprint, one]));
    return envelope([...certificates.values()], [...outer, ...offered]);
  });
  await openpgp.encryptPieces(payload, envelopes, { signer, now, watch });
  const deliveries = groups.map((recipients, at) => ({ recipients, bytes: envelopes[at].end() }));
  const size = Math.max(...deliveries.map(({ bytes }) => bytes.size));
  if (blind.length === 0) return { messageId, deliveries, own: null, size };
  // Whom one wrote to in secret, one wants to find again; so the own copy is a ciphertext of its own, and says it inside.
  const own = envelope([self], outer);
  await openpgp.encryptPieces(pieces(withHeaderProtection(content, "cipher"), [...headers, ...blind, ...told]), [own], { signer, now, watch: again });
  return { messageId, deliveries, own: own.end(), size };
}

/**
 * One progress over several passes of nearly the same length.
 * @param {number} count
 * @param {import("./pace.js").Watch} watch
 * @returns {[import("./pace.js").Watch, import("./pace.js").Watch]} for the first, and for the second where there are two
 */
function passes(count, watch) {
  let length = 0;
  const { progress } = watch;
  if (progress === undefined) return [watch, watch];
  /** @param {number} at @returns {import("./pace.js").Watch} */
  const pass = (at) => ({
    ...watch,
    progress: ({ done, total }) => {
      length ||= total;
      progress({ done: at * length + (done >= total ? length : Math.min(done, length)), total: count * length });
    },
  });
  return [pass(0), pass(1)];
}

/**
 * @param {readonly Address[]} bcc
 * @param {readonly string[]} hidden
 * @returns {HeaderLine[]} for the own copy alone
 */
function bccLine(bcc, hidden) {
  const people = bcc.map(checked).filter(({ address }) => hidden.some((other) => sameAddress(other, address)));
  return people.length > 0 ? [["Bcc", people.map(formatAddress).join(", ")]] : [];
}

/** @param {import("./mime-write.js").Draft} draft @param {readonly HeaderLine[]} outer */
function whole(draft, outer) {
  return pieces(draft, [...outer, ["MIME-Version", "1.0"]]);
}

/** @param {readonly import("./pieces.js").Piece[]} message @param {import("./pace.js").Watch} watch */
async function asTheyAre(message, watch) {
  const pace = new Pace(sizeOf(message), watch);
  const sink = new BlobSink();
  for await (const bytes of read(message)) {
    sink.add(bytes);
    await pace.step(bytes.length);
  }
  watch.progress?.({ done: pace.total, total: pace.total });
  return sink.finish();
}

/**
 * RFC 3156 section 5. The signature stands behind what it is over, so that is read once.
 * @param {typeof import("./openpgp.js")} openpgp
 * @param {readonly import("./pieces.js").Piece[]} payload
 * @param {readonly HeaderLine[]} headers
 * @param {{signer: Signer, now: Date, watch: import("./pace.js").Watch}} by
 */
async function signed(openpgp, payload, headers, by) {
  const sink = new BlobSink();
  /** @type {Uint8Array[]} */
  let behind = [];
  const begin = (/** @type {string} */ micalg) => {
    const [before, ...rest] = framed(multipart(`signed; micalg=${micalg}; protocol="application/pgp-signature"`, [PLACE, PLACE]), headers);
    sink.add(before);
    behind = rest;
  };
  const { signature } = await openpgp.signPieces(transportable(payload), { ...by, begin, out: (bytes) => sink.add(bytes) });
  sink.add(behind[0]);
  sink.add(signaturePart(signature));
  sink.add(behind[1]);
  return sink.finish();
}

/**
 * RFC 3156 section 4, around a ciphertext that comes in pieces.
 * @param {readonly import("./openpgp-certificate.js").Certificate[]} recipients
 * @param {readonly HeaderLine[]} outer
 */
function envelope(recipients, outer) {
  const sink = new BlobSink();
  const [before, behind] = framed(encryptedParts(PLACE), outer);
  sink.add(before);
  const writer = new ArmorWriter("MESSAGE", (bytes) => sink.add(bytes), { checksum: !recipients.every((one) => one.seipdv2) });
  return {
    recipients,
    out: (/** @type {Uint8Array} */ bytes) => writer.write(bytes),
    end() {
      writer.end();
      sink.add(behind);
      return sink.finish();
    },
  };
}

/** Stands in a message for what is put there as it is made: whole lines. */
const PLACE = new Uint8Array();

/**
 * @param {import("./mime-write.js").Draft} draft with places in it
 * @param {readonly HeaderLine[]} outer
 * @returns {Uint8Array[]} what stands before each place, and behind the last
 */
function framed(draft, outer) {
  /** @type {import("./pieces.js").Piece[][]} */
  const parts = [[]];
  for (const piece of transportable(whole(draft, outer))) {
    if (piece === PLACE) parts.push([]);
    else parts[parts.length - 1].push(piece);
  }
  return parts.map(inOne);
}

/**
 * @param {typeof import("./openpgp.js")} openpgp
 * @param {readonly string[]} addresses
 * @param {Readonly<Record<string, readonly Uint8Array[]>>} offered
 * @param {Date} now
 */
async function certificatesFor(openpgp, addresses, offered, now) {
  /** @type {Map<string, import("./openpgp-certificate.js").Certificate>} */
  const chosen = new Map();
  for (const address of addresses) {
    const candidates = Object.entries(offered).find(([other]) => sameAddress(other, address))?.[1] ?? [];
    // Judged here once more: the server looked them up, and it is not the one to decide (design D12).
    const { certificate, judgement } = await openpgp.choose(address, candidates, now);
    if (certificate === null) throw new CryptoError("no-certificate", judgement.reason, { address, reason: judgement.reason });
    chosen.set(address, certificate);
  }
  return chosen;
}

/** @param {Letter} letter */
export function contentOf(letter) {
  const plain = textPart(letter.text ?? "", "plain");
  const body = typeof letter.html === "string" ? multipart("alternative", [write(plain), pieces(related(letter.html, letter.inline ?? []))]) : plain;
  const files = letter.attachments ?? [];
  if (files.length === 0) return body;
  return multipart("mixed", [pieces(body), ...files.map((file) => pieces(attachmentPart({ name: file.name ?? "", type: file.type, data: file })))]);
}

/**
 * HTML with the pictures that stand in it (RFC 2387).
 * @param {string} html
 * @param {readonly {id: string, file: Blob & {name?: string}}[]} inline
 */
function related(html, inline) {
  const page = textPart(html, "html");
  if (inline.length === 0) return page;
  const pictures = inline.map(({ id, file }) => pieces(inlinePart({ id, name: file.name ?? "", type: file.type, data: file })));
  return multipart('related; type="text/html"', [write(page), ...pictures]);
}

/**
 * @param {Letter} letter
 * @param {{from: Address, to: Address[], cc: Address[], messageId: string, now: Date}} known
 * @returns {HeaderLine[]} without Bcc, ever
 */
export function headerLines(letter, { from, to, cc, messageId, now }) {
  /** @type {HeaderLine[]} */
  const lines = [
    ["From", formatAddress(from)],
    ["Reply-To", letter.replyTo ? formatAddress(checked(letter.replyTo)) : ""],
    // RFC 5322 section 3.6.3: an empty group, where only Bcc was filled.
    ["To", to.length > 0 ? to.map(formatAddress).join(", ") : cc.length > 0 ? "" : "undisclosed-recipients:;"],
    ["Cc", cc.map(formatAddress).join(", ")],
    ["Subject", encodeWords(String(letter.subject ?? "").replace(/[\u0000-\u001f\u007f]+/g, " ").trim())],
    // In UTC: where the person is, is nobody's business.
    ["Date", now.toUTCString().replace("GMT", "+0000")],
    ["Message-ID", messageId],
    ["In-Reply-To", messageIds([letter.inReplyTo ?? ""]).slice(0, 1).join(" ")],
    ["References", references(messageIds(letter.references ?? [])).join(" ")],
  ];
  return lines.filter(([, value]) => value !== "");
}

/** @param {readonly string[]} texts @returns {string[]} what is a message ID, and nothing else a stranger put there */
function messageIds(texts) {
  return texts.flatMap((text) => text.match(/<[!-;=?-~]{1,900}>/g) ?? []);
}

/** The first and the latest are enough to keep a thread together (RFC 5537 section 3.4.4). @param {string[]} ids */
function references(ids) {
  return ids.length <= 21 ? ids : [ids[0], ...ids.slice(-20)];
}

/**
 * Marks the root of the payload: RFC 9788, and the older name that Thunderbird and others read.
 * @param {import("./mime-write.js").Draft} draft
 * @param {"cipher" | "clear"} kind
 */
export function withHeaderProtection(draft, kind) {
  return { ...draft, type: `${draft.type}; protected-headers="v1"; hp="${kind}"` };
}

/** @param {Uint8Array} signature */
function signaturePart(signature) {
  return write({
    type: 'application/pgp-signature; name="signature.asc"',
    headers: [["Content-Description", "OpenPGP digital signature"]],
    body: [armor(signature, "SIGNATURE")],
  });
}

/**
 * RFC 3156 section 4.
 * @param {Uint8Array} armored stands in what is written as the very same array
 * @returns {import("./mime-write.js").Draft}
 */
export function encryptedParts(armored) {
  return multipart('encrypted; protocol="application/pgp-encrypted"', [
    write({ type: "application/pgp-encrypted", headers: [], body: [utf8("Version: 1\r\n")] }),
    pieces({
      type: 'application/octet-stream; name="encrypted.asc"',
      headers: [["Content-Disposition", 'inline; filename="encrypted.asc"']],
      body: [armored],
    }),
  ]);
}

/**
 * @param {Address} one
 * @returns {Address} with the domain in ASCII
 */
export function checked(one) {
  const address = normalise(String(one?.address ?? "").trim());
  if (!isAddress(address)) throw new CryptoError("bad-input", "not an address", { address });
  const at = address.lastIndexOf("@");
  let domain = address.slice(at + 1);
  if (!isAscii(domain)) domain = inAscii(domain);
  const written = `${address.slice(0, at)}@${domain}`;
  if (!/^[!-~]+$/.test(written)) throw new CryptoError("bad-input", "only ASCII addresses can be written to", { address });
  return { name: String(one.name ?? ""), address: written };
}

/** @param {string} domain */
function inAscii(domain) {
  const ascii = asciiDomain(domain);
  if (ascii === null) throw new CryptoError("bad-input", "not a domain", { address: domain });
  return ascii;
}

/** @param {readonly Address[]} addresses @returns {string[]} */
function distinct(addresses) {
  /** @type {string[]} */
  const kept = [];
  for (const { address } of addresses) if (!kept.some((other) => sameAddress(other, address))) kept.push(address);
  return kept;
}
