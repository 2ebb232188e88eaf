/** `<picture-senders>`: senders whose pictures are shown without a question, each to be taken back. */
import { crypto } from "../crypto/client.js";
import { CryptoError } from "../crypto/errors.js";
import { ensureUnlocked, keyAddress, reopened } from "./keys.js";
import { icon, make } from "./make.js";
import { canChoose, choose, everybody } from "./pictures-chosen.js";
import { say } from "./words.js";

class PictureSenders extends HTMLElement {
  #ended = new AbortController();

  connectedCallback() {
    this.#ended = new AbortController();
    for (const event of ["locked", "unlocked"]) crypto.addEventListener(event, () => void this.#show(), { signal: this.#ended.signal });
    void reopened().catch(() => false).then(() => this.#show());
  }

  disconnectedCallback() {
    this.#ended.abort();
  }

  async #show() {
    if (!canChoose()) {
      const unlock = make("button", { class: "button", type: "button", click: () => void this.#unlock() }, say("ui-unlock"));
      this.replaceChildren(make("p", { class: "note" }, say("ui-pictures-locked")), ...(keyAddress("hasRing") === "yes" ? [unlock] : []));
      return;
    }
    const senders = await everybody();
    if (!this.isConnected) return;
    if (senders.length === 0) this.replaceChildren(make("p", { class: "note" }, say("ui-pictures-nobody")));
    else this.replaceChildren(make("ul", { class: "settings-list" }, ...senders.map((address) => this.#row(address))));
  }

  /** @param {string} address */
  #row(address) {
    const button = make("button", { class: "button button-plain", type: "button", click: async () => {
      button.disabled = true;
      await choose(address, false);
      await this.#show();
    } }, say("ui-pictures-ask-again"));
    return make("li", { class: "setting" }, icon("image"), make("div", {}, make("p", { class: "subhead", dir: "auto" }, address)), button);
  }

  async #unlock() {
    try {
      await ensureUnlocked("ui-action-read");
    } catch (error) {
      if (!(error instanceof CryptoError && error.code === "cancelled")) throw error;
    }
  }
}

customElements.define("picture-senders", PictureSenders);
