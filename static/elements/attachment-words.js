/** Whether a text speaks of a file that goes along: words in English, German and Chinese. */
import { passages } from "./quote.js";

const WORDS = [
  /\b(?:attach(?:ed|ing|ments?)?|enclos(?:ed|ing|ures?))\b/iu,
  /(?<!\p{L})(?:anbei|anhang|anhänge|anh[äa]nge?n|angehängt\p{L}*|beigefügt\p{L}*|beiliegend\p{L}*|beilage|anliegend\p{L}*|(?:in\s+der|als|siehe)\s+anlagen?|hänge\s+(?:ich|wir|dir|ihnen|euch)|füge\s+(?:ich|wir|dir|ihnen|euch))(?!\p{L})/iu,
  /附件|附上|附檔|附档|附图|附圖|随附|隨附|随信附|见附|見附|附有/u,
];

/**
 * @param {string} text
 * @param {readonly string[]} without  passages that are not the writer's new words: a forwarded text, a signature
 */
export function speaksOfFile(text, without = []) {
  let own = text;
  for (const passage of without) if (passage.trim() !== "") own = own.replace(passage.trim(), "");
  const words = passages(own).filter(({ quoted }) => !quoted).map((passage) => passage.text).join("\n").replace(/^-- \n[^]*$/mu, "");
  return WORDS.some((pattern) => pattern.test(words));
}
