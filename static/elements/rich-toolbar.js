/** The looks that words can have, as a row of buttons: one stop for the Tab key, the arrows go along it. */
import { icon, make } from "./make.js";
import { holds, inside } from "./rich-commands.js";
import { rangeIn } from "./rich-place.js";
import { say } from "./words.js";

/** @typedef {import("./rich-commands.js").Command} Command */
/** @typedef {import("./rich-text.js").RichText} RichText */

/** @type {[Command, string][]} with the keys that do the same */
const COMMANDS = [
  ["bold", "Ctrl+B"], ["italic", "Ctrl+I"], ["underline", "Ctrl+U"], ["heading", "Ctrl+Shift+H"], ["list", "Ctrl+Shift+8"], ["numbered", "Ctrl+Shift+7"], ["quote", "Ctrl+Shift+9"],
];

/** @param {KeyboardEvent} event @returns {Command | "link" | ""} */
export function commandOf(event) {
  if (!(event.ctrlKey || event.metaKey) || event.altKey || event.isComposing) return "";
  if (!event.shiftKey) return /** @type {Record<string, Command | "link">} */ ({ b: "bold", i: "italic", u: "underline", k: "link" })[event.key.toLowerCase()] ?? "";
  // By place, not by sign: with Shift the digits are other signs on every keyboard.
  return /** @type {Record<string, Command>} */ ({ Digit7: "numbered", Digit8: "list", Digit9: "quote", KeyH: "heading" })[event.code] ?? "";
}

export class RichToolbar {
  /** @type {Map<Command, HTMLButtonElement>} */
  #buttons = new Map();
  #link;
  #address;
  #trouble;
  /** @type {Range | null} what was selected when the link was asked for */
  #range = null;

  /**
   * @param {RichText} rich
   * @param {HTMLElement} editor
   */
  constructor(rich, editor) {
    this.rich = rich;
    this.editor = editor;
    for (const [command, keys] of COMMANDS) this.#buttons.set(command, this.#button(command, keys, () => rich.run(command)));
    const link = this.#button("link", "Ctrl+K", () => this.askLink());
    const picture = this.#button("picture", "", () => file.click());
    const file = make("input", { class: "unseen", type: "file", multiple: true, accept: "image/png,image/jpeg,image/gif,image/webp", tabindex: "-1", "aria-hidden": "true", "data-inline": true, change: () => {
      void rich.insertPictures([...(file.files ?? [])]).catch(reportError);
      file.value = "";
    } });
    const row = make("div", { class: "rich-tools", role: "toolbar", "aria-label": say("ui-looks"), "aria-controls": editor.id, keydown: (event) => this.#along(/** @type {KeyboardEvent} */ (event)) },
      ...this.#buttons.values(), link, picture);
    row.querySelectorAll("button").forEach((button, at) => (button.tabIndex = at === 0 ? 0 : -1));
    this.#address = make("input", { class: "input", type: "text", inputmode: "url", id: "rich-link", autocomplete: "off", autocapitalize: "off", spellcheck: "false", translate: "no", "aria-describedby": "rich-link-trouble", keydown: (event) => this.#typed(/** @type {KeyboardEvent} */ (event)) });
    this.#trouble = make("p", { class: "note warned", id: "rich-link-trouble", role: "status" });
    this.#link = make("div", { class: "rich-link", hidden: true }, make("label", { class: "note", for: "rich-link" }, say("ui-link-to")), this.#address,
      make("button", { class: "button", type: "button", click: () => this.#setLink() }, say("ui-link-set")),
      make("button", { class: "button button-plain", type: "button", "data-unlink": true, click: () => this.#unlink() }, say("ui-link-off")), this.#trouble);
    this.element = make("div", { class: "rich-bar" }, row, file, this.#link);
  }

  /** Which of them the selected words have. */
  show() {
    for (const [command, button] of this.#buttons) button.setAttribute("aria-pressed", String(holds(this.editor, command)));
  }

  askLink() {
    this.#range = rangeIn(this.editor)?.cloneRange() ?? null;
    const around = inside(this.editor, "a");
    this.#address.value = around?.getAttribute("href") ?? "";
    this.#trouble.textContent = "";
    this.#link.hidden = false;
    const off = this.#link.querySelector("[data-unlink]");
    if (off instanceof HTMLElement) off.hidden = !around;
    this.#address.focus();
  }

  /** @param {Command | "link" | "picture"} name @param {string} keys @param {() => void} press */
  #button(name, keys, press) {
    const words = say(`ui-look-${name}`);
    return make("button", {
      class: "tool", type: "button", "aria-label": words, title: keys ? `${words} (${keys})` : words, "data-look": name, ...(name === "link" || name === "picture" ? {} : { "aria-pressed": "false" }),
      // The words stay selected.
      mousedown: (event) => event.preventDefault(), click: press,
    }, icon(name === "picture" ? "image" : name));
  }

  /** @param {KeyboardEvent} event */
  #along(event) {
    const buttons = /** @type {HTMLButtonElement[]} */ ([...(/** @type {HTMLElement} */ (event.currentTarget)).querySelectorAll("button")]);
    const at = buttons.indexOf(/** @type {HTMLButtonElement} */ (document.activeElement));
    const rtl = getComputedStyle(this.element).direction === "rtl";
    const step = { ArrowRight: rtl ? -1 : 1, ArrowLeft: rtl ? 1 : -1, Home: -at, End: buttons.length - 1 - at }[event.key];
    if (step === undefined || at === -1) return;
    event.preventDefault();
    const next = buttons[(at + step + buttons.length) % buttons.length];
    buttons.forEach((button) => (button.tabIndex = button === next ? 0 : -1));
    next?.focus();
  }

  /** @param {KeyboardEvent} event */
  #typed(event) {
    if (event.key === "Escape") this.#close();
    else if (event.key !== "Enter" || event.ctrlKey || event.metaKey || event.isComposing) return;
    else this.#setLink();
    event.preventDefault();
    event.stopPropagation();
  }

  #setLink() {
    if (this.#address.value.trim() === "") this.#close();
    else if (this.rich.link(this.#range, this.#address.value)) this.#close();
    else this.#trouble.textContent = say("ui-link-wrong");
  }

  #unlink() {
    this.rich.unlink(this.#range);
    this.#close();
  }

  #close() {
    this.#link.hidden = true;
    this.editor.focus({ preventScroll: true });
  }
}
