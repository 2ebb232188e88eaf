/** What came with a message, as downloads with safe names; pictures that belong to the text, as blob: addresses. */
import { drawing, safeName, split } from "./file-name.js";
import { size } from "./format.js";
import { icon, make } from "./make.js";
import { CAUTION, fileNote, previewKind } from "./preview-kind.js";
import { partBlob, readPart } from "./read-message.js";
import { say } from "./words.js";

/** @typedef {import("../crypto/display-parts.js").Part} Part */
/** @typedef {import("./verdict-words.js").Read} Read */
/** @typedef {{ section: string, type: string, size: number, url: string }} LeftOut */
/** @typedef {{ name: string, type: string, size: number, card: number | null, fetch: (options?: import("./read-message.js").Options) => Promise<Blob> }} Came  `card`: it stands in one */

/** Kinds that are no text; a picture is listed too, so that it can be kept. */
const FILES = new Set(["attachment", "message", "certificate", "image", "encrypted"]);
/** Types a picture element may be given; what the sender called it must not decide more. */
const PICTURES = new Set(["image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "image/bmp"]);
/** For files that came without a name; an ending says what they are. */
const ENDINGS = new Map([["text/calendar", ".ics"], ["text/vcard", ".vcf"], ["application/pdf", ".pdf"], ["image/png", ".png"], ["image/jpeg", ".jpg"], ["text/plain", ".txt"]]);
/** The browser reads the blob after the click; then the address can go (ms). */
const KEEP_ADDRESS = 60_000;

/**
 * @param {Read} opened
 * @param {LeftOut[]} leftOut
 * @param {Set<string>} shown  Content-IDs of pictures that stand in the text
 * @returns {Came[]}
 */
export function filesOf(opened, leftOut, shown) {
  const parts = opened.parts.filter((part) => FILES.has(part.kind) && !(part.inline && part.cid && shown.has(part.cid)));
  const matched = new Set(parts.map(({ section }) => section));
  const rest = leftOut.filter(({ section }) => !matched.has(section));
  return [
    ...parts.map((part) => came(opened, part, leftOut)),
    // A text too long to come along is a file like any other.
    ...rest.map((part) => ({ name: say("ui-file"), type: part.type, size: part.size, card: null, fetch: (/** @type {import("./read-message.js").Options} */ options = {}) => readPart(part.url, options) })),
  ];
}

/**
 * @param {Read} opened
 * @param {Part} part
 * @param {LeftOut[]} leftOut
 * @returns {Came}
 */
function came({ handle }, part, leftOut) {
  const away = part.size === 0 ? leftOut.find(({ section }) => section === part.section) : undefined;
  const fallback = part.kind === "message" ? `${part.subject || say("ui-attached-message")}.eml` : say("ui-file") + (ENDINGS.get(part.type) ?? "");
  return {
    name: safeName(part.name || fallback, say("ui-file")),
    type: part.type,
    size: away?.size ?? part.size,
    card: part.card,
    fetch: (options = {}) => (away ? readPart(away.url, options) : partBlob(handle, part.id)),
  };
}

/**
 * @param {HTMLElement} place  a hidden section
 * @param {Came[]} files
 * @param {boolean} encrypted
 * @param {AbortSignal} signal  nothing is looked at after it
 */
export function listFiles(place, files, encrypted, signal) {
  place.hidden = files.length === 0;
  if (files.length === 0) return place.replaceChildren();
  const words = `ui-files${files.length === 1 ? "-one" : ""}${encrypted ? "-encrypted" : ""}`;
  place.replaceChildren(
    make("div", { class: "files-head" }, make("h3", { class: "subhead" }, say(words, { count: files.length }))),
    make("ul", {}, ...files.map((file, at) => row(file, () => lookAt(files, at, signal)))),
  );
}

/**
 * @param {Came[]} files
 * @param {number} at
 * @param {AbortSignal} signal
 */
async function lookAt(files, at, signal) {
  const viewer = await import("./file-viewer.js");
  viewer.lookAt(files, at, { save: async (file) => download(await file.fetch(), file.name), signal });
}

/**
 * @param {Came} file
 * @param {() => Promise<void>} look
 */
function row(file, look) {
  const { stem, ending } = split(file.name);
  const trouble = make("span", { class: "note warned", role: "status" });
  const bar = make("progress", { max: "1", value: "0", "aria-label": file.name });
  bar.hidden = true;
  const save = async () => {
    trouble.textContent = "";
    try {
      download(await file.fetch({ onprogress: (done, total) => {
        bar.hidden = false;
        bar.value = done / total;
      } }), file.name);
    } catch (error) {
      trouble.textContent = say("ui-download-failed", { name: file.name });
      reportError(error);
    }
    bar.hidden = true;
  };
  const note = fileNote(file);
  const looks = previewKind(file) !== null;
  return make("li", { class: "file" },
    icon(drawing(file.type)),
    make("button", { class: "file-name", type: "button", translate: "no", ...(looks ? { title: say("ui-look-at", { name: file.name }) } : {}), click: () => void (looks ? look() : save()) },
      make("span", { class: "file-stem", dir: "auto" }, stem), make("span", {}, ending)),
    make("span", { class: "file-size" }, size(file.size)),
    make("button", { class: "tool", type: "button", "aria-label": say("ui-download", { name: file.name }), click: () => void save() }, icon("download")),
    note && make("p", { class: CAUTION.has(note) ? "note file-note warned" : "note file-note", "data-note": note }, CAUTION.has(note) && icon("alert", "icon-small"), make("span", {}, say(note))),
    bar, trouble);
}

/**
 * @param {Blob} blob
 * @param {string} name
 */
export function download(blob, name) {
  const url = URL.createObjectURL(blob);
  // Typed octet-stream by the worker: it is saved, never opened in our origin.
  make("a", { href: url, download: name, "hx-boost": "false" }).click();
  setTimeout(() => URL.revokeObjectURL(url), KEEP_ADDRESS);
}

/** @typedef {Map<number | null, Map<string, string>>} Pictures addresses by the card they stand in, then by Content-ID */

/**
 * Pictures for the frames. What stands in a card is shown from that card alone (design D8): a picture that somebody laid
 * beside a signed part would else be seen inside its frame. The addresses live until `signal` ends.
 * @param {Read} opened
 * @param {LeftOut[]} leftOut
 * @param {AbortSignal} signal
 * @returns {Promise<Pictures>}
 */
export async function pictures(opened, leftOut, signal) {
  const own = opened.parts.filter((part) => part.cid && PICTURES.has(part.type));
  const away = new Set(leftOut.map(({ section }) => section));
  /** @type {Pictures} */
  const found = new Map();
  for (const part of own) {
    if (part.size === 0 && away.has(part.section)) continue;
    const blob = await partBlob(opened.handle, part.id);
    signal.throwIfAborted();
    const url = URL.createObjectURL(blob.slice(0, blob.size, part.type));
    signal.addEventListener("abort", () => URL.revokeObjectURL(url), { once: true });
    const card = found.get(part.card) ?? new Map();
    found.set(part.card, card.set(part.cid, url));
  }
  return found;
}
