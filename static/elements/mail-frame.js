/**
 * `<mail-frame data-src="/frame/blocked/">`: mail HTML in a document of its own.
 *
 * The frame is empty when it arrives from the server, with its own policy: it loads nothing but blob: and data:
 * pictures and runs no script. This element fills it through the sanitiser of the frame's own window (styles parsed
 * under the page's policy would be lost) and lets its height follow what is in it.
 */
import { make } from "./make.js";
import { sanitise } from "./sanitise.js";

/** A frame that grows for ever would take the page with it. */
const TALLEST = 60_000;

export class MailFrame extends HTMLElement {
  #frame = /** @type {HTMLIFrameElement | null} */ (null);
  #watch = /** @type {ResizeObserver | null} */ (null);

  disconnectedCallback() {
    this.#watch?.disconnect();
  }

  /**
   * @param {string} html
   * @param {import("./sanitise.js").Wishes & { title: string }} wishes
   * @returns {Promise<Omit<import("./sanitise.js").Clean, "fragment">>} what was held back, and which pictures came along
   */
  async show(html, wishes) {
    const frame = make("iframe", {
      class: "letter-frame",
      title: wishes.title,
      sandbox: "allow-same-origin allow-popups allow-popups-to-escape-sandbox",
      referrerpolicy: "no-referrer",
      src: this.dataset["src"] ?? "",
    });
    const loaded = new Promise((resolve, reject) => {
      frame.addEventListener("load", resolve, { once: true });
      frame.addEventListener("error", reject, { once: true });
    });
    this.#frame = frame;
    this.replaceChildren(frame);
    await loaded;
    const view = /** @type {(Window & typeof globalThis) | null} */ (frame.contentWindow);
    const body = frame.contentDocument?.body;
    // An error page or a sign-in page in place of the empty document must not be written into.
    if (!view || !body || body.dataset["frame"] !== "blocked") throw new Error("the empty frame did not arrive");
    const { fragment, ...rest } = sanitise(view, html, wishes);
    if (fragment.querySelector("[bgcolor], [color], [style*=color]")) view.document.documentElement.dataset["paper"] = "";
    body.replaceChildren(fragment);
    this.#follow(view.document);
    return rest;
  }

  /** The text as it stands there to be read; what is quoted in an answer. */
  get text() {
    return this.#frame?.contentDocument?.body.innerText ?? "";
  }

  /** @param {Document} inner */
  #follow(inner) {
    const fit = () => {
      if (this.#frame) this.#frame.style.blockSize = `${Math.min(TALLEST, Math.ceil(inner.body.getBoundingClientRect().height) + 1)}px`;
    };
    this.#watch = new ResizeObserver(fit);
    this.#watch.observe(inner.body);
    fit();
  }
}

customElements.define("mail-frame", MailFrame);
