/**
 * `<recipient-field>`: one line of recipients, a chip for each with what they can read (words.md section 3.1).
 *
 * The input inside has no name: nothing here is ever submitted by the browser itself. Events, both bubbling:
 * `recipients-changed` after a chip came or went, `recipient-decide` (detail: address) when a held chip is pressed.
 */
import { key } from "./answer.js";
import { icon, make } from "./make.js";
import { mailboxes } from "./recipients-text.js";
import { say } from "./words.js";

/** @typedef {import("./answer.js").Mailbox} Mailbox */
/** @typedef {import("./recipient-state.js").Chip} Chip */

const DRAWINGS = { enc: "envelope", bare: "postcard", wait: "looking", held: "alert", blocked: "alert" };

export class RecipientField extends HTMLElement {
  /** @type {Mailbox[]} */
  #recipients = [];
  /** @type {Map<string, Chip>} */
  #chips = new Map();

  connectedCallback() {
    const input = this.#input();
    input.addEventListener("keydown", (event) => this.#keyed(event));
    input.addEventListener("blur", () => this.commit());
    input.addEventListener("paste", (event) => {
      const text = event.clipboardData?.getData("text/plain") ?? "";
      if (!/[,;\n<]/u.test(text)) return;
      event.preventDefault();
      this.add(mailboxes(text));
    });
    this.addEventListener("click", (event) => {
      if (event.target === this || event.target === this.querySelector("ul")) input.focus();
    });
  }

  get recipients() {
    return [...this.#recipients];
  }

  /** What still stands in the input becomes a chip. */
  commit() {
    const input = this.#input();
    const typed = input.value;
    input.value = "";
    if (typed.trim()) this.add(mailboxes(typed));
  }

  /** @param {Mailbox[]} more */
  add(more) {
    const known = new Set(this.#recipients.map(({ address }) => key(address)));
    for (const mailbox of more) {
      if (known.has(key(mailbox.address))) continue;
      known.add(key(mailbox.address));
      this.#recipients.push(mailbox);
    }
    this.#draw();
    this.#changed();
  }

  /** @param {string} address */
  takeOut(address) {
    const before = this.#recipients.length;
    this.#recipients = this.#recipients.filter((mailbox) => key(mailbox.address) !== key(address));
    if (this.#recipients.length === before) return;
    this.#draw();
    this.#changed();
  }

  /** @param {Map<string, Chip>} chips by key of the address */
  show(chips) {
    this.#chips = chips;
    this.#draw();
  }

  focusInput() {
    this.#input().focus();
  }

  #input() {
    const input = this.querySelector("input");
    if (!input) throw new Error("<recipient-field> holds an input");
    return input;
  }

  #changed() {
    this.dispatchEvent(new CustomEvent("recipients-changed", { bubbles: true }));
  }

  /** @param {KeyboardEvent} event */
  #keyed(event) {
    const input = this.#input();
    if (event.isComposing) return;
    const ends = event.key === "Enter" || event.key === "," || event.key === ";" || (event.key === "Tab" && !event.shiftKey);
    if (ends && !event.ctrlKey && !event.metaKey && input.value.trim()) {
      event.preventDefault();
      this.commit();
    } else if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
    } else if (event.key === "Backspace" && input.value === "" && this.#recipients.length > 0) {
      this.takeOut(/** @type {Mailbox} */ (this.#recipients.at(-1)).address);
    }
  }

  #draw() {
    const list = this.querySelector("ul");
    const next = list?.querySelector(".chips-next");
    if (!list || !next) throw new Error("<recipient-field> holds a list with an input");
    // Chips are changed in place, so that a button that has the focus keeps it.
    const drawn = new Map([...list.querySelectorAll("li.chip")].map((chip) => [/** @type {HTMLElement} */ (chip).dataset["address"], chip]));
    for (const mailbox of this.#recipients) {
      const old = drawn.get(mailbox.address);
      const chip = old ?? this.#chip(mailbox);
      drawn.delete(mailbox.address);
      if (!old) next.before(chip);
      this.#mark(/** @type {HTMLElement} */ (chip), mailbox);
    }
    for (const gone of drawn.values()) gone.remove();
  }

  /** @param {Mailbox} mailbox */
  #chip(mailbox) {
    const name = mailbox.name || mailbox.address;
    return make("li", { class: "chip", "data-address": mailbox.address },
      make("span", { class: "chip-name", dir: "auto", title: mailbox.address }, name),
      make("span", { class: "mark" }),
      make("button", { class: "chip-off", type: "button", "aria-label": say("ui-remove", { name }), click: () => {
        this.takeOut(mailbox.address);
        this.focusInput();
      } }, icon("close", "icon-small")));
  }

  /**
   * @param {HTMLElement} element
   * @param {Mailbox} mailbox
   */
  #mark(element, mailbox) {
    const state = this.#chips.get(key(mailbox.address));
    const mark = element.querySelector(".mark");
    if (!state || !mark || element.dataset["state"] === state.id) return;
    element.dataset["state"] = state.id;
    element.dataset["effect"] = state.effect;
    element.classList.toggle("chip-ask", state.level === "warning" || state.level === "stop" || state.id === "to-invalid");
    const verified = state.id === "to-verified";
    const look = verified ? " mark-holds" : element.classList.contains("chip-ask") ? " mark-stop" : "";
    const drawing = icon(verified ? "sealed" : DRAWINGS[state.effect], state.effect === "wait" ? "turns" : "");
    const words = make("span", {}, say(`${state.id}.chip`));
    const decide = state.effect === "held" && state.id !== "to-invalid";
    const fresh = decide
      ? make("button", { class: `mark chip-decide${look}`, type: "button", click: () => {
        this.dispatchEvent(new CustomEvent("recipient-decide", { bubbles: true, detail: mailbox.address }));
      } }, drawing, words)
      : make("span", { class: `mark${look}` }, drawing, words);
    mark.replaceWith(fresh);
  }
}

customElements.define("recipient-field", RecipientField);
