/**
 * A rich text read from elements: from the editor's own, and from what was pasted once the sanitiser is through with it.
 * Elements and attributes that the tree has no word for leave their words behind and nothing else.
 */
import { target } from "./rich-tree.js";

/** @typedef {import("./rich-tree.js").Block} Block */
/** @typedef {import("./rich-tree.js").Run} Run */
/** @typedef {{ bold: boolean, italic: boolean, underline: boolean, link: string, verbatim: boolean, depth: number }} Look */
/** @typedef {{ pictureOf: (image: Element) => { picture: string, alt: string } | null, pasted?: boolean, ours?: boolean }} How  pasted: white space is HTML's; ours: and it was written by rich-html.js */

const LINES = new Set([
  "ADDRESS", "ARTICLE", "ASIDE", "CAPTION", "CENTER", "DD", "DETAILS", "DIV", "DL", "DT", "FIGCAPTION", "FIGURE", "FOOTER", "HEADER", "LI", "MAIN", "NAV",
  "P", "PRE", "SECTION", "SUMMARY", "TABLE", "TBODY", "TFOOT", "THEAD", "TR",
]);
/** Blocks that a browser draws with room around them: in a text of lines that is an empty one. */
const ROOMY = new Set(["P", "PRE", "DL", "TABLE", "FIGURE", "UL", "OL", "BLOCKQUOTE", "H1", "H2", "H3", "H4", "H5", "H6"]);
const HEADINGS = /^H[1-6]$/u;
/** Lists in quotations in lists: deeper ones lie flat. */
const DEEPEST = 8;

/**
 * @param {Node} root
 * @param {How} how
 * @returns {Block[]}
 */
export function read(root, how) {
  const made = new Reader(how, { bold: false, italic: false, underline: false, link: "", verbatim: !how.pasted, depth: 0 });
  made.inside(root, made.look);
  return made.done();
}

class Reader {
  /** @type {Block[]} */
  blocks = [];
  /** @type {Run[] | null} the line that is being read */
  #line = null;
  #room = false;

  /** @param {How} how @param {Look} look */
  constructor(how, look) {
    this.how = how;
    this.look = look;
  }

  done() {
    this.#end();
    return this.blocks;
  }

  /** @param {Node} parent @param {Look} look */
  inside(parent, look) {
    for (const child of Array.from(parent.childNodes)) this.#read(child, look);
  }

