/**
 * `<send-button>`: names the outcome before it happens (words.md section 3.2). It holds the button the server rendered;
 * the state is set by the composer. While work is done the button says so and is off.
 */

/** @typedef {import("./send-state.js").SendState} SendState */

const DRAWINGS = new Map([
  ["send-held", "alert"], ["send-waiting", "clock"], ["send-locked", "lock"],
  ["send-partly", "postcard"], ["send-clear", "postcard"], ["send-clear-signed", "postcard"],
]);

export class SendButton extends HTMLElement {
  get button() {
    const button = this.querySelector("button");
    if (!button) throw new Error("<send-button> holds a button");
    return button;
  }

  /**
   * @param {string} id
   * @param {string} words
   * @param {boolean} off
   */
  show(id, words, off) {
    const { button } = this;
    this.dataset["state"] = id;
    const text = button.querySelector("[data-words]");
    if (text && text.textContent !== words) text.textContent = words;
    // aria-disabled, not disabled: the button stays reachable, and its sentence says why it waits.
    button.setAttribute("aria-disabled", String(off));
    const clear = id === "send-partly" || id === "send-clear" || id === "send-clear-signed";
    button.classList.toggle("button-warn", clear);
    button.classList.toggle("button-main", !clear);
    const use = button.querySelector("use");
    const drawing = DRAWINGS.get(id) ?? "send";
    use?.setAttribute("href", (use.getAttribute("href") ?? "").replace(/#.*$/u, `#${drawing}`));
  }
}

customElements.define("send-button", SendButton);
