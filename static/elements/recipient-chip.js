/** A recipient as a chip: the name, what they can read (words.md section 3.1), and what can be done with it. */
import { icon, make } from "./make.js";
import { say } from "./words.js";

/** @typedef {import("./answer.js").Mailbox} Mailbox */
/** @typedef {import("./recipient-state.js").Chip} Chip */

const DRAWINGS = { enc: "envelope", bare: "postcard", wait: "looking", held: "alert", blocked: "alert" };

/**
 * @param {Mailbox} mailbox
 * @param {{ hint: string, remove: () => void }} options  `hint`: id of the element that says which keys do what
 */
export function newChip(mailbox, { hint, remove }) {
  const name = mailbox.name || mailbox.address;
  return make("li", { class: "chip", "data-address": mailbox.address, draggable: "true" },
    // A real button cannot be dragged in every browser.
    make("span", { class: "chip-name", dir: "auto", title: mailbox.address, role: "button", tabindex: "-1", "aria-describedby": hint }, name),
    make("span", { class: "mark" }),
    make("button", { class: "chip-off", type: "button", "aria-label": say("ui-remove", { name }), click: remove }, icon("close", "icon-small")));
}

/**
 * @param {HTMLElement} element
 * @param {Chip | undefined} state
 * @param {() => void} decide  the person presses a chip that is held
 */
export function markChip(element, state, decide) {
  const mark = element.querySelector(".mark");
  if (!state || !mark || element.dataset["state"] === state.id) return;
  element.dataset["state"] = state.id;
  element.dataset["effect"] = state.effect;
  element.classList.toggle("chip-ask", state.level === "warning" || state.level === "stop" || state.id === "to-invalid");
  const verified = state.id === "to-verified";
  const look = verified ? " mark-holds" : element.classList.contains("chip-ask") ? " mark-stop" : "";
  const drawing = icon(verified ? "sealed" : DRAWINGS[state.effect], state.effect === "wait" ? "turns" : "");
  const words = make("span", {}, say(`${state.id}.chip`));
  mark.replaceWith(state.effect === "held" && state.id !== "to-invalid"
    ? make("button", { class: `mark chip-decide${look}`, type: "button", click: decide }, drawing, words)
    : make("span", { class: `mark${look}` }, drawing, words));
}
