/** Who a message went to: the first few by name, the rest behind a word that opens the list. */
import { list } from "./format.js";
import { make } from "./make.js";
import { say } from "./words.js";

/** @typedef {{ name: string, address: string }} Person */

/** More than these make a paragraph of names before the letter. */
const SHOWN = 5;

/**
 * @param {{ id: "ui-to-line" | "ui-cc-line" | "ui-bcc-line", people: readonly Person[] }[]} lines
 * @param {(address: string) => boolean} isSelf
 * @returns {(Node | string)[]}
 */
export function peopleLine(lines, isSelf) {
  const name = (/** @type {Person} */ { name, address }) => (isSelf(address) ? say("ui-to-you") : name || address);
  const told = lines.filter(({ people }) => people.length > 0);
  // Whoever is named first is found first: oneself, wherever one stands in a long list.
  const ordered = told.map(({ id, people }) => ({ id, people: [...people].sort((one, other) => Number(isSelf(other.address)) - Number(isSelf(one.address))) }));
  const short = ordered.map(({ id, people }) => {
    const more = people.length - SHOWN;
    if (more <= 1) return say(id, { names: list(people.map(name)) });
    return say(id, { names: `${people.slice(0, SHOWN).map(name).join(", ")} ${say("ui-more-people", { count: more })}` });
  }).join("; ");
  if (ordered.every(({ people }) => people.length <= SHOWN + 1)) return [short];
  const every = ordered.map(({ id, people }) => make("p", { class: "note", tabindex: "0" }, say(id, { names: list(people.map(({ name: called, address }) => (called && called !== address ? `${called} <${address}>` : address))) })));
  return [make("details", { class: "people" }, make("summary", {}, short), ...every)];
}
