/**
 * `<protection-line>`: what was checked about a message, in words (words.md section 2), outside every frame.
 *
 * First line, detail line, then Details with the raw facts. `data-enc`, `data-sig`, `data-notes`, `data-level` and
 * `data-withheld` carry the ids; the words alone carry the meaning, drawing and colour only repeat it.
 */
import { icon, make } from "./make.js";
import { has, needs, say } from "./words.js";

/** @typedef {import("../crypto/verdict.js").Judged} Judged */
/** @typedef {Record<string, string | number>} Values */
/** @typedef {{ label: string, button: (event: Event) => void, plain?: boolean }} Act  plain: nothing that has to be done */
/**
 * @typedef {object} Told
 * @property {Judged} judged
 * @property {(id: string) => Values} values  for every sentence, what it has in braces
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
 * Only sentences whose every value is known: half a sentence says something else.
 * @param {string} id
 * @param {(id: string) => Values} values
 */
function known(id, values) {
  const given = values(id);
  return has(id) && needs(id).every((name) => Object.hasOwn(given, name));
}

/**
 * The whole first line, as the worked lines of words.md section 2.8 have it.
 * @param {Judged} judged
 * @param {(id: string) => Values} values
 */
export function firstLine({ line }, values) {
  return line.map((id) => say(id, values(id))).join(" ");
}

/**
 * @param {Judged} judged
 * @param {(id: string) => Values} values
 * @returns {string[]}
 */
function detailLines({ line }, values) {
  return line.map((id) => `${id}.detail`).filter((id) => known(id, values)).map((id) => say(id, values(id)));
}

export class ProtectionLine extends HTMLElement {
  /** @type {HTMLElement | null} */
  #says = null;

  /** @param {Told} told */
  show({ judged, values, facts = [], acts = [], progress = null }) {
    if (progress && this.dataset["enc"] === judged.enc && this.#advance(judged, values, progress)) return;
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

    const shown = judged.notes.slice(0, SHOWN_NOTES).filter((id) => known(id, values));
    const hidden = judged.notes.slice(SHOWN_NOTES).filter((id) => known(id, values));
    const details = detailLines(judged, values);
    const key = `${judged.enc} ${judged.sig ?? ""}`;
    const drawing = judged.level === "warning" ? "alert" : DRAWINGS.find(([pattern]) => pattern.test(key))?.[1] ?? "envelope";
    const holds = judged.sig === "sig-good-verified";
    const stops = judged.level === "warning" || judged.level === "stop";

    const head = make("div", { class: `protection-line${holds ? " holds" : ""}${stops ? " stops" : ""}` });
    head.append(icon(drawing, "icon-lead"), make("div", { class: "protection-words" },
      this.#says,
      details.length > 0 && make("p", { class: "note" }, details.join(" ")),
      ...shown.map((id) => make("p", { class: stops ? "note warned" : "note" }, say(id, values(id)))),
      progress && make("progress", { max: String(progress.total || 1), value: String(progress.done), "aria-label": firstLine(judged, values) }),
      acts.length > 0 && make("div", { class: "actions protection-acts" },
        ...acts.map(({ label, button, plain = false }, index) => make("button", { class: index === 0 && !plain ? "button" : "button button-plain", type: "button", click: button }, label)))));
    const rows = [...hidden.map((id) => /** @type {[string, string]} */ ([say("ui-note"), say(id, values(id))])), ...facts];
    this.replaceChildren(make("div", { class: "protection" }, head, rows.length > 0 && evidence(rows)));
  }

  /**
   * What is under way goes on: Cancel stays the same button, which made anew between press and release would not be clicked.
   * @param {Judged} judged
   * @param {(id: string) => Values} values
   * @param {{ done: number, total: number }} progress
   */
  #advance(judged, values, { done, total }) {
    const bar = this.querySelector("progress");
    if (!bar || !this.#says) return false;
    const words = firstLine(judged, values);
    const strong = this.#says.querySelector("strong");
    if (strong && strong.textContent !== words) strong.textContent = words;
    const note = this.querySelector(".protection-words > .note");
    if (note) note.textContent = detailLines(judged, values).join(" ");
    bar.max = total || 1;
    bar.value = done;
    bar.setAttribute("aria-label", words);
    return true;
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
