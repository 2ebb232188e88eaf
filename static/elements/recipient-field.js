/**
 * `<recipient-field>`: one line of recipients, a chip for each with what they can read (words.md section 3.1).
 *
 * The input inside has no name: nothing here is ever submitted by the browser itself. Events, all bubbling:
 * `recipients-changed` after a chip came or went, `recipient-decide` (detail: address) when a held chip is pressed,
 * `recipient-move` (detail: {mailbox, by}) when one is to go to the line before or after.
 */
import { key } from "./answer.js";
import { make } from "./make.js";
import { markChip, newChip } from "./recipient-chip.js";
import { recipientSource } from "./recipient-source.js";
import { complete } from "./recipient-state.js";
import { RecipientSuggestions } from "./recipient-suggestions.js";
import { inQuotes, mailboxes, typed } from "./recipients-text.js";
import { say } from "./words.js";

/** @typedef {import("./answer.js").Mailbox} Mailbox */
/** @typedef {import("./recipient-state.js").Chip} Chip */

export class RecipientField extends HTMLElement {
  /** @type {Mailbox[]} */
  #recipients = [];
  /** @type {Map<string, Chip>} */
  #chips = new Map();
  /** A chip that became text again: it goes back to its place. @type {{ at: number, was: Mailbox } | null} */
  #editing = null;
  /** @type {RecipientSuggestions | null} */
  #suggestions = null;

