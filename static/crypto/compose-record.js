/** What somebody writes with: their settings, identities and templates, the items of the state-1 record of kind `compose`. */
import * as shape from "./shape.js";

/**
 * @typedef {object} Settings  one item, with the id "settings"
 * @property {"settings"} id
 * @property {"settings"} kind
 * @property {number} at  Unix seconds of the change, as in the other items: of two the newer one counts
 * @property {"plain" | "rich"} format  what a new message begins as
 * @property {string} identity  id of the one a new message begins with; "" for the account's own name
 */
/**
 * @typedef {object} Identity  a name, a place for answers and a signature, all on the account's own address
 * @property {string} id  "own" for the account's own name
 * @property {"identity"} kind
 * @property {number} at
 * @property {boolean} gone  taken away; kept, so that another device does not bring it in again
 * @property {string} name  as others see it; "" for the account's own name
 * @property {string} replyTo  an address, or ""
 * @property {string} signature  text without the "-- " above it
 */
/**
 * @typedef {object} Template
 * @property {string} id
 * @property {"template"} kind
 * @property {number} at
 * @property {boolean} gone
 * @property {string} name
 * @property {string} text
 * @property {string | null} html  where it has more than its text; read through the sanitiser before it is used
 */
/** @typedef {Settings | Identity | Template} ComposeItem */

export const COMPOSE_MOST = 300;
/** Signs in a name or address, in a signature, in a template's text or HTML. */
export const LONGEST = { line: 200, signature: 4_000, template: 40_000 };
/** What all items may have together as JSON, in bytes; the server takes 512 KiB. */
export const COMPOSE_ROOM = 480 * 1024;

/** @param {unknown} value @returns {ComposeItem} */
export function readComposeItem(value) {
  const kind = shape.oneOf(/** @type {{kind?: unknown}} */ (shape.record(value, 10))["kind"], ["settings", "identity", "template"]);
  if (kind === "settings") return readSettings(value);
  return kind === "identity" ? readIdentity(value) : readTemplate(value);
}

/** @param {unknown} value @returns {Settings} */
function readSettings(value) {
  const found = shape.fields(value, ["id", "kind", "at", "format", "identity"]);
  return {
    id: shape.oneOf(found.id, ["settings"]), kind: "settings", at: shape.count(found.at),
    format: shape.oneOf(found.format, ["plain", "rich"]), identity: found.identity === "" ? "" : idOf(found.identity),
  };
}

/** @param {unknown} value @returns {Identity} */
function readIdentity(value) {
  const found = shape.fields(value, ["id", "kind", "at", "gone", "name", "replyTo", "signature"]);
  return {
    id: idOf(found.id), kind: "identity", at: shape.count(found.at), gone: yes(found.gone),
    name: line(found.name), replyTo: line(found.replyTo), signature: text(found.signature, LONGEST.signature),
  };
}

/** @param {unknown} value @returns {Template} */
function readTemplate(value) {
  const found = shape.fields(value, ["id", "kind", "at", "gone", "name", "text", "html"]);
  return {
    id: idOf(found.id), kind: "template", at: shape.count(found.at), gone: yes(found.gone), name: line(found.name),
    text: text(found.text, LONGEST.template), html: found.html === null ? null : text(found.html, LONGEST.template),
  };
}

/** @param {unknown} value */
function idOf(value) {
  if (typeof value !== "string" || !/^(?:own|[0-9a-f-]{36})$/.test(value)) throw new shape.WrongShape("no id");
  return value;
}

/** @param {unknown} value */
function yes(value) {
  if (typeof value !== "boolean") throw new shape.WrongShape("not yes or no");
  return value;
}

/** @param {unknown} value  one that goes into a header field: a line break in it would begin another one */
function line(value) {
  const found = text(value, LONGEST.line);
  if (/[\u0000-\u001f\u007f\u2028\u2029]/.test(found)) throw new shape.WrongShape("not one line");
  return found;
}

/** @param {unknown} value @param {number} longest */
function text(value, longest) {
  if (typeof value !== "string" || value.length > longest) throw new shape.WrongShape("not a text");
  return value;
}
