/** The button in the page's head: whether the keys are open and until when. One press locks or asks to unlock. */

import { crypto } from "../crypto/client.js";
import { lockKeys } from "./keys.js";
import { toast } from "./toasts.js";
import { say } from "./words.js";

const LOOK = 5_000;

class KeyStatus extends HTMLElement {
  /** @type {AbortController | null} */
  #listening = null;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #timer;

  connectedCallback() {
    this.#listening = new AbortController();
    const { signal } = this.#listening;
    crypto.addEventListener("unlocked", () => this.#show(), { signal });
    crypto.addEventListener("locked", () => this.#show(), { signal });
    this.#button.addEventListener("click", () => void this.#press(), { signal });
    this.#timer = setInterval(() => this.#show(), LOOK);
    this.#show();
  }

  disconnectedCallback() {
    this.#listening?.abort();
    clearInterval(this.#timer);
  }

  async #press() {
    const setUp = this.#button.dataset.setUp;
    if (crypto.state === "unlocked") {
      await lockKeys();
      toast(say("lock-done"), undefined, "lock-done");
    } else if (setUp) location.assign(setUp);
    else document.dispatchEvent(new CustomEvent("postern:unlock", { detail: {} }));
  }

  #show() {
    const open = crypto.state === "unlocked";
    const none = !open && this.#button.dataset.setUp;
    this.#button.dataset.keys = open ? "open" : "locked";
    this.#button.title = say(open ? "ui-keys-lock" : none ? "ui-keys-none" : "ui-keys-unlock");
    this.#say("[data-keys-words]", say(open ? "ui-keys-open" : none ? "ui-keys-none" : "ui-keys-locked"));
    // Rounded up: somebody who just did something has the whole time, and nobody is told zero.
    this.#say("[data-keys-time]", open ? say("ui-keys-open-time", { minutes: Math.max(1, Math.ceil(crypto.lockIn / 60_000)) }) : "");
  }

  /** @param {string} selector @param {string} text */
  #say(selector, text) {
    const place = this.querySelector(selector);
    if (place && place.textContent !== text) place.textContent = text;
  }

  get #button() {
    return /** @type {HTMLButtonElement} */ (this.querySelector("button"));
  }
}

customElements.define("key-status", KeyStatus);