  connectedCallback() {
    const input = this.#input();
    this.#suggest(input);
    input.addEventListener("keydown", (event) => this.#keyed(event));
    input.addEventListener("blur", () => {
      this.#suggestions?.close();
      this.commit();
    });
    input.addEventListener("paste", (event) => {
      const text = event.clipboardData?.getData("text/plain") ?? "";
      const found = mailboxes(text);
      if (!/[,;\n\t<]/u.test(text) && found.length < 2) return;
      event.preventDefault();
      this.add(found);
    });
    this.addEventListener("click", (event) => {
      const chip = this.#chipOf(event.target);
      if (event.target === this || event.target === this.querySelector("ul")) input.focus();
      // Where nobody can press twice at once, a second touch edits.
      else if (chip && /** @type {Element} */ (event.target).closest(".chip-name")) {
        if (chip.classList.contains("chip-touched")) this.#edit(chip);
        else this.#focusChip(chip);
      }
    });
    this.addEventListener("pointerdown", (event) => {
      const chip = this.#chipOf(event.target);
      chip?.classList.toggle("chip-touched", event.pointerType !== "mouse" && chip.contains(document.activeElement));
    });
    this.addEventListener("dblclick", (event) => {
      const chip = this.#chipOf(/** @type {Element} */ (event.target).closest(".chip-name"));
      if (chip) this.#edit(chip);
    });
    this.addEventListener("keydown", (event) => {
      const chip = event.target === input ? null : this.#chipOf(/** @type {Element} */ (event.target).closest(".chip-name"));
      if (chip) this.#chipKeyed(event, chip);
    });
  }

  get recipients() {
    return [...this.#recipients];
  }

  /** What still stands in the input becomes a chip. */
  commit() {
    const input = this.#input();
    const text = input.value;
    input.value = "";
    const at = this.#editing?.at;
    this.#editing = null;
    if (text.trim()) this.add(mailboxes(text), at);
  }

  /**
   * @param {Mailbox[]} more
   * @param {number} [at]  before which of those there they come; after all of them without it
   */
  add(more, at = this.#recipients.length) {
    const known = new Set(this.#recipients.map(({ address }) => key(address)));
    const fresh = more.filter(({ address }) => !known.has(key(address)) && known.add(key(address)));
    this.#recipients.splice(at, 0, ...fresh);
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

  /** @param {string} address */
  focusRecipient(address) {
    const chip = this.#all().find((each) => key(each.dataset["address"] ?? "") === key(address));
    if (chip) this.#focusChip(chip);
  }

  /** Said to who cannot see what happened. @param {string} sentence */
  tell(sentence) {
    if (this.#suggestions) this.#suggestions.told.textContent = sentence;
  }

  /** @param {HTMLInputElement} input */
  #suggest(input) {
    const { people: url, self } = /** @type {HTMLElement | null} */ (this.closest("[data-people]"))?.dataset ?? {};
    if (!url || this.#suggestions) return;
    this.#suggestions = new RecipientSuggestions(input, {
      source: recipientSource({ url, self: self ?? "", taken: () => this.#recipients.map(({ address }) => address) }),
      choose: (chosen) => {
        const at = this.#editing?.at;
        this.#editing = null;
        input.value = "";
        this.add(chosen, at);
      },
      eager: (text) => !complete(text.trim()) && text.trim() !== "" && !text.includes("<"),
    });
    this.append(this.#suggestions.sheet, this.#suggestions.told, make("span", { class: "unseen", id: `${input.id}-hint` }, say("ui-chip-keys")));
  }

  #input() {
    const input = this.querySelector("input");
    if (!input) throw new Error("<recipient-field> holds an input");
    return input;
  }

  #changed() {
    this.dispatchEvent(new CustomEvent("recipients-changed", { bubbles: true }));
  }

  /** @param {KeyboardEvent} event in the input */
  #keyed(event) {
    const input = this.#input();
    if (event.isComposing) return;
    const separates = (event.key === "," || event.key === ";") && !inQuotes(input.value.slice(0, input.selectionStart ?? undefined));
    if ((separates || !/^[,;]$/u.test(event.key)) && this.#suggestions?.keyed(event)) return;
    const ends = event.key === "Enter" || separates || (event.key === "Tab" && !event.shiftKey);
    const atStart = input.selectionStart === 0 && input.selectionEnd === 0;
    if (ends && !event.ctrlKey && !event.metaKey && input.value.trim()) {
      event.preventDefault();
      this.#suggestions?.close();
      this.commit();
    } else if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
    } else if (event.key === "Escape" && this.#editing) {
      event.preventDefault();
      event.stopPropagation();
      input.value = typed(this.#editing.was);
      this.commit();
    } else if (atStart && (event.key === "Backspace" || event.key === back(this)) && !event.altKey && !event.shiftKey) {
      // The first time it chooses, the second it removes: nobody is lost by one key too many.
      const last = this.#all().at(-1);
      if (!last) return;
      event.preventDefault();
      this.#focusChip(last);
    }
  }

  /** @param {KeyboardEvent} event @param {HTMLElement} chip */
  #chipKeyed(event, chip) {
    const { key: pressed, altKey, ctrlKey, metaKey } = event;
    if (ctrlKey || metaKey || this.#input().readOnly) return;
    const all = this.#all();
    const at = all.indexOf(chip);
    const forth = back(this) === "ArrowLeft" ? "ArrowRight" : "ArrowLeft";
    if (altKey && (pressed === "ArrowUp" || pressed === "ArrowDown")) this.#move(chip, pressed === "ArrowUp" ? -1 : 1);
    else if (altKey) return;
    else if (pressed === "Delete" || pressed === "Backspace") this.#remove(chip, all[pressed === "Delete" ? at + 1 : at - 1] ?? all[at + 1]);
    else if (pressed === "Enter" || pressed === "F2") this.#edit(chip);
    else if (pressed === back(this)) this.#focusChip(all[Math.max(0, at - 1)]);
    else if (pressed === forth) this.#focusChip(all[at + 1]);
    else if (pressed === "Home") this.#focusChip(all[0]);
    else if (pressed === "End" || pressed === "Escape") this.focusInput();
    else {
      // What is typed then is the next recipient.
      if (pressed.length === 1) this.focusInput();
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  /** @param {HTMLElement} chip @param {HTMLElement} [next] where the focus goes */
  #remove(chip, next) {
    this.takeOut(chip.dataset["address"] ?? "");
    this.#focusChip(next?.isConnected ? next : undefined);
  }

  /** @param {HTMLElement} chip @param {-1 | 1} by */
  #move(chip, by) {
    const mailbox = this.#recipients.find(({ address }) => address === chip.dataset["address"]);
    if (mailbox) this.dispatchEvent(new CustomEvent("recipient-move", { bubbles: true, detail: { mailbox, by } }));
  }

  /** The chip becomes text, and the same place is kept for it. @param {HTMLElement} chip */
  #edit(chip) {
    const input = this.#input();
    if (input.readOnly) return;
    this.commit();
    const at = this.#recipients.findIndex(({ address }) => address === chip.dataset["address"]);
    const was = this.#recipients[at];
    if (!was) return;
    this.takeOut(was.address);
    this.#editing = { at, was };
    input.value = typed(was);
    input.focus();
    input.select();
  }

  /** @param {HTMLElement | undefined} chip  without one the input */
  #focusChip(chip) {
    const name = chip?.querySelector(".chip-name");
    if (name instanceof HTMLElement) name.focus();
    else this.focusInput();
  }

  /** @param {EventTarget | null} target */
  #chipOf(target) {
    return target instanceof Element ? /** @type {HTMLElement | null} */ (target.closest("li.chip")) : null;
  }

  /** @returns {HTMLElement[]} */
  #all() {
    return [...this.querySelectorAll("li.chip")].map((chip) => /** @type {HTMLElement} */ (chip));
  }

  #draw() {
    const next = this.querySelector("ul .chips-next");
    if (!next) throw new Error("<recipient-field> holds a list with an input");
    // Chips are changed in place, so that a button that has the focus keeps it.
    const drawn = new Map(this.#all().map((chip) => [chip.dataset["address"], chip]));
    /** @type {Element} */
    let before = next;
    for (const mailbox of [...this.#recipients].reverse()) {
      const chip = drawn.get(mailbox.address) ?? newChip(mailbox, { hint: `${this.#input().id}-hint`, remove: () => {
        this.takeOut(mailbox.address);
        this.focusInput();
      } });
      drawn.delete(mailbox.address);
      if (chip.nextElementSibling !== before) before.before(chip);
      before = chip;
      markChip(chip, this.#chips.get(key(mailbox.address)), () => this.dispatchEvent(new CustomEvent("recipient-decide", { bubbles: true, detail: mailbox.address })));
    }
    for (const gone of drawn.values()) gone.remove();
  }
}

/** @param {Element} element the arrow that goes against the direction of writing */
function back(element) {
  return getComputedStyle(element).direction === "rtl" ? "ArrowRight" : "ArrowLeft";
}

customElements.define("recipient-field", RecipientField);
