/**
 * Just enough of iCalendar (RFC 5545) to say what an entry is about: its lines unfolded, its words unescaped, its dates
 * understood. Nothing is guessed: a date that cannot be read is left out.
 */

/** @typedef {{ name: string, params: Record<string, string>, value: string }} Line */
/**
 * @typedef {object} When
 * @property {"day" | "utc" | "zone" | "floating"} kind
 * @property {number[]} parts  year, month, day, hour, minute
 * @property {string} zone  IANA name, where it has one; else as the file calls it
 */
/**
 * @typedef {object} Entry
 * @property {string} summary
 * @property {string} location
 * @property {string} description
 * @property {string} organiser
 * @property {number} guests
 * @property {When | null} start
 * @property {When | null} end  exclusive for whole days (section 3.6.1)
 * @property {boolean} repeats
 * @property {boolean} cancelled
 */
/** @typedef {{ method: string, entries: Entry[] }} Calendar */

/** A file may hold a life; the first few entries are what a message is about. */
const MOST_ENTRIES = 200;
const LONGEST = 1_000_000;
const MOST_LINES = 50_000;
const MOST_PARAMS = 50;
const LONGEST_TEXT = 2000;

/**
 * @param {string} text
 * @returns {Calendar | null} null when it is no calendar
 */
export function calendar(text) {
  const lines = unfolded(text.slice(0, LONGEST)).map(parsed).filter((line) => line !== null);
  if (!lines.some(({ name, value }) => name === "BEGIN" && value.toUpperCase() === "VCALENDAR")) return null;
  /** @type {Calendar} */
  const found = { method: "", entries: [] };
  /** @type {string[]} */
  const inside = [];
  /** @type {Line[]} */
  let own = [];
  for (const line of lines) {
    const value = line.value.trim().toUpperCase();
    if (line.name === "BEGIN") {
      inside.push(value);
      if (inside.length === 2) own = [];
    } else if (line.name === "END") {
      if (inside.length === 2 && value === "VEVENT" && found.entries.length < MOST_ENTRIES) found.entries.push(entry(own));
      inside.pop();
    } else if (inside.length === 1 && line.name === "METHOD") found.method = value;
    // What stands deeper, an alarm for one, is not the entry's own.
    else if (inside.length === 2 && inside[1] === "VEVENT") own.push(line);
  }
  return found.entries.length > 0 ? found : null;
}

/** Section 3.1: a line that begins with white space goes on from the one before. @param {string} text */
function unfolded(text) {
  return text.replace(/\r\n?/gu, "\n").replace(/\n[ \t]/gu, "").split("\n", MOST_LINES).filter(Boolean);
}

/** @param {string} line @returns {Line | null} */
function parsed(line) {
  const head = /^([A-Za-z0-9-]+)/u.exec(line)?.[1];
  if (!head) return null;
  /** @type {Record<string, string>} */
  const params = Object.create(null);
  let at = head.length;
  for (let more = 0; line.charAt(at) === ";"; more += 1) {
    if (more === MOST_PARAMS) return null;
    const found = /^;([A-Za-z0-9-]+)=("[^"]*"|[^";:]*)/u.exec(line.slice(at, at + 2000));
    if (!found) return null;
    params[(found[1] ?? "").toUpperCase()] ??= (found[2] ?? "").replace(/^"|"$/gu, "");
    at += found[0].length;
    // Further values of the same parameter say nothing that is shown.
    while (line.charAt(at) === ",") at += /^,("[^"]*"|[^";:,]*)/u.exec(line.slice(at, at + 2000))?.[0].length ?? line.length;
  }
  return line.charAt(at) === ":" ? { name: head.toUpperCase(), params, value: line.slice(at + 1) } : null;
}

