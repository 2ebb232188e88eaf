/**
 * First sign-in: a passphrase, keys made in the worker, a recovery code that the person shows to have kept.
 *
 * Nothing is stored anywhere before the code was checked, so a closed tab leaves nothing behind that
 * nobody could open.
 */

import { crypto } from "../crypto/client.js";
import { CryptoError } from "../crypto/errors.js";
import { language } from "./format.js";
import { Refused } from "./http.js";
import { trouble } from "./key-trouble.js";
import { adopt, forgottenHead } from "./keys.js";
import { make } from "./make.js";
import { tell } from "./sentence.js";
import { say } from "./words.js";

/** @typedef {{ring: Uint8Array<ArrayBuffer>, code: string, certificate: Uint8Array<ArrayBuffer>, head: import("./keys-memory.js").Head}} Made */
/** @typedef {{unit: string, amount: number, level: 0 | 1 | 2 | 3 | 4, usable: boolean}} Strength */

/** Under this level somebody with a copy would not have to wait for long: choose another. */
const ENOUGH = 2;


class KeySetup extends HTMLElement {
  /** @type {Made | null} */
  #made = null;
  /** @type {[number, number]} */
  #groups = [0, 0];
  #asked = 0;

  connectedCallback() {
    this.#part("choose").addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#choose();
    });
    this.#part("check").addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#check();
    });
    this.#passphrase.addEventListener("input", () => void this.#measure());
    this.#part("suggest").addEventListener("click", () => void this.#suggest());
    this.#part("hide").addEventListener("click", () => this.#hide());
    this.#part("print").addEventListener("click", () => print());
    this.#part("copy").addEventListener("click", () => void this.#copy());
    this.#part("save").addEventListener("click", () => this.#save());
    void this.#remembered();
  }

  disconnectedCallback() {
    this.#made = null;
  }

  /** A server that had a key ring of this person and has none now may be hiding it. */
  async #remembered() {
    const head = await forgottenHead();
    if (head) tell(this.#part("trouble"), "ring-rollback", { level: "stop", detail: say("ring-rollback.detail", { a: head.rev, b: 0 }) });
  }

  async #suggest() {
    const { passphrase } = await crypto.request("passphrase.suggest");
    this.#passphrase.value = passphrase;
    this.#reveal(true);
    await this.#measure();
    this.#passphrase.focus();
  }

  /** @returns {Promise<Strength>} */
  async #measure() {
    const asked = ++this.#asked;
    /** @type {Strength} */
    const strength = await crypto.request("passphrase.strength", { passphrase: this.#typed() });
    if (asked === this.#asked) this.#show(strength);
    return strength;
  }

  /** @param {Strength} strength */
  #show({ level, unit, amount, usable }) {
    /** @type {HTMLProgressElement} */ (this.#part("meter")).value = level;
    const words = this.#part("strength");
    const id = !usable ? "ui-keys-character" : ["ui-keys-strength-none", "keys-weak", "ui-keys-strength-fair", "ui-keys-strength-good", "ui-keys-strength-strong"][level];
    words.dataset.word = id;
    words.dataset.level = String(level);
    words.textContent = say(id, { time: time(unit, amount) });
  }

  async #choose() {
    tell(this.#part("trouble"), null);
    this.#busy(true);
    try {
      const { level, usable } = await this.#measure();
      if (level < ENOUGH || !usable) {
        this.#passphrase.focus();
        return;
      }
      const { name = "", address = "", account = "" } = this.dataset;
      this.#made = await crypto.request("ring.create", { passphrase: this.#typed(), person: { name, address }, account });
      this.#passphrase.value = "";
      this.#showCode();
    } catch (error) {
      trouble(this.#part("trouble"), error);
    } finally {
      this.#busy(false);
    }
  }

  #showCode() {
    if (!this.#made) return;
    const groups = this.#made.code.split("-");
    this.#part("code").replaceChildren(...groups.flatMap((group, at) => [at ? " " : "", make("span", {}, group)]));
    const first = pick(groups.length);
    const second = (first + 1 + pick(groups.length - 1)) % groups.length;
    this.#groups = first < second ? [first + 1, second + 1] : [second + 1, first + 1];
    const [a, b] = this.#groups;
    this.#part("check-ask").textContent = say("recovery-check", { a, b });
    this.#part("first-label").textContent = say("ui-keys-word", { n: a });
    this.#part("second-label").textContent = say("ui-keys-word", { n: b });
    this.#step("code");
    this.#part("code-title").focus();
  }

  async #check() {
    if (!this.#made) return;
    const [first, second] = this.#groups;
    const fields = [this.#field("#set-up-first"), this.#field("#set-up-second")];
    this.#part("finish").toggleAttribute("disabled", true);
    try {
      const groups = [first, second].map((group, at) => ({ group, typed: fields[at].value }));
      /** @type {boolean[]} */
      const right = await crypto.request("recovery.matches", { code: this.#made.code, groups });
      fields.forEach((field, at) => field.setAttribute("aria-invalid", String(!right[at])));
      if (right.includes(false)) {
        tell(this.#part("check-trouble"), "ui-keys-check-wrong", { values: { a: first, b: second } });
        fields[right.indexOf(false)].focus();
        return;
      }
      await adopt(this.#made);
      this.#part("home").click();
    } catch (error) {
      this.#notKept(error);
    } finally {
      this.#part("finish").toggleAttribute("disabled", false);
    }
  }

  /** @param {unknown} error */
  #notKept(error) {
    const host = this.#part("check-trouble");
    if (error instanceof Refused) return tell(host, error.id === "ring-conflict" ? "ui-keys-made-elsewhere" : "ui-keys-not-saved");
    // The worker ended meanwhile (idle, or locked in another tab), and the new keys with it: begin again.
    if (error instanceof CryptoError && (error.code === "locked" || error.code === "worker-failed")) {
      this.#step("passphrase");
      return tell(this.#part("trouble"), "ui-keys-not-saved");
    }
    trouble(host, error);
  }

  async #copy() {
    await navigator.clipboard.writeText(this.#made?.code ?? "");
    this.#part("copied").textContent = say("ui-keys-copied");
  }

  #save() {
    if (!this.#made) return;
    const title = say("ui-keys-file", { address: this.dataset.address ?? "" });
    const file = new Blob([`${title}\n\n${this.#made.code}\n`], { type: "text/plain;charset=utf-8" });
    const address = URL.createObjectURL(file);
    const link = make("a", { href: address, download: `${title}.txt`, "hx-boost": "false" });
    link.click();
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
  }

  #hide() {
    this.#reveal(this.#passphrase.type === "password");
    this.#passphrase.focus();
  }

  /** @param {boolean} shown */
  #reveal(shown) {
    this.#passphrase.type = shown ? "text" : "password";
    this.#part("hide").textContent = say(shown ? "ui-keys-hide" : "ui-keys-show");
  }

  #typed() {
    return new TextEncoder().encode(this.#passphrase.value);
  }

  /** @param {"passphrase" | "code"} name */
  #step(name) {
    for (const step of this.querySelectorAll("[data-step]")) {
      if (step instanceof HTMLElement) step.hidden = step.dataset.step !== name;
    }
  }

  /** @param {boolean} busy */
  #busy(busy) {
    this.#part("working").hidden = !busy;
    this.#part("continue").toggleAttribute("disabled", busy);
  }

  get #passphrase() {
    return this.#field("#set-up-passphrase");
  }

  /** @param {string} selector */
  #field(selector) {
    return /** @type {HTMLInputElement} */ (this.querySelector(selector));
  }

  /** @param {string} name */
  #part(name) {
    return /** @type {HTMLElement} */ (this.querySelector(`[data-set-up="${name}"]`));
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

/** A number from 0 to `below` − 1. Which groups are asked is no secret, so fairness to a bit is enough. @param {number} below */
function pick(below) {
  return Math.floor(Math.random() * below);
}

customElements.define("key-setup", KeySetup);
