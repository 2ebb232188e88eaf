/**
 * `<send-later>`: the menu of times beside Send, and beside a message of the outbox that waits for its time. It holds
 * the menu the server rendered. The chosen time is told by `later-chosen` (detail: a Date, or null for at once); with
 * `data-move` it is posted there instead.
 */
import { dayTime } from "./format.js";
import { csrfToken, Refused, request } from "./http.js";
import { fieldValue, offers, spoken } from "./later-times.js";
import { make } from "./make.js";
import { say } from "./words.js";

/** As the server takes it at the most (webmail/timing.py). */
const FARTHEST_DAYS = 366;

export class SendLater extends HTMLElement {
  /** @type {Date | null} */
  #at = null;
  #ended = new AbortController();

  connectedCallback() {
    this.#ended = new AbortController();
    const { signal } = this.#ended;
    this.#menu.addEventListener("toggle", () => this.#offer(), { signal });
    // A value without a zone is read in the person's own.
    const own = () => this.#choose(new Date(this.#field.value));
    this.#part("[data-choose]", HTMLButtonElement).addEventListener("click", own, { signal });
    this.#field.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) own();
    }, { signal });
    this.#part("[data-at-once]", HTMLButtonElement).addEventListener("click", () => this.#choose(null), { signal });
    this.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !this.#menu.open) return;
      event.stopPropagation();
      this.#close();
    }, { signal });
  }

  disconnectedCallback() {
    this.#ended.abort();
  }

  /** The chosen time; null is at once. */
  get at() {
    return this.#at;
  }

  set at(at) {
    this.#at = at;
    this.#part("[data-at-once]", HTMLButtonElement).hidden = at === null;
    this.classList.toggle("later-set", at !== null);
  }

  get #menu() {
    return this.#part("details", HTMLDetailsElement);
  }

  get #field() {
    return this.#part("input", HTMLInputElement);
  }

  #offer() {
    if (!this.#menu.open) return;
    const now = new Date();
    this.#says("");
    this.#part("[data-choices]", HTMLElement).replaceChildren(...offers(now).map(({ word, at }) =>
      make("button", { class: "box", type: "button", click: () => this.#choose(at) },
        make("span", { class: "later-name" }, say(word)), make("span", { class: "note" }, spoken(at, now)))));
    const kept = this.#at ?? (this.dataset["at"] ? new Date(this.dataset["at"]) : null);
    const hour = new Date(now.getFullYear(), now.getMonth(), now.getDate(), now.getHours() + 1);
    this.#field.min = fieldValue(now);
    this.#field.value = fieldValue(kept ?? hour);
  }

  /** @param {Date | null} at */
  #choose(at) {
    if (at) {
      if (Number.isNaN(at.getTime()) || at.getTime() <= Date.now()) return this.#says(say("ui-later-passed"));
      if (at.getTime() > Date.now() + FARTHEST_DAYS * 86_400_000) return this.#says(say("ui-later-too-far"));
    }
    const move = this.dataset["move"];
    if (move && at) void this.#move(move, at);
    else {
      this.at = at;
      this.#close();
      this.dispatchEvent(new CustomEvent("later-chosen", { bubbles: true, detail: at }));
    }
  }

  /**
   * @param {string} url
   * @param {Date} at
   */
  async #move(url, at) {
    const body = new URLSearchParams({ send_at: at.toISOString(), csrfmiddlewaretoken: csrfToken() });
    try {
      await request(url, { method: "POST", body });
      this.#close();
      document.dispatchEvent(new CustomEvent("postern:outbox", { detail: {} }));
    } catch (error) {
      if (!(error instanceof Refused) && !(error instanceof TypeError)) throw error;
      this.#says((error instanceof Refused && error.sentence) || say("ui-offline"));
    }
  }

  #close() {
    this.#menu.open = false;
    this.#part("summary", HTMLElement).focus();
  }

  /** @param {string} sentence */
  #says(sentence) {
    this.#part("[data-says]", HTMLElement).textContent = sentence;
  }

  /**
   * @template {HTMLElement} Kind
   * @param {string} selector
   * @param {new () => Kind} kind
   */
  #part(selector, kind) {
    const found = this.querySelector(selector);
    if (!(found instanceof kind)) throw new Error(`<send-later> has no ${selector}`);
    return found;
  }
}

customElements.define("send-later", SendLater);

/** How the time stands on the button, and in full for those who look. @param {Date} at */
export function laterWords(at) {
  return { short: spoken(at, new Date()), full: dayTime(at) };
}
