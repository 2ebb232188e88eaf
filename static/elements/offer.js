/** A line between the head of a message and its text that says something without colour, and may offer an act. */
import { icon, make } from "./make.js";

/**
 * @param {string} drawing
 * @param {string} sentence
 * @param {string} id  what it is about, for whoever looks for it
 * @param {...Node} acts
 */
export function offer(drawing, sentence, id, ...acts) {
  return make("div", { class: "offer", "data-notice": id }, icon(drawing), make("span", { class: "offer-words" }, sentence), acts.length > 0 && make("div", { class: "actions" }, ...acts));
}
