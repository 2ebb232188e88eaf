/** Sentences of words.md put into the page: the line, what stands behind it, and its level. */

import { icon, make } from "./make.js";
import { say } from "./words.js";

/** @typedef {"calm" | "note" | "stop"} Level */

/**
 * Puts a sentence into `host`, which is a live region, or empties and hides it for null.
 * @param {HTMLElement} host
 * @param {string | null} id
 * @param {{level?: Level, values?: Record<string, string | number>, detail?: string}} [more]  `detail` is a sentence, not an id
 */
export function tell(host, id, { level = "note", values = {}, detail = "" } = {}) {
  host.replaceChildren();
  host.hidden = id === null;
  if (id === null) {
    delete host.dataset.word;
    return;
  }
  host.dataset.word = id;
  const line = say(id, values);
  host.className = level === "stop" ? "warning" : "told";
  if (level === "stop") {
    host.append(icon("alert"), make("p", { class: "warning-head" }, line), make("div", { class: "warning-body" }, detail && make("p", {}, detail)));
  } else {
    host.append(icon(level === "note" ? "info" : "check"), make("p", {}, make("span", {}, line), detail && make("span", { class: "note" }, detail)));
  }
}
