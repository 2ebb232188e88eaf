/**
 * The HTML of a rich text, written from its tree: our dozen of elements, their words, where a link leads and which
 * picture stands there. No styles, no classes, nothing that loads.
 */
import { target } from "./rich-tree.js";

/** @typedef {import("./rich-tree.js").Block} Block */
/** @typedef {import("./rich-tree.js").Run} Run */

/** Wider pictures are shown at this width; programs that read mail in a narrow pane shrink them further. */
const WIDEST = 640;

/**
 * @param {Block[]} blocks
 * @param {Map<string, { width: number }>} [sizes] of pictures, by Content-ID
 */
export function toHtml(blocks, sizes = new Map()) {
  return `<!DOCTYPE html>\n<html><head><meta charset="utf-8"></head><body>\n${within(blocks, sizes)}\n</body></html>\n`;
}

/**
 * What stands in the body: also what is kept of a template and what goes onto the clipboard.
 * @param {Block[]} blocks
 * @param {Map<string, { width: number }>} [sizes]
 * @returns {string}
 */
export function within(blocks, sizes = new Map()) {
  return blocks.map((block) => htmlOf(block, sizes)).join("\n");
}

/** @param {Block} block @param {Map<string, { width: number }>} sizes @returns {string} */
function htmlOf(block, sizes) {
  if (block.kind === "quote") return `<blockquote type="cite">\n${within(block.blocks, sizes)}\n</blockquote>`;
  if (block.kind === "list") {
    const name = block.ordered ? "ol" : "ul";
    return `<${name}>\n${block.items.map((item) => `<li>${itemOf(item, sizes)}</li>`).join("\n")}\n</${name}>`;
  }
  const name = block.kind === "heading" ? "h2" : "div";
  return `<${name}>${block.runs.map((run) => runOf(run, sizes)).join("") || "<br>"}</${name}>`;
}

/** One line stands in its item without an element of its own. @param {Block[]} item @param {Map<string, { width: number }>} sizes */
function itemOf(item, sizes) {
  const [first, ...rest] = item;
  if (first?.kind !== "line") return within(item, sizes);
  const line = first.runs.map((run) => runOf(run, sizes)).join("");
  return rest.length === 0 ? line || "<br>" : `${line}\n${within(rest, sizes)}`;
}

/** @param {Run} run @param {Map<string, { width: number }>} sizes */
function runOf(run, sizes) {
  if ("picture" in run) {
    const width = sizes.get(run.picture)?.width ?? 0;
    return `<img src="cid:${escaped(run.picture)}" alt="${escaped(run.alt)}"${width > 0 ? ` width="${Math.min(width, WIDEST)}"` : ""}>`;
  }
  let html = spaced(escaped(run.text));
  if (run.underline) html = `<u>${html}</u>`;
  if (run.italic) html = `<i>${html}</i>`;
  if (run.bold) html = `<b>${html}</b>`;
  const href = run.link ? target(run.link) : null;
  return href ? `<a href="${escaped(href)}">${html}</a>` : html;
}

/** @param {string} text */
function escaped(text) {
  return text.replace(/[&<>"']/gu, (sign) => `&#${sign.codePointAt(0)};`);
}

/** HTML draws one space of many; the others must not go. @param {string} text */
function spaced(text) {
  return text.replaceAll("\t", "    ").replace(/^ | (?= )| $/gu, "&nbsp;");
}
