/** Opening a message: from raw bytes to what is shown and what is said about it. */
import { sameAddress } from "./addresses.js";
import { claimsOf } from "./authentication-results.js";
import { release } from "./bytes.js";
import { displayParts } from "./display-parts.js";
import { checkedAgain, detached, unwrap } from "./envelope.js";
import { all, first } from "./header-fields.js";
import { lookalikeOf } from "./lookalike.js";
import { DEPTH_LIMIT, parse, PART_LIMIT } from "./mime-read.js";
import { believed, confidential, differingSubject, hasProtectedHeaders } from "./protected-headers.js";
import { addressInName, senderOf } from "./sender.js";
import { attachedBudget, autocrypt, mayHoldOpenPgp, namesAddress, readAlong, readOffered } from "./sender-certificates.js";
import { headersOf } from "./shown-headers.js";
import { judge, judgeSignature, NO_SIGNATURE } from "./verdict.js";
import { cardValues, valuesOf } from "./verdict-values.js";

/** @typedef {import("./header-fields.js").Field} Field */
/** @typedef {import("./mime-read.js").Entity} Entity */
/** @typedef {import("./display-parts.js").Part} Part */
/** @typedef {import("./envelope.js").Envelope} Envelope */
/** @typedef {import("./evidence.js").Judged} JudgedSignature */
/** @typedef {import("./evidence.js").Pin} Pin */
/** @typedef {import("./openpgp-certificate.js").Certificate} Certificate */
/** @typedef {import("./sender-certificates.js").Offered} Offered */
/** @typedef {import("./shown-headers.js").Headers} Headers */

/**
 * A card with its verdict.
 * @typedef {object} ShownCard
 * @property {string} id of words.md section 2.5
 * @property {string | null} sig id of the signature inside, for part-signed, part-signed-locked and part-signed-not
 * @property {string} part id of the part to open on its own, "" when none
 * @property {Record<string, unknown>} values of its own sentences and of the signature's
 */
/** @typedef {Omit<ShownCard, "values"> & {judged: JudgedSignature | null, address: string}} JudgedCard */

/**
 * @typedef {object} Opened
 * @property {import("./verdict.js").Verdict} verdict
 * @property {import("./verdict.js").Judged} judged
 * @property {Record<string, Record<string, unknown>>} values for each id, what its sentence has in braces; dates as Date
 * @property {Headers} headers
 * @property {Part[]} parts
 * @property {ShownCard[]} cards
 * @property {boolean} protected was opened from encryption
 * @property {string[]} confidential header fields that stood only inside
 * @property {boolean} limited more parts than are opened
 * @property {boolean} unmet nobody could say whether the sender is like somebody the person knows: to be read again once their list is open
 * @property {boolean} waits signatures were judged without the person's list of certificates: to be judged again once it is open
 * @property {{address: string, fingerprint: string, since: number, source: string} | null} note to be kept with pins.note
 * @property {{address: string, fingerprint: string, data: Uint8Array}[]} certificates that came along
 * @property {SignerFacts | null} signer
 * @property {boolean} asked somebody answered who has certificates of the sender
 * @property {string[]} readers key IDs that it was encrypted for, as far as the message names them
 * @property {{authserv: string, results: string[]} | null} claimed what the person's own mail server says it found
 * @property {Map<string, import("./display-parts.js").Stored>} stored
 */

/**
 * @typedef {object} SignerFacts
 * @property {string} fingerprint
 * @property {string[]} addresses
 * @property {string[]} userIds
 * @property {Date | null} signed
 * @property {Date | null} created
 * @property {Date | null} expires
 * @property {string} method
 * @property {string} keyId of the key that signed
 * @property {string | null} proved an address that more than the certificate itself vouches for
 * @property {import("./verdict.js").Signature["evidence"]} evidence
 * @property {string} source id of words.md section 2.9, "" when unknown
 * @property {Date | null} sourceDate
 * @property {{fingerprint: string, since: Date} | null} before the certificate that was known until now, where it is another
 */

