/**
 * The words of HTML that is too large or too deep to be laid out: markup taken away in one pass, nothing parsed.
 * What comes out is only ever put into text nodes, so a tag that was misread is ugly and nothing worse.
 */
import { after, afterTag, NAME, RAW } from "./html-limits.js";

/** After these a new line begins. */
const BLOCKS = new Set(["p", "div", "br", "tr", "li", "h1", "h2", "h3", "h4", "h5", "h6", "table", "blockquote", "pre", "hr", "ul", "ol", "section", "article"]);
const ENTITIES = new Map([["amp", "&"], ["lt", "<"], ["gt", ">"], ["quot", '"'], ["apos", "'"], ["nbsp", " "], ["ndash", "–"], ["mdash", "—"], ["hellip", "…"]]);

/**
 * @param {string} html
 * @param {number} most  characters wanted; what is behind them is not looked at
 */
export function words(html, most) {
  const small = html.toLowerCase();
  /** @type {string[]} */
  const said = [];
  let length = 0;
  /** @param {string} text */
  const say = (text) => {
    if (text === "") return;
    said.push(text);
    length += text.length;
  };
  for (let at = 0; at < html.length && length < most; ) {
    const tag = small.indexOf("<", at);
    const end = tag === -1 ? html.length : tag;
    say(html.slice(at, end).replace(/\s+/gu, " "));
    if (tag === -1) break;
    if (small.startsWith("<!", tag) || small.startsWith("<?", tag)) {
      at = small.startsWith("<!--", tag) ? after(small, "-->", tag + 2) : after(small, ">", tag + 2);
      continue;
    }
    const closing = small.charAt(tag + 1) === "/";
    NAME.lastIndex = tag + (closing ? 2 : 1);
    const name = NAME.exec(small)?.[0];
    if (!name) {
      say("<");
      at = tag + 1;
      continue;
    }
    at = afterTag(small, NAME.lastIndex);
    if (BLOCKS.has(name) && said.at(-1) !== "\n") say("\n");
    if (!closing && RAW.has(name)) {
      const closed = small.indexOf(`</${name}`, at);
      at = closed === -1 ? html.length : closed;
    }
  }
  return readable(said.join(""));
}

/** @param {string} text */
function readable(text) {
  const decoded = text.replace(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|([a-z]+));/giu, (whole, decimal, hex, name) => {
    if (name) return ENTITIES.get(name.toLowerCase()) ?? whole;
    const code = decimal ? Number(decimal) : parseInt(hex, 16);
    return code > 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff) ? String.fromCodePoint(code) : whole;
  });
  return decoded.replace(/ *\n[ \n]*/gu, "\n").trim();
}
