/**
 * HTML that comes from elsewhere (the clipboard, a drop, a template, a draft) as a rich text.
 *
 * Two walls: the sanitiser, on the window of an empty frame whose policy loads nothing, then the tree, which has no words
 * for anything but ours. What is shown and sent is made from the tree; no element of theirs enters the page.
 */
import { showable } from "./html-limits.js";
import { words } from "./html-words.js";
import { LONGEST } from "./letter-text.js";
import { make } from "./make.js";
import { read } from "./rich-read.js";
import { fromText } from "./rich-tree.js";
import { sanitise } from "./sanitise.js";

/** @typedef {import("./inline-pictures.js").InlinePictures} InlinePictures */
/** @typedef {import("./rich-tree.js").Block} Block */

export class RichClean {
  /** @type {Promise<Window & typeof globalThis> | null} */
  #view = null;

  /**
   * @param {HTMLElement} place  where the empty frame may stand, unseen
   * @param {string} url  of the empty document
   * @param {InlinePictures} pictures
   */
  constructor(place, url, pictures) {
    this.place = place;
    this.url = url;
    this.pictures = pictures;
  }

  /** The frame is asked for before it is needed: a paste should not wait for it. */
  prepare() {
    this.#view ??= this.#load().catch((error) => {
      this.#view = null;
      throw error;
    });
    return this.#view;
  }

  /**
   * @param {string} html
   * @param {boolean} ours  it was written from a tree, and becomes the same tree again; as harmless as any other
   * @returns {Promise<Block[]>}
   */
  async read(html, ours) {
    if (!showable(html)) return fromText(words(html, LONGEST));
    const view = await this.prepare();
    const known = this.pictures.addresses;
    const ids = new Map([...known].map(([id, url]) => [url, id]));
    const { fragment } = sanitise(view, html, { images: known, links: true, leadsTo: null });
    /** @type {Map<Element, { picture: string, alt: string }>} */
    const found = new Map();
    for (const image of fragment.querySelectorAll("img")) {
      const source = image.getAttribute("src") ?? "";
      const id = ids.get(source);
      const picture = id === undefined ? await this.#fromData(source) : { picture: id, alt: "" };
      if (picture) found.set(image, { picture: picture.picture, alt: image.getAttribute("alt") || picture.alt });
    }
    return read(fragment, { pictureOf: (image) => found.get(image) ?? null, pasted: true, ours });
  }

  /** A picture that came inside the HTML. @param {string} source */
  async #fromData(source) {
    const match = /^data:(image\/[a-z]+);base64,([a-z0-9+/=\s]*)$/iu.exec(source);
    if (!match) return null;
    try {
      const bytes = Uint8Array.from(atob((match[2] ?? "").replace(/\s+/gu, "")), (sign) => sign.charCodeAt(0));
      return await this.pictures.add(new File([bytes], "", { type: match[1] ?? "" }));
    } catch (error) {
      // Not base64 after all: no picture then.
      if (error instanceof DOMException) return null;
      throw error;
    }
  }

  /** @returns {Promise<Window & typeof globalThis>} */
  async #load() {
    const frame = make("iframe", { class: "unseen", title: "", "aria-hidden": "true", tabindex: "-1", sandbox: "allow-same-origin", referrerpolicy: "no-referrer", src: this.url });
    const loaded = new Promise((resolve, reject) => {
      frame.addEventListener("load", resolve, { once: true });
      frame.addEventListener("error", reject, { once: true });
    });
    this.place.replaceChildren(frame);
    await loaded;
    const view = /** @type {(Window & typeof globalThis) | null} */ (frame.contentWindow);
    // An error page or a sign-in page in place of the empty document is none to parse in.
    if (!view || frame.contentDocument?.body.dataset["frame"] !== "blocked") throw new Error("the empty frame did not arrive");
    return view;
  }
}
