/** A calendar entry as a quiet card: what, when, where, from whom. Text alone; nothing is answered or kept from here. */
import { calendar, moment } from "./calendar-parse.js";
import { language } from "./format.js";
import { icon, make } from "./make.js";
import { readable } from "./preview-text.js";
import { say } from "./words.js";

/** @typedef {import("./calendar-parse.js").When} When */
/** @typedef {import("./message-files.js").Came} Came */

const LARGEST = 1_000_000;
const METHODS = new Map([["REQUEST", "ui-calendar-invitation"], ["REPLY", "ui-calendar-answer"], ["CANCEL", "ui-calendar-cancelled"]]);

/** @param {Came} file */
function isCalendar({ type, size }) {
  return size <= LARGEST && type === "text/calendar";
}

/**
 * The first calendar among the files, before the letter's text.
 * @param {Came[]} files
 * @param {HTMLElement} place
 * @param {AbortSignal} signal
 */
export async function showCalendar(files, place, signal) {
  // What stands in a card with a line of its own is not the message's; it stays a file.
  const file = files.find((each) => isCalendar(each) && each.card === null);
  if (!file) return;
  const bytes = new Uint8Array(await (await file.fetch({ signal })).arrayBuffer());
  const found = calendar(readable(bytes)?.text ?? "");
  if (signal.aborted || !found) return;
  const [entry] = found.entries;
  if (!entry) return;
  const kind = entry.cancelled ? "ui-calendar-cancelled" : METHODS.get(found.method) ?? "ui-calendar-entry";
  const fact = (/** @type {string} */ name, /** @type {(string | Node)[]} */ ...value) => [make("dt", {}, say(name)), make("dd", { dir: "auto" }, ...value)];
  const facts = [
    entry.start && fact("ui-calendar-when", ...times(entry.start, entry.end).flatMap((line, at) => (at ? [make("br"), line] : [line]))),
    entry.repeats && fact("ui-calendar-repeats", say("ui-calendar-repeats-words")),
    entry.location && fact("ui-calendar-where", entry.location),
    entry.organiser && fact("ui-calendar-organiser", entry.organiser),
    entry.guests > 0 && fact("ui-calendar-guests", String(entry.guests)),
    entry.description && fact("ui-calendar-note", make("span", { class: "calendar-text", tabindex: "0" }, entry.description)),
  ].filter(Boolean);
  place.prepend(make("section", { class: "calendar", "data-calendar": found.method.toLowerCase() || "none" },
    make("p", { class: "note calendar-kind" }, icon("clock", "icon-small"), say(kind)),
    make("h3", { class: "calendar-title", dir: "auto" }, entry.summary || say("ui-calendar-untitled")),
    make("dl", { class: "calendar-facts" }, .../** @type {Node[][]} */ (facts).flat()),
    found.entries.length > 1 && make("p", { class: "note" }, say("ui-calendar-more", { count: found.entries.length - 1 }))));
}

/**
 * The times in the reader's own zone; where the entry names another one, in that too.
 * @param {When} start
 * @param {When | null} end
 * @returns {string[]}
 */
function times(start, end) {
  if (start.kind === "day") return [days(start, end)];
  const [from, to] = [moment(start), end && moment(end)];
  if (!from) {
    const time = span(wall(start), end && wall(end), "UTC");
    return [start.zone ? say("ui-calendar-there", { time, zone: start.zone }) : say("ui-calendar-floating", { time })];
  }
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const here = say("ui-calendar-here", { time: span(from, to, own) });
  const same = start.kind === "utc" || wall(start).getTime() === from.getTime() - offset(from, own);
  return same ? [here] : [here, say("ui-calendar-there", { time: span(from, to, start.zone), zone: start.zone.replaceAll("_", " ") })];
}

/** How far the zone's clocks are from UTC, subtracted. @param {Date} date @param {string} zone */
function offset(date, zone) {
  const shown = new Date(date.toLocaleString("en-US", { timeZone: zone }));
  const utc = new Date(date.toLocaleString("en-US", { timeZone: "UTC" }));
  return utc.getTime() - shown.getTime();
}

/** @param {When} when */
function wall({ parts: [year = 0, month = 0, day = 0, hour = 0, minute = 0] }) {
  return new Date(Date.UTC(year, month - 1, day, hour, minute));
}

/** @param {Date} from @param {Date | null} to @param {string} timeZone */
function span(from, to, timeZone) {
  const format = new Intl.DateTimeFormat(language(), { weekday: "short", day: "numeric", month: "long", year: "numeric", hour: "numeric", minute: "2-digit", timeZone });
  return to && to > from ? format.formatRange(from, to) : format.format(from);
}

/** @param {When} start @param {When | null} end */
function days(start, end) {
  const format = new Intl.DateTimeFormat(language(), { weekday: "short", day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
  const first = wall(start);
  const last = end ? new Date(wall(end).getTime() - 86_400_000) : first;
  return last > first ? say("ui-calendar-whole-days", { first: format.format(first), last: format.format(last) }) : say("ui-calendar-whole-day", { day: format.format(first) });
}
