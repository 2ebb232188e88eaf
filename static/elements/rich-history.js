/**
 * Undo and redo of the rich text. The browser's own know nothing of what is put in as elements and would bring back a
 * text that never was; so every step is kept here as it stood.
 */
import { select } from "./rich-place.js";

/** @typedef {{ nodes: Node[], range: [number[], number[]] | null }} Step */

const MOST = 100;
/** Typing within this time (ms) is one step. */
const PAUSE = 1_000;

export class RichHistory {
  /** @type {Step[]} */
  #past = [];
  /** @type {Step[]} */
  #future = [];
  #last = 0;
  #kind = "";

  /** @param {HTMLElement} editor */
  constructor(editor) {
    this.editor = editor;
  }

  /** Before a change. @param {string} kind of the change; of one kind several in a row are one step */
  note(kind) {
    const now = Date.now();
    const goesOn = kind !== "" && kind === this.#kind && now - this.#last < PAUSE;
    [this.#kind, this.#last] = [kind, now];
    this.#future = [];
    if (goesOn) return;
    this.#past.push(this.#step());
    if (this.#past.length > MOST) this.#past.shift();
  }

  undo() {
    return this.#go(this.#past, this.#future);
  }

  redo() {
    return this.#go(this.#future, this.#past);
  }

  clear() {
    [this.#past, this.#future, this.#kind] = [[], [], ""];
  }

  /** @param {Step[]} from @param {Step[]} to */
  #go(from, to) {
    const step = from.pop();
    if (!step) return false;
    to.push(this.#step());
    this.#kind = "";
    this.editor.replaceChildren(...step.nodes);
    if (step.range) this.#select(step.range);
    return true;
  }

  /** @returns {Step} */
  #step() {
    const selection = document.getSelection();
    const range = selection?.rangeCount ? selection.getRangeAt(0) : null;
    const inside = range && this.editor.contains(range.commonAncestorContainer);
    return {
      nodes: Array.from(this.editor.childNodes, (node) => node.cloneNode(true)),
      range: inside ? [this.#path(range.startContainer, range.startOffset), this.#path(range.endContainer, range.endOffset)] : null,
    };
  }

  /** Which child of which child; the offset last. @param {Node} node @param {number} offset */
  #path(node, offset) {
    const path = [offset];
    for (let at = node; at !== this.editor && at.parentNode; at = at.parentNode) path.unshift(Array.from(at.parentNode.childNodes).indexOf(/** @type {ChildNode} */ (at)));
    return path;
  }

  /** @param {[number[], number[]]} paths */
  #select([start, end]) {
    const range = document.createRange();
    range.setStart(...this.#found(start));
    range.setEnd(...this.#found(end));
    select(range);
  }

  /** @param {number[]} path @returns {[Node, number]} */
  #found(path) {
    /** @type {Node} */
    let node = this.editor;
    for (const index of path.slice(0, -1)) node = node.childNodes[index] ?? node;
    const most = node.nodeType === 3 ? (node.nodeValue ?? "").length : node.childNodes.length;
    return [node, Math.min(path.at(-1) ?? 0, most)];
  }
}
