/**
 * `<rich-text data-frame="/frame/blocked/">`: where a rich text is written. What is in it is read as a tree (rich-tree.js);
 * only that is sent. htmx is kept away from it, and so are spelling and translation services.
 */
import { InlinePictures } from "./inline-pictures.js";
import { make } from "./make.js";
import { RichClean } from "./rich-clean.js";
import { watchClipboard } from "./rich-clipboard.js";
import { bare, link, run, unlink } from "./rich-commands.js";
import { RichHistory } from "./rich-history.js";
import { within } from "./rich-html.js";
import { nodes } from "./rich-nodes.js";
import { caretAt, insertAt, rangeIn, select, tidy } from "./rich-place.js";
import { read } from "./rich-read.js";
import { commandOf, RichToolbar } from "./rich-toolbar.js";
import { fromText, toText } from "./rich-tree.js";
import { say } from "./words.js";

/** @typedef {import("./rich-tree.js").Block} Block */

/** What a browser would put in by itself; we did, or nobody does. */
const NEVER = new Set(["insertFromPaste", "insertFromPasteAsQuotation", "insertFromDrop", "insertFromYank", "formatFontName", "formatFontColor", "formatBackColor", "formatSetBlockTextDirection", "formatJustifyCenter", "formatJustifyFull", "formatJustifyRight", "formatJustifyLeft", "insertHorizontalRule"]);

