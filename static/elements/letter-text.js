/**
 * A plain text as it is read: paragraphs of text nodes, links that open apart, long quotations folded.
 */
import { pieces } from "./linkify.js";
import { make } from "./make.js";
import { folds, passages, unquoted, withoutLastLineEnds } from "./quote.js";

/** @typedef {{ links: boolean, foldedWords: (lines: number) => string }} Wishes */

/** Over this, text is cut in the page; the whole of it is a download. Laying out more than this stops a phone. */
export const LONGEST = 1_000_000;
/** Deeper quotations keep their marks: a line of a thousand marks shall not become a thousand elements. */
const DEEPEST = 5;

/**
 * @param {string} text
 * @param {Wishes} wishes
 * @param {number} [depth]  how many quotations stand around it
 * @returns {HTMLElement[]}
 */
export function letter(text, wishes, depth = 0) {
  return passages(text.slice(0, LONGEST)).map((passage) => {
    if (!passage.quoted) return paragraph(withoutLastLineEnds(passage.text.replace(/^\n+/u, "")), wishes);
    const quote = make("blockquote", { class: "quote" }, ...(depth < DEEPEST ? letter(unquoted(passage.text), wishes, depth + 1) : [paragraph(passage.text, wishes)]));
    // What is folded is folded once.
    if (depth > 0 || !folds(passage)) return quote;
    const lines = passage.text.split("\n").length;
    return make("details", { class: "folded" }, make("summary", {}, wishes.foldedWords(lines)), quote);
  });
}

/**
 * @param {string} text
 * @param {Wishes} wishes
 */
function paragraph(text, { links }) {
  const element = make("p", { class: "letter-text", dir: "auto" });
  if (!links) element.append(text);
  else element.append(...pieces(text).map((piece) => (piece.href ? link(piece.text, piece.href) : piece.text)));
  return element;
}

/**
 * @param {string} text
 * @param {string} href
 */
function link(text, href) {
  return make("a", { href, target: "_blank", rel: "noopener noreferrer nofollow", title: href, "hx-boost": "false" }, text);
}