/**
 * @typedef {object} By
 * @property {readonly {key: Uint8Array, certificate: Uint8Array, fingerprint: string}[] | null} keys null when locked
 * @property {readonly (Uint8Array | Offered)[] | null} certificates for the sender's address; null when nobody was asked
 *   or no answer came
 * @property {(address: string) => Pin | null} pinOf
 * @property {boolean} [locked] pins are kept for this person and cannot be asked now
 * @property {import("./lookalike.js").Acquaintance} [acquaintance] whom a sender must not pass for
 * @property {readonly string[]} [signs] addresses whose last five messages were signed, and the signatures counted
 * @property {string} [authserv] the mail server of the person, as it calls itself in Authentication-Results; "" for none
 * @property {Date} [now]
 * @property {import("./pace.js").Watch} [watch]
 * @property {boolean} [disposable] nobody needs `raw` any more: it may be overwritten, and its memory given back
 */

/**
 * @param {Uint8Array} raw
 * @param {By} by
 * @returns {Promise<Opened>}
 */
export async function open(raw, { keys, certificates, pinOf, locked = false, acquaintance, signs = [], authserv = "", now = new Date(), watch = {}, disposable = false }) {
  const { root, limited } = parse(raw);
  const outer = root.fields;
  const pgp = mayHoldOpenPgp(root);
  const offered = pgp ? await readOffered(certificates ?? [], keys ?? []) : [];
  const outerSender = senderOf(outer, root.cut);
  const budget = attachedBudget();
  const came = pgp ? await autocrypt(outer, outerSender.address, budget) : [];
  const usable = offered.map((one) => one.certificate);
  // What came with the mail fills an empty place and never replaces what is known (facts/security.md T10). Without an
  // answer nobody knows that the place is empty.
  const asked = certificates !== null;
  if (asked && !(await namesAddress(usable, outerSender.address))) usable.push(...came.map((one) => one.certificate));
  const tools = { keys, certificates: usable, now, watch, disposable };

  let envelope = await unwrap(root, limited, tools);
  const readable = envelope.enc.layer === "none" || (envelope.enc.state === "ok" && envelope.enc.integrity === "ok");
  const own = (keys ?? []).map((key) => key.fingerprint);
  const known = { pinOf, own, certificates: usable, now, locked };
  const claimed = claimsOf(outer, authserv);
  if (!readable) return withheld(envelope, outer, outerSender, claimed);

  // Where it was compressed, what was inside has bytes of its own.
  if (disposable && envelope.enc.layer !== "none" && envelope.outside.length === 0 && envelope.payload.raw.buffer !== raw.buffer) release(raw);
  const layered = envelope.enc.layer !== "none" || envelope.inside.length > 0;
  // Copies of headers are left out where the headers themselves are believed, or text could be hidden by a parameter.
  const display = displayParts(envelope.payload, { legacyDisplay: layered && hasProtectedHeaders(envelope.payload), bare: envelope.inline });
  for (const bytes of display.certificates) {
    const found = await readAlong(bytes, outerSender.address, budget);
    came.push(...found);
    const fresh = found.filter(({ certificate }) => !usable.some((one) => one.fingerprint === certificate.fingerprint));
    if (asked && fresh.length > 0 && !(await namesAddress(offered.map((one) => one.certificate), outerSender.address))) {
      usable.push(...fresh.map((one) => one.certificate));
      envelope = await checkedAgain(envelope, usable);
    }
  }

  const carries = layered && hasProtectedHeaders(envelope.payload) && first(envelope.payload.fields, "from") !== null;
  const innerSender = carries ? senderOf(envelope.payload.fields, envelope.payload.cut) : null;
  const { provedAddress, telling } = await evidence();
  const judgedFor = (/** @type {import("./sender.js").Sender} */ sender, /** @type {readonly import("./openpgp-signature.js").SignatureFacts[]} */ facts) => judgeAll(facts, sender, known);
  // A signature over the whole speaks for the From that it covers; where both stand, both must be one clear address.
  const covered = innerSender === null ? outerSender : { ...innerSender, clear: innerSender.clear && outerSender.clear };
  const inside = await judgedFor(covered, envelope.inside);
  const main = telling(inside);
  const holds = main !== null && main.id.startsWith("sig-good-");
  // Protected fields count when something protects them: a signature that holds, or encryption.
  const believes = layered && hasProtectedHeaders(envelope.payload) && (envelope.enc.layer !== "none" || holds);
  let fields = believes ? believed(outer, envelope.payload) : [...outer];
  // Whether anything protects it or not: a broken signature around an inner From must not make it the sender.
  const differs = innerSender !== null && !sameAddress(innerSender.address, outerSender.address);
  // An inner From that nobody signed is a claim; the one outside is what servers have looked at (RFC 9788 section 4.4).
  if (differs && !holds) fields = [...all(outer, "from"), ...fields.filter((field) => field.key !== "from")];
  const sender = differs && !holds ? outerSender : covered;

  const cards = await shownCards(display.cards, sender, known, tools);
  const { signature, telling: shown, others, why } = await chooseSignature({ envelope, inside, main, cards, sender, known, outer, inline: display.inlineSigned });
  /** @type {string[]} */
  const notes = [];
  if (differs) notes.push("note-outer-from");
  if (addressInName(sender) !== null) notes.push("note-name-address");
  const alike = acquaintance === undefined || sender.address === "" ? null : await lookalikeOf(sender.address, acquaintance);
  if (alike !== null) notes.push("note-lookalike");
  const outerSubject = believes ? differingSubject(outer, envelope.payload) : null;
  if (outerSubject !== null) notes.push("note-outer-subject");
  if (shown?.renewed && main === shown) notes.push("note-renewed");
  // What is kept of it is its fingerprint, and only where its signature counts: then the sentence is true.
  const signedWithIt = holds && came.some(({ certificate }) => certificate.fingerprint === main?.facts.certificate?.fingerprint);
  if (signedWithIt && !locked && pinOf(outerSender.address) === null && offered.length - own.length <= 0) notes.push("note-attached-certificate");
  if (display.textOnly) notes.push("note-text-only");
  if (envelope.limited) display.cards.push({ id: "part-limit", signed: null, clear: null, part: "" });

  const usual = sender.clear && signs.some((one) => sameAddress(one, sender.address));
  const signers = await provedSigners(others, sender, known);
  const verdict = { enc: envelope.enc, sig: { ...signature, usual, others: signers.length > 0 }, notes };
  const judged = judge(verdict);
  const good = judged.sig?.startsWith("sig-good-") === true && shown !== null;
  const certificate = shown?.facts.certificate ?? null;
  const headers = headersOf(fields, sender);
  const sourceFor = (/** @type {JudgedSignature | null} */ one) => sourceOf(one, { offered, came, date: headers.date });
  const { source } = sourceFor(shown);
  const proved = provedAddress(certificate, known);
  const signed = envelope.inside.length > 0 || envelope.outside.length > 0 || cards.some((card) => card.sig !== null);
  return {
    verdict,
    judged,
    waits: locked && signed,
    unmet: locked,
    values: said(judged, valuesOf({ envelope, shown, sender, covered, outer: outerSender, outerSubject, proved, ...sourceFor(shown), now, headers, limit: envelope.limit, why, alike, signers })),
    headers,
    parts: display.parts,
    cards: [...cards.map((card) => ({ id: card.id, sig: card.sig, part: card.part, values: cardValues(card, sourceFor(card.judged)) })), ...(envelope.limited ? [{ id: "part-limit", sig: null, part: "", values: { limit: { parts: PART_LIMIT, depth: DEPTH_LIMIT } } }] : [])],
    protected: envelope.enc.layer !== "none",
    confidential: believes ? confidential(outer, envelope.payload) : [],
    limited: envelope.limited,
    // A double would be known from its second message on.
    note: good && alike === null && signature.evidence !== "own" && signature.evidence !== "changed" && certificate !== null
      ? { address: sender.address, fingerprint: certificate.fingerprint, since: Math.floor(now.getTime() / 1000), source }
      : null,
    certificates: came.map(({ certificate: one }) => ({ address: outerSender.address, fingerprint: one.fingerprint, data: one.key.write() })),
    signer: shown === null ? null : await signerFacts(shown, { proved, evidence: signature.evidence, ...sourceFor(shown) }),
    asked,
    readers: [...envelope.keyIds],
    claimed,
    stored: display.stored,
  };
}

