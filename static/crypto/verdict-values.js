/** What the sentences of words.md section 2 have in braces, for each id; dates as Date, the page formats them. */
import { addressInName } from "./sender.js";

/**
 * @param {object} known
 * @param {import("./envelope.js").Envelope} known.envelope
 * @param {import("./evidence.js").Judged | null} known.shown
 * @param {import("./sender.js").Sender} known.sender who is shown
 * @param {import("./sender.js").Sender} known.covered the From that the signature was judged by
 * @param {import("./sender.js").Sender} known.outer
 * @param {string | null} known.outerSubject
 * @param {string | null} known.proved an address of the signer that is not the certificate's word alone
 * @param {string} known.source id of words.md section 2.9, "" when unknown
 * @param {Date | null} known.sourceDate of the message it came with
 * @param {Date} known.now
 * @param {import("./shown-headers.js").Headers} known.headers
 * @param {number} known.limit bytes
 * @param {string} known.why what made the signature unreadable
 * @param {string | null} known.alike whom the sender looks like
 * @param {readonly string[]} known.signers proved addresses of further signatures
 * @returns {Record<string, Record<string, unknown>>}
 */
export function valuesOf({ envelope, shown, sender, covered, outer, outerSubject, proved, source, sourceDate, now, headers, limit, why, alike, signers }) {
  const { address } = sender;
  const key = envelope.openedWith;
  /** @type {Record<string, Record<string, unknown>>} */
  const values = {
    "enc-no-key": { address, key_ids: envelope.keyIds.map(shortId).join(", ") },
    "enc-unsupported": { method: envelope.method },
    "enc-too-large": { address, limit },
    "enc-no-integrity": { address },
    "enc-damaged": { address },
    "enc-failed": { address },
    "enc-at-rest": { date: envelope.atRest },
    "enc-ok": { format: "OpenPGP", short_id: key === null ? "" : shortId(key.keyId), date: key?.created ?? null },
    "sig-unsupported": { method: envelope.smime ? "S/MIME" : (shown?.facts.method ?? "OpenPGP") },
    "sig-from-unclear": { from: sender.raw },
    "sig-list-footer": { list: headers.listId || null },
    "sig-unreadable": { reason: why || null },
    "note-old-key": { state: key?.old ?? "none", date: key?.oldSince ?? null },
    "note-lookalike": { address, known: alike },
    "note-usually-signs": { address },
    "note-outer-from": { outer: outer.address },
    "note-outer-subject": { subject: outerSubject ?? "" },
    "note-name-address": { address, shown: addressInName(sender) ?? "" },
  };
  if (shown === null) return values;
  const { facts, pin } = shown;
  const { certificate } = facts;
  // Anybody can write any address into their certificate; what nobody proved is not shown as who signed.
  const signer = proved ?? shortId(certificate?.fingerprint ?? facts.keyId);
  const since = pin === null ? null : new Date(pin.since * 1000);
  const said = { address: covered.address, signer, ...signatureValues(shown), source, source_date: sourceDate };
  return {
    ...values,
    "sig-good-verified": { ...said, date: pin?.verified ? new Date(pin.verified * 1000) : null },
    "sig-good-known": { ...said, date: since, count: pin?.count ?? 0 },
    "sig-good-first": said,
    "sig-good-own": { ...said, short_id: shortId(certificate?.fingerprint ?? ""), date: certificate?.created ?? null },
    "sig-changed": { ...said, old: shortId(pin?.fingerprint ?? ""), date: since, new: shortId(certificate?.fingerprint ?? "") },
    "sig-rejected": { ...said, date: rejectedOn(shown) },
    "sig-from-differs": said,
    "sig-expired-then": { ...said, date: facts.expires },
    "sig-not-yet": { ...said, date: facts.begins },
    "sig-future": { ...said, now },
    "sig-revoked-before": { ...said, date: facts.revokedOn, reason: facts.reason || null },
    "sig-compromised": { ...said, date: facts.revokedOn },
    "sig-weak": said,
    "sig-wrong-use": said,
    "sig-no-certificate": { ...said, short_id: shortId(facts.keyId) },
    "sig-outside": said,
    "note-expired-since": { ...said, date: facts.expires },
    "note-revoked-since": { ...said, date: facts.revokedOn },
    "note-renewed": { ...said, date: certificate?.created ?? null },
    "note-signers": { addresses: signers },
  };
}

/** @param {import("./evidence.js").Judged} judged */
function signatureValues({ facts }) {
  return { time: facts.created, method: facts.method || null, uses: facts.uses.length > 0 ? facts.uses : null };
}

/** @param {import("./evidence.js").Judged} judged */
function rejectedOn({ facts, pin }) {
  const when = pin?.rejected?.[facts.certificate?.fingerprint ?? ""];
  return when === undefined ? null : new Date(when * 1000);
}

/**
 * What the sentences about a part, and the one about its signature, have in braces.
 * @param {import("./message-open.js").JudgedCard} card
 * @param {{source: string, sourceDate: Date | null}} where
 * @returns {Record<string, unknown>}
 */
export function cardValues({ judged, address }, { source, sourceDate }) {
  if (judged === null) return {};
  const { facts } = judged;
  const date = judged.id === "sig-rejected" ? rejectedOn(judged) : judged.id === "sig-expired-then" ? facts.expires : facts.revokedOn;
  return { address, signer: shortId(facts.certificate?.fingerprint ?? facts.keyId), ...signatureValues(judged), date, source, source_date: sourceDate };
}

/** The last 16 digits in groups of four, as people compare them. @param {string} id */
function shortId(id) {
  return id.slice(-16).toUpperCase().replace(/(.{4})(?=.)/g, "$1 ");
}
