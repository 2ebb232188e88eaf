/**
 * The panel in which files of a message are looked at, one after the other, from memory: nothing of them goes to the
 * server again, and nothing is left of them when it closes.
 */
import { pictureOf } from "./image-size.js";
import { size } from "./format.js";
import { icon, make } from "./make.js";
import { previewKind } from "./preview-kind.js";
import { readable } from "./preview-text.js";
import { say } from "./words.js";

/** @typedef {import("./message-files.js").Came} Came */
/** @typedef {import("./pdf-document.js").PdfDocument} PdfDocument */

/** A picture of more pixels stops a phone. */
const MOST_PIXELS = 80_000_000;
/** What it is drawn to at most, on its longer side. */
const LONGEST_SIDE = 4096;
const ZOOMS = [1, 1.25, 1.5, 2, 3, 4];

/** One is open at a time. @type {FileViewer | null} */
let open = null;

/**
 * @param {Came[]} files
 * @param {number} at
 * @param {{ save: (file: Came) => Promise<void>, signal: AbortSignal }} how  `signal` ends with the message, or when the keys lock
 */
export function lookAt(files, at, { save, signal }) {
  if (signal.aborted) return;
  open?.close();
  open = new FileViewer(files, at, save);
  signal.addEventListener("abort", () => open?.close(), { once: true });
}

class FileViewer {
  /** @type {Came[]} */
  #files;
  /** @type {number} */
  #at;
  /** @type {(file: Came) => Promise<void>} */
  #save;
  #zoom = 1;
  #page = 1;
  /** Ends with the file that is shown. */
  #showing = new AbortController();
  /** @type {PdfDocument | null} */
  #pdf = null;
  #title = make("h2", { class: "viewer-title", dir: "auto", translate: "no" });
  #place = make("span", { class: "note nowrap" });
  #stage = make("div", { class: "viewer-stage", tabindex: "0", role: "region", translate: "no" });
  #pages = make("span", { class: "note nowrap", role: "status" });
  #pager = make("div", { class: "viewer-pager", role: "group" });
  #before;
  #after;
  #smaller;
  #larger;
  #dialog;

