/** Contacts as vCard: 4.0 (RFC 6350), or 3.0 (RFC 2426) for older programs. Groups are categories, which both can say. */

/** @typedef {{ name: string, address: string, groups: string[] }} Entry */

/** @param {readonly Entry[]} entries @param {"3.0" | "4.0"} version @returns {string} */
export function writeCards(entries, version) {
  return entries.map(({ name, address, groups }) => [
    "BEGIN:VCARD", `VERSION:${version}`, `FN:${escaped(name || address)}`,
    // 3.0 wants the name in parts, which we do not have.
    ...(version === "3.0" ? [`N:${escaped(name || address)};;;;`] : []),
    `${version === "3.0" ? "EMAIL;TYPE=INTERNET" : "EMAIL"}:${escaped(address)}`,
    ...(groups.length > 0 ? [`CATEGORIES:${groups.map(escaped).join(",")}`] : []),
    "END:VCARD", "",
  ].map(folded).join("\r\n")).join("");
}

/** @param {string} text */
function escaped(text) {
  return text.replace(/[\\,;]/gu, "\\$&").replace(/\r\n|\r|\n/gu, "\\n");
}

/** At most 75 bytes in a line, and no character cut in two (RFC 6350 section 3.2). @param {string} line */
function folded(line) {
  const lines = [""];
  let bytes = 0;
  for (const character of line) {
    const size = new TextEncoder().encode(character).length;
    if (bytes + size > 75) {
      lines.push("");
      bytes = 1;
    }
    lines[lines.length - 1] += character;
    bytes += size;
  }
  return lines.join("\r\n ");
}
