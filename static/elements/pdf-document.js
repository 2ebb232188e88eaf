/**
 * A PDF from memory, page by page onto a canvas: no script, no links, no forms, no files of its own, nothing fetched.
 *
 * It is parsed in a worker of its own that reaches no network (webmail/csp.py) and knows no keys; what comes out is
 * drawn as pixels. Fonts are drawn as outlines, so that no font of a stranger is given to the browser.
 */
import { getDocument, PDFWorker, VerbosityLevel } from "../vendor/pdf.js";
import { pdfWorkerAddress } from "./trust.js";

/** @typedef {import("pdfjs-dist").PDFDocumentProxy} Document */

/** Larger ones are for a program of their own. */
export const LARGEST = 60_000_000;
/** A picture inside a PDF, in pixels; a larger one is left out. */
const LARGEST_IMAGE = 60_000_000;
/** A page as drawn, in pixels. */
const LARGEST_PAGE = 16_000_000;
/** A document that is not open by then, or a page not drawn, never will be (ms). */
const PATIENCE = 30_000;

/** What the library asks for at times comes from modules, whose bytes the page's integrity list knows. */
class FromModules {
  /** @param {{ kind: string, filename: string }} asked */
  async fetch({ kind, filename }) {
    const found = kind === "wasmUrl" ? await decoder(filename) : kind === "cMapUrl" ? (await import("../vendor/pdf-cmaps.js")).cmaps[filename] : undefined;
    if (!found) throw new Error(`no ${filename}`);
    // A copy: the worker keeps what it is handed.
    return found.slice();
  }
}

/** @param {string} filename */
async function decoder(filename) {
  const { jbig2, openjpeg } = await import("../vendor/pdf-decoders.js");
  return { "jbig2.wasm": jbig2, "openjpeg.wasm": openjpeg }[filename];
}

export class PdfDocument {
  /** @type {Document} */
  #document;
  #worker;
  /** @type {import("pdfjs-dist").RenderTask | null} */
  #drawing = null;

  /** @param {Document} document @param {Worker} worker */
  constructor(document, worker) {
    this.#document = document;
    this.#worker = worker;
  }

  /**
   * @param {Uint8Array} data  taken over
   * @returns {Promise<PdfDocument>}
   * @throws {Error} broken, or protected by a password: `name` is then "PasswordException"
   */
  static async open(data) {
    const worker = new Worker(pdfWorkerAddress(), { type: "module", name: "postern-pdf" });
    try {
      const task = getDocument({
        data,
        worker: PDFWorker.create({ port: /** @type {any} */ (worker), verbosity: VerbosityLevel.ERRORS }),
        verbosity: VerbosityLevel.ERRORS,
        disableFontFace: true,
        useSystemFonts: true,
        enableXfa: false,
        useWorkerFetch: false,
        isImageDecoderSupported: false,
        isOffscreenCanvasSupported: true,
        maxImageSize: LARGEST_IMAGE,
        canvasMaxAreaInBytes: LARGEST_IMAGE * 4,
        cMapUrl: "cmaps/",
        cMapPacked: true,
        BinaryDataFactory: FromModules,
        FilterFactory: NoFilters,
      });
      const broken = new Promise((_resolve, reject) => worker.addEventListener("error", () => reject(new Error("the PDF worker failed"))));
      const document = await inTime(Promise.race([task.promise, broken]));
      return new PdfDocument(/** @type {Document} */ (document), worker);
    } catch (error) {
      worker.terminate();
      throw error;
    }
  }

  get pages() {
    return this.#document.numPages;
  }

  /**
   * @param {number} number  from 1
   * @param {HTMLCanvasElement} canvas
   * @param {{ width: number, zoom: number }} how  CSS pixels that the page fits into at zoom 1
   */
  async draw(number, canvas, { width, zoom }) {
    this.#drawing?.cancel();
    const page = await inTime(this.#document.getPage(number));
    const natural = page.getViewport({ scale: 1 });
    // A page is not blown up beyond what is easy to read only because the window is wide.
    const shown = Math.min(width / natural.width, 1.6) * zoom;
    const sharp = Math.min(globalThis.devicePixelRatio || 1, Math.sqrt(LARGEST_PAGE / (natural.width * natural.height)) / shown);
    const viewport = page.getViewport({ scale: shown * sharp });
    canvas.width = Math.max(1, Math.floor(viewport.width));
    canvas.height = Math.max(1, Math.floor(viewport.height));
    canvas.style.inlineSize = `${natural.width * shown}px`;
    canvas.style.blockSize = `${natural.height * shown}px`;
    // 0 is AnnotationMode.DISABLE: no links, forms or notes.
    const drawing = page.render({ canvas, viewport, annotationMode: 0, intent: "display", background: "#ffffff" });
    this.#drawing = drawing;
    try {
      await inTime(drawing.promise);
    } finally {
      if (this.#drawing === drawing) this.#drawing = null;
      page.cleanup();
    }
  }

  /** Its text, as people who cannot see the picture of it are told. @param {number} number */
  async text(number) {
    const page = await this.#document.getPage(number);
    const { items } = await inTime(page.getTextContent());
    return items.map((item) => ("str" in item ? item.str + (item.hasEOL ? "\n" : "") : "")).join("");
  }

  /** What was in the worker's memory goes with it. */
  close() {
    this.#drawing?.cancel();
    this.#worker.terminate();
  }
}

/** The library would write SVG filters into the page for colours that are rare; without them they are a little off. */
class NoFilters {
  addFilter() {
    return "none";
  }
  addHCMFilter() {
    return "none";
  }
  addAlphaFilter() {
    return "none";
  }
  addLuminosityFilter() {
    return "none";
  }
  addHighlightHCMFilter() {
    return "none";
  }
  destroy() {}
}

/**
 * @template Result
 * @param {Promise<Result>} work
 * @returns {Promise<Result>}
 */
function inTime(work) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const late = new Promise((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error("it takes too long")), PATIENCE);
  });
  return /** @type {Promise<Result>} */ (Promise.race([work, late])).finally(() => clearTimeout(timer));
}
