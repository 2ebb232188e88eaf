/**
 * <page-keys>: keys and small habits that hold on every page. `data-key="c"` on a link or button is pressed by that
 * key, `data-key="g i"` by two in a row; menus close by Escape and by a click outside; after the page was exchanged
 * the focus goes to its main part, as it would on a full load.
 */

import { pressable, pressed } from "./shortcuts.js";
import { toast } from "./toasts.js";
import { say } from "./words.js";

const SECOND_KEY_WITHIN = 1500;

class PageKeys extends HTMLElement {
  #ended = new AbortController();
  #first = "";
  #since = 0;

  connectedCallback() {
    this.#ended = new AbortController();
    const { signal } = this.#ended;
    document.addEventListener("keydown", (event) => this.#key(event), { signal });
    document.addEventListener("click", (event) => closeMenus(/** @type {Node} */ (event.target)), { signal });
    document.addEventListener("htmx:afterSettle", (event) => arrive(/** @type {CustomEvent} */ (event)), { signal });
    document.addEventListener("htmx:sendError", () => toast(say("ui-offline")), { signal });
    document.addEventListener("htmx:responseError", () => toast(say("ui-failed")), { signal });
  }

  disconnectedCallback() {
    this.#ended.abort();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.key === "Escape" && closeMenus(null)) event.preventDefault();
    const key = pressed(event);
    if (!key) return;
    const pair = Date.now() - this.#since < SECOND_KEY_WITHIN ? `${this.#first} ${key}` : "";
    this.#first = key;
    this.#since = Date.now();
    for (const name of pair ? [pair, key] : [key]) {
      const all = [...document.querySelectorAll(`[data-key="${CSS.escape(name)}"]`)];
      // What a closed menu holds is pressed all the same; what the page shows comes first.
      const found = all.find(pressable) ?? all[0];
      if (!(found instanceof HTMLElement)) continue;
      event.preventDefault();
      this.#first = "";
      if (found instanceof HTMLInputElement && found.type === "search") {
        found.focus();
        found.select();
      } else {
        found.click();
      }
      return;
    }
  }
}

/** Closes open menus, save the one that holds the node. @param {Node | null} inside @returns {boolean} whether any was open */
function closeMenus(inside) {
  let closed = false;
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (inside && menu.contains(inside) && !/** @type {Element} */ (inside).closest?.("[data-closes]")) continue;
    const focused = menu.contains(document.activeElement);
    /** @type {HTMLDetailsElement} */ (menu).open = false;
    if (focused && !inside) menu.querySelector("summary")?.focus();
    closed = true;
  }
  return closed;
}

/** @param {CustomEvent} event */
function arrive(event) {
  if (/** @type {Element} */ (event.detail.target)?.id !== "page") return;
  const main = document.getElementById("main");
  // What stands in it may have taken the focus already, as a new letter's first field does.
  if (main?.contains(document.activeElement)) return;
  main?.focus({ preventScroll: true });
  // A main part without a box of its own cannot take the focus; its heading can.
  if (main && document.activeElement !== main) /** @type {HTMLElement | null} */ (main.querySelector("h1"))?.focus({ preventScroll: true });
}

customElements.define("page-keys", PageKeys);