export class RichText extends HTMLElement {
  pictures = new InlinePictures();
  #ended = new AbortController();
  #editor = make("div", {
    class: "rich", id: "compose-rich", contenteditable: "true", role: "textbox", "aria-multiline": "true", spellcheck: "false", translate: "no", autocorrect: "off", autocapitalize: "sentences",
    writingsuggestions: "false", "data-gramm": "false", dir: "auto", "data-rich": true,
  });
  #history = new RichHistory(this.#editor);
  /** @type {RichClean | null} */
  #clean = null;
  /** @type {RichToolbar | null} */
  #toolbar = null;

  connectedCallback() {
    this.#ended = new AbortController();
    const { signal } = this.#ended;
    this.setAttribute("hx-disable", "");
    this.#editor.setAttribute("aria-label", say("ui-message-text"));
    const frame = make("div", { class: "unseen", "aria-hidden": "true", inert: true });
    this.#clean = new RichClean(frame, this.dataset["frame"] ?? "", this.pictures);
    this.#toolbar = new RichToolbar(this, this.#editor);
    this.replaceChildren(this.#editor, frame);
    tidy(this.#editor);
    document.execCommand("defaultParagraphSeparator", false, "div");
    document.execCommand("styleWithCSS", false, "false");
    this.#editor.addEventListener("beforeinput", (event) => this.#before(event), { signal });
    this.#editor.addEventListener("input", () => tidy(this.#editor), { signal });
    this.#editor.addEventListener("keydown", (event) => this.#keyed(event), { signal });
    document.addEventListener("selectionchange", () => this.#toolbar?.show(), { signal });
    watchClipboard(this, this.#editor, signal);
  }

  disconnectedCallback() {
    this.#ended.abort();
    this.pictures.forget();
  }

  /** The row of buttons; it stands where the composer wants it. */
  get toolbar() {
    return this.#toolbar?.element ?? make("div");
  }

  get readOnly() {
    return this.#editor.contentEditable !== "true";
  }

  set readOnly(yes) {
    this.#editor.contentEditable = String(!yes);
  }

  /** @returns {Block[]} */
  get blocks() {
    return read(this.#editor, { pictureOf: (image) => this.#pictureOf(image) });
  }

  /** Everything anew; what was there cannot be undone. @param {Block[]} blocks */
  begin(blocks) {
    this.#show(blocks);
    this.#history.clear();
  }

  /** The same, as one step that can be undone. @param {Block[]} blocks */
  become(blocks) {
    this.note("");
    this.#show(blocks);
    this.changed();
  }

  /** Before it is needed: the empty frame in which HTML is read. */
  prepare() {
    this.#clean?.prepare().catch(reportError);
  }

  /** @param {string} html from elsewhere @param {boolean} [ours] it was written here once @returns {Promise<Block[]>} */
  async cleaned(html, ours = false) {
    if (!this.#clean) throw new Error("not in the page");
    return this.#clean.read(html, ours);
  }

  /** @param {"start" | "end"} [where] */
  focusText(where) {
    this.#editor.focus({ preventScroll: true });
    if (where || !rangeIn(this.#editor)) caretAt(this.#editor, where ?? "end");
  }

  // --- changes ---

  /** Before a change. @param {string} kind */
  note(kind) {
    this.#history.note(kind);
  }

  /** After a change of ours; the browser tells of its own. */
  changed() {
    tidy(this.#editor);
    this.#toolbar?.show();
    this.#editor.dispatchEvent(new Event("input", { bubbles: true }));
  }

  /** @param {import("./rich-commands.js").Command} command */
  run(command) {
    if (this.readOnly) return;
    if (!rangeIn(this.#editor)) this.focusText();
    this.note("");
    run(this.#editor, command);
    this.changed();
  }

  /** @param {Range | null} range @param {string} written */
  link(range, written) {
    if (!range) this.focusText();
    this.note("");
    const done = link(this.#editor, range ?? rangeIn(this.#editor) ?? document.createRange(), written);
    if (done) {
      bare(this.#editor);
      this.changed();
    }
    return done;
  }

  /** @param {Range | null} range */
  unlink(range) {
    if (!range) return;
    this.note("");
    unlink(this.#editor, range);
    this.changed();
  }

  /** @param {string} text @param {Range | null} [at] */
  insertText(text, at) {
    this.#insert(fromText(text), at);
  }

  /** @param {string} html from elsewhere @param {Range | null} [at] @param {boolean} [ours] */
  async insertHtml(html, at = rangeIn(this.#editor), ours = false) {
    const kept = at?.cloneRange() ?? null;
    this.#insert(await this.cleaned(html, ours), kept);
  }

  /** @param {File[]} files @param {Range | null} [at] */
  async insertPictures(files, at = rangeIn(this.#editor)) {
    const kept = at?.cloneRange() ?? null;
    const found = await Promise.all(files.map((file) => this.pictures.add(file)));
    // What only calls itself a picture goes along as the file that it is.
    const others = files.filter((_file, index) => !found[index]);
    if (others.length > 0) this.dispatchEvent(new CustomEvent("rich-files", { bubbles: true, detail: others }));
    const runs = found.filter((one) => one !== null);
    if (runs.length > 0) this.#insert([{ kind: "line", runs }], kept);
  }

  /** What goes onto the clipboard. @param {Range} range */
  copied(range) {
    const holder = make("div");
    holder.append(range.cloneContents());
    const blocks = read(holder, { pictureOf: (image) => this.#pictureOf(image) });
    return { text: toText(blocks), html: within(blocks, this.pictures.sizes) };
  }

  /** @param {Block[]} blocks @param {Range | null} [at] */
  #insert(blocks, at) {
    if (this.readOnly || blocks.length === 0) return;
    if (!at || !this.#editor.contains(at.startContainer)) this.focusText();
    const range = at && this.#editor.contains(at.startContainer) ? at : rangeIn(this.#editor);
    if (!range) return;
    this.note("insert");
    this.#editor.focus({ preventScroll: true });
    select(range);
    insertAt(this.#editor, range, blocks, (picture) => this.pictures.address(picture));
    this.changed();
  }

  /** @param {Block[]} blocks */
  #show(blocks) {
    this.#editor.replaceChildren(...nodes(blocks, (picture) => this.pictures.address(picture)));
    tidy(this.#editor);
  }

  /** Only pictures that are held here. @param {Element} image */
  #pictureOf(image) {
    const picture = image.getAttribute("data-picture") ?? "";
    return this.pictures.has(picture) ? { picture, alt: image.getAttribute("alt") ?? "" } : null;
  }

  // --- what is heard ---

  /** @param {InputEvent} event */
  #before(event) {
    const { inputType } = event;
    if (NEVER.has(inputType)) event.preventDefault();
    else if (inputType === "historyUndo" || inputType === "historyRedo") {
      event.preventDefault();
      this.#back(inputType === "historyRedo");
    } else this.note(/^(?:insertText|insertCompositionText|delete)/u.test(inputType) ? inputType : "");
  }

  /** @param {KeyboardEvent} event */
  #keyed(event) {
    const control = event.ctrlKey || event.metaKey;
    const key = event.key.toLowerCase();
    const command = commandOf(event);
    if (control && !event.altKey && (key === "z" || key === "y")) this.#back(key === "y" || event.shiftKey);
    else if (command === "link") this.#toolbar?.askLink();
    else if (command !== "") this.run(command);
    else return;
    event.preventDefault();
  }

  /** @param {boolean} redo */
  #back(redo) {
    if (redo ? this.#history.redo() : this.#history.undo()) this.changed();
  }
}

customElements.define("rich-text", RichText);