  /**
   * @param {Came[]} files
   * @param {number} at
   * @param {(file: Came) => Promise<void>} save
   */
  constructor(files, at, save) {
    [this.#files, this.#at, this.#save] = [files, at, save];
    const tool = (/** @type {string} */ drawing, /** @type {string} */ words, /** @type {() => void} */ act, extra = "") =>
      make("button", { class: `tool ${extra}`.trim(), type: "button", "aria-label": say(words), title: say(words), click: act }, icon(drawing));
    this.#before = tool("back", "ui-viewer-before", () => this.#step(-1));
    this.#after = tool("next", "ui-viewer-after", () => this.#step(1));
    const up = tool("back", "ui-viewer-page-before", () => this.#turn(-1));
    const down = tool("next", "ui-viewer-page-after", () => this.#turn(1));
    this.#smaller = make("button", { class: "tool viewer-size", type: "button", title: say("ui-viewer-smaller"), click: () => this.#scale(-1) }, make("span", { "aria-hidden": "true" }, "A−"), make("span", { class: "unseen" }, say("ui-viewer-smaller")));
    this.#larger = make("button", { class: "tool viewer-size", type: "button", title: say("ui-viewer-larger"), click: () => this.#scale(1) }, make("span", { "aria-hidden": "true" }, "A+"), make("span", { class: "unseen" }, say("ui-viewer-larger")));
    this.#pager.append(up, this.#pages, down);
    this.#dialog = make("dialog", { class: "viewer", "aria-labelledby": "viewer-title", keydown: (event) => this.#keyed(/** @type {KeyboardEvent} */ (event)), close: () => this.#gone() },
      make("header", { class: "viewer-bar" },
        make("div", { class: "viewer-name" }, this.#title, this.#place),
        make("div", { class: "viewer-tools" }, this.#smaller, this.#larger, this.#before, this.#after,
          make("button", { class: "button", type: "button", "data-viewer": "save", click: () => void this.#download() }, icon("download"), make("span", { class: "viewer-words" }, say("ui-viewer-download"))),
          tool("close", "ui-close", () => this.close()))),
      this.#stage, this.#pager);
    this.#title.id = "viewer-title";
    document.body.append(this.#dialog);
    this.#dialog.showModal();
    this.#stage.focus();
    void this.#show();
  }

  close() {
    this.#dialog.close();
  }

  /** Whatever way it was closed, what it held is let go. */
  #gone() {
    this.#end();
    this.#stage.replaceChildren();
    this.#dialog.remove();
    if (open === this) open = null;
  }

  #end() {
    this.#showing.abort();
    this.#pdf?.close();
    this.#pdf = null;
  }

  /** @returns {Came} */
  get #file() {
    return /** @type {Came} */ (this.#files[this.#at]);
  }

  /** @param {KeyboardEvent} event */
  #keyed(event) {
    // The list behind has single keys for its own acts; what is pressed here is meant for here. Escape is the dialog's.
    event.stopPropagation();
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const wide = this.#stage.scrollWidth > this.#stage.clientWidth;
    const act = {
      ArrowRight: wide ? null : () => this.#step(1), ArrowLeft: wide ? null : () => this.#step(-1),
      PageDown: this.#pdf && (() => this.#turn(1)), PageUp: this.#pdf && (() => this.#turn(-1)),
      "+": () => this.#scale(1), "-": () => this.#scale(-1),
    }[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  }

  /** @param {number} by */
  #step(by) {
    const next = this.#at + by;
    if (next < 0 || next >= this.#files.length) return;
    this.#at = next;
    void this.#show();
  }

  /** @param {number} by */
  #turn(by) {
    const next = this.#page + by;
    if (!this.#pdf || next < 1 || next > this.#pdf.pages) return;
    this.#page = next;
    this.#stage.scrollTop = 0;
    void this.#drawPage();
  }

  /** @param {number} by */
  #scale(by) {
    const next = ZOOMS[ZOOMS.indexOf(this.#zoom) + by];
    if (!next || this.#stage.dataset["zooms"] === undefined) return;
    this.#zoom = next;
    this.#sizes();
    if (this.#pdf) void this.#drawPage();
    else this.#fit();
  }

  #sizes() {
    const zooms = this.#stage.dataset["zooms"] !== undefined;
    for (const button of [this.#smaller, this.#larger]) button.hidden = !zooms;
    this.#smaller.setAttribute("aria-disabled", String(this.#zoom === ZOOMS[0]));
    this.#larger.setAttribute("aria-disabled", String(this.#zoom === ZOOMS.at(-1)));
  }

  async #download() {
    try {
      await this.#save(this.#file);
    } catch (error) {
      this.#says(say("ui-download-failed", { name: this.#file.name }));
      reportError(error);
    }
  }

  // --- showing ---

  async #show() {
    this.#end();
    const showing = new AbortController();
    this.#showing = showing;
    const file = this.#file;
    [this.#zoom, this.#page] = [1, 1];
    this.#title.textContent = file.name;
    this.#place.textContent = this.#files.length > 1 ? say("ui-viewer-place", { number: this.#at + 1, count: this.#files.length, size: size(file.size) }) : size(file.size);
    for (const [button, off] of /** @type {const} */ ([[this.#before, this.#at === 0], [this.#after, this.#at === this.#files.length - 1]])) {
      button.hidden = this.#files.length < 2;
      button.setAttribute("aria-disabled", String(off));
    }
    this.#pager.hidden = true;
    this.#fill();
    delete this.#stage.dataset["zooms"];
    this.#stage.setAttribute("aria-label", file.name);
    this.#sizes();
    const kind = previewKind(file);
    const patience = setTimeout(() => this.#says(say("ui-viewer-opening")), 300);
    try {
      if (kind === null) this.#says(say("ui-viewer-none"));
      else await this.#preview(kind, file, showing.signal);
    } catch (error) {
      if (!showing.signal.aborted) this.#says(this.#reason(kind, error));
    } finally {
      clearTimeout(patience);
    }
  }

  /**
   * @param {import("./preview-kind.js").Kind} kind
   * @param {Came} file
   * @param {AbortSignal} signal
   */
  async #preview(kind, file, signal) {
    const blob = await file.fetch({ signal });
    const bytes = new Uint8Array(await blob.arrayBuffer());
    signal.throwIfAborted();
    if (kind === "text") this.#text(bytes);
    else if (kind === "image") await this.#image(bytes, signal);
    else await this.#openPdf(bytes, signal);
  }

  /** @param {Uint8Array} bytes */
  #text(bytes) {
    const found = readable(bytes, document.documentElement.lang);
    if (!found) return this.#says(say("ui-viewer-no-text"));
    this.#fill(make("pre", { class: "viewer-pre", dir: "auto" }, found.text), found.cut ? make("p", { class: "note" }, say("ui-text-cut")) : "");
    this.#stage.classList.add("viewer-text");
  }

  /**
   * Only its pixels are shown: they are drawn anew, and nothing else of the file reaches the page.
   * @param {Uint8Array} bytes
   * @param {AbortSignal} signal
   */
  async #image(bytes, signal) {
    const picture = pictureOf(bytes);
    if (!picture) return this.#says(say("ui-viewer-no-picture"));
    if (picture.width * picture.height > MOST_PIXELS) return this.#says(say("ui-viewer-large"));
    const bitmap = await createImageBitmap(new Blob([/** @type {Uint8Array<ArrayBuffer>} */ (bytes)], { type: picture.type }));
    if (signal.aborted) return bitmap.close();
    const scale = Math.min(1, LONGEST_SIDE / Math.max(bitmap.width, bitmap.height));
    const canvas = make("canvas", { class: "viewer-picture", role: "img", "aria-label": this.#file.name });
    canvas.width = Math.max(1, Math.round(bitmap.width * scale));
    canvas.height = Math.max(1, Math.round(bitmap.height * scale));
    canvas.getContext("2d")?.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    bitmap.close();
    this.#stage.dataset["zooms"] = "";
    this.#fill(canvas);
    this.#sizes();
    this.#fit();
  }

  /** A picture as large as the panel, never blown up by itself. */
  #fit() {
    const canvas = this.#stage.querySelector("canvas");
    if (!canvas) return;
    const [width, height] = [this.#stage.clientWidth - 32, this.#stage.clientHeight - 32];
    const fitting = Math.min(1, width / canvas.width, height / canvas.height);
    canvas.style.inlineSize = `${Math.round(canvas.width * fitting * this.#zoom)}px`;
  }

  /**
   * @param {Uint8Array} bytes
   * @param {AbortSignal} signal
   */
  async #openPdf(bytes, signal) {
    const { LARGEST, PdfDocument } = await import("./pdf-document.js");
    if (bytes.length > LARGEST) return this.#says(say("ui-viewer-large"));
    const opened = await PdfDocument.open(bytes);
    if (signal.aborted) return opened.close();
    this.#pdf = opened;
    this.#stage.dataset["zooms"] = "";
    this.#pager.hidden = false;
    this.#sizes();
    await this.#drawPage();
  }

  async #drawPage() {
    const [pdf, page, { signal }] = [this.#pdf, this.#page, this.#showing];
    if (!pdf) return;
    this.#pages.textContent = say("ui-viewer-page", { number: page, count: pdf.pages });
    const canvas = make("canvas", { class: "viewer-page", role: "img", "aria-label": say("ui-viewer-page", { number: page, count: pdf.pages }) });
    const words = make("p", { class: "unseen" });
    // Drawn beside what is shown, so that turning a page does not flash.
    try {
      await pdf.draw(page, canvas, { width: this.#stage.clientWidth - 32, zoom: this.#zoom });
      if (signal.aborted || page !== this.#page) return;
      this.#fill(canvas, words);
      words.textContent = await pdf.text(page).catch(() => "");
    } catch (error) {
      // Another page, or another size, was asked for meanwhile.
      if (signal.aborted || /** @type {Error} */ (error).name === "RenderingCancelledException") return;
      this.#says(this.#reason("pdf", error));
    }
  }

  /**
   * @param {string | null} kind
   * @param {unknown} error
   */
  #reason(kind, error) {
    const { name, code } = /** @type {{ name?: string, code?: string }} */ (error);
    if (name === "PasswordException") return say("ui-viewer-password");
    // What cannot be decoded is the sender's matter; anything else is ours, or the network's.
    if (kind === "image" && name === "InvalidStateError") return say("ui-viewer-no-picture");
    if (kind === "pdf") return say("ui-viewer-no-pdf");
    if (code !== "cancelled") reportError(error);
    return say("ui-download-failed", { name: this.#file.name });
  }

  /** @param {string} sentence */
  #says(sentence) {
    delete this.#stage.dataset["zooms"];
    this.#sizes();
    this.#fill(make("p", { role: "status" }, sentence));
    this.#stage.classList.add("viewer-says");
  }

  /** @param {...(Node | string)} children */
  #fill(...children) {
    this.#stage.className = "viewer-stage";
    this.#stage.replaceChildren(...children);
  }
}
