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
 * @param {Date} known.now
 * @param {import("./shown-headers.js").Headers} known.headers
 * @param {number} known.limit bytes
 * @returns {Record<string, Record<string, unknown>>}
 */
export function valuesOf({ envelope, shown, sender, covered, outer, outerSubject, proved, source, now, headers, limit }) {
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
    "enc-at-rest": { date: headers.date },
    "enc-ok": { format: "OpenPGP", short_id: key === null ? "" : shortId(key.keyId), date: key?.created ?? null },
    "sig-unsupported": { method: envelope.smime ? "S/MIME" : (shown?.facts.method ?? "OpenPGP") },
    "sig-from-unclear": { from: sender.raw },
    "sig-list-footer": { list: headers.listId },
    "note-old-key": { state: key?.old ?? "none", date: key?.created ?? null },
    "note-outer-from": { outer: outer.address },
    "note-outer-subject": { subject: outerSubject ?? "" },
    "note-name-address": { address, shown: addressInName(sender) ?? "" },
  };
  if (shown === null) return values;
  const { facts, pin } = shown;
  const { certificate } = facts;
  // Anybody can write any address into their certificate; what nobody proved is not shown as who signed.
  const signer = proved ?? shortId(certificate?.fingerprint ?? facts.keyId);
  const time = facts.created;
  const since = pin === null ? null : new Date(pin.since * 1000);
  const said = { address: covered.address, signer, time, source };
  return {
    ...values,
    "sig-good-verified": { ...said, date: pin?.verified ? new Date(pin.verified * 1000) : null },
    "sig-good-known": { ...said, date: since, count: pin?.count ?? 0 },
    "sig-good-first": said,
    "sig-good-own": { ...said, short_id: shortId(certificate?.fingerprint ?? ""), date: certificate?.created ?? null },
    "sig-changed": { ...said, old: shortId(pin?.fingerprint ?? ""), date: since, new: shortId(certificate?.fingerprint ?? "") },
    "sig-rejected": { ...said, date: pin?.rejected ? new Date(pin.rejected * 1000) : null },
    "sig-from-differs": said,
    "sig-expired-then": { ...said, date: certificate?.expires ?? null },
    "sig-not-yet": { ...said, date: certificate?.created ?? null },
    "sig-future": { ...said, now },
    "sig-revoked-before": { ...said, date: facts.revokedOn, reason: "" },
    "sig-compromised": { ...said, date: facts.revokedOn },
    "sig-weak": { ...said, method: facts.method },
    "sig-no-certificate": { ...said, short_id: shortId(facts.keyId) },
    "sig-outside": said,
    "note-expired-since": { ...said, date: certificate?.expires ?? null },
    "note-revoked-since": { ...said, date: facts.revokedOn },
  };
}

/** The last 16 digits in groups of four, as people compare them. @param {string} id */
function shortId(id) {
  return id.slice(-16).toUpperCase().replace(/(.{4})(?=.)/g, "$1 ");
}
