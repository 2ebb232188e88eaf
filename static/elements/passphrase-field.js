/** A field for a new passphrase: how strong it is, five words on request, seen or hidden. It is measured in the worker. */

import { crypto } from "../crypto/client.js";
import { language } from "./format.js";
import { say } from "./words.js";

/** @typedef {{unit: string, amount: number, level: 0 | 1 | 2 | 3 | 4, usable: boolean}} Strength */

/** Under this level somebody with a copy of the key ring would not have to wait for long. */
const ENOUGH = 2;
/** By level. */
const SAID = ["ui-keys-strength-none", "keys-weak", "ui-keys-strength-fair", "ui-keys-strength-good", "ui-keys-strength-strong"];

export class PassphraseField extends HTMLElement {
  #asked = 0;

  connectedCallback() {
    this.#input.addEventListener("input", () => void this.#measure());
    this.#part("suggest").addEventListener("click", () => void this.#suggest());
    this.#part("hide").addEventListener("click", () => {
      this.#reveal(this.#input.type === "password");
      this.#input.focus();
    });
  }

  /**
   * The passphrase as bytes if it may be used. If not, the field says why and has the focus.
   * @returns {Promise<Uint8Array<ArrayBuffer> | null>}
   */
  async chosen() {
    const { level, usable } = await this.#measure();
    if (level >= ENOUGH && usable) return this.#typed();
    if (usable) this.#tell("ui-keys-too-weak", level);
    this.#input.focus();
    return null;
  }

  clear() {
    this.#input.value = "";
    this.#show({ level: 0, unit: "seconds", amount: 0, usable: true });
  }

  async #suggest() {
    const { passphrase } = await crypto.request("passphrase.suggest");
    this.#input.value = passphrase;
    this.#reveal(true);
    await this.#measure();
    this.#input.focus();
  }

  /** @returns {Promise<Strength>} */
  async #measure() {
    const asked = ++this.#asked;
    /** @type {Strength} */
    const strength = await crypto.request("passphrase.strength", { passphrase: this.#typed() });
    // An answer about what stood here a moment ago says nothing about what stands here now.
    if (asked === this.#asked) this.#show(strength);
    return strength;
  }

  /** @param {Strength} strength */
  #show({ level, unit, amount, usable }) {
    this.#tell(usable ? SAID[level] : "ui-keys-character", level, time(unit, amount));
  }

  /** @param {string} id @param {number} level @param {string} [guessed] */
  #tell(id, level, guessed = "") {
    const words = this.#part("strength");
    words.dataset.word = id;
    words.textContent = say(id, { time: guessed });
    const meter = this.querySelector("progress");
    if (meter) meter.value = level;
  }

  /** @param {boolean} shown */
  #reveal(shown) {
    this.#input.type = shown ? "text" : "password";
    this.#part("hide").textContent = say(shown ? "ui-keys-hide" : "ui-keys-show");
  }

  #typed() {
    return new TextEncoder().encode(this.#input.value);
  }

  get #input() {
    return /** @type {HTMLInputElement} */ (this.querySelector("input"));
  }

  /** @param {string} name */
  #part(name) {
    return /** @type {HTMLElement} */ (this.querySelector(`[data-passphrase="${name}"]`));
  }
}

/**
 * `3 days`, `centuries`, as the person's language says it.
 * @param {string} unit
 * @param {number} amount
 */
function time(unit, amount) {
  if (unit === "centuries") return say("ui-keys-centuries");
  return new Intl.NumberFormat(language(), { style: "unit", unit: unit.replace(/s$/, ""), unitDisplay: "long" }).format(amount);
}

customElements.define("passphrase-field", PassphraseField);
