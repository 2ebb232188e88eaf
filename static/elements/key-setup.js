/**
 * First sign-in: a passphrase, keys made in the worker, a recovery code that the person shows to have kept.
 *
 * Nothing is stored anywhere before the code was checked, so a closed tab leaves nothing behind that
 * nobody could open.
 */

import { crypto } from "../crypto/client.js";
import { Refused } from "./http.js";
import { trouble } from "./key-trouble.js";
import { adopt, forgottenHead } from "./keys.js";
import { make } from "./make.js";
import { PassphraseField } from "./passphrase-field.js";
import { tell } from "./sentence.js";
import { say } from "./words.js";

/** @typedef {{ring: Uint8Array<ArrayBuffer>, code: string, certificate: Uint8Array<ArrayBuffer>, head: import("./keys-memory.js").Head}} Made */

class KeySetup extends HTMLElement {
  /** @type {Made | null} */
  #made = null;
  /** @type {[number, number]} */
  #groups = [0, 0];
  /** @type {AbortController | null} */
  #listening = null;

  connectedCallback() {
    this.#part("choose").addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#choose();
    });
    this.#part("check").addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#check();
    });
    this.#part("print").addEventListener("click", () => print());
    this.#part("copy").addEventListener("click", () => void this.#copy());
    this.#part("save").addEventListener("click", () => this.#save());
    this.#listening = new AbortController();
    crypto.addEventListener("locked", () => this.#again(), { signal: this.#listening.signal });
    // Until now a submitted form would have loaded the page anew, without what was typed.
    this.#busy(false);
    void this.#remembered();
  }

  disconnectedCallback() {
    this.#listening?.abort();
    this.#made = null;
  }

  /** The worker ended before the new keys were stored, by idling or from another tab: they are gone, so begin again. */
  #again() {
    if (!this.#made) return;
    this.#made = null;
    this.#step("passphrase");
    tell(this.#part("trouble"), "ui-keys-not-saved");
  }

  /** A server that had a key ring of this person and has none now may be hiding it. */
  async #remembered() {
    const head = await forgottenHead();
    if (head) tell(this.#part("remembered"), "ring-rollback", { level: "stop", detail: say("ring-rollback.detail", { a: head.rev, b: 0 }) });
  }

  async #choose() {
    tell(this.#part("trouble"), null);
    this.#busy(true);
    try {
      const passphrase = await this.#passphrase.chosen();
      if (!passphrase) return;
      const { name = "", address = "", account = "" } = this.dataset;
      this.#made = await crypto.request("ring.create", { passphrase, person: { name, address }, account }, { transfer: [passphrase.buffer] });
      this.#passphrase.clear();
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
      this.#made = null;
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
    return /** @type {PassphraseField} */ (this.querySelector("passphrase-field"));
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

/** A number from 0 to `below` − 1. Which groups are asked is no secret, so fairness to a bit is enough. @param {number} below */
function pick(below) {
  return Math.floor(Math.random() * below);
}

customElements.define("key-setup", KeySetup);
