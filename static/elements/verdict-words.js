/** The values that sentences about a verdict need, as the person's language writes them. */
import { judge, NO_ENCRYPTION, NO_SIGNATURE } from "../crypto/verdict.js";
import { day, dayTime, list, size } from "./format.js";
import { has, needs, say } from "./words.js";

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
  if (value === null || value === undefined || value === "") return null;
  if (name === "state") return say(value === "revoked" ? "ui-revoked" : "ui-expired");
  if (name === "limit") return typeof value === "object" ? say("ui-limit-parts", /** @type {Values} */ (value)) : size(Number(value));
  if (name === "addresses") return Array.isArray(value) && value.length > 0 ? list(value) : null;
  if (name === "uses") return list(/** @type {string[]} */ (value).map((use) => say(`ui-use-${use}`)));
  if (name === "reason") return say(`ui-reason-${String(value)}`);
  // "1 messages" is no sentence; the first is said by the line itself.
  if (name === "count" && Number(value) < 2) return null;
  return typeof value === "number" ? value : String(value);
}

/**
 * Where a certificate came from, as words.md section 2.9 says it.
 * @param {unknown} source its id
 * @param {unknown} date of the message it came with
 */
export function sourceText(source, date) {
  if (typeof source !== "string" || !has(source)) return null;
  /** @type {Values} */
  const values = date instanceof Date ? { date: day(date) } : {};
  return needs(source).every((name) => name in values) ? say(source, values) : null;
}

/**
 * The values of one sentence as text; those that are not known are left out.
 * @param {Readonly<Record<string, unknown>>} own
 * @returns {Values}
 */
export function writtenValues(own) {
  const { source, source_date: date, ...others } = own;
  const known = Object.entries(others).map(([name, value]) => [name, written(name, value)]);
  return Object.fromEntries([...known, ["source", sourceText(source, date)]].filter(([, value]) => value !== null));
}

/**
 * Why a signature does not count, to stand inside another sentence; nothing where a part of it is not known.
 * @param {string | null} sig
 * @param {Values} values
 * @returns {Values}
 */
export function signatureReason(sig, values) {
  return sig !== null && has(sig) && needs(sig).every((name) => name in values) ? { signature_reason: say(sig, values).replace(/[.。]$/u, "") } : {};
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
    ...(address ? { address } : {}),
    // Whom we could not ask, we do not name.
    ...(opened.asked ? { sources: say("ui-this-server") } : {}),
    ...signatureReason(sig, sig ? writtenValues(opened.values[sig] ?? {}) : {}),
  };
  return (id) => ({ ...common, ...writtenValues(opened.values[id.replace(/\.detail$/u, "")] ?? {}) });
}
