/** The signature in the text: above what is quoted, under its separator (RFC 3676 section 4.3), exchanged with the identity. */

/** As it stands in the text; "" for none. @param {string} signature */
export function signed(signature) {
  const text = signature.replace(/\s+$/u, "");
  return text === "" ? "" : `-- \n${text}`;
}

/**
 * The text of a new message with its signature: room to write, the signature, what is quoted.
 * @param {string} text  what there is to begin with
 * @param {string} quote  the part of it that is somebody else's, with the line above it
 * @param {string} signature
 */
export function withSignature(text, quote, signature) {
  const block = signed(signature);
  if (block === "") return text;
  const theirs = quote.trim();
  const at = theirs === "" ? -1 : text.lastIndexOf(theirs);
  if (at === -1) return `${text.trimEnd()}\n\n${block}\n`;
  return `${text.slice(0, at).trimEnd()}\n\n${block}\n\n${text.slice(at)}`;
}
