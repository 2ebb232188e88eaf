/**
 * Quoted text: found in what is read, made for what is written (RFC 3676 section 4.5: one ">" per level).
 */

/** @typedef {{ quoted: boolean, text: string }} Passage */

const MARKED = /^\s{0,2}>/u;
/** A quotation shorter than this stays open: folding two lines hides more than it saves. */
const FOLD_FROM = 4;

/**
 * Passages in their order, each wholly quoted or wholly the writer's own.
 * @param {string} text
 * @returns {Passage[]}
 */
export function passages(text) {
  /** @type {{ quoted: boolean, lines: string[] }[]} */
  const found = [];
  for (const line of text.replace(/\r\n?/gu, "\n").split("\n")) {
    const quoted = MARKED.test(line);
    const last = found.at(-1);
    if (last && last.quoted === quoted) last.lines.push(line);
    else found.push({ quoted, lines: [line] });
  }
  return found
    .map(({ quoted, lines }) => ({ quoted, text: lines.join("\n") }))
    .filter((passage) => passage.quoted || passage.text.trim() !== "");
}

/**
 * Whether a quotation is long enough to be folded away.
 * @param {Passage} passage
 */
export function folds(passage) {
  return passage.quoted && passage.text.split("\n").length >= FOLD_FROM;
}

/**
 * One level of quotation taken off every line: on the page a rule at the edge stands for the marks.
 * @param {string} text
 */
export function unquoted(text) {
  return text.replace(/^[^\S\n]{0,2}> ?/gmu, "");
}

/**
 * One level of quotation added to every line. Without the space before a mark that is already there,
 * so that deeper levels stay readable to other programs.
 * @param {string} text
 */
export function quoted(text) {
  return withoutLastLineEnds(text.replace(/\r\n?/gu, "\n"))
    .split("\n")
    .map((line) => (line.startsWith(">") ? `>${line}` : line === "" ? ">" : `> ${line}`))
    .join("\n");
}

/**
 * What stands before the signature separator "-- " (RFC 3676 section 4.3); an answer quotes no signatures.
 * @param {string} text
 */
export function withoutSignature(text) {
  const at = text.search(/^-- $/mu);
  return at === -1 ? text : withoutLastLineEnds(text.slice(0, at));
}

/**
 * By counting: a pattern goes through every run of empty lines once for each line in it, and a page stands still.
 * @param {string} text
 */
export function withoutLastLineEnds(text) {
  let end = text.length;
  while (end > 0 && text.charAt(end - 1) === "\n") end -= 1;
  return text.slice(0, end);
}
