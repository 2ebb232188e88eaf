/** One contact, one group as a row of the page of contacts. */
import { day } from "./format.js";
import { icon, make } from "./make.js";
import { say } from "./words.js";

/** @typedef {import("../crypto/contacts.js").Contact} Contact */
/** @typedef {import("../crypto/contacts.js").Group} Group */
/** @typedef {{ write: () => void, edit: () => void, remove: () => void }} Acts */

/** @param {Contact} contact @param {Acts} acts */
export function personRow(contact, acts) {
  const { name, address } = contact;
  return row("person", name || address, [name ? address : "", mail(contact)].filter(Boolean), acts, address);
}

/** @param {Group} group @param {string[]} names of its members @param {Acts} acts */
export function groupRow(group, names, acts) {
  const few = names.slice(0, 5).join(", ") + (names.length > 5 ? "…" : "");
  return row("people", group.name, [say("ui-group-count", { count: names.length }), few].filter(Boolean), acts, group.group);
}

/** @param {Contact} contact what there was between them */
function mail({ sent, got, last }) {
  const date = last > 0 ? day(new Date(last * 1000)) : "";
  if (sent > 0) return say("ui-contact-sent", { count: sent, date });
  return got > 0 ? say("ui-contact-got", { date }) : say("ui-contact-added");
}

/** @param {string} drawing @param {string} name @param {string[]} lines @param {Acts} acts @param {string} id */
function row(drawing, name, lines, { write, edit, remove }, id) {
  const act = (/** @type {string} */ word, /** @type {string} */ sign, /** @type {() => void} */ run) => {
    const label = say(word, { name });
    return make("button", { class: "tool", type: "button", "aria-label": label, title: label, click: run }, icon(sign));
  };
  return make("li", { class: "setting contacts-row", "data-id": id }, icon(drawing),
    make("div", {}, make("p", { class: "subhead", dir: "auto" }, name), ...lines.map((line) => make("p", { class: "note", dir: "auto" }, line))),
    make("div", { class: "contacts-acts" }, act("ui-contact-write", "envelope", write), act("ui-contact-edit", "write", edit), act("ui-contact-delete", "trash", remove)));
}
