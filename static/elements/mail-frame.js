/**
 * `<mail-frame data-src="/frame/blocked/">`: mail HTML in a document of its own.
 *
 * The frame is empty when it arrives from the server, with its own policy: it loads nothing but blob: and data:
 * pictures and runs no script. This element fills it through the sanitiser of the frame's own window (styles parsed
 * under the page's policy would be lost) and lets its height follow what is in it.
 */
import { watchLinks } from "./letter-links.js";
import { make } from "./make.js";
import { Paper } from "./paper.js";
import { sanitise } from "./sanitise.js";
import { textSize } from "./text-size.js";
import { say } from "./words.js";

/** A frame that grows for ever would take the page with it. */
const TALLEST = 60_000;

export class MailFrame extends HTMLElement {
  #frame = /** @type {HTMLIFrameElement | null} */ (null);
  #watch = /** @type {ResizeObserver | null} */ (null);
  #ended = new AbortController();

  disconnectedCallback() {
    this.#ended.abort();
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
    body.replaceChildren(fragment);
    this.#offerPaper(new Paper(view.document));
    watchLinks(view.document);
    this.#follow(view.document);
    return rest;
  }

  /** The text as it stands there to be read; what is quoted in an answer. */
  get text() {
    return this.#frame?.contentDocument?.body.innerText ?? "";
  }

  /** In the dark a letter on light paper is bright: it can be read without its colours. @param {Paper} paper */
  #offerPaper(paper) {
    if (!paper.own) return;
    const button = make("button", { class: "button button-plain", type: "button" });
    const words = make("span", {});
    const tell = () => {
      words.textContent = say(paper.plain ? "ui-paper-plain" : "ui-paper-own");
      button.textContent = say(paper.plain ? "ui-paper-show-own" : "ui-paper-show-plain");
    };
    button.addEventListener("click", () => {
      paper.plain = !paper.plain;
      tell();
    });
    tell();
    this.append(make("div", { class: "paper-act note" }, words, button));
  }

  /** @param {Document} inner */
  #follow(inner) {
    const root = inner.documentElement;
    const fit = () => {
      inner.body.style.zoom = String(textSize());
      if (this.#frame) this.#frame.style.blockSize = `${Math.min(TALLEST, Math.ceil(root.getBoundingClientRect().height) + 1)}px`;
    };
    this.#watch = new ResizeObserver(fit);
    this.#watch.observe(inner.body);
    this.#ended = new AbortController();
    for (const name of ["postern:text-size", "postern:fit"]) document.addEventListener(name, fit, { signal: this.#ended.signal });
    fit();
  }
}

customElements.define("mail-frame", MailFrame);
