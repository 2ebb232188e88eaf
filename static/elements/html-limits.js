/**
 * Whether an HTML part is small and shallow enough to be shown as HTML.
 *
 * Sanitising takes time by the square of the nesting depth: 100,000 nested elements stopped Chromium for 19 seconds,
 * 10,000 for 0.14. So the depth is counted on the text first, where it costs one pass. The count follows the
 * tokeniser of the HTML standard where a sender could lie to it: comments, quoted attribute values, raw text.
 */

export const LARGEST = 2 * 1024 * 1024;
export const DEEPEST = 512;
export const MOST_ELEMENTS = 60_000;

const VOID = new Set(["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"]);
/** Elements that a sibling closes by itself, so they add no depth of their own. */
const CLOSED_BY_SIBLING = new Set(["p", "li", "td", "th", "tr", "dt", "dd", "option", "thead", "tbody", "tfoot", "colgroup"]);
/** Elements whose content is text up to their end tag. */
export const RAW = new Set(["style", "script", "title", "textarea", "xmp", "iframe", "noembed", "noframes"]);
export const NAME = /[a-z][^\s/>]*/iuy;

/**
 * The index just after the tag whose name ended at `at`. A quote opens a value only right after "=".
 * @param {string} html
 * @param {number} at
 */
export function afterTag(html, at) {
  for (let index = at; index < html.length; index += 1) {
    const character = html.charAt(index);
    if (character === ">") return index + 1;
    if (character !== "=") continue;
    index += 1;
    while (/\s/u.test(html.charAt(index))) index += 1;
    const quote = html.charAt(index);
    if (quote === ">") return index + 1;
    if (quote !== '"' && quote !== "'") continue;
    index = html.indexOf(quote, index + 1);
    if (index === -1) return html.length;
  }
  return html.length;
}

/**
 * @param {string} html
 * @param {string} needle
 * @param {number} from
 */
export function after(html, needle, from) {
  const at = html.indexOf(needle, from);
  return at === -1 ? html.length : at + needle.length;
}

/**
 * @param {string} html
 */
export function showable(html) {
  if (html.length > LARGEST) return false;
  const small = html.toLowerCase();
  /** @type {Map<string, number>} how many of each name are open */
  const open = new Map();
  let depth = 0;
  let elements = 0;
  for (let at = small.indexOf("<"); at !== -1; at = small.indexOf("<", at)) {
    if (small.startsWith("<!--", at)) {
      // "<!-->" and "<!--->" are whole comments (HTML standard, comment start state).
      at = /^<!--+>/u.test(small.slice(at, at + 8)) ? after(small, ">", at) : after(small, "-->", at + 4);
      continue;
    }
    const closing = small.charAt(at + 1) === "/";
    NAME.lastIndex = at + (closing ? 2 : 1);
    const name = NAME.exec(small)?.[0];
    if (!name) {
      at += 1;
      continue;
    }
    at = afterTag(small, NAME.lastIndex);
    if (VOID.has(name) || CLOSED_BY_SIBLING.has(name)) {
      elements += 1;
    } else if (closing) {
      const count = open.get(name) ?? 0;
      if (count > 0) {
        open.set(name, count - 1);
        depth -= 1;
      }
    } else {
      elements += 1;
      if (RAW.has(name)) at = small.indexOf(`</${name}`, at) === -1 ? small.length : small.indexOf(`</${name}`, at);
      depth += 1;
      open.set(name, (open.get(name) ?? 0) + 1);
    }
    if (depth > DEEPEST || elements > MOST_ELEMENTS) return false;
  }
  return true;
}
