/**
 * What one writes with, in the composer: the text in its format, the identity with its signature, templates, and the
 * question after a file that was spoken of. All of it is the person's own and begins when their keys are open.
 */
import { crypto } from "../crypto/client.js";
import { speaksOfFile } from "./attachment-words.js";
import { ComposeBody } from "./compose-body.js";
import { ComposeIdentity } from "./compose-identity.js";
import { canKeep, identities, settings } from "./compose-kept.js";
import { ask } from "./compose-question.js";
import { ComposeTemplates } from "./compose-templates.js";
import { list } from "./format.js";
import { make } from "./make.js";
import { signed, withSignature } from "./signature.js";
import { reportUnlessLocked } from "./unless-locked.js";
import { say } from "./words.js";

/** @typedef {import("./compose-kept.js").Identity} Identity */
/** @typedef {import("./composer-parts.js").ComposerParts} ComposerParts */
/** @typedef {import("./rich-text.js").RichText} RichText */

/** A signature that comes later than this (ms) would come into what the person is writing. */
const SOON = 6_000;

export class ComposeWriting {
  #started = performance.now();
  #quote = "";
  #begun = "";
  #dressed = false;
  #asked = false;
  #fresh = false;
  /** As whom a draft was begun. */
  #resumed = "";
  /** Whether the identities are. */
  #known = false;

