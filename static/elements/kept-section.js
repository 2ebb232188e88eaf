/** A part of the settings that is sealed with the keys: it shows what there is while they are open, and else says what to do. */
import { crypto } from "../crypto/client.js";
import { CryptoError } from "../crypto/errors.js";
import { canKeep, NoRoom } from "./compose-kept.js";
import { ensureUnlocked, keyAddress, reopened } from "./keys.js";
import { make } from "./make.js";
import { say } from "./words.js";

export class KeptSection extends HTMLElement {
  #ended = new AbortController();

  connectedCallback() {
    this.#ended = new AbortController();
    for (const event of ["locked", "unlocked"]) crypto.addEventListener(event, () => this.show(), { signal: this.#ended.signal });
    void reopened().catch(() => false).then(() => this.show());
  }

  disconnectedCallback() {
    this.#ended.abort();
  }

  /** @returns {Promise<Node[]>} what stands here while the keys are open */
  content() {
    return Promise.resolve([]);
  }

  /** Everything anew. @param {string} [focus]  selector of what then has the focus */
  show(focus) {
    void this.#show(focus).catch(reportError);
  }

  /** @param {string} [focus] */
  async #show(focus = "") {
    if (!canKeep()) {
      const has = keyAddress("hasRing") === "yes";
      const unlock = has && make("button", { class: "button", type: "button", click: () => void this.#unlock() }, say("ui-unlock"));
      this.replaceChildren(make("p", { class: "note" }, say(has ? "ui-writing-locked" : "ui-writing-no-keys")), ...(unlock ? [make("div", { class: "actions" }, unlock)] : []));
      return;
    }
    const content = await this.content();
    // Locked meanwhile, or gone: what was opened is not put on the page.
    if (!this.isConnected || !canKeep()) return;
    this.replaceChildren(...content);
    if (focus === "") return;
    // Set from code, and only seen again once it is not inert any more.
    this.inert = false;
    /** @type {HTMLElement | null} */ (this.querySelector(focus) ?? this.querySelector("button"))?.focus();
  }

  /**
   * Does something that is kept, and shows the outcome; trouble is told where it was asked for. Meanwhile nothing else
   * can be begun here: it would be gone with what is shown anew.
   * @param {() => Promise<void>} act
   * @param {HTMLElement} trouble
   * @param {string} [focus]  selector of what has the focus when everything is shown anew; nothing is without it
   * @returns {Promise<boolean>}
   */
  async keep(act, trouble, focus) {
    this.inert = true;
    try {
      await act();
      if (focus !== undefined) await this.#show(focus);
      return true;
    } catch (error) {
      trouble.textContent = say(error instanceof NoRoom ? "ui-no-room" : "ui-not-kept");
      if (!(error instanceof NoRoom)) reportError(error);
      return false;
    } finally {
      this.inert = false;
    }
  }

  async #unlock() {
    try {
      await ensureUnlocked("ui-action-writing");
    } catch (error) {
      if (!(error instanceof CryptoError && error.code === "cancelled")) throw error;
    }
  }
}

/**
 * Deleting asks once, in the place of the row's own buttons.
 * @param {HTMLElement} place
 * @param {string} name
 * @param {{ yes: () => void, no: () => void }} acts
 */
export function sure(place, name, { yes, no }) {
  const keep = make("button", { class: "button", type: "button", click: no }, say("ui-cancel"));
  place.replaceChildren(make("span", { class: "note" }, say("ui-delete-sure", { name })), keep,
    make("button", { class: "button button-plain warned", type: "button", click: yes }, say("ui-delete")));
  keep.focus();
}
