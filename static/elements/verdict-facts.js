/**
 * The raw facts behind the protection line: who, which certificate, why it is believed, when, who can read it; methods
 * last, since they tell people least.
 */
import { day, dayTime } from "./format.js";
import { sourceText } from "./verdict-words.js";
import { say } from "./words.js";

/** @typedef {import("./verdict-words.js").Read} Read */
/** @typedef {[string, string]} Row */

/**
 * @param {Read} opened
 * @returns {Row[]}
 */
export function facts(opened) {
  const { signer, values, headers, confidential, readers, claimed, judged } = opened;
  const opening = values["enc-ok"];
  const good = judged.sig?.startsWith("sig-good-") === true;
  const rows = signer ? ofSigner(signer, good ? (headers.from?.address ?? null) : signer.proved) : [];
  if (judged.enc === "enc-ok" && opening?.["short_id"]) rows.push([say("ui-fact-opened"), String(opening["short_id"])]);
  if (readers.length > 0) rows.push([say("ui-fact-readers"), readers.map(fours).join(", ")]);
  if (confidential.some((name) => name.toLowerCase() === "subject")) rows.push([say("ui-fact-inside"), say("ui-field-subject")]);
  if (claimed) rows.push([say("ui-fact-claimed", { server: claimed.authserv }), claimed.results.join(", ")]);
  const methods = [opened.protected ? String(opening?.["format"] ?? "") : "", signer?.method ?? ""].filter(Boolean);
  if (methods.length > 0) rows.push([say("ui-fact-method"), methods.join(", ")]);
  return rows;
}

/**
 * @param {NonNullable<Read["signer"]>} signer
 * @param {string | null} address  whose it is by more than its own word
 */
function ofSigner(signer, address) {
  const { userIds, fingerprint, keyId, before, source, sourceDate, created, expires, signed } = signer;
  /** @type {Row[]} */
  const rows = [];
  // A certificate can name anybody; what it says is told as its own words.
  if (address) rows.push([say("ui-fact-signer"), address]);
  if (userIds.length > 0) rows.push([say("ui-fact-names"), userIds.map((id) => id.replace(/^<(.*)>$/u, "$1")).join(", ")]);
  if (fingerprint || keyId) rows.push([say("ui-fact-certificate"), fours(fingerprint || keyId)]);
  if (before) rows.push([say("ui-fact-before"), say("ui-print-since", { fingerprint: fours(before.fingerprint), date: day(before.since) })]);
  const where = sourceText(source, sourceDate);
  if (where) rows.push([say("ui-fact-source"), where]);
  if (created) rows.push([say("ui-fact-valid"), expires ? say("ui-valid-until", { from: day(created), until: day(expires) }) : say("ui-valid-open", { from: day(created) })]);
  if (signed) rows.push([say("ui-fact-dated"), dayTime(signed)]);
  return rows;
}

/** @param {string} fingerprint */
function fours(fingerprint) {
  return (fingerprint.toUpperCase().match(/.{1,4}/gu) ?? []).join(" ");
}
