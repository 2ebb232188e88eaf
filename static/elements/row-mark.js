/**
 * The mark of a row once its message was opened (words.md section 2.7, M4 to M6): drawing and words. An ordinary message
 * has words for those who listen and for the pointer, and nothing to see (words.md section 10, point 2).
 */
import { icon } from "./make.js";
import { say } from "./words.js";

/** @typedef {import("./judged-rows.js").Judged} Judged */

const PLAIN = "mark-not-encrypted";
/** Marks that say a signature was checked and holds; only these are drawn in the accent. */
export const HOLDS = new Set(["mark-signed", "mark-encrypted-signed", "mark-signed-encrypted-here"]);

/** @type {Record<string, string>} the others are envelopes */
const DRAWINGS = {
  "mark-encrypted-signed": "sealed",
  "mark-signed": "signed",
  "mark-signed-unchecked": "signed",
  "mark-partly-signed": "partly",
  "mark-encrypted-here": "at-rest",
  "mark-signed-encrypted-here": "at-rest",
  "mark-no-key": "no-key",
  "mark-not-readable": "broken",
  "mark-check-sender": "alert",
  "mark-new-certificate": "alert",
};

/** What the server sent of a row, before anything was found out. @type {WeakMap<HTMLElement, { mark: string, looks: Node, subject: string | null }>} */
const served = new WeakMap();

/** The row as the server sent it: what only open keys told is gone from the page. @param {HTMLElement} row */
export function undressMark(row) {
  const before = served.get(row);
  if (!before) return;
  row.dataset["mark"] = before.mark;
  row.querySelector(".mark")?.replaceWith(before.looks);
  const subject = row.querySelector(".row-subject-text");
  if (subject) subject.textContent = before.subject;
  served.delete(row);
}

/** @param {HTMLElement} row @param {Judged} found */
export function dressMark(row, found) {
  const mark = row.querySelector(".mark");
  const words = mark?.querySelector(".mark-words");
  if (!(mark instanceof HTMLElement) || !words) return;
  if (!served.has(row)) served.set(row, { mark: row.dataset["mark"] ?? "", looks: mark.cloneNode(true), subject: row.querySelector(".row-subject-text")?.textContent ?? null });
  const plain = found.mark === PLAIN;
  row.dataset["mark"] = found.mark;
  words.textContent = say(found.mark);
  words.classList.toggle("unseen", plain);
  mark.className = `mark${found.level === "warning" || found.level === "stop" ? " mark-stop" : HOLDS.has(found.mark) ? " mark-holds" : ""}`;
  mark.title = plain ? words.textContent : "";
  mark.querySelector(".icon")?.remove();
  if (!plain) mark.prepend(icon(DRAWINGS[found.mark] ?? "envelope"));
  if (found.subject === undefined) return;
  const subject = row.querySelector(".row-subject-text");
  if (subject) subject.textContent = found.subject;
}