/** @param {Line[]} lines @returns {Entry} */
function entry(lines) {
  const first = (/** @type {string} */ name) => lines.find((line) => line.name === name);
  const text = (/** @type {string} */ name) => unescaped(first(name)?.value ?? "");
  const organiser = first("ORGANIZER");
  const address = (organiser?.value ?? "").replace(/^mailto:/iu, "").trim();
  const name = unescaped(organiser?.params["CN"] ?? "");
  const start = when(first("DTSTART"));
  return {
    summary: text("SUMMARY"), location: text("LOCATION"), description: text("DESCRIPTION"),
    organiser: name && name !== address ? `${name} <${address}>` : address,
    guests: lines.filter((line) => line.name === "ATTENDEE").length,
    start, end: when(first("DTEND")) ?? after(start, first("DURATION")?.value ?? ""),
    repeats: lines.some((line) => line.name === "RRULE" || line.name === "RDATE"),
    cancelled: text("STATUS").toUpperCase() === "CANCELLED",
  };
}

/** Section 3.3.11; characters that turn or hide text go. @param {string} value */
function unescaped(value) {
  return value.replace(/\\([nN,;\\:"])/gu, (_all, letter) => (letter === "n" || letter === "N" ? "\n" : letter))
    .replace(/[^\P{Cc}\n\t]|[\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, "").trim().slice(0, LONGEST_TEXT);
}

/** @param {Line | undefined} line @returns {When | null} */
function when(line) {
  const found = /^(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z?))?$/u.exec(line?.value.trim() ?? "");
  if (!found || !line) return null;
  const parts = found.slice(1, 6).map((part) => Number(part ?? 0));
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0] = parts;
  const date = new Date(Date.UTC(year, month - 1, day, hour, minute));
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day || hour > 23 || minute > 59) return null;
  if (found[4] === undefined) return { kind: "day", parts, zone: "" };
  if (found[7] === "Z") return { kind: "utc", parts, zone: "UTC" };
  const zone = line.params["TZID"] ?? "";
  return { kind: zone ? "zone" : "floating", parts, zone };
}

/** Section 3.3.6. @param {When | null} start @param {string} duration @returns {When | null} */
function after(start, duration) {
  const found = /^\+?P(?:(\d{1,4})W)?(?:(\d{1,4})D)?(?:T(?:(\d{1,4})H)?(?:(\d{1,5})M)?(?:\d{1,6}S)?)?$/u.exec(duration.trim());
  if (!found || !start || !duration) return null;
  const [weeks = 0, days = 0, hours = 0, minutes = 0] = found.slice(1).map((part) => Number(part ?? 0));
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0] = start.parts;
  const end = new Date(Date.UTC(year, month - 1, day + weeks * 7 + days, hour + hours, minute + minutes));
  return { ...start, parts: [end.getUTCFullYear(), end.getUTCMonth() + 1, end.getUTCDate(), end.getUTCHours(), end.getUTCMinutes()] };
}

/**
 * The moment that is meant, or null where only a place could say: whole days, floating times, zones that only the file knows.
 * @param {When} when
 * @returns {Date | null}
 */
export function moment({ kind, parts: [year = 0, month = 0, day = 0, hour = 0, minute = 0], zone }) {
  const asUtc = Date.UTC(year, month - 1, day, hour, minute);
  if (kind === "utc") return new Date(asUtc);
  if (kind !== "zone") return null;
  try {
    // What the zone's clocks show at a first guess tells how far off that guess was; once more for the hours of change.
    let guess = asUtc;
    for (let round = 0; round < 2; round += 1) guess += asUtc - clock(new Date(guess), zone);
    return new Date(guess);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return null;
  }
}

/** @param {Date} date @param {string} zone @returns {number} what its clocks show, as if it were UTC */
function clock(date, zone) {
  const parts = new Intl.DateTimeFormat("en-GB", { timeZone: zone, year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", hourCycle: "h23" }).formatToParts(date);
  const of = (/** @type {string} */ type) => Number(parts.find((part) => part.type === type)?.value ?? 0);
  return Date.UTC(of("year"), of("month") - 1, of("day"), of("hour"), of("minute"));
}
