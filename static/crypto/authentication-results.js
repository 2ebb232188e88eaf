/**
 * What the person's own mail server says it checked about the sending servers (RFC 8601): a claim of that server, for
 * Details alone. Nothing of it moves the line, since it says which servers a message passed and never who wrote it.
 */

/** @typedef {import("./header-fields.js").Field} Field */
/** @typedef {{authserv: string, results: string[]}} Claimed */

/** Methods that people have heard of, and the property that says for which domain. @type {Readonly<Record<string, readonly string[]>>} */
const METHODS = { spf: ["smtp.mailfrom", "smtp.helo"], dkim: ["header.d", "header.i"], dmarc: ["header.from"] };
/** A field is some hundred characters; nobody reads more of them. */
const LONGEST = 4000;
const MOST = 10;

/**
 * Only the topmost fields of exactly this server, side by side, and none from below a server that is not ours: everybody
 * on the way can write such a field, and those of its own name a server removes at its border (RFC 8601 section 5).
 * @param {readonly Field[]} fields of the outer header
 * @param {string} authserv "" where nobody configured one
 * @returns {Claimed | null}
 */
export function claimsOf(fields, authserv) {
  const wanted = authserv.toLowerCase();
  if (wanted === "") return null;
  /** @type {Map<string, string>} the first of each method and domain counts */
  const results = new Map();
  let met = false;
  let hops = 0;
  for (const { key, value } of fields) {
    if (key === "received") {
      if (met || (hops++ > 0 && !isOurs(value, wanted))) break;
      continue;
    }
    const claim = key === "authentication-results" ? read(value.slice(0, LONGEST)) : null;
    if (claim?.authserv !== wanted) {
      if (met) break;
      continue;
    }
    met = true;
    for (const { method, result, domain } of claim.results) {
      const name = method === "dkim" ? `${method} ${domain}` : method;
      if (!results.has(name) && results.size < MOST) results.set(name, `${method}=${result}${domain === "" ? "" : ` (${domain})`}`);
    }
  }
  return results.size === 0 ? null : { authserv, results: [...results.values()] };
}

/**
 * Whoever wrote the topmost Received stands next to the mailbox; below it our server is known by its name alone.
 * @param {string} received
 * @param {string} wanted
 */
function isOurs(received, wanted) {
  // Comments are left out, since the other side's own name stands there; with two "by" nobody knows which is meant.
  const [before] = tokens(received.slice(0, LONGEST)).text.split(";");
  const by = [...before.matchAll(/(?:^|\s)by\s+([^\s]+)/gi)];
  const host = by.length === 1 ? by[0][1].toLowerCase() : "";
  return host === wanted || host.endsWith(`.${wanted}`);
}

/**
 * @param {string} value
 * @returns {{authserv: string, results: {method: string, result: string, domain: string}[]} | null}
 */
function read(value) {
  const { text, broken } = tokens(value);
  if (broken) return null;
  const [head, ...rest] = text.split(";").map((piece) => piece.trim());
  const [authserv, version, ...more] = head.split(/\s+/);
  if (more.length > 0 || (version !== undefined && version !== "1")) return null;
  return { authserv: authserv.toLowerCase(), results: rest.flatMap((info) => resultOf(info) ?? []) };
}

/** @param {string} info method "=" result, then properties (section 2.2) */
function resultOf(info) {
  const found = /^([a-z][a-z0-9-]*)(?:\s*\/\s*\d+)?\s*=\s*([a-z]+)(?=\s|$)/i.exec(info);
  if (found === null) return null;
  const method = found[1].toLowerCase();
  if (!Object.hasOwn(METHODS, method)) return null;
  const properties = new Map([...info.slice(found[0].length).matchAll(/(?:^|\s)([a-z]+)\s*\.\s*([a-z-]+)\s*=\s*([^\s]+)/gi)].map(([, type, name, value]) => [`${type}.${name}`.toLowerCase(), value]));
  const said = METHODS[method].map((name) => properties.get(name)).find((one) => one !== undefined) ?? "";
  const domain = said.slice(said.lastIndexOf("@") + 1);
  return { method, result: found[2].toLowerCase(), domain: /^[a-z0-9.-]{1,253}$/i.test(domain) ? domain.toLowerCase() : "" };
}

/**
 * Without comments; in quoted strings, what would end something becomes a letter that ends nothing.
 * @param {string} value
 * @returns {{text: string, broken: boolean}} broken: a comment or a quote never ends
 */
function tokens(value) {
  let text = "";
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < value.length; at++) {
    const letter = value[at];
    if (letter === "\\" && (quoted || depth > 0)) {
      at++;
      if (depth === 0) text += "_";
    } else if (quoted && letter !== '"') {
      text += /[\s;=()]/.test(letter) ? "_" : letter;
    } else if (letter === '"' && depth === 0) {
      quoted = !quoted;
    } else if (letter === "(") {
      depth++;
    } else if (letter === ")" && depth > 0) {
      if (--depth === 0) text += " ";
    } else if (depth === 0) {
      text += letter;
    }
  }
  return { text, broken: quoted || depth > 0 };
}
