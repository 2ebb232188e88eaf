/**
 * Links in plain text: a text becomes pieces, some of them with a target.
 *
 * The text is somebody else's, so nothing here makes markup: the caller puts each piece into a text node.
 * Only http, https and mailto become links. The scan looks at every character a bounded number of times;
 * a megabyte of "http://a." repeated stays quick (a regular expression with nested repeats would not).
 */

/** @typedef {{ text: string, href: string | null }} Piece */

/** RFC 3986 leaves these out of a URI; a link ends before them. Controls and bidi overrides end it as well. */
const END = /[\s<>"`{}|\\^\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;
const START = /https?:\/\/|mailto:|www\./giu;
/** Punctuation that ends a sentence rather than an address. */
const TRAILING = ".,;:!?'\u2019\u201d\u00bb\u3002\uff0c";
const CLOSING = new Map([[")", "("], ["]", "["]]);
const LONGEST = 2048;

/**
 * Cut the end of a link where the sentence around it begins again: "(see http://a.example/b)."
 * @param {string} link
 */
function trimmed(link) {
  let end = link.length;
  /** Brackets that close and were not opened. Counted once: a link of nothing else is cut two thousand times. */
  const surplus = new Map([...CLOSING].map(([closing, opening]) => [closing, count(link, closing) - count(link, opening)]));
  for (;;) {
    const last = link.charAt(end - 1);
    const more = surplus.get(last) ?? 0;
    if (more > 0) surplus.set(last, more - 1);
    else if (!TRAILING.includes(last) || last === "") return link.slice(0, end);
    end -= 1;
  }
}

/**
 * @param {string} text
 * @param {string} character
 */
function count(text, character) {
  let found = 0;
  for (let at = text.indexOf(character); at !== -1; at = text.indexOf(character, at + 1)) found += 1;
  return found;
}

/**
 * The target as a browser would read it, or null where it is not one of ours.
 * @param {string} written
 * @returns {string | null}
 */
export function target(written) {
  const address = /^www\./iu.test(written) ? `https://${written}` : written;
  if (!URL.canParse(address)) return null;
  const url = new URL(address);
  if (url.protocol === "mailto:") return url.pathname.includes("@") ? url.href : null;
  if (url.protocol !== "http:" && url.protocol !== "https:") return null;
  return url.hostname.includes(".") || url.hostname === "localhost" ? url.href : null;
}

/**
 * @param {string} text
 * @returns {Piece[]}
 */
export function pieces(text) {
  /** @type {Piece[]} */
  const found = [];
  let from = 0;
  START.lastIndex = 0;
  for (let match = START.exec(text); match; match = START.exec(text)) {
    if (match.index > 0 && /[\p{L}\p{N}]/u.test(text.charAt(match.index - 1))) continue;
    let end = match.index;
    while (end < text.length && end - match.index < LONGEST && !END.test(text.charAt(end))) end += 1;
    const link = trimmed(text.slice(match.index, end));
    const href = target(link);
    if (href) {
      if (match.index > from) found.push({ text: text.slice(from, match.index), href: null });
      found.push({ text: link, href });
      from = match.index + link.length;
    }
    // Whatever was looked at as one link is not looked at again: this keeps the scan linear.
    START.lastIndex = Math.max(from, end, match.index + match[0].length);
  }
  if (from < text.length) found.push({ text: text.slice(from), href: null });
  return found;
}
