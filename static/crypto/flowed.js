/** format=flowed (RFC 3676): paragraphs that were cut into lines, put together again. */

/**
 * @param {string} text with LF
 * @param {boolean} delSp DelSp=yes
 * @returns {string}
 */
export function unflow(text, delSp) {
  /** @type {string[]} */
  const lines = [];
  /** Quote depth of the paragraph that the next line may continue, or -1. */
  let open = -1;
  for (const raw of text.split("\n")) {
    const quote = /^>*/.exec(raw)?.[0].length ?? 0;
    let line = raw.slice(quote);
    // One space was put before a line that began with a space, ">" or "From" (section 4.4).
    if (line.startsWith(" ")) line = line.slice(1);
    const signature = line === "-- ";
    const flows = line.endsWith(" ") && !signature;
    if (flows && delSp) line = line.slice(0, -1);
    if (open === quote && !signature) lines[lines.length - 1] += line;
    else lines.push(`${">".repeat(quote)}${quote > 0 && line !== "" ? " " : ""}${line}`);
    open = flows ? quote : -1;
  }
  return lines.join("\n");
}
