/**
 * A rich text as we know it: lines, headings, lists, quotations; in a line bold, italic, underlined, a link, a picture.
 * Nothing else can be said in it, so nothing else can be in what is sent. The text is the editor's, line by line.
 */
import { quoted, unquoted } from "./quote.js";

/** @typedef {{ text: string, bold?: boolean, italic?: boolean, underline?: boolean, link?: string }} Words */
/** @typedef {{ picture: string, alt: string }} PictureRun  `picture`: its Content-ID */
/** @typedef {Words | PictureRun} Run */
/**
 * @typedef {{ kind: "line" | "heading", runs: Run[] } | { kind: "list", ordered: boolean, items: Block[][] } | { kind: "quote", blocks: Block[] }} Block
 */
/** @typedef {"bold" | "italic" | "underline" | "heading" | "picture"} Look  what a plain text cannot show */

/** Where a link may lead. @param {string} written @returns {string | null} */
export function target(written) {
  const found = written.trim();
  if (!/^(?:https?:\/\/|mailto:)/iu.test(found) || !URL.canParse(found)) return null;
  return new URL(found).href;
}

/**
 * The same words without their looks: links with their target, lists with their marks, quotations as in RFC 3676 section 4.5.
 * @param {Block[]} blocks
 * @returns {string}
 */
export function toText(blocks) {
  return blocks.map(textOf).join("\n");
}

/** @param {Block} block @returns {string} */
function textOf(block) {
  if (block.kind === "quote") return quoted(toText(block.blocks));
  if (block.kind !== "list") return wordsOf(block.runs);
  return block.items.map((item, at) => {
    const mark = block.ordered ? `${at + 1}. ` : "- ";
    return mark + toText(item).replaceAll("\n", `\n${" ".repeat(mark.length)}`);
  }).join("\n");
}

/** @param {Run[]} runs */
function wordsOf(runs) {
  let text = "";
  for (let at = 0; at < runs.length; at += 1) {
    const run = /** @type {Run} */ (runs[at]);
    if ("picture" in run) {
      text += `[${run.alt}]`;
      continue;
    }
    text += run.text;
    const next = runs[at + 1];
    if (run.link && !(next && !("picture" in next) && next.link === run.link)) text += leadsTo(linkWords(runs, at), run.link);
  }
  return text;
}

/** The words of the link that ends at `last`: a link may be bold in part. @param {Run[]} runs @param {number} last */
function linkWords(runs, last) {
  const link = /** @type {Words} */ (runs[last]).link;
  let words = "";
  for (let at = last; at >= 0; at -= 1) {
    const run = /** @type {Run} */ (runs[at]);
    if ("picture" in run || run.link !== link) break;
    words = run.text + words;
  }
  return words.trim();
}

/** @param {string} words @param {string} link */
function leadsTo(words, link) {
  const bare = link.replace(/^mailto:/iu, "");
  const same = [link, bare, link.replace(/\/$/u, ""), link.replace(/^https?:\/\//u, ""), link.replace(/^https?:\/\//u, "").replace(/\/$/u, "")];
  return same.includes(words) ? "" : ` <${bare}>`;
}

/**
 * Plain text as lines and quotations; what `toText` makes of it is the same text again, but for spaces behind ">".
 * @param {string} text
 * @returns {Block[]}
 */
export function fromText(text) {
  /** @type {Block[]} */
  const blocks = [];
  /** @type {string[]} */
  let inside = [];
  const close = () => {
    if (inside.length > 0) blocks.push({ kind: "quote", blocks: fromText(unquoted(inside.join("\n"))) });
    inside = [];
  };
  for (const line of text.replace(/\r\n?/gu, "\n").split("\n")) {
    if (line.startsWith(">")) inside.push(line);
    else {
      close();
      blocks.push({ kind: "line", runs: line === "" ? [] : [{ text: line }] });
    }
  }
  close();
  return blocks;
}

/**
 * What would be lost as plain text.
 * @param {Block[]} blocks
 * @returns {Look[]}
 */
export function looks(blocks) {
  /** @type {Set<Look>} */
  const found = new Set();
  each(blocks, (run) => {
    if ("picture" in run) found.add("picture");
    else for (const look of /** @type {const} */ (["bold", "italic", "underline"])) if (run[look]) found.add(look);
  }, () => found.add("heading"));
  return /** @type {Look[]} */ (["bold", "italic", "underline", "heading", "picture"]).filter((look) => found.has(look));
}

/** Content-IDs of the pictures in it. @param {Block[]} blocks */
export function pictures(blocks) {
  /** @type {Set<string>} */
  const found = new Set();
  each(blocks, (run) => {
    if ("picture" in run) found.add(run.picture);
  });
  return found;
}

/** @param {Block[]} blocks @returns {Block[]} */
export function withoutPictures(blocks) {
  return blocks.map((block) => {
    if (block.kind === "list") return { ...block, items: block.items.map(withoutPictures) };
    if (block.kind === "quote") return { ...block, blocks: withoutPictures(block.blocks) };
    return { ...block, runs: block.runs.filter((run) => !("picture" in run)) };
  });
}

/** @param {Block[]} blocks @param {(run: Run) => void} onrun @param {() => void} [onheading] */
function each(blocks, onrun, onheading) {
  for (const block of blocks) {
    if (block.kind === "list") for (const item of block.items) each(item, onrun, onheading);
    else if (block.kind === "quote") each(block.blocks, onrun, onheading);
    else {
      if (block.kind === "heading") onheading?.();
      block.runs.forEach(onrun);
    }
  }
}

/** Spaces behind quotation marks and at ends of lines do not count. @param {string} text */
function comparable(text) {
  return text.replace(/^(>+) ?/gmu, "$1").replace(/[^\S\n]+$/gmu, "").trim();
}

/**
 * The blocks with other ones in the place of those that read as `passage`; null where it does not stand there.
 * @param {Block[]} blocks
 * @param {string} passage
 * @param {Block[]} others
 * @returns {Block[] | null}
 */
export function replaced(blocks, passage, others) {
  const wanted = comparable(passage);
  if (wanted === "") return null;
  const texts = blocks.map((block) => comparable(textOf(block)));
  const first = wanted.split("\n", 1)[0] ?? "";
  for (let from = 0; from < texts.length; from += 1) {
    if ((texts[from] ?? "") === "" || !(texts[from] ?? "").startsWith(first) && !wanted.startsWith(texts[from] ?? "")) continue;
    let length = 0;
    for (let to = from; to < texts.length && length <= wanted.length; to += 1) {
      length += (texts[to] ?? "").length + 1;
      if (length - 1 >= wanted.length - (to - from) && comparable(texts.slice(from, to + 1).join("\n")) === wanted) return [...blocks.slice(0, from), ...others, ...blocks.slice(to + 1)];
    }
  }
  return null;
}
