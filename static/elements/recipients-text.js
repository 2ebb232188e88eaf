/**
 * Recipients as people type and paste them: "Bob <bob@example.test>, dana@elsewhere.example".
 */

/** @typedef {import("./answer.js").Mailbox} Mailbox */

/**
 * @param {string} text
 * @returns {Mailbox[]} what is no address keeps its text as `address`, so that the chip can say so
 */
export function mailboxes(text) {
  return pieces(text).map(mailbox).filter(({ address }) => address !== "");
}

/**
 * Cut at commas, semicolons and line ends, but not inside quotes or angle brackets.
 * @param {string} text
 */
function pieces(text) {
  const found = [""];
  let quoted = false;
  let angled = false;
  for (const character of text) {
    if (character === '"') quoted = !quoted;
    else if (!quoted && character === "<") angled = true;
    else if (!quoted && character === ">") angled = false;
    if (/[\r\n]/u.test(character) || (!quoted && !angled && /[,;，；、]/u.test(character))) {
      found.push("");
      [quoted, angled] = [false, false];
    } else found[found.length - 1] += character;
  }
  return found;
}

/**
 * @param {string} piece
 * @returns {Mailbox}
 */
function mailbox(piece) {
  const text = piece.trim().replace(/^mailto:/iu, "");
  const angled = /^(.*)<([^<>]*)>$/su.exec(text);
  if (!angled) return { name: "", address: text };
  const name = (angled[1] ?? "").trim().replace(/^"(.*)"$/su, "$1").replace(/\\(.)/gu, "$1").trim();
  return { name, address: (angled[2] ?? "").trim() };
}
