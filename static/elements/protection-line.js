/**
 * `<protection-line>`: what was checked about a message, in words (words.md section 2), outside every frame.
 *
 * First line, detail line, then Details with the raw facts. `data-enc`, `data-sig`, `data-notes`, `data-level` and
 * `data-withheld` carry the ids; the words alone carry the meaning, drawing and colour only repeat it.
 */
import { icon, make } from "./make.js";
import { has, say } from "./words.js";

/** @typedef {{ enc: string, sig: string | null, notes: string[], level: string, mark?: string | null, withheld: string[] }} Judged */
/** @typedef {Record<string, string | number>} Values */
/** @typedef {{ label: string, button: (event: Event) => void }} Act */
/**
 * @typedef {object} Told
 * @property {Judged} judged
 * @property {Values} values  for every placeholder the sentences may hold
 * @property {[string, string][]} [facts]  names and values for Details
 * @property {Act[]} [acts]
 * @property {{ done: number, total: number } | null} [progress]
 */

/** Notes shown with the line; the rest stand under Details (words.md section 2.6). */
const SHOWN_NOTES = 2;

/** @type {[RegExp, string][]} the drawing for a line, the first that fits */
const DRAWINGS = [
  [/^enc-no-key$/u, "no-key"],
  [/^enc-(?:damaged|failed|no-integrity|too-large|unsupported)$/u, "broken"],
  [/^enc-at-rest/u, "at-rest"],
  [/^enc-none (?:sig-good)/u, "signed"],
  [/^enc-\S+ sig-good/u, "sealed"],
  [/^enc-none sig-(?:part|list-footer|inline)/u, "partly"],
  [/^enc-none/u, "postcard"],
  [/^enc-/u, "envelope"],
];

/**
 * The whole first line, as the worked lines of words.md section 2.8 have it.
 * @param {Judged} judged
 * @param {Values} values
 */
export function firstLine({ enc, sig }, values) {
  if (enc === "enc-none" && (sig === "sig-none" || sig === null)) return say("plain", values);
  return sig ? `${say(enc, values)} ${say(sig, values)}` : say(enc, values);
}

/**
 * @param {Judged} judged
 * @param {Values} values
 * @returns {string[]}
 */
function detailLines({ enc, sig }, values) {
  const ids = enc === "enc-none" && (sig === "sig-none" || sig === null) ? ["plain"] : [enc, ...(sig ? [sig] : [])];
  // "Every server on the way could read it" stands with mail that is not encrypted; the signature's own detail is the rest.
  return ids.map((id) => `${id}.detail`).filter(has).map((id) => say(id, values)).filter((line) => !/\{[^}]*\}/u.test(line));
}

export class ProtectionLine extends HTMLElement {
  /** @type {HTMLElement | null} */
  #says = null;

  /** @param {Told} told */
  show({ judged, values, facts = [], acts = [], progress = null }) {
    this.dataset["enc"] = judged.enc;
    if (judged.sig) this.dataset["sig"] = judged.sig;
    else delete this.dataset["sig"];
    this.dataset["notes"] = judged.notes.join(" ");
    this.dataset["level"] = judged.level;
    this.dataset["withheld"] = judged.withheld.join(" ");

    // The region that is read out stays in the page, only its words change; otherwise nothing would be read.
    this.#says ??= make("span", { class: "protection-says", role: "status", "aria-live": "polite" });
    this.#says.setAttribute("aria-live", judged.level === "stop" ? "assertive" : "polite");
    const line = make("strong", {}, firstLine(judged, values));
    if (this.#says.querySelector("strong")?.textContent !== line.textContent) this.#says.replaceChildren(line);

    const shown = judged.notes.slice(0, SHOWN_NOTES).filter(has);
    const hidden = judged.notes.slice(SHOWN_NOTES).filter(has);
    const details = detailLines(judged, values);
    const key = `${judged.enc} ${judged.sig ?? ""}`;
    const drawing = judged.level === "warning" ? "alert" : DRAWINGS.find(([pattern]) => pattern.test(key))?.[1] ?? "envelope";
    const holds = judged.sig === "sig-good-verified";
    const stops = judged.level === "warning" || judged.level === "stop";

    const head = make("div", { class: `protection-line${holds ? " holds" : ""}${stops ? " stops" : ""}` });
    head.append(icon(drawing, "icon-lead"), make("div", { class: "protection-words" },
      this.#says,
      ...details.map((text) => make("p", { class: "note" }, text)),
      ...shown.map((id) => make("p", { class: stops ? "note warned" : "note" }, say(id, values))),
      progress && make("progress", { max: String(progress.total || 1), value: String(progress.done), "aria-label": firstLine(judged, values) }),
      acts.length > 0 && make("div", { class: "actions protection-acts" },
        ...acts.map(({ label, button }, index) => make("button", { class: index === 0 ? "button" : "button button-plain", type: "button", click: button }, label)))));
    const rows = [...hidden.map((id) => /** @type {[string, string]} */ ([say("ui-note"), say(id, values)])), ...facts];
    this.replaceChildren(make("div", { class: "protection" }, head, rows.length > 0 && evidence(rows)));
  }
}

/** @param {[string, string][]} rows */
function evidence(rows) {
  return make("details", { class: "protection-facts" },
    make("summary", {}, make("span", { class: "protection-more" }, say("ui-details"))),
    make("dl", { class: "evidence" }, ...rows.map(([name, value]) =>
      make("div", {}, make("dt", {}, name), make("dd", { dir: "auto" }, value)))));
}

customElements.define("protection-line", ProtectionLine);
