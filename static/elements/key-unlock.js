/**
 * Asks for the passphrase or the recovery code. Stands once in the page; anybody asks by the event
 * `postern:unlock` and awaits the keys in keys.js.
 */

import { CryptoError } from "../crypto/errors.js";
import { cancelled, openWith, person } from "./keys.js";
import { trouble } from "./key-trouble.js";
import { staysOpen } from "./keys-memory.js";
import { tell } from "./sentence.js";
import { toast } from "./toasts.js";
import { has, say } from "./words.js";

class KeyUnlock extends HTMLElement {
  #code = false;
  /** @type {AbortController | null} */
  #listening = null;

  connectedCallback() {
    this.#listening = new AbortController();
    const { signal } = this.#listening;
    document.addEventListener("postern:unlock", (event) => void this.#ask(/** @type {CustomEvent} */ (event).detail?.action), { signal });
    this.#part("form").addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#open();
    });
    this.#part("other").addEventListener("click", () => this.#turn(!this.#code));
    this.#part("later").addEventListener("click", () => this.#dialog.close());
    this.#secret.addEventListener("keydown", (event) => this.#capsLock(event));
    this.#dialog.addEventListener("close", () => {
      this.#secret.value = "";
      cancelled();
    });
  }

  disconnectedCallback() {
    this.#listening?.abort();
  }

  /** @param {string} [action]  an id of the words, or what the keys are wanted for, in the person's language */
  async #ask(action) {
    if (this.#dialog.open) return;
    this.#turn(false);
    const what = action && has(action) ? say(action) : action;
    this.#part("ask").textContent = what ? say("unlock-ask", { action: what }) : say("ui-keys-open-yours");
    this.#stay.checked = await staysOpen(person());
    this.#dialog.showModal();
    this.#secret.focus();
  }

  async #open() {
    const value = new TextEncoder().encode(this.#secret.value);
    if (value.length === 0) return;
    this.#busy(true);
    try {
      await openWith({ kind: this.#code ? "code" : "passphrase", value }, this.#stay.checked);
      this.#dialog.close();
      if (this.#code) this.#offerPassphrase();
    } catch (error) {
      this.#refused(error);
    } finally {
      this.#busy(false);
    }
  }

  /** Whoever needed the code has forgotten the passphrase. */
  #offerPassphrase() {
    if (document.querySelector("key-passphrase")) return;
    toast(say("recovery-used"), { label: say("ui-keys-choose"), run: () => this.#part("keys").click() }, "recovery-used");
  }

  /** @param {unknown} error */
  #refused(error) {
    const wrong = error instanceof CryptoError && error.code === "wrong-secret";
    if (wrong) tell(this.#trouble, this.#code ? "recovery-wrong" : "unlock-wrong", { detail: this.#caps && !this.#code ? say("unlock-wrong.detail") : "" });
    else trouble(this.#trouble, error);
    this.#secret.setAttribute("aria-invalid", String(wrong));
    this.#secret.select();
    this.#secret.focus();
  }

  /** @param {boolean} code  ask for the recovery code instead of the passphrase */
  #turn(code) {
    this.#code = code;
    this.#secret.value = "";
    // A code is copied from paper and has to be seen; a passphrase is typed from memory, perhaps among people.
    this.#secret.type = code ? "text" : "password";
    this.#secret.classList.toggle("input-code", code);
    this.#part("label").textContent = say(code ? "ui-keys-code" : "ui-keys-passphrase");
    this.#part("other").textContent = say(code ? "ui-keys-use-passphrase" : "ui-keys-use-code");
    this.#secret.removeAttribute("aria-invalid");
    tell(this.#trouble, null);
    this.#secret.focus();
  }

  #caps = false;

  /** @param {KeyboardEvent} event */
  #capsLock(event) {
    this.#caps = event.getModifierState("CapsLock");
  }

  /** @param {boolean} busy */
  #busy(busy) {
    this.#part("working").hidden = !busy;
    this.#secret.disabled = busy;
    this.#part("open").toggleAttribute("disabled", busy);
  }

  get #dialog() {
    return /** @type {HTMLDialogElement} */ (this.querySelector("dialog"));
  }

  get #secret() {
    return /** @type {HTMLInputElement} */ (this.querySelector("#unlock-secret"));
  }

  get #stay() {
    return /** @type {HTMLInputElement} */ (this.#part("stay"));
  }

  get #trouble() {
    return this.#part("trouble");
  }

  /** @param {string} name */
  #part(name) {
    return /** @type {HTMLElement} */ (this.querySelector(`[data-unlock="${name}"]`));
  }
}

customElements.define("key-unlock", KeyUnlock);
