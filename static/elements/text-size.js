/**
 * `<text-size>`: how large letters are written, chosen by the person and kept in this browser. It holds for texts and
 * for what frames show; the page around them has the browser's own zoom.
 */
import { percent } from "./format.js";

const SIZES = [0.85, 1, 1.15, 1.3, 1.5, 1.75, 2];
const KEPT = "postern.text-size";

let size = kept();

function kept() {
  try {
    const found = Number(localStorage.getItem(KEPT));
    return SIZES.includes(found) ? found : 1;
  } catch {
    // A browser that keeps nothing starts at the usual size every time.
    return 1;
  }
}

/** 1 is the usual size. */
export function textSize() {
  return size;
}

/** Said once when the page begins, and at every change. */
export function applyTextSize() {
  document.documentElement.style.setProperty("--letter-scale", String(size));
  document.dispatchEvent(new CustomEvent("postern:text-size"));
}

export class TextSize extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", (event) => {
      const button = /** @type {Element} */ (event.target).closest("[data-step]");
      if (button instanceof HTMLElement) this.#step(Number(button.dataset["step"]));
    });
    this.#show();
  }

  /** @param {number} by */
  #step(by) {
    const next = SIZES[SIZES.indexOf(size) + by];
    if (next === undefined) return;
    size = next;
    try {
      localStorage.setItem(KEPT, String(size));
    } catch {
      // Then it holds for this page alone.
    }
    applyTextSize();
    this.#show();
  }

  #show() {
    const now = this.querySelector("[data-now]");
    if (now) now.textContent = percent(size);
    for (const button of this.querySelectorAll("[data-step]")) {
      const next = SIZES[SIZES.indexOf(size) + Number(/** @type {HTMLElement} */ (button).dataset["step"])];
      button.setAttribute("aria-disabled", String(next === undefined));
    }
  }
}

customElements.define("text-size", TextSize);
