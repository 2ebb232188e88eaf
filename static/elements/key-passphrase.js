/** A new passphrase in the place of the old one; asked for at once where the recovery code opened the keys. */

import { crypto } from "../crypto/client.js";
import { trouble } from "./key-trouble.js";
import { ensureUnlocked, openedByCode, saveRing } from "./keys.js";
import { PassphraseField } from "./passphrase-field.js";
import { CryptoError } from "../crypto/errors.js";
import { tell } from "./sentence.js";

class KeyPassphrase extends HTMLElement {
  /** @type {AbortController | null} */
  #listening = null;

  connectedCallback() {
    this.#part("change").addEventListener("click", () => void this.#open());
    this.#part("cancel").addEventListener("click", () => this.#show(false));
    this.#part("form").addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#replace();
    });
    this.#listening = new AbortController();
    const { signal } = this.#listening;
    crypto.addEventListener("unlocked", () => this.#afterCode(), { signal });
    crypto.addEventListener("locked", () => this.#show(false), { signal });
    this.#afterCode();
  }

  disconnectedCallback() {
    this.#listening?.abort();
  }

  #afterCode() {
    if (!openedByCode()) return;
    tell(this.#part("told"), "recovery-used");
    this.#show(true);
  }

  async #open() {
    try {
      await ensureUnlocked("ui-keys-action-change");
      tell(this.#part("told"), null);
      this.#show(true);
    } catch (error) {
      if (!(error instanceof CryptoError && error.code === "cancelled")) trouble(this.#part("told"), error);
    }
  }

  async #replace() {
    const passphrase = await this.#field.chosen();
    if (!passphrase) return;
    this.#part("save").toggleAttribute("disabled", true);
    try {
      await saveRing(await crypto.request("ring.replace-way", { kind: "passphrase", passphrase }, { transfer: [passphrase.buffer] }));
      this.#show(false);
      tell(this.#part("told"), "ui-keys-changed", { level: "calm" });
    } catch (error) {
      trouble(this.#part("told"), error);
    } finally {
      this.#part("save").toggleAttribute("disabled", false);
    }
  }

  /** @param {boolean} open */
  #show(open) {
    this.#field.clear();
    this.#part("form").hidden = !open;
    this.#part("change").hidden = open;
    if (open) this.querySelector("input")?.focus();
  }

  get #field() {
    return /** @type {PassphraseField} */ (this.querySelector("passphrase-field"));
  }

  /** @param {string} name */
  #part(name) {
    return /** @type {HTMLElement} */ (this.querySelector(`[data-change="${name}"]`));
  }
}

customElements.define("key-passphrase", KeyPassphrase);
