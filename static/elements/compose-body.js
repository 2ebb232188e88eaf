/**
 * The text of a message, plain or rich. The text area holds the plain text in either case: what is written in the rich
 * one is put there as it would be read without its looks, and goes along as the alternative (RFC 2046 section 5.1.4).
 */
import "./rich-text.js";
import { toHtml } from "./rich-html.js";
import { fromText, looks, pictures, replaced, toText } from "./rich-tree.js";

/** @typedef {import("./rich-text.js").RichText} RichText */
/** @typedef {import("./rich-tree.js").Block} Block */
/** @typedef {import("./rich-tree.js").Look} Look */
/** @typedef {"plain" | "rich"} Format */

export class ComposeBody {
  /** @type {Format} */
  #format = "plain";
  #hidden = false;

  /**
   * @param {HTMLTextAreaElement} plain
   * @param {RichText} rich
   */
  constructor(plain, rich) {
    this.plain = plain;
    this.rich = rich;
    rich.addEventListener("input", () => this.#follow());
  }

  get format() {
    return this.#format;
  }

  get text() {
    return this.plain.value;
  }

  /** The whole HTML; null for a plain text. */
  get html() {
    return this.#format === "rich" ? toHtml(this.rich.blocks, this.rich.pictures.sizes) : null;
  }

  /** Pictures that stand in the text now. */
  get inline() {
    return this.#format === "rich" ? this.rich.pictures.files(pictures(this.rich.blocks)) : [];
  }

  /** Of the pictures in the text. */
  get bytes() {
    return this.inline.reduce((sum, { file }) => sum + file.size, 0);
  }

  /** What would be lost as plain text. @returns {Look[]} */
  get looks() {
    return this.#format === "rich" ? looks(this.rich.blocks) : [];
  }

  get hidden() {
    return this.#hidden;
  }

  set hidden(yes) {
    this.#hidden = yes;
    this.plain.hidden = yes || this.#format === "rich";
    this.rich.hidden = yes || this.#format === "plain";
    this.rich.toolbar.hidden = this.#format === "plain";
  }

  /** Everything anew. @param {string} text */
  begin(text) {
    this.plain.value = text;
    // Also what a text in the other format left behind.
    this.rich.begin(this.#format === "rich" ? fromText(text) : []);
  }

  /**
   * A rich text that was kept, with its pictures.
   * @param {string} html
   * @param {{ id: string, file: File }[]} [inline]
   */
  async beginRich(html, inline = []) {
    for (const { id, file } of inline) this.rich.pictures.hold(id, file);
    const blocks = await this.rich.cleaned(html, true);
    this.#become("rich");
    this.rich.begin(blocks);
    this.#follow();
  }

  /** @param {Format} format */
  become(format) {
    if (format === this.#format) return;
    if (format === "rich") this.rich.begin(fromText(this.plain.value));
    this.#become(format);
  }

  /** Something else in the place of a passage; false where it does not stand there. @param {string} passage @param {string} other */
  replace(passage, other) {
    if (this.#format === "plain") {
      if (passage === "" || !this.plain.value.includes(passage)) return false;
      this.plain.value = this.plain.value.replace(passage, () => other);
      return true;
    }
    const blocks = replaced(this.rich.blocks, passage, other === "" ? [] : fromText(other));
    if (blocks) this.rich.become(blocks);
    return blocks !== null;
  }

  /** At the end, in lines of its own. @param {string} text */
  append(text) {
    if (this.#format === "rich") this.rich.become([...this.rich.blocks, ...fromText(text)]);
    else this.plain.value = `${this.plain.value}\n${text}`;
  }

  /** Where the caret is. @param {string} text */
  insertText(text) {
    if (this.#format === "rich") {
      this.rich.insertText(text);
      return;
    }
    this.plain.focus({ preventScroll: true });
    // Through the browser, so that it can be undone.
    if (!document.execCommand("insertText", false, text)) this.plain.setRangeText(text, this.plain.selectionStart, this.plain.selectionEnd, "end");
    this.plain.dispatchEvent(new Event("input", { bubbles: true }));
  }

  /** @param {"start" | "end"} [where] */
  focus(where) {
    if (this.#format === "rich") this.rich.focusText(where);
    else {
      this.plain.focus({ preventScroll: true });
      if (where) this.plain.setSelectionRange(...(where === "start" ? /** @type {const} */ ([0, 0]) : /** @type {const} */ ([this.text.length, this.text.length])));
    }
  }

  /** @param {Format} format */
  #become(format) {
    this.#format = format;
    if (format === "rich") this.rich.prepare();
    this.hidden = this.#hidden;
  }

  #follow() {
    if (this.#format === "rich") this.plain.value = toText(this.rich.blocks);
  }
}
