/** What the composer says about the state it is in: the values of the button's words, and notes under the subject. */
import { list, size } from "./format.js";
import { make } from "./make.js";
import { say } from "./words.js";

/** @typedef {import("./recipient-state.js").Chip} Chip */
/** @typedef {import("./send-state.js").SendState} SendState */
/** @typedef {{ address: string, chip: Chip }[]} Recipients */

/** More sentences than this are no help; the chips themselves say it in two words each. */
const MOST_NOTES = 8;

/**
 * @param {SendState} state
 * @param {Recipients} recipients
 * @param {{ bytes: number, limit: number }} sizes
 * @returns {Record<string, string | number>}
 */
export function wordValues(state, recipients, { bytes, limit }) {
  const [first] = state.who;
  const chip = recipients.find(({ address }) => address === first)?.chip;
  // Clear for one is clear for all (design D11), so all of them are counted and named.
  const everybody = recipients.map(({ address }) => address);
  return {
    who: state.who.length === 1 ? first ?? "" : say("ui-people", { count: state.who.length }),
    n: everybody.length,
    address: state.id === "send-partly" ? list(everybody) : first ?? "",
    chip: first ?? "",
    chip_sentence: chip ? say(chip.id, chip.values) : "",
    organisation: chip?.values["organisation"] ?? "",
    limit: size(limit),
    size: size(bytes),
  };
}

/**
 * What the chips say while the message is to go as the button says: clear for one is clear for all (design D11), so
 * nobody stands there as "Encrypted" then.
 * @param {SendState} state
 * @param {Recipients} recipients
 * @returns {Recipients}
 */
export function asSent(state, recipients) {
  if (state.protection !== "clear" && state.protection !== "signed") return recipients;
  return recipients.map(({ address, chip }) => ({ address, chip: chip.effect === "enc" ? { ...chip, id: "to-clear", level: "note" } : chip }));
}

/**
 * What is worth knowing, in sentences: a chip has room for two words only.
 * @param {HTMLElement} place
 * @param {Recipients} recipients
 * @param {{ state: SendState, signs: boolean, hidden: boolean, self: string }} now
 */
export function notes(place, recipients, { state, signs, hidden, self }) {
  // Whom the button's own sentence names as getting it in the clear is not named again.
  const worth = recipients.filter(({ chip }) => (chip.level !== "calm" || chip.effect === "wait") && !(chip.id === "to-clear" && chip.effect === "enc"));
  const lines = worth.slice(0, MOST_NOTES).map(({ chip }) => note(chip.id, say(chip.id, chip.values), chip.level));
  if (recipients.some(({ chip }) => chip.effect === "bare")) lines.push(note("write-subject", say("write-subject")));
  if (!signs && recipients.length > 0) lines.push(note("write-unsigned", say("write-unsigned", { from: self })));
  if (hidden) lines.push(note("locked", say("ui-locked-writing")));
  // A live region speaks when it changes; the same words again would be read again.
  if (place.textContent !== lines.map((line) => line.textContent).join("")) place.replaceChildren(...lines);
}

/**
 * @param {string} id
 * @param {string} sentence
 * @param {string} [level]
 */
function note(id, sentence, level = "note") {
  return make("p", { class: level === "warning" || level === "stop" ? "note warned" : "note", "data-note": id }, sentence);
}