/**
 * Where a certificate was found: what answered now, what came along, or what was noted at first.
 * @param {JudgedSignature | null} judged
 * @param {{offered: readonly {certificate: Certificate, source: string}[], came: readonly {certificate: Certificate}[], date: Date | null}} at
 * @returns {{source: string, sourceDate: Date | null}}
 */
function sourceOf(judged, { offered, came, date }) {
  const fingerprint = judged?.facts.certificate?.fingerprint;
  if (judged === null || fingerprint === undefined) return { source: "", sourceDate: null };
  const answered = offered.find((one) => one.certificate.fingerprint === fingerprint);
  if (answered !== undefined) return { source: answered.source, sourceDate: null };
  const pin = judged.pin?.fingerprint === fingerprint ? judged.pin : null;
  if (pin !== null) return { source: pin.source, sourceDate: new Date(pin.since * 1000) };
  return came.some((one) => one.certificate.fingerprint === fingerprint) ? { source: "source-mail", sourceDate: date } : { source: "", sourceDate: null };
}

/**
 * Addresses of further signatures that count, where more than the certificate itself says whose it is.
 * @param {readonly JudgedSignature[]} others
 * @param {import("./sender.js").Sender} sender
 * @param {import("./evidence.js").Known} known
 */
async function provedSigners(others, sender, known) {
  if (others.length === 0) return [];
  const { provedAddress } = await evidence();
  const counting = others.filter(({ signature }) => judgeSignature({ ...signature, from: "match", evidence: "known" }) === "sig-good-known");
  const addresses = counting.flatMap(({ facts }) => provedAddress(facts.certificate, known) ?? []);
  return addresses.filter((address, at) => !sameAddress(address, sender.address) && addresses.findIndex((other) => sameAddress(other, address)) === at);
}

