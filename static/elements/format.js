/** Dates, sizes and numbers as the person's language writes them, by Intl. */

/** The page's language, in the region's variety that the person has set in the browser: en-GB writes 14:30, en-US 2:30 PM. */
export function language() {
  const page = document.documentElement.lang || "en";
  const plain = page.split("-")[0];
  return (page === plain && navigator.languages.find((one) => one.split("-")[0] === plain)) || page;
}

/** @type {Map<string, Intl.DateTimeFormat>} */
const formats = new Map();

/** @param {string} name @param {Intl.DateTimeFormatOptions} options */
function format(name, options) {
  const key = `${language()} ${name}`;
  let kept = formats.get(key);
  if (!kept) {
    kept = new Intl.DateTimeFormat(language(), options);
    formats.set(key, kept);
  }
  return kept;
}

/** @param {Date} date @param {Date} other */
function sameDay(date, other) {
  return date.getFullYear() === other.getFullYear() && date.getMonth() === other.getMonth() && date.getDate() === other.getDate();
}

/**
 * As short as it can be told apart: the time today, the weekday this week, the day this year, else the date.
 * @param {Date} date
 * @param {Date} [now]
 */
export function rowDate(date, now = new Date()) {
  if (sameDay(date, now)) return format("time", { timeStyle: "short" }).format(date);
  const days = (now.getTime() - date.getTime()) / 86_400_000;
  if (days > 0 && days < 6) return format("weekday", { weekday: "short" }).format(date);
  if (date.getFullYear() === now.getFullYear()) return format("day", { day: "numeric", month: "short" }).format(date);
  return format("short", { day: "numeric", month: "short", year: "numeric" }).format(date);
}

/** `3 May 2026` @param {Date} date */
export function day(date) {
  return format("long-day", { day: "numeric", month: "long", year: "numeric" }).format(date);
}

/** `3 May 2026, 11:42` @param {Date} date */
export function dayTime(date) {
  return format("day-time", { dateStyle: "medium", timeStyle: "short" }).format(date);
}

/** With weekday, seconds and zone, for those who look closely. @param {Date} date */
export function fullDate(date) {
  return format("full", { dateStyle: "full", timeStyle: "long" }).format(date);
}

/** `412 kB`, `1.8 MB`: decimal units, as disks and mail servers count. @param {number} bytes */
export function size(bytes) {
  const units = /** @type {const} */ (["byte", "kilobyte", "megabyte", "gigabyte"]);
  let step = 0;
  let value = bytes;
  while (value >= 999.5 && step < units.length - 1) {
    value /= 1000;
    step += 1;
  }
  const digits = step > 1 && value < 9.95 ? 1 : 0;
  return new Intl.NumberFormat(language(), { style: "unit", unit: units[step], unitDisplay: step ? "short" : "long", maximumFractionDigits: digits }).format(value);
}

/** @param {number} value */
export function number(value) {
  return new Intl.NumberFormat(language()).format(value);
}

/** @param {number} share from 0 to 1 */
export function percent(share) {
  return new Intl.NumberFormat(language(), { style: "percent" }).format(share);
}

/** `Bob, Dana and Alice` @param {string[]} names */
export function list(names) {
  return new Intl.ListFormat(language(), { type: "conjunction" }).format(names);
}
