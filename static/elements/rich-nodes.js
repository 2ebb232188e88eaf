/** A rich text as elements of the page: made from its tree one by one, so that nothing comes along that we do not name. */
import { make } from "./make.js";
import { target } from "./rich-tree.js";

/** @typedef {import("./rich-tree.js").Block} Block */
/** @typedef {import("./rich-tree.js").Run} Run */

/**
 * @param {Block[]} blocks
 * @param {(picture: string) => string} address  the blob: URL of a picture
 * @returns {HTMLElement[]}
 */
export function nodes(blocks, address) {
  return blocks.map((block) => node(block, address));
}

/** @param {Block} block @param {(picture: string) => string} address @returns {HTMLElement} */
function node(block, address) {
  if (block.kind === "quote") return make("blockquote", {}, ...nodes(block.blocks, address));
  if (block.kind === "list") return make(block.ordered ? "ol" : "ul", {}, ...block.items.map((item) => make("li", {}, ...inItem(item, address))));
  return make(block.kind === "heading" ? "h2" : "div", {}, ...runs(block.runs, address));
}

/** @param {Block[]} item @param {(picture: string) => string} address */
function inItem(item, address) {
  const [first, ...rest] = item;
  return first?.kind === "line" ? [...runs(first.runs, address), ...nodes(rest, address)] : nodes(item, address);
}

/**
 * @param {Run[]} all
 * @param {(picture: string) => string} address
 * @returns {Node[]} an empty line has a <br>, or it would have no height
 */
export function runs(all, address) {
  if (all.length === 0) return [make("br")];
  return all.map((run) => {
    if ("picture" in run) return make("img", { src: address(run.picture), alt: run.alt, "data-picture": run.picture, draggable: "false" });
    /** @type {Node} */
    let inner = document.createTextNode(run.text);
    if (run.underline) inner = make("u", {}, inner);
    if (run.italic) inner = make("i", {}, inner);
    if (run.bold) inner = make("b", {}, inner);
    const href = run.link ? target(run.link) : null;
    return href ? make("a", { href }, inner) : inner;
  });
}