/** Values of the sentences that are said. @param {import("./verdict.js").Judged} judged @param {Opened["values"]} values @returns {Opened["values"]} */
function said({ enc, sig, notes }, values) {
  return Object.fromEntries([enc, sig ?? "", ...notes].flatMap((id) => (id in values ? [[id, values[id]]] : [])));
}

/** Loaded with OpenPGP.js, and only then. */
function evidence() {
  return import("./evidence.js");
}

/**
 * @param {readonly import("./openpgp-signature.js").SignatureFacts[]} facts
 * @param {import("./sender.js").Sender} sender
 * @param {import("./evidence.js").Known} known
 * @returns {Promise<JudgedSignature[]>}
 */
async function judgeAll(facts, sender, known) {
  if (facts.length === 0) return [];
  const { judgeOne } = await evidence();
  return Promise.all(facts.map((one) => judgeOne(one, sender, known)));
}

/**
 * Which signature the message is judged by, and how much of it is covered.
 * @param {object} at
 * @param {Envelope} at.envelope
 * @param {readonly JudgedSignature[]} at.inside
 * @param {JudgedSignature | null} at.main
 * @param {readonly JudgedCard[]} at.cards
 * @param {import("./sender.js").Sender} at.sender
 * @param {import("./evidence.js").Known} at.known
 * @param {readonly Field[]} at.outer
 * @param {boolean} at.inline
 * @returns {Promise<{signature: import("./verdict.js").Signature, telling: JudgedSignature | null, others: readonly JudgedSignature[], why: string}>}
 */
async function chooseSignature({ envelope, inside, main, cards, sender, known, outer, inline }) {
  const signedCards = cards.filter((card) => card.sig !== null);
  const partGood = signedCards.some((card) => card.id === "part-signed");
  const locked = signedCards.some((card) => card.id === "part-signed-locked");
  if (main !== null) {
    const others = inside.filter((one) => one !== main && one.signature.state === "good");
    const why = main.id === "sig-unreadable" ? "packet" : "";
    // The old form covers the text alone, neither subject nor files.
    if (envelope.inline) return { signature: { ...main.signature, coverage: "inline", partGood: main.id.startsWith("sig-good-") }, telling: main, others: [], why };
    return { signature: main.signature, telling: main, others, why };
  }
  if (envelope.other !== "none") return { signature: { ...NO_SIGNATURE, state: envelope.other, smime: envelope.smime }, telling: null, others: [], why: envelope.why };
  if (envelope.wrapped) {
    const { telling } = await evidence();
    const judged = telling(await judgeAll(envelope.outside, sender, known));
    return { signature: { ...(judged?.signature ?? { ...NO_SIGNATURE, state: "unsupported" }), coverage: "outside" }, telling: judged, others: [], why: "" };
  }
  if (signedCards.length > 0) {
    const footer = isListFooter(envelope.payload, outer);
    return { signature: { ...NO_SIGNATURE, state: "good", coverage: footer ? "list-footer" : inline ? "inline" : "part", partGood, locked }, telling: null, others: [], why: "" };
  }
  return { signature: NO_SIGNATURE, telling: null, others: [], why: "" };
}

