/** The question whether a certificate is somebody's: its groups of four, beside those of the one before. */
import { day } from "./format.js";
import { make } from "./make.js";
import { say } from "./words.js";

/**
 * @typedef {object} Compared
 * @property {string} address
 * @property {string} fingerprint
 * @property {{ fingerprint: string, since: Date } | null} before
 * @property {() => void} same
 * @property {(() => void) | null} differs  null where that is what was said already
 */

/**
 * Asks below the line; the answer takes the question away.
 * @param {import("./protection-line.js").ProtectionLine} line
 * @param {Compared} compared
 */
export function compare(line, { address, fingerprint, before, same, differs }) {
  const panel = make("section", { class: "compare", role: "group", "aria-labelledby": "compare-ask" });
  const answer = (/** @type {string} */ label, /** @type {string} */ look, /** @type {() => void} */ act) =>
    make("button", { class: look, type: "button", click: () => {
      panel.remove();
      act();
    } }, label);
  const later = answer(say("ui-compare-later"), "button button-plain", () => line.querySelector("button")?.focus());
  panel.append(
    make("h3", { class: "legend", id: "compare-ask", tabindex: "-1" }, say("ui-compare-ask", { address })),
    make("p", { class: "note" }, say("ui-compare-how", { address })),
    make("div", { class: "compare-prints" },
      before && print(say("ui-compare-before", { date: day(before.since) }), before.fingerprint),
      print(say("ui-compare-now"), fingerprint)),
    make("div", { class: "actions" }, answer(say("ui-compare-same"), "button", same), differs && answer(say("ui-compare-differs"), "button button-plain", differs), later));
  line.querySelector(".compare")?.remove();
  const head = line.querySelector(".protection-line");
  if (head) head.after(panel);
  else line.append(panel);
  panel.querySelector("h3")?.focus();
}

/** @param {string} title @param {string} fingerprint */
function print(title, fingerprint) {
  const groups = fingerprint.toUpperCase().match(/.{4}/gu) ?? [];
  return make("div", { class: "compare-print" }, make("p", { class: "note" }, title),
    make("p", { class: "print", translate: "no" }, ...groups.flatMap((group) => [make("span", {}, group), " "])));
}
