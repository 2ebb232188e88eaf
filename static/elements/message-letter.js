/**
 * The letter itself: texts and HTML in their order, each part with protection of its own in a card with its own line.
 * What stands in one card never shares a frame with what stands outside (design D8).
 */
import "./mail-frame.js";
import { DEPTH_LIMIT, PART_LIMIT } from "../crypto/mime-read.js";
import "./protection-line.js";
import { showable } from "./html-limits.js";
import { words } from "./html-words.js";
import { letter, LONGEST } from "./letter-text.js";
import { icon, make } from "./make.js";
import { report } from "./mail-report.js";
import { filesOf, listFiles } from "./message-files.js";
import { pinsReady } from "./pins.js";
import { quotedParts } from "./quoted-parts.js";
import { openPart } from "./read-message.js";
import { signatureReason, valuesFor, writtenValues } from "./verdict-words.js";
import { has, needs, say } from "./words.js";

/** @typedef {import("../crypto/display-parts.js").Part} Part */
/** @typedef {import("./mail-frame.js").MailFrame} MailFrame */
/** @typedef {import("./protection-line.js").ProtectionLine} ProtectionLine */
/** @typedef {import("./verdict-words.js").Read} Read */
/**
 * @typedef {object} Letter
 * @property {HTMLElement[]} blocks
 * @property {() => string} text  as rendered, for an answer (quotedParts); without parts that were opened on their own
 * @property {number} remote  pictures from elsewhere that are held back
 * @property {Set<string>} elsewhere  addresses of those that could be fetched
 * @property {boolean} tooLarge  an HTML part is shown as text
 * @property {Set<string>} shown  Content-IDs of pictures in the text
 */

/**
 * Of each group of alternatives one: HTML where it may be shown, else text (RFC 2046 section 5.1.4).
 * @param {Part[]} parts
 * @param {boolean} html
 */
export function chosen(parts, html) {
  const texts = parts.filter(({ kind }) => kind === "text" || kind === "html");
  return texts.filter((part) => {
    if (part.group === "") return true;
    const group = texts.filter((other) => other.group === part.group);
    const best = (html && group.findLast((other) => other.kind === "html" && showable(other.text ?? ""))) || group.find((other) => other.kind === "text") || group[0];
    return part === best;
  });
}

/**
 * @typedef {object} Options
 * @property {string} frameUrl
 * @property {import("./message-files.js").Pictures} images
 * @property {Map<string, string>} [elsewhere]  pictures from elsewhere that the person asked for
 * @property {HTMLElement} place
 * @property {AbortSignal} signal  nothing is written after it: a frame takes a moment, and the keys may lock meanwhile
 */

/**
 * @param {Read} opened
 * @param {Options} options
 * @returns {Promise<Letter>} its blocks stand in `place` already: a frame is only loaded in the page
 */
export async function writeLetter(opened, { frameUrl, images, elsewhere = new Map(), place, signal }) {
  const { withheld } = opened.judged;
  const links = !withheld.includes("links");
  /** @type {Letter} */
  const made = { blocks: [], text: () => "", remote: 0, elsewhere: new Set(), tooLarge: false, shown: new Set() };
  /** @type {import("./quoted-parts.js").Told[]} */
  const texts = [];
  /** @type {Map<number, HTMLElement>} */
  const cards = new Map();
  place.replaceChildren();
  made.tooLarge = !withheld.includes("html") && opened.parts.some(({ kind, text }) => kind === "html" && !showable(text ?? ""));
  for (const part of chosen(opened.parts, !withheld.includes("html"))) {
    if (signal.aborted) return made;
    let into = place;
    if (part.card !== null) {
      into = cards.get(part.card) ?? card(opened, part.card, frameUrl, signal);
      if (!cards.has(part.card)) place.append(into);
      cards.set(part.card, into);
    }
    const text = part.text ?? "";
    if (part.kind === "html" && !withheld.includes("html") && showable(text)) {
      const frame = frameFrom(frameUrl);
      into.append(frame);
      const { remote, elsewhere: addresses, used } = await frame.show(text, { images: images.get(part.card) ?? new Map(), elsewhere, links, title: say("ui-letter-frame"), leadsTo: (host) => say("ui-leads-to", { host }) });
      made.remote += remote;
      for (const address of addresses) made.elsewhere.add(address);
      for (const cid of used) made.shown.add(cid);
      texts.push({ card: part.card, text: () => frame.text });
      continue;
    }
    let shown = text;
    if (part.kind === "html") {
      shown = showable(text) ? await textOf(text, frameUrl, place) : words(text, LONGEST);
      if (signal.aborted) return made;
    }
    const blocks = () => letter(shown, { links, foldedWords: (lines) => say("ui-quoted-lines", { lines }) });
    into.append(...(report(part.type, shown, blocks) ?? blocks()));
    if (shown.length > LONGEST) into.append(make("p", { class: "note" }, say("ui-text-cut")));
    texts.push({ card: part.card, text: () => shown });
  }
  if (signal.aborted) return made;
  // Cards without a text of their own: parts that stay closed until they are opened.
  opened.cards.forEach((_card, index) => {
    if (!cards.has(index)) place.append(card(opened, index, frameUrl, signal));
  });
  if (place.childElementCount === 0) place.append(make("p", { class: "note" }, say("ui-empty-letter")));
  made.text = () => quotedParts(texts, opened.judged.sig ?? "");
  return made;
}

