/** The parts of the composer as the server rendered them, by their names. */

import { RichText } from "./rich-text.js";

/** @typedef {import("./recipient-field.js").RecipientField} RecipientField */
/** @typedef {"to" | "cc" | "bcc"} FieldName */

export class ComposerParts {
  /** @param {HTMLElement} host */
  constructor(host) {
    this.host = host;
  }

  /** @param {string} name of a data attribute on the composer */
  data(name) {
    return this.host.dataset[name] ?? "";
  }

  /**
   * @param {string} name
   * @returns {HTMLElement}
   */
  slot(name) {
    return this.#one(`[data-slot="${name}"]`, HTMLElement);
  }

  /** @param {FieldName} name */
  field(name) {
    return /** @type {RecipientField} */ (this.#one(`[data-field="${name}"]`, HTMLElement));
  }

  /** @param {FieldName} name what the line is called */
  label(name) {
    return this.field(name).closest(".line")?.querySelector(".line-name")?.textContent ?? "";
  }

  get fields() {
    return [this.field("to"), this.field("cc"), this.field("bcc")];
  }

  get subject() {
    return this.#one("[data-subject]", HTMLInputElement);
  }

  get text() {
    return this.#one("[data-text]", HTMLTextAreaElement);
  }

  get button() {
    return /** @type {import("./send-button.js").SendButton} */ (this.#one("send-button", HTMLElement));
  }

  /** @param {FieldName} name  of a line that is folded away at first */
  unfold(name) {
    const line = this.host.querySelector(`[data-line="${name}"]`);
    if (line instanceof HTMLElement) line.hidden = false;
    const button = this.host.querySelector(`[data-show="${name}"]`);
    if (button instanceof HTMLElement) button.hidden = true;
  }

  /** @param {string} sentence */
  says(sentence) {
    const place = this.slot("says");
    if (place.textContent !== sentence) place.textContent = sentence;
  }

  /**
   * @param {string} words for the button
   * @param {number} share
   */
  progress(words, share) {
    this.button.show("send-working", words, true);
    const place = this.slot("progress");
    place.hidden = false;
    const bar = place.querySelector("progress");
    if (bar) bar.value = Math.round(share * 100);
  }

  /** @param {boolean} can  whether what is going on can still be stopped */
  cancellable(can) {
    const button = this.host.querySelector("[data-cancel]");
    if (button instanceof HTMLButtonElement) button.hidden = !can;
  }

  /** @param {boolean} busy */
  busy(busy) {
    this.cancellable(true);
    for (const part of this.host.querySelectorAll("input, textarea")) part.toggleAttribute("readonly", busy);
    const rich = this.slot("rich");
    if (rich instanceof RichText) rich.readOnly = busy;
    this.host.setAttribute("aria-busy", String(busy));
    if (!busy) this.slot("progress").hidden = true;
  }

  /**
   * @template {HTMLElement} Kind
   * @param {string} selector
   * @param {new () => Kind} kind
   */
  #one(selector, kind) {
    const found = this.host.querySelector(selector);
    if (!(found instanceof kind)) throw new Error(`the composer has no ${selector}`);
    return found;
  }
}
