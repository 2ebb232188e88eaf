/**
 * The words of the page, by id, in the person's language. The server wrote them once into <script id="words">
 * (webmail/words/); no element carries a sentence of its own.
 */

/** @type {Record<string, string> | undefined} */
let table;

/** @returns {Record<string, string>} */
function words() {
  table ??= /** @type {Record<string, string>} */ (JSON.parse(document.getElementById("words")?.textContent ?? "{}"));
  return table;
}

/** @param {string} id */
export function has(id) {
  return Object.hasOwn(words(), id);
}

/**
 * The sentence, filled in. A placeholder without a value stays as it is, so that a caller can leave out a line it cannot
 * fill; an unknown id is a mistake of ours and throws.
 * @param {string} id
 * @param {Record<string, string | number>} [values]
 * @returns {string}
 */
export function say(id, values = {}) {
  if (!has(id)) throw new Error(`no words for ${id}`);
  return words()[id].replace(/\{(\w+)\}/g, (whole, name) => (Object.hasOwn(values, name) ? String(values[name]) : whole));
}

/**
 * The names of the values a sentence needs, for callers that may not have them all.
 * @param {string} id
 * @returns {string[]}
 */
export function needs(id) {
  return [...(words()[id] ?? "").matchAll(/\{(\w+)\}/g)].map((found) => found[1] ?? "");
}