/**
 * @param {string} url of the empty document
 * @returns {MailFrame}
 */
function frameFrom(url) {
  const frame = /** @type {MailFrame} */ (document.createElement("mail-frame"));
  frame.dataset["src"] = url;
  return frame;
}

/**
 * HTML as the text it would be read as, where its layout may not be shown.
 * @param {string} html
 * @param {string} frameUrl
 * @param {HTMLElement} place
 */
async function textOf(html, frameUrl, place) {
  const frame = frameFrom(frameUrl);
  frame.className = "unseen";
  frame.inert = true;
  place.append(frame);
  await frame.show(html, { images: new Map(), links: false, title: "", leadsTo: () => "" });
  const { text } = frame;
  frame.remove();
  return text;
}

/**
 * @param {Read} opened
 * @param {number} index
 * @param {string} frameUrl
 * @param {AbortSignal} signal
 * @returns {HTMLElement}
 */
function card(opened, index, frameUrl, signal) {
  const { id, sig, part, values } = opened.cards[index] ?? { id: "part-limit", sig: null, part: "", values: {} };
  const own = writtenValues(values);
  const given = { ...valuesFor(opened)(id), ...own, ...signatureReason(sig, own) };
  if (id === "part-limit") Object.assign(given, { limit: say("ui-limits", { depth: DEPTH_LIMIT, parts: PART_LIMIT }) });
  const known = (/** @type {string} */ word) => has(word) && needs(word).every((name) => Object.hasOwn(given, name));
  const detail = `${id}.detail`;
  const place = make("section", { class: "part-card", "data-part": id, ...(sig ? { "data-sig": sig } : {}) });
  const line = make("p", { class: "note" }, icon(id === "part-signed" ? "signed" : id.startsWith("part-signed-") ? "partly" : "envelope", "icon-small"),
    make("span", {}, known(id) ? say(id, given) : "", " ", known(detail) ? say(detail, given) : ""));
  place.append(line);
  if (id === "part-limit") place.append(make("div", { class: "actions" }, originalButton()));
  if (part) {
    const button = make("button", { class: "button", type: "button", click: () => void openAlone(opened, part, place, { frameUrl, button, signal }) }, say("ui-open-part"));
    place.append(make("div", { class: "actions" }, button));
  }
  return place;
}

/** Whatever was left out of the page is in the message's own bytes. */
export function originalButton() {
  const press = () => /** @type {HTMLElement | null} */ (document.querySelector("mail-message a[data-original]"))?.click();
  return make("button", { class: "button", type: "button", "data-original-button": true, click: press }, icon("download"), say("ui-download-original"));
}

/**
 * A part with protection of its own, opened on its own: its own verdict, its own frame, never part of an answer.
 * `data-alone` tells the message around it that there is something to take away when the keys lock.
 * @param {Read} opened
 * @param {string} part
 * @param {HTMLElement} place
 * @param {{ frameUrl: string, button: HTMLElement, signal: AbortSignal }} options
 */
async function openAlone(opened, part, place, { frameUrl, button, signal }) {
  const line = /** @type {ProtectionLine} */ (document.createElement("protection-line"));
  const inner = make("div", { class: "letter" });
  place.querySelector(":scope > [role=alert]")?.remove();
  try {
    const { ensureUnlocked } = await import("./keys.js");
    await ensureUnlocked("ui-action-read");
    await pinsReady();
    place.dataset["alone"] = "";
    const alone = await openPart(opened.handle, part, { signal });
    if (signal.aborted) return;
    button.remove();
    place.append(line, inner);
    line.show({ judged: alone.judged, values: valuesFor(alone) });
    if (alone.judged.withheld.includes("all")) return;
    const { shown } = await writeLetter(alone, { frameUrl, images: new Map(), place: inner, signal });
    const files = make("section", { class: "files" });
    listFiles(files, filesOf(alone, [], shown), alone.protected, signal);
    place.append(files);
  } catch (error) {
    const { code } = /** @type {{ code?: string }} */ (error);
    if (code === "cancelled" || signal.aborted) return;
    place.append(make("p", { class: "note warned", role: "alert" }, say("ui-part-failed")));
    reportError(error);
  }
}
