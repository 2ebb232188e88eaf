/** What stands in the composer, as a draft holds it, and back. */

/** @typedef {import("./composer-parts.js").ComposerParts} ComposerParts */
/** @typedef {import("./attached-files.js").AttachedFiles} AttachedFiles */
/** @typedef {import("./compose-answer.js").Beginning} Beginning */
/** @typedef {import("./compose-writing.js").ComposeWriting} ComposeWriting */
/** @typedef {import("../crypto/draft-content.js").Content} Content */
/** @typedef {{begun: Beginning | null, answeringEncrypted: boolean}} Context what it answers */

const LISTS = /** @type {const} */ (["to", "cc", "bcc"]);
/** What the server said of the message that is answered; the draft remembers it for a page that does not know it. */
const ANSWERED = /** @type {const} */ (["how", "answered", "mailbox", "uidvalidity", "uid"]);

/**
 * @param {ComposerParts} parts
 * @param {AttachedFiles} files
 * @param {ComposeWriting} writing
 * @param {Context} context
 * @returns {Content}
 */
export function contentOf(parts, files, writing, { begun, answeringEncrypted }) {
  const text = parts.text.value;
  const quote = (begun?.quote ?? "").trim();
  const at = quote === "" ? -1 : text.indexOf(quote);
  const answered = Object.fromEntries(ANSWERED.map((name) => [name, parts.data(name)]).filter(([, value]) => value !== ""));
  const [to, cc, bcc] = LISTS.map((name) => parts.field(name).recipients);
  return {
    from: { name: parts.data("name"), address: parts.data("self") }, to, cc, bcc, subject: parts.subject.value, text,
    html: writing.body.html, inline: writing.body.inline, attachments: files.files, inReplyTo: begun?.inReplyTo ?? null, references: begun?.references ?? [],
    extra: { answered, answeringEncrypted, identity: writing.identityId, ...(at < 0 ? {} : { quote: [at, quote.length] }) },
  };
}

/**
 * @param {Omit<Content, "from">} content
 * @param {ComposerParts} parts
 * @param {AttachedFiles} files
 * @param {ComposeWriting} writing
 * @returns {Promise<Context>}
 */
export async function fillFrom(content, parts, files, writing) {
  const { extra, subject, text, html, inline, inReplyTo, references } = content;
  const answered = /** @type {Record<string, unknown>} */ (extra["answered"] ?? {});
  for (const name of ANSWERED) if (typeof answered[name] === "string") parts.host.dataset[name] = answered[name];
  for (const name of LISTS) {
    empty(parts, name);
    if (content[name].length > 0) parts.unfold(name);
    parts.field(name).add(content[name]);
  }
  parts.subject.value = subject;
  files.replace(content.attachments);
  const [start = 0, length = 0] = Array.isArray(extra["quote"]) ? extra["quote"].map(Number) : [];
  const begun = { to: [], cc: [], subject: "", text: "", quote: text.slice(start, start + length), inReplyTo, references };
  await writing.resume({ text, html, inline, quote: begun.quote, identity: String(extra["identity"] ?? "") });
  return { begun: inReplyTo === null && length === 0 && !answered["answered"] ? null : begun, answeringEncrypted: extra["answeringEncrypted"] === true };
}

/** Nothing readable is left. @param {ComposerParts} parts @param {AttachedFiles} files @param {ComposeWriting} writing */
export function clear(parts, files, writing) {
  for (const name of LISTS) empty(parts, name);
  parts.subject.value = "";
  writing.forget();
  writing.body.begin("");
  writing.body.rich.pictures.forget();
  files.replace([]);
  parts.slot("question").replaceChildren();
}

/** @param {ComposerParts} parts @param {"to" | "cc" | "bcc"} name */
function empty(parts, name) {
  for (const { address } of parts.field(name).recipients) parts.field(name).takeOut(address);
}
