/** Texts that were kept for answers: put in where one writes, or kept from what was written. Changed and deleted in the settings. */
import { crypto } from "../crypto/client.js";
import { LONGEST } from "../crypto/compose-record.js";
import { canKeep, NoRoom, save, templates } from "./compose-kept.js";
import { keyAddress } from "./keys.js";
import { icon, make } from "./make.js";
import { within } from "./rich-html.js";
import { looks, replaced, withoutPictures } from "./rich-tree.js";
import { say } from "./words.js";

/** @typedef {import("./compose-kept.js").Template} Template */
/** @typedef {import("./compose-writing.js").ComposeWriting} ComposeWriting */

export class ComposeTemplates {
  /**
   * @param {import("./composer-parts.js").ComposerParts} parts
   * @param {ComposeWriting} writing
   * @param {AbortSignal} signal
   */
  constructor(parts, writing, signal) {
    this.parts = parts;
    this.writing = writing;
    this.menu = /** @type {HTMLDetailsElement} */ (parts.slot("templates"));
    this.sheet = parts.slot("templates-sheet");
    // Without a key ring there is nowhere to keep them.
    this.menu.hidden = keyAddress("hasRing") !== "yes";
    this.menu.addEventListener("toggle", () => {
      if (this.menu.open) void this.#show().catch(reportError);
    }, { signal });
    this.menu.addEventListener("keydown", (event) => this.#keyed(event), { signal });
    document.addEventListener("pointerdown", (event) => {
      if (!this.menu.contains(/** @type {Node} */ (event.target))) this.menu.open = false;
    }, { signal });
    crypto.addEventListener("locked", () => {
      this.menu.open = false;
      this.sheet.replaceChildren();
    }, { signal });
  }

  async #show() {
    if (!canKeep()) {
      this.sheet.replaceChildren(make("p", { class: "menu-head note" }, say("ui-templates-locked")));
      return;
    }
    const all = await templates();
    this.sheet.replaceChildren(
      ...(all.length === 0 ? [make("p", { class: "menu-head note" }, say("ui-templates-none"))] : all.map((template) => this.#row(icon("paper"), template.name, () => this.#put(template)))),
      this.#row(icon("plus"), say("ui-template-save"), () => this.#askName()));
    this.sheet.querySelector("button")?.focus();
  }

  /** @param {SVGElement} drawing @param {string} words @param {() => void} act */
  #row(drawing, words, act) {
    return make("button", { class: "box", type: "button", click: () => {
      this.menu.open = false;
      act();
    } }, drawing, make("span", { dir: "auto" }, words));
  }

  /** @param {KeyboardEvent} event */
  #keyed(event) {
    const buttons = [...this.sheet.querySelectorAll("button")];
    const at = buttons.indexOf(/** @type {HTMLButtonElement} */ (document.activeElement));
    if (event.key === "Escape" && this.menu.open) {
      this.menu.open = false;
      this.menu.querySelector("summary")?.focus();
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && buttons.length > 0) {
      buttons[(at + (event.key === "ArrowDown" ? 1 : -1) + buttons.length) % buttons.length]?.focus();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** @param {Template} template */
  #put({ text, html }) {
    const { body } = this.writing;
    body.focus();
    if (html !== null && body.format === "rich") void body.rich.insertHtml(html, undefined, true).catch(reportError);
    else body.insertText(text);
  }

  // --- keeping one ---

  #askName() {
    const place = this.parts.slot("question");
    if (this.writing.own === "") {
      this.writing.tell(say("ui-template-empty"));
      return;
    }
    const pictures = this.writing.body.looks.includes("picture");
    const name = make("input", { class: "input", id: "template-name", type: "text", maxlength: String(LONGEST.line), autocomplete: "off", spellcheck: "false", translate: "no", dir: "auto", keydown: (event) => {
      const { key, ctrlKey, metaKey, isComposing } = /** @type {KeyboardEvent} */ (event);
      if (key !== "Enter" || ctrlKey || metaKey || isComposing) return;
      event.preventDefault();
      void this.#keep(name.value);
    } });
    name.value = this.parts.subject.value.trim();
    place.replaceChildren(make("div", { class: "ask", role: "group", "data-question": "template", "aria-labelledby": "template-question" },
      make("label", { class: "legend", id: "template-question", for: "template-name" }, say("ui-template-name")), name,
      pictures && make("p", { class: "note" }, say("ui-template-pictures")),
      make("p", { class: "note warned", role: "status", "data-trouble": true }),
      make("div", { class: "ask-row actions" },
        make("button", { class: "button", type: "button", click: () => void this.#keep(name.value) }, say("ui-save")),
        make("button", { class: "button button-plain", type: "button", click: () => {
          place.replaceChildren();
          this.writing.body.focus();
        } }, say("ui-cancel")))));
    name.select();
    name.focus();
  }

  /** @param {string} written */
  async #keep(written) {
    const name = written.trim().slice(0, LONGEST.line);
    const place = this.parts.slot("question");
    if (name === "") {
      place.querySelector("input")?.focus();
      return;
    }
    try {
      await save({ id: globalThis.crypto.randomUUID(), kind: "template", at: 0, gone: false, name, ...this.#content() });
      this.writing.tell(say("ui-template-kept", { name }));
      this.writing.body.focus();
    } catch (error) {
      const trouble = place.querySelector("[data-trouble]");
      if (trouble) trouble.textContent = say(error instanceof NoRoom ? "ui-no-room" : "ui-not-kept");
      if (!(error instanceof NoRoom)) reportError(error);
    }
  }

  /** The new words, with their looks where they have any. @returns {{ text: string, html: string | null }} */
  #content() {
    const { body, own, others } = this.writing;
    if (own.length > LONGEST.template) throw new NoRoom();
    if (body.format === "plain") return { text: own, html: null };
    const blocks = withoutPictures(others.reduce((left, passage) => replaced(left, passage, []) ?? left, body.rich.blocks));
    const html = within(blocks);
    if (html.length > LONGEST.template) throw new NoRoom();
    return { text: own, html: looks(blocks).length > 0 || blocks.some(({ kind }) => kind !== "line") ? html : null };
  }
}
