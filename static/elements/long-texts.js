/**
 * Texts too long to come along in the outline: where the words came in another form, those are read; else the text
 * is fetched by itself.
 */
import { crypto } from "../crypto/client.js";
import { getBytes } from "./http.js";
import { partBlob } from "./read-message.js";

/** @typedef {import("../crypto/display-parts.js").Part} Part */
/** @typedef {import("./verdict-words.js").Read} Read */

/** @param {Part} part */
const isText = ({ kind }) => kind === "text" || kind === "html";

/**
 * @param {Read} opened
 * @param {import("./message-files.js").LeftOut[]} leftOut
 * @param {AbortSignal} signal
 * @returns {Promise<{ read: Read, withoutLayout: boolean }>} `withoutLayout`: HTML gave way to the text beside it
 */
export async function withLongTexts(opened, leftOut, signal) {
  const away = new Map(leftOut.map(({ section, url }) => [section, url]));
  const came = new Set(opened.parts.filter((part) => isText(part) && !away.has(part.section)).map(({ group }) => group));
  /** @type {Part[]} */
  const parts = [];
  let withoutLayout = false;
  for (const part of opened.parts) {
    const url = isText(part) ? away.get(part.section) : undefined;
    if (url === undefined) parts.push(part);
    else if (part.group === "" || !came.has(part.group)) parts.push({ ...part, text: await readText(url, signal) });
    else withoutLayout ||= part.kind === "html";
  }
  return { read: { ...opened, parts }, withoutLayout };
}

/**
 * @param {string} url
 * @param {AbortSignal} signal
 * @returns {Promise<string>}
 */
async function readText(url, signal) {
  const raw = await getBytes(url, { signal });
  /** @type {Read} */
  const { handle, parts } = await crypto.request("message.open", { raw }, { transfer: [raw.buffer], signal });
  const [part] = parts;
  // The worker hands a very long text out as a file, without looking for its charset.
  return part ? part.text ?? (await partBlob(handle, part.id)).text() : "";
}
