/**
 * The files a message will carry: chosen, dropped or pasted; listed with their sizes, each can be taken off.
 */
import { drawing, safeName, split } from "./file-name.js";
import { size } from "./format.js";
import { KINDS } from "./inline-pictures.js";
import { icon, make } from "./make.js";
import { say } from "./words.js";

export class AttachedFiles extends EventTarget {
  /** @type {File[]} */
  #files = [];
  /** @type {((file: File) => void) | null} puts a picture into the text, where it can have one */
  #toText = null;

  /** @param {HTMLElement} section with a list inside, hidden while it is empty */
  constructor(section) {
    super();
    this.section = section;
  }

  get files() {
    return [...this.#files];
  }

  get bytes() {
    return this.#files.reduce((sum, file) => sum + file.size, 0);
  }

  /** @param {Iterable<File>} more */
  add(more) {
    for (const file of more) {
      const same = this.#files.some((held) => held.name === file.name && held.size === file.size && held.lastModified === file.lastModified);
      if (!same) this.#files.push(file);
    }
    this.#changed();
  }

  /** @param {File[]} files */
  replace(files) {
    this.#files = [...files];
    this.#changed();
  }

  set toText(/** @type {((file: File) => void) | null} */ act) {
    this.#toText = act;
    this.#draw();
  }

  /** What all of it comes to, as it would be sent. @param {number} bytes @param {number} limit  0 where nobody knows */
  total(bytes, limit) {
    const place = this.section.querySelector("[data-total]");
    const words = limit > 0 ? say("ui-total", { size: size(bytes), limit: size(limit) }) : say("ui-total-open", { size: size(bytes) });
    if (place && place.textContent !== words) place.textContent = words;
  }

  /** @param {File} file */
  remove(file) {
    this.#files = this.#files.filter((held) => held !== file);
    this.#changed();
  }

  #changed() {
    this.#draw();
    this.dispatchEvent(new Event("change"));
  }

  #draw() {
    const toText = this.#toText;
    this.section.hidden = this.#files.length === 0;
    this.section.querySelector("ul")?.replaceChildren(...this.#files.map((file) => {
      const name = safeName(file.name, say("ui-file"));
      const { stem, ending } = split(name);
      return make("li", { class: "file" },
        icon(drawing(file.type)),
        make("span", { class: "file-name", translate: "no" }, make("span", { class: "file-stem", dir: "auto" }, stem), make("span", {}, ending)),
        make("span", { class: "file-size" }, size(file.size)),
        toText && KINDS.has(file.type) && make("button", { class: "tool", type: "button", "aria-label": say("ui-to-text", { name }), title: say("ui-to-text", { name }), click: () => toText(file) }, icon("image")),
        make("button", { class: "tool", type: "button", "aria-label": say("ui-remove", { name }), click: () => this.remove(file) }, icon("close")));
    }));
  }
}

/**
 * Files by button, by paste and by drag and drop, anywhere on the composer.
 * @param {HTMLElement} host
 * @param {AttachedFiles} files
 * @param {{ drop: HTMLElement, signal: AbortSignal, onfolder: (name: string) => void }} options  `drop` shows that a drop would land here
 */
export function takeFiles(host, files, { drop, signal, onfolder }) {
  const input = host.querySelector("[data-attach]");
  if (input instanceof HTMLInputElement) {
    input.addEventListener("change", () => {
      files.add(input.files ?? []);
      input.value = "";
    }, { signal });
  }
  /** @param {DataTransfer | null} data */
  const take = (data) => {
    const found = filesOf(data);
    files.add(found.files);
    if (found.folders[0] !== undefined) onfolder(found.folders[0]);
    return found.files.length > 0;
  };
  host.addEventListener("paste", (event) => {
    if (take(event.clipboardData)) event.preventDefault();
  }, { signal });
  host.addEventListener("dragover", (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    drop.hidden = false;
  }, { signal });
  host.addEventListener("dragleave", (event) => {
    if (!host.contains(/** @type {Node | null} */ (event.relatedTarget))) drop.hidden = true;
  }, { signal });
  host.addEventListener("drop", (event) => {
    drop.hidden = true;
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    take(event.dataTransfer);
  }, { signal });
}

/**
 * Folders come as entries that cannot be read as files; they are named apart.
 * @param {DataTransfer | null} data
 * @returns {{ files: File[], folders: string[] }}
 */
function filesOf(data) {
  const items = [...(data?.items ?? [])].filter(({ kind }) => kind === "file");
  const folders = items.map((item) => item.webkitGetAsEntry?.()).filter((entry) => entry?.isDirectory).map((entry) => entry?.name ?? "");
  return { files: [...(data?.files ?? [])].filter((file) => !folders.includes(file.name)), folders };
}
