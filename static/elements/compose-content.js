/** What stands in the composer, as a draft holds it, and back. */

/** @typedef {import("./composer-parts.js").ComposerParts} ComposerParts */
/** @typedef {import("./attached-files.js").AttachedFiles} AttachedFiles */
/** @typedef {import("./compose-answer.js").Beginning} Beginning */
/** @typedef {import("../crypto/draft-content.js").Content} Content */
/** @typedef {{begun: Beginning | null, answeringEncrypted: boolean}} Context what it answers */

const LISTS = /** @type {const} */ (["to", "cc", "bcc"]);
/** What the server said of the message that is answered; the draft remembers it for a page that does not know it. */
const ANSWERED = /** @type {const} */ (["how", "answered", "mailbox", "uidvalidity", "uid"]);

/**
 * @param {ComposerParts} parts
 * @param {AttachedFiles} files
 * @param {Context} context
 * @returns {Content}
 */
export function contentOf(parts, files, { begun, answeringEncrypted }) {
  const text = parts.text.value;
  const quote = (begun?.quote ?? "").trim();
  const at = quote === "" ? -1 : text.indexOf(quote);
  const answered = Object.fromEntries(ANSWERED.map((name) => [name, parts.data(name)]).filter(([, value]) => value !== ""));
  const [to, cc, bcc] = LISTS.map((name) => parts.field(name).recipients);
  return {
    from: { name: parts.data("name"), address: parts.data("self") }, to, cc, bcc, subject: parts.subject.value, text,
    html: null, inline: [], attachments: files.files, inReplyTo: begun?.inReplyTo ?? null, references: begun?.references ?? [],
    extra: { answered, answeringEncrypted, ...(at < 0 ? {} : { quote: [at, quote.length] }) },
  };
}

/**
 * @param {Omit<Content, "from">} content
 * @param {ComposerParts} parts
 * @param {AttachedFiles} files
 * @returns {Context}
 */
export function fillFrom(content, parts, files) {
  const { extra, subject, text, inReplyTo, references } = content;
  const answered = /** @type {Record<string, unknown>} */ (extra["answered"] ?? {});
  for (const name of ANSWERED) if (typeof answered[name] === "string") parts.host.dataset[name] = answered[name];
  for (const name of LISTS) {
    empty(parts, name);
    if (content[name].length > 0) parts.unfold(name);
    parts.field(name).add(content[name]);
  }
  parts.subject.value = subject;
  parts.text.value = text;
  files.replace(content.attachments);
  const [start = 0, length = 0] = Array.isArray(extra["quote"]) ? extra["quote"].map(Number) : [];
  const begun = { to: [], cc: [], subject: "", text: "", quote: text.slice(start, start + length), inReplyTo, references };
  return { begun: inReplyTo === null && length === 0 && !answered["answered"] ? null : begun, answeringEncrypted: extra["answeringEncrypted"] === true };
}

/** Nothing readable is left. @param {ComposerParts} parts @param {AttachedFiles} files */
export function clear(parts, files) {
  for (const name of LISTS) empty(parts, name);
  parts.subject.value = "";
  parts.text.value = "";
  files.replace([]);
}

/** @param {ComposerParts} parts @param {"to" | "cc" | "bcc"} name */
function empty(parts, name) {
  for (const { address } of parts.field(name).recipients) parts.field(name).takeOut(address);
}
