/**
 * Which of the texts of a message an answer or a forward quotes: those of one voice, never two that only look like one.
 *
 * What stands in a card was signed, or came, apart from the rest. Quoted together they would go out as the words of one
 * person (docs/decisions/0060-what-an-answer-quotes.md). What was decrypted in a card is never among these texts.
 */

/** @typedef {{ card: number | null, text: () => string }} Told */

/** In these the marked part is the letter, and what stands around it was added on the way. */
const CARD_IS_THE_LETTER = new Set(["sig-list-footer", "sig-inline"]);

/**
 * @param {readonly Told[]} told  in their order
 * @param {string} sig  what is said about the signature of the message
 * @returns {string}
 */
export function quotedParts(told, sig) {
  const own = words(told.filter(({ card }) => card === null));
  const first = told.find(({ card, text }) => card !== null && text().trim() !== "")?.card;
  const carded = first === undefined ? "" : words(told.filter(({ card }) => card === first));
  return CARD_IS_THE_LETTER.has(sig) ? carded || own : own || carded;
}

/** @param {readonly Told[]} told */
function words(told) {
  const texts = told.map(({ text }) => text());
  return texts.some((text) => text.trim() !== "") ? texts.join("\n\n") : "";
}