/**
 * A list added text after the one signed part (words.md section 2.1).
 * @param {Entity} payload
 * @param {readonly Field[]} outer
 */
function isListFooter(payload, outer) {
  const [signed, ...rest] = payload.parts;
  return (
    first(outer, "list-id") !== null &&
    payload.type === "multipart/mixed" &&
    signed?.type === "multipart/signed" &&
    rest.length > 0 &&
    rest.every((part) => part.type === "text/plain" && part.disposition !== "attachment")
  );
}

/**
 * @param {readonly import("./display-parts.js").Card[]} cards
 * @param {import("./sender.js").Sender} sender
 * @param {import("./evidence.js").Known} known
 * @param {import("./envelope.js").Tools} tools
 * @returns {Promise<JudgedCard[]>}
 */
async function shownCards(cards, sender, known, tools) {
  return Promise.all(
    cards.map(async (card) => {
      if (card.id !== "part-signed") return { id: card.id, sig: null, part: card.part, judged: null, address: "" };
      const facts = card.signed !== null ? await detached(card.signed, tools) : await clearSigned(card, tools);
      if (!Array.isArray(facts)) return { id: "part-signed-not", sig: `sig-${facts}`, part: "", judged: null, address: "" };
      const { telling } = await evidence();
      const judged = telling(await judgeAll(facts, sender, known));
      const sig = judged?.id ?? "sig-unreadable";
      const id = sig.startsWith("sig-good-") ? "part-signed" : judged?.signature.locked ? "part-signed-locked" : "part-signed-not";
      return { id, sig, part: "", judged, address: sender.address };
    }),
  );
}

/** @param {import("./display-parts.js").Card} card @param {import("./envelope.js").Tools} tools */
async function clearSigned(card, { certificates, now }) {
  if (card.clear === null) return /** @type {const} */ ("unreadable");
  const { verify } = await import("./openpgp.js");
  return verify(card.clear.bytes, card.clear.data, { certificates, now });
}

/**
 * Nothing of what is inside: an honest line, and the headers that stood outside.
 * @param {Envelope} envelope
 * @param {readonly Field[]} outer
 * @param {import("./sender.js").Sender} sender
 * @param {Opened["claimed"]} claimed
 * @returns {Opened}
 */
function withheld(envelope, outer, sender, claimed) {
  const verdict = { enc: envelope.enc, sig: NO_SIGNATURE, notes: [] };
  const headers = headersOf(outer, sender);
  const judged = judge(verdict);
  return {
    verdict,
    judged,
    waits: false,
    unmet: false,
    values: said(judged, valuesOf({ envelope, shown: null, sender, covered: sender, outer: sender, outerSubject: null, proved: null, source: "", sourceDate: null, now: new Date(), headers, limit: envelope.limit, why: "", alike: null, signers: [] })),
    headers, parts: [], cards: [], protected: true, confidential: [], limited: envelope.limited, note: null, certificates: [], signer: null, asked: false,
    readers: [...envelope.keyIds], claimed, stored: new Map(),
  };
}

/**
 * @param {JudgedSignature} shown
 * @param {Pick<SignerFacts, "proved" | "evidence" | "source" | "sourceDate">} how
 * @returns {Promise<SignerFacts>}
 */
async function signerFacts({ facts, pin }, how) {
  const { addressesOf } = await evidence();
  const { certificate } = facts;
  return {
    fingerprint: certificate?.fingerprint ?? "",
    addresses: addressesOf(certificate),
    userIds: certificate?.userIds.map((id) => id.text) ?? [],
    signed: facts.created,
    created: certificate?.created ?? null,
    expires: certificate?.expires ?? null,
    method: facts.method,
    keyId: facts.keyId,
    before: pin !== null && pin.fingerprint !== certificate?.fingerprint ? { fingerprint: pin.fingerprint, since: new Date(pin.since * 1000) } : null,
    ...how,
  };
}
