/** The list of the person's own keys and of the ways into their ring: filled while the keys are open, emptied on lock. */

import { crypto } from "../crypto/client.js";
import { language } from "./format.js";
import { ensureUnlocked, keyAddress, person, reopened } from "./keys.js";
import { inUse, published } from "./keys-publish.js";
import { icon, make } from "./make.js";
import { say } from "./words.js";
import { CryptoError } from "../crypto/errors.js";

/** @typedef {import("../crypto/own-keys.js").KeyFacts} KeyFacts */
/** @typedef {{id: string, kind: string, label: string}} WayFacts */

/** @type {Readonly<Record<string, string>>} */
const PURPOSES = { "sign-encrypt": "ui-keys-for-all", sign: "ui-keys-for-sign", decrypt: "ui-keys-for-decrypt" };

class KeyLedger extends HTMLElement {
  /** @type {AbortController | null} */
  #listening = null;

  connectedCallback() {
    this.#listening = new AbortController();
    const { signal } = this.#listening;
    crypto.addEventListener("unlocked", () => this.#fill(), { signal });
    crypto.addEventListener("locked", () => this.#empty(), { signal });
    this.#part("unlock").addEventListener("click", () => void this.#ask(), { signal });
    void reopened().then((open) => open && this.#fill());
  }

  disconnectedCallback() {
    this.#listening?.abort();
  }

  async #ask() {
    try {
      await ensureUnlocked("ui-keys-action-see");
    } catch (error) {
      if (!(error instanceof CryptoError && error.code === "cancelled")) throw error;
    }
  }

  #fill() {
    this.#show().catch((error) => {
      // Locked while it was being filled: the list stays empty.
      if (!(error instanceof CryptoError && error.code === "locked")) reportError(error);
    });
  }

  async #show() {
    /** @type {KeyFacts[]} */
    const keys = await crypto.request("ring.facts");
    /** @type {WayFacts[]} */
    const ways = await crypto.request("ring.ways");
    this.#rows(keys, null);
    for (const way of this.querySelectorAll("[data-way]")) {
      if (way instanceof HTMLElement) way.hidden = !ways.some(({ kind }) => kind === way.dataset.way);
    }
    this.#opened(true, keys.some((key) => !inUse(key)));
    const found = await published({ recipientsUrl: keyAddress("recipientsUrl"), certificatesUrl: "", address: person() });
    if (crypto.state === "unlocked") this.#rows(keys, found);
  }

  /**
   * @param {KeyFacts[]} keys
   * @param {Set<string> | null} found  fingerprints that others find; null while the directory is being asked
   */
  #rows(keys, found) {
    const current = keys.filter(inUse);
    this.#part("current").querySelector("tbody")?.replaceChildren(...current.map((key) => this.#row(key, found)));
    this.#part("old").querySelector("tbody")?.replaceChildren(...keys.filter((key) => !inUse(key)).map((key) => this.#row(key, found)));
  }

  /** @param {KeyFacts} key @param {Set<string> | null} found */
  #row(key, found) {
    const template = /** @type {HTMLTemplateElement} */ (this.#part("row"));
    const row = /** @type {HTMLTableRowElement} */ (template.content.firstElementChild?.cloneNode(true));
    const cell = (/** @type {string} */ name) => /** @type {HTMLElement} */ (row.querySelector(`[data-cell="${name}"]`));
    cell("what").textContent = say("ui-keys-openpgp");
    cell("fingerprint").textContent = (key.fingerprint.toUpperCase().match(/.{1,4}/g) ?? []).join(" ");
    cell("purpose").textContent = say(inUse(key) ? PURPOSES[key.purpose] : "ui-keys-for-decrypt");
    cell("from").textContent = date(new Date(key.created * 1000));
    cell("until").textContent = key.expires === null ? say("ui-keys-no-end") : date(new Date(key.expires * 1000));
    cell("state").append(state(key, found));
    return row;
  }

  #empty() {
    for (const body of this.querySelectorAll("tbody")) body.replaceChildren();
    this.#opened(false, false);
  }

  /** @param {boolean} open @param {boolean} old */
  #opened(open, old) {
    this.#part("locked").hidden = open;
    this.#part("current").hidden = !open;
    this.#part("ways").hidden = !open;
    this.#part("old").hidden = !open || !old;
  }

  /** @param {string} name */
  #part(name) {
    return /** @type {HTMLElement} */ (this.querySelector(`[data-ledger="${name}"]`));
  }
}

/** @param {Date} value */
function date(value) {
  return new Intl.DateTimeFormat(language(), { day: "numeric", month: "short", year: "numeric" }).format(value);
}

/** @param {KeyFacts} key @param {Set<string> | null} found */
function state(key, found) {
  if (key.revoked) return stateLine("state-stop", "alert", "ui-keys-state-withdrawn");
  if (!inUse(key)) return stateLine("state-rest", "archive", key.expires !== null && key.expires * 1000 <= Date.now() ? "ui-keys-state-expired" : "ui-keys-state-replaced");
  if (found === null) return stateLine("", "looking", "ui-keys-state-looking");
  if (found.has(key.fingerprint.toLowerCase())) return stateLine("state-holds", "check", "ui-keys-state-published");
  return stateLine("", "info", "ui-keys-state-unpublished");
}

/** @param {string} level @param {string} drawing @param {string} id */
function stateLine(level, drawing, id) {
  return make("span", { class: `state ${level}`.trim(), "data-word": id }, icon(drawing), make("span", {}, say(id)));
}

customElements.define("key-ledger", KeyLedger);