  /** @param {Node} node @param {Look} look */
  #read(node, look) {
    if (node.nodeType === 3) this.#text(node.nodeValue ?? "", look);
    if (node.nodeType !== 1) return;
    const element = /** @type {HTMLElement} */ (node);
    const name = element.nodeName.toUpperCase();
    const now = looked(element, name, look);
    if (name === "BR") this.#break();
    else if (name === "IMG") this.#picture(element, now);
    else if (name === "HR") this.#end();
    else if (name === "TD" || name === "TH") this.#cell(element, now);
    else if ((name === "UL" || name === "OL") && look.depth < DEEPEST) this.#list(element, name === "OL", now);
    else if (name === "BLOCKQUOTE" && look.depth < DEEPEST) this.#nested(element, now);
    else if (HEADINGS.test(name)) this.#heading(element, now);
    else if (LINES.has(name) || name === "BLOCKQUOTE" || name === "UL" || name === "OL") {
      this.#around(name);
      this.inside(element, now);
      this.#end();
      this.#around(name);
    } else this.inside(element, now);
  }

  /** @param {string} written @param {Look} look */
  #text(written, look) {
    if (look.verbatim) {
      written.replace(/\r\n?/gu, "\n").split("\n").forEach((line, at) => {
        if (at > 0) this.#break();
        if (line !== "") this.#put({ text: line, ...marks(look) });
      });
      return;
    }
    let text = this.how.ours ? written.replace(/[ \t\r\n]+/gu, " ") : written.replace(/[\s\u00a0]+/gu, " ");
    const last = this.#line?.at(-1);
    // White space at the beginning of a line, or behind other, is not drawn.
    if (!last || ("text" in last && last.text.endsWith(" "))) text = text.replace(/^ /u, "");
    if (text !== "") this.#put({ text, ...marks(look) });
  }

  /** @param {Run} run */
  #put(run) {
    if (!this.#line) {
      if (this.#room && this.blocks.length > 0) this.blocks.push({ kind: "line", runs: [] });
      this.#room = false;
    }
    this.#line ??= [];
    const last = this.#line.at(-1);
    if (last && "text" in last && "text" in run && alike(last, run)) last.text += run.text;
    else this.#line.push(run);
  }

  #break() {
    this.#line ??= [];
    this.#end();
  }

  /** Ends the line, if there is one. */
  #end() {
    if (!this.#line) return;
    const last = this.#line.at(-1);
    if (this.how.pasted && last && "text" in last && !this.look.verbatim) last.text = last.text.replace(/ $/u, "");
    // Spaces that HTML would not have drawn were written so.
    if (this.how.ours) for (const run of this.#line) if ("text" in run) run.text = run.text.replaceAll("\u00a0", " ");
    this.blocks.push({ kind: "line", runs: this.#line.filter((run) => !("text" in run) || run.text !== "") });
    this.#line = null;
  }

  /** @param {string} name */
  #around(name) {
    this.#end();
    if (this.how.pasted && !this.how.ours && ROOMY.has(name) && this.look.depth === 0) this.#room = true;
  }

  /** @param {Block} block */
  #push(block) {
    this.#end();
    if (this.#room && this.blocks.length > 0) this.blocks.push({ kind: "line", runs: [] });
    this.#room = false;
    this.blocks.push(block);
  }

  /** @param {Element} element @param {Look} look */
  #picture(element, look) {
    const found = this.how.pictureOf(element);
    if (found) this.#put(found);
    else if (element.getAttribute("alt")) this.#text(element.getAttribute("alt") ?? "", look);
  }

  /** @param {Element} element @param {Look} look */
  #cell(element, look) {
    if (this.#line) this.#put({ text: "\t" });
    // What stands in lines of its own in a cell stays beside the others.
    const cell = this.#sub(element, { ...look, depth: DEEPEST });
    cell.forEach((block, at) => {
      if (block.kind === "list" || block.kind === "quote") return;
      if (at > 0) this.#put({ text: " " });
      block.runs.forEach((run) => this.#put(run));
    });
  }

  /** @param {Element} element @param {boolean} ordered @param {Look} look */
  #list(element, ordered, look) {
    /** @type {Block[][]} */
    const items = [];
    for (const child of Array.from(element.childNodes)) {
      const name = child.nodeName.toUpperCase();
      const item = this.#sub(name === "LI" ? child : { childNodes: [child] }, { ...(name === "LI" ? looked(/** @type {HTMLElement} */ (child), name, look) : look), depth: look.depth + 1 });
      if (name === "LI") items.push(item.length > 0 ? item : [{ kind: "line", runs: [] }]);
      // Browsers put a list in a list beside its item, where HTML has no place for it.
      else if (item.some((block) => block.kind !== "line" || block.runs.some((run) => !("text" in run) || run.text.trim() !== ""))) {
        const last = items.at(-1);
        if (last) last.push(...item);
        else items.push(item);
      }
    }
    this.#around(ordered ? "OL" : "UL");
    if (items.length > 0) this.#push({ kind: "list", ordered, items });
    this.#around(ordered ? "OL" : "UL");
  }

  /** @param {Element} element @param {Look} look */
  #nested(element, look) {
    const blocks = this.#sub(element, { ...look, depth: look.depth + 1 });
    this.#around("BLOCKQUOTE");
    if (blocks.length > 0) this.#push({ kind: "quote", blocks });
    this.#around("BLOCKQUOTE");
  }

  /** @param {Element} element @param {Look} look */
  #heading(element, look) {
    const blocks = this.#sub(element, { ...look, bold: false });
    this.#around("H2");
    for (const block of blocks) this.#push(block.kind === "line" && block.runs.length > 0 ? { ...block, kind: "heading" } : block);
    this.#around("H2");
  }

  /** @param {{ childNodes: Iterable<Node> | ArrayLike<Node> }} parent @param {Look} look */
  #sub(parent, look) {
    const reader = new Reader(this.how, look);
    reader.inside(/** @type {Node} */ (/** @type {unknown} */ (parent)), look);
    return reader.done();
  }
}

/** @param {HTMLElement} element @param {string} name @param {Look} look @returns {Look} */
function looked(element, name, look) {
  const now = { ...look };
  if (name === "B" || name === "STRONG" || (name === "TH" && !HEADINGS.test(name))) now.bold = true;
  if (name === "I" || name === "EM" || name === "CITE" || name === "DFN" || name === "VAR") now.italic = true;
  if (name === "U" || name === "INS") now.underline = true;
  if (name === "PRE") now.verbatim = true;
  if (name === "A") now.link = target(element.getAttribute("href") ?? "") ?? look.link;
  const { style } = element;
  // Word processors say it in styles, and put everything into a <b> that is not bold.
  if (style?.fontWeight) now.bold = /^(?:bold|bolder|[6-9]00)$/u.test(style.fontWeight);
  if (style?.fontStyle) now.italic = /^(?:italic|oblique)/u.test(style.fontStyle);
  if (style?.textDecorationLine?.includes("underline") && !now.link) now.underline = true;
  return now;
}

/** @param {Look} look */
function marks({ bold, italic, underline, link }) {
  return { ...(bold ? { bold } : {}), ...(italic ? { italic } : {}), ...(underline ? { underline } : {}), ...(link ? { link } : {}) };
}

/** @param {import("./rich-tree.js").Words} one @param {import("./rich-tree.js").Words} other */
function alike(one, other) {
  return !one.bold === !other.bold && !one.italic === !other.italic && !one.underline === !other.underline && (one.link ?? "") === (other.link ?? "");
}
