/** Times that are offered for sending later, in the person's own zone, and how a chosen one is said. Pure. */
import { dayTime, language } from "./format.js";

/** @typedef {{ word: string, at: Date }} Offer */

/**
 * A day of the person's own calendar at an hour of their own clock: adding 24 hours would miss it twice a year.
 * @param {Date} now
 * @param {number} days from today
 * @param {number} hour
 */
function onDay(now, days, hour) {
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + days, hour);
}

/**
 * @param {Date} now
 * @returns {Offer[]} soonest first
 */
export function offers(now) {
  /** @type {Offer[]} */
  const all = [];
  if (now < onDay(now, 0, 13)) all.push({ word: "ui-later-afternoon", at: onDay(now, 0, 14) });
  all.push({ word: "ui-later-tomorrow", at: onDay(now, 1, 8) });
  const days = (8 - now.getDay()) % 7 || 7;
  if (days > 1) all.push({ word: "ui-later-monday", at: onDay(now, days, 8) });
  return all;
}

/**
 * As short as it is clear: the time today, the weekday within a week, else the date.
 * @param {Date} at
 * @param {Date} now
 */
export function spoken(at, now) {
  if (at >= onDay(now, 0, 0) && at < onDay(now, 1, 0)) return new Intl.DateTimeFormat(language(), { timeStyle: "short" }).format(at);
  if (at >= now && at < onDay(now, 7, 0)) return new Intl.DateTimeFormat(language(), { weekday: "short", hour: "numeric", minute: "2-digit" }).format(at);
  return dayTime(at);
}

/** The value of an <input type="datetime-local"> for a time. @param {Date} at */
export function fieldValue(at) {
  /** @param {number} value */
  const two = (value) => String(value).padStart(2, "0");
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}T${two(at.getHours())}:${two(at.getMinutes())}`;
}
