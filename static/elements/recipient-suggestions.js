/**
 * Who may be meant, below the line where a recipient is typed: a listbox of the combobox pattern (ARIA Authoring Practices,
 * "Editable combobox with list autocomplete"). The focus stays in the input; the option that Enter takes is named to it.
 */
import { icon, make } from "./make.js";
import { say } from "./words.js";

/** @typedef {import("./answer.js").Mailbox} Mailbox */
/**
 * @typedef {object} Suggestion
 * @property {string} id  by which it is the same one in a later answer
 * @property {string} name
 * @property {string} detail  the address, or who is in a group
 * @property {string} note  where it comes from; "" for one's own contacts
 * @property {Mailbox[]} mailboxes  what it stands for
 */
/** @typedef {{ suggestions: Suggestion[], note: string }} Answer  `note`: what the list does not hold, and why */
/** @typedef {(typed: string, show: (answer: Answer) => void, signal: AbortSignal) => Promise<void>} Source */

export class RecipientSuggestions {
  /** @type {Suggestion[]} */
  #shown = [];
  #active = -1;
  /** The person moved in the list, so what comes later does not move the choice. */
  #moved = false;
  #asking = new AbortController();

  /**
   * @param {HTMLInputElement} input
   * @param {{ source: Source, choose: (mailboxes: Mailbox[]) => void, eager: (typed: string) => boolean }} options  `eager`:
   *   whether the first suggestion is what Enter takes
   */
  constructor(input, { source, choose, eager }) {
    this.input = input;
    this.source = source;
    this.choose = choose;
    this.eager = eager;
    this.list = make("ul", { id: `${input.id}-people`, role: "listbox", "aria-label": say("ui-suggestions") });
    this.note = make("p", { class: "note", hidden: true });
    this.told = make("span", { class: "unseen", role: "status" });
    this.sheet = make("div", { class: "suggest", hidden: true }, this.list, this.note);
    // The input would lose the focus, and what is typed would become a chip before the choice.
    this.sheet.addEventListener("mousedown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => {
      const option = /** @type {Element} */ (event.target).closest("[role=option]");
      if (option) this.#take([...this.list.children].indexOf(option));
    });
    for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-expanded", "false"], ["aria-controls", this.list.id]]) input.setAttribute(name ?? "", value ?? "");
    input.addEventListener("input", (event) => {
      if (!(/** @type {InputEvent} */ (event).isComposing)) this.ask();
    });
    input.addEventListener("compositionend", () => this.ask());
  }

  get open() {
    return !this.sheet.hidden;
  }

  /** Whether Enter takes a suggestion. */
  get chosen() {
    return this.open && this.#active >= 0;
  }

  /** @param {boolean} [wanted]  asked for by a key: then also what nothing was typed for */
  ask(wanted = false) {
    this.#asking.abort();
    const typed = this.input.value;
    if (typed.trim() === "" && !wanted) {
      this.close();
      return;
    }
    this.#asking = new AbortController();
    const { signal } = this.#asking;
    this.#moved = false;
    this.source(typed, (answer) => signal.aborted || this.#show(answer), signal).catch((error) => signal.aborted || reportError(error));
  }

  close() {
    this.#asking.abort();
    this.sheet.hidden = true;
    this.#shown = [];
    this.#active = -1;
    this.list.replaceChildren();
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }

  /**
   * @param {KeyboardEvent} event
   * @returns {boolean} whether the key was meant for the list
   */
  keyed(event) {
    if (event.ctrlKey || event.metaKey) return false;
    const { key, altKey } = event;
    if (key === "ArrowDown" && !this.open && !altKey) this.ask(true);
    else if (!this.open || altKey) return false;
    else if (key === "ArrowDown") this.#move(this.#active + 1);
    else if (key === "ArrowUp") this.#move(this.#active - 1);
    else if (key === "Escape") this.close();
    else if (this.chosen && (key === "Enter" || (key === "Tab" && !event.shiftKey) || key === "," || key === ";")) this.#take(this.#active);
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }

  /** @param {Answer} answer */
  #show({ suggestions, note }) {
    const before = this.#moved ? this.#shown[this.#active]?.id : undefined;
    this.#shown = suggestions;
    this.list.replaceChildren(...suggestions.map((one, at) => option(one, `${this.list.id}-${at}`)));
    this.list.hidden = suggestions.length === 0;
    this.note.hidden = note === "";
    this.note.textContent = note;
    this.sheet.hidden = suggestions.length === 0 && note === "";
    this.input.setAttribute("aria-expanded", String(suggestions.length > 0));
    const at = before === undefined ? -1 : suggestions.findIndex(({ id }) => id === before);
    this.#activate(at >= 0 ? at : suggestions.length > 0 && this.eager(this.input.value) ? 0 : -1);
    this.told.textContent = [suggestions.length > 0 ? say("ui-suggestions-count", { count: suggestions.length }) : "", note].filter(Boolean).join(" ");
  }

  /** Beyond either end is the text as it was typed. @param {number} to */
  #move(to) {
    this.#moved = true;
    const count = this.#shown.length;
    this.#activate(to < -1 ? count - 1 : to >= count ? -1 : to);
  }

  /** @param {number} at */
  #activate(at) {
    this.#active = at;
    for (const [index, element] of [...this.list.children].entries()) {
      element.setAttribute("aria-selected", String(index === at));
      if (index === at) element.scrollIntoView({ block: "nearest" });
    }
    if (at < 0) this.input.removeAttribute("aria-activedescendant");
    else this.input.setAttribute("aria-activedescendant", `${this.list.id}-${at}`);
  }

  /** @param {number} at */
  #take(at) {
    const taken = this.#shown[at];
    this.close();
    this.told.textContent = "";
    if (taken) this.choose(taken.mailboxes);
  }
}

/** @param {Suggestion} suggestion @param {string} id */
function option({ name, detail, note, mailboxes }, id) {
  return make("li", { id, role: "option", class: "suggest-option", "aria-selected": "false" },
    icon(mailboxes.length === 1 ? "person" : "people"),
    make("span", { class: "suggest-name", dir: "auto" }, name),
    make("span", { class: "note suggest-detail", dir: "auto" }, detail),
    note && make("span", { class: "note suggest-note" }, note));
}
