/** The values that sentences about a verdict need, as the person's language writes them; and the facts behind them. */
import { judge, NO_ENCRYPTION, NO_SIGNATURE } from "../crypto/verdict.js";
import { day, dayTime, size } from "./format.js";
import { needs, say } from "./words.js";

/** @typedef {import("../crypto/verdict.js").Judged} Judged */
/** @typedef {import("../crypto/message-open.js").Opened} Opened */
/** @typedef {Omit<Opened, "stored"> & { handle: number }} Read  a message as the worker hands it to the page */
/** @typedef {Record<string, string | number>} Values */

/** States that the page itself is in, before or without an answer of the worker. @param {"working" | "cancelled" | "locked"} state */
export function pageState(state) {
  return judge({ enc: { ...NO_ENCRYPTION, layer: "openpgp", state }, sig: NO_SIGNATURE, notes: [] });
}

/**
 * One value as text, or null where it is not known: a sentence that lacks it is not shown.
 * @param {string} name
 * @param {unknown} value
 * @returns {string | number | null}
 */
function written(name, value) {
  if (value instanceof Date) return name === "date" ? day(value) : dayTime(value);
  if (value === null || value === undefined) return null;
  if (name === "source") return value === "" || needs(String(value)).length > 0 ? null : say(String(value));
  if (name === "state") return say(value === "revoked" ? "ui-revoked" : "ui-expired");
  if (name === "limit") return size(Number(value));
  // "1 messages" is no sentence; the first is said by the line itself.
  if (name === "count" && Number(value) < 2) return null;
  if (name === "reason" && value === "") return say("ui-not-known");
  return typeof value === "number" ? value : String(value);
}

/**
 * For every sentence id of a verdict, its values.
 * @param {Read} opened
 * @returns {(id: string) => Values}
 */
export function valuesFor(opened) {
  const address = opened.headers.from?.address ?? "";
  const { sig } = opened.judged;
  const common = {
    address,
    sources: say("ui-this-server"),
    signature_reason: sig && needs(sig).length === 0 ? say(sig).replace(/[.。]$/u, "") : "",
  };
  return (id) => {
    const own = opened.values[id.replace(/\.detail$/u, "")] ?? {};
    const known = Object.entries(own).map(([name, value]) => [name, written(name, value)]).filter(([, value]) => value !== null);
    return { ...common, ...Object.fromEntries(known) };
  };
}

/**
 * The raw facts, for Details.
 * @param {Read} opened
 * @returns {[string, string][]}
 */
export function facts(opened) {
  const { signer, values, confidential } = opened;
  /** @type {[string, string][]} */
  const rows = [];
  if (signer) {
    if (signer.userIds.length > 0) rows.push([say("ui-fact-signer"), signer.userIds.map((id) => id.replace(/^<(.*)>$/u, "$1")).join(", ")]);
    if (signer.fingerprint) rows.push([say("ui-fact-certificate"), fours(signer.fingerprint)]);
    if (signer.signed) rows.push([say("ui-fact-signed"), dayTime(signer.signed)]);
  }
  const opening = values["enc-ok"];
  if (opened.judged.enc === "enc-ok" && opening?.["short_id"]) rows.push([say("ui-fact-opened"), String(opening["short_id"])]);
  if (confidential.some((name) => name.toLowerCase() === "subject")) rows.push([say("ui-fact-inside"), say("ui-field-subject")]);
  const methods = [String(opening?.["format"] ?? ""), signer?.method ?? ""].filter((method, index) => method && (index > 0 || opened.protected));
  if (methods.length > 0) rows.push([say("ui-fact-method"), methods.join(", ")]);
  return rows;
}

/** @param {string} fingerprint */
function fours(fingerprint) {
  return (fingerprint.toUpperCase().match(/.{1,4}/gu) ?? []).join(" ");
}