  /**
   * @param {ComposerParts} parts
   * @param {{ files: import("./attached-files.js").AttachedFiles, signal: AbortSignal, changed: () => void }} options
   */
  constructor(parts, { files, signal, changed }) {
    this.parts = parts;
    this.files = files;
    this.changed = changed;
    const rich = /** @type {RichText} */ (parts.slot("rich"));
    customElements.upgrade(rich);
    this.body = new ComposeBody(parts.text, rich);
    parts.slot("looks").replaceChildren(rich.toolbar);
    this.identity = new ComposeIdentity(parts.slot("from"), { name: parts.data("name"), address: parts.data("self") }, (before, after) => this.#exchange(before, after));
    new ComposeTemplates(parts, this, signal);
    this.body.hidden = false;
    this.#format = parts.host.querySelector("[data-format]");
    this.#format?.addEventListener("click", () => this.toggle(), { signal });
    rich.addEventListener("rich-files", (event) => files.add(/** @type {CustomEvent} */ (event).detail), { signal });
    rich.addEventListener("rich-dropped", () => (parts.slot("drop").hidden = true), { signal });
    crypto.addEventListener("unlocked", () => void this.#dress(), { signal });
  }

  #format;

  /** Nothing of what it began with is left. */
  forget() {
    [this.#quote, this.#begun, this.#fresh] = ["", "", false];
  }

  /** The text that the message began with. What was not changed in it, nobody wrote. */
  get begun() {
    return this.#begun;
  }

  /** What the letter says of it. */
  get letter() {
    const { body, identity } = this;
    return { from: identity.from, replyTo: identity.replyTo, text: body.text, html: body.html, inline: body.inline };
  }

  /** As whom it is written. What is not known here yet is kept as it was. */
  get identityId() {
    return (this.#known ? "" : this.#resumed) || this.identity.chosen.id;
  }

  /** The new words alone: without the quotation and the signature. */
  get own() {
    const passages = [this.#quote.trim(), signed(this.identity.chosen.signature)];
    return passages.reduce((text, passage) => (passage === "" ? text : text.replace(passage, "")), this.body.text).trim();
  }

  /** Passages that are not the new words. */
  get others() {
    return [this.#quote.trim(), signed(this.identity.chosen.signature)].filter((passage) => passage !== "");
  }

  /**
   * The text is there as it begins; what the person chose for new messages comes to it.
   * @param {string} quote  the part of it that is somebody else's
   */
  async begin(quote) {
    [this.#quote, this.#begun, this.#fresh] = [quote, this.body.text, true];
    await this.#dress();
  }

  /**
   * A draft as it was left. It has the signature that it had.
   * @param {{ text: string, html: string | null, inline: { id: string, file: File }[], quote: string, identity: string }} draft
   */
  async resume({ text, html, inline, quote, identity }) {
    [this.#quote, this.#begun, this.#fresh, this.#resumed] = [quote, "", false, identity];
    if (html === null) {
      this.body.become("plain");
      this.body.begin(text);
    } else await this.body.beginRich(html, inline);
    this.showFormat();
    this.#dressed = this.#known = false;
    await this.#dress();
  }

  async #dress() {
    if (this.#dressed || !canKeep()) return;
    this.#dressed = true;
    let mine, all;
    try {
      [mine, all] = await Promise.all([settings(), identities()]);
    } catch (error) {
      // The text is the person's own without them, and must not wait for them.
      this.#dressed = false;
      reportUnlessLocked(error);
      return;
    }
    if (!this.parts.host.isConnected) return;
    this.identity.show(all, this.#resumed || mine.identity);
    this.#known = true;
    const untouched = this.body.text === this.#begun;
    if (!this.#fresh || !(untouched || performance.now() - this.#started < SOON)) return;
    const { plain } = this.body;
    const [focused, at] = [document.activeElement === plain, plain.selectionStart];
    const text = withSignature(this.body.text, this.#quote, this.identity.chosen.signature);
    this.#begun = withSignature(this.#begun, this.#quote, this.identity.chosen.signature);
    if (text !== this.body.text) this.body.begin(text);
    if (mine.format === "rich" && untouched) this.#become("rich");
    if (focused && this.body.format === "rich") this.body.focus("start");
    else if (focused) plain.setSelectionRange(at, at);
    this.changed();
  }

  /** The keys of the composer that are not the rich text's own. @param {KeyboardEvent} event @returns {boolean} whether it was one */
  keyed(event) {
    if (event.defaultPrevented || !(event.ctrlKey || event.metaKey) || !event.shiftKey || event.altKey) return false;
    const key = event.key.toLowerCase();
    if (key === "f") this.toggle();
    else if (key === "a") this.#chooseFiles();
    else return false;
    event.preventDefault();
    return true;
  }

  #chooseFiles() {
    /** @type {HTMLElement | null} */ (this.parts.host.querySelector("[data-attach]"))?.click();
  }

  // --- format ---

  toggle() {
    if (this.body.format === "plain") this.#become("rich");
    else if (this.body.looks.length === 0) this.#become("plain");
    else this.#askPlain();
    if (this.parts.slot("question").childElementCount === 0) this.body.focus();
  }

  #askPlain() {
    const looks = this.body.looks;
    const words = looks.filter((look) => look !== "picture").map((look) => say(`ui-look-${look}`));
    const sentences = [words.length > 0 ? say("ui-format-loses.detail", { looks: list(words) }) : "", looks.includes("picture") ? say("ui-format-pictures") : ""];
    ask(this.parts.slot("question"), {
      id: "plain", question: say("ui-format-loses"), text: sentences.filter((sentence) => sentence !== "").join(" "), warn: false,
      choices: [
        { label: say("ui-format-keep"), act: () => this.body.focus() },
        { label: say("ui-format-act"), act: () => {
          this.files.add(this.body.inline.map(({ file }) => file));
          this.#become("plain");
          this.body.focus();
        } },
      ],
    });
  }

  /** @param {import("./compose-body.js").Format} format */
  #become(format) {
    this.body.become(format);
    this.showFormat();
    this.changed();
  }

  /** The button says what it would do. */
  showFormat() {
    const rich = this.body.format === "rich";
    this.#format?.setAttribute("aria-pressed", String(rich));
    this.files.toText = rich ? (file) => {
      this.files.remove(file);
      void this.body.rich.insertPictures([file]).catch(reportError);
    } : null;
  }

  // --- identity ---

  /** @param {Identity} before @param {Identity} after */
  #exchange(before, after) {
    const untouched = this.body.text.trim() === this.#begun.trim();
    const [old, now] = [signed(before.signature), signed(after.signature)];
    const quote = this.#quote.trim();
    if (old !== now) {
      // One that the person has changed in the text stays theirs.
      if (old !== "") this.body.replace(old, now);
      else if (quote === "" || !this.body.replace(quote, `${now}\n\n${quote}`)) this.body.append(`\n${now}`);
    }
    if (untouched) this.#begun = this.body.text;
    this.changed();
  }

  // --- a file that was spoken of ---

  /**
   * Asks once whether a file was forgotten; true while it asks.
   * @param {string} words  of the button that sends
   * @param {() => void} go
   */
  forgotFile(words, go) {
    if (this.#asked || this.files.files.length > 0 || this.body.inline.length > 0 || !speaksOfFile(this.body.text, this.others)) return false;
    this.#asked = true;
    ask(this.parts.slot("question"), {
      id: "forgot-file", question: say("ui-forgot-file"), text: say("ui-forgot-file.detail"), warn: false,
      choices: [
        { label: say("ui-attach"), act: () => this.#chooseFiles() },
        { label: say("ui-keep-writing"), act: () => this.body.focus() },
        { label: words, act: go },
      ],
    });
    return true;
  }

  /** A sentence that goes away with the next change. @param {string} sentence */
  tell(sentence) {
    this.parts.slot("question").replaceChildren(make("p", { class: "note", role: "status" }, sentence));
  }
}
