/** Places in the editor: its lines, the selection kept over a change, and a rich text put in at one place. */
import { make } from "./make.js";
import { nodes, runs } from "./rich-nodes.js";

/** @typedef {import("./rich-tree.js").Block} Block */
/** @typedef {{ start: [Node, number], end: [Node, number] }} Held */

const LINE = "div, h2, li, p";

/** The selection, if it is in the editor. @param {HTMLElement} editor @returns {Range | null} */
export function rangeIn(editor) {
  const selection = document.getSelection();
  if (!selection || selection.rangeCount === 0) return null;
  const range = selection.getRangeAt(0);
  return editor.contains(range.commonAncestorContainer) ? range : null;
}

/** @param {Range} range */
export function select(range) {
  const selection = document.getSelection();
  selection?.removeAllRanges();
  selection?.addRange(range);
}

/** @param {HTMLElement} editor @param {"start" | "end"} where */
export function caretAt(editor, where) {
  const range = document.createRange();
  const line = where === "start" ? editor.firstElementChild : editor.lastElementChild;
  range.selectNodeContents(line ?? editor);
  range.collapse(where === "start");
  select(range);
}

/**
 * Does something that moves nodes; the selection stays on the nodes it was on.
 * @param {HTMLElement} editor
 * @param {() => void} change
 */
export function holding(editor, change) {
  const range = rangeIn(editor);
  /** @type {Held | null} */
  const held = range && { start: [range.startContainer, range.startOffset], end: [range.endContainer, range.endOffset] };
  change();
  if (!held || !editor.contains(held.start[0]) || !editor.contains(held.end[0])) return;
  const again = document.createRange();
  again.setStart(held.start[0], Math.min(held.start[1], length(held.start[0])));
  again.setEnd(held.end[0], Math.min(held.end[1], length(held.end[0])));
  select(again);
}

/** @param {Node} node */
function length(node) {
  return node.nodeType === 3 ? (node.nodeValue ?? "").length : node.childNodes.length;
}

/** Whatever a browser left beside our lines gets a line of its own, and there is always one. @param {HTMLElement} editor */
export function tidy(editor) {
  const loose = Array.from(editor.childNodes).filter((node) => !isBlock(node));
  if (loose.length > 0) {
    holding(editor, () => {
      /** @type {HTMLElement | null} */
      let line = null;
      for (const node of Array.from(editor.childNodes)) {
        if (isBlock(node)) line = null;
        else {
          if (!line) {
            line = make("div");
            editor.insertBefore(line, node);
          }
          line.append(node);
          if (node.nodeName === "BR") line = null;
        }
      }
    });
  }
  if (!editor.firstChild) {
    editor.append(make("div", {}, make("br")));
    if (document.activeElement === editor) caretAt(editor, "start");
  }
}

/** @param {Node} node */
function isBlock(node) {
  return /^(?:DIV|H[1-6]|UL|OL|BLOCKQUOTE|P)$/u.test(node.nodeName);
}

/** @param {HTMLElement} line */
function isEmpty(line) {
  return line.textContent === "" && !line.querySelector("img");
}

/**
 * A rich text in the place of what is selected; the caret stands behind it.
 * @param {HTMLElement} editor
 * @param {Range} range
 * @param {Block[]} blocks
 * @param {(picture: string) => string} address
 */
export function insertAt(editor, range, blocks, address) {
  range.deleteContents();
  const line = lineAt(editor, range);
  const rest = document.createRange();
  rest.setStart(range.startContainer, range.startOffset);
  rest.setEnd(line, line.childNodes.length);
  const tail = rest.extractContents();
  if (isEmpty(line)) line.replaceChildren();
  const caret = document.createRange();
  const [first] = blocks;
  if (blocks.length === 1 && first?.kind === "line") {
    line.append(...(first.runs.length > 0 ? runs(first.runs, address) : []));
    caret.setStart(line, line.childNodes.length);
    line.append(...(tail.textContent === "" && !tail.querySelector("img") ? [] : [tail]));
    if (isEmpty(line)) line.replaceChildren(make("br"));
  } else {
    const after = /** @type {HTMLElement} */ (line.cloneNode(false));
    after.append(tail);
    if (isEmpty(after)) after.replaceChildren();
    const between = [...blocks];
    if (first?.kind === "line") {
      between.shift();
      line.append(...(first.runs.length > 0 ? runs(first.runs, address) : []));
    }
    const last = between.at(-1);
    let leading = 0;
    if (last?.kind === "line") {
      between.pop();
      const made = last.runs.length > 0 ? runs(last.runs, address) : [];
      leading = made.length;
      after.prepend(...made);
    }
    const made = nodes(between, address).map((node) => (line.nodeName === "LI" ? make("li", {}, node) : node));
    line.after(...made, after);
    for (const each of [line, after]) if (isEmpty(each)) each.replaceChildren(make("br"));
    if (isEmpty(line) && first?.kind !== "line") line.remove();
    caret.setStart(after, leading);
  }
  caret.collapse(true);
  select(caret);
}

/** @param {HTMLElement} editor @param {Range} range @returns {HTMLElement} */
function lineAt(editor, range) {
  tidyAt(editor, range);
  const at = range.startContainer;
  const found = (at instanceof HTMLElement ? at : at.parentElement)?.closest(LINE);
  if (found instanceof HTMLElement && found !== editor && editor.contains(found)) return found;
  const line = make("div");
  range.insertNode(line);
  range.setStart(line, 0);
  range.collapse(true);
  return line;
}

/** The range goes into a line where it stood between lines. @param {HTMLElement} editor @param {Range} range */
function tidyAt(editor, range) {
  if (range.startContainer !== editor) return;
  const next = editor.childNodes[range.startOffset] ?? editor.lastChild;
  if (!(next instanceof HTMLElement) || !next.matches(LINE)) return;
  range.setStart(next, range.startOffset < editor.childNodes.length ? 0 : next.childNodes.length);
  range.collapse(true);
}
