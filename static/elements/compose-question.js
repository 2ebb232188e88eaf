/**
 * Questions before sending stand in the page, between the subject and the text (words.md section 3.4).
 * The first action is the recommended one and gets the focus; the last is the risky one and never takes Enter by chance.
 */
import { make } from "./make.js";

/** @typedef {{ label: string, act: () => void }} Choice */

/**
 * Asks, and takes the question away when one of the choices is taken.
 * @param {HTMLElement} place
 * @param {{ id: string, question: string, text: string, choices: Choice[], warn?: boolean }} asked
 */
export function ask(place, { id, question, text, choices, warn = true }) {
  const buttons = choices.map(({ label, act }, index) => {
    const last = index === choices.length - 1 && index > 0;
    return make("button", { class: index === 0 ? "button" : last && warn ? "button button-plain warned" : "button button-plain", type: "button", click: () => {
      place.replaceChildren();
      act();
    } }, label);
  });
  place.replaceChildren(make("div", { class: "ask", role: "group", "data-question": id, "aria-labelledby": "compose-question" },
    make("p", { class: warn ? "legend warned" : "legend", id: "compose-question" }, question),
    make("p", { class: "note" }, text),
    make("div", { class: "ask-row actions" }, ...buttons)));
  buttons[0]?.focus();
}
