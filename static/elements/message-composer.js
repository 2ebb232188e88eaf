/**
 * `<message-composer>`: writing a message. What is written stays in this page until the worker has built finished
 * bytes from it; the server gets those, and for an encrypted message they are ciphertext.
 */
import "./recipient-field.js";
import "./send-button.js";
import { crypto } from "../crypto/client.js";
import { CryptoError } from "../crypto/errors.js";
import { key } from "./answer.js";
import { AttachedFiles, takeFiles } from "./attached-files.js";
import { answeredFlag, beginning } from "./compose-answer.js";
import { clear, contentOf, fillFrom } from "./compose-content.js";
import { decide, question } from "./compose-decisions.js";
import { ComposeDrafts } from "./compose-drafts.js";
import { ComposeLater } from "./compose-later.js";
import { ComposeSigner } from "./compose-signer.js";
import { askToLeave, guardLeaving } from "./compose-leaving.js";
import { send } from "./compose-send.js";
import { offerUndo } from "./compose-undo.js";
import { asSent, notes, wordValues } from "./compose-words.js";
import { ComposeWriting } from "./compose-writing.js";
import { ComposerParts } from "./composer-parts.js";
import { collectSent } from "./contacts-collect.js";
import { percent } from "./format.js";
import { Refused } from "./http.js";
import { ensureUnlocked } from "./keys.js";
import { recall } from "./opened.js";
import { notePin, pinOf, pinsReady } from "./pins.js";
import { takePrepared } from "./prepared.js";
import { RecipientLookup } from "./recipient-lookup.js";
import { moveRecipients } from "./recipient-moves.js";
import { mailboxes } from "./recipients-text.js";
import { estimate, SendLimit } from "./send-limit.js";
import { goesByItself, same, sendState } from "./send-state.js";
import { follow } from "./sent-message.js";
import { toast } from "./toasts.js";
import { reportUnlessLocked } from "./unless-locked.js";
import { has, say } from "./words.js";

/** @typedef {import("./answer.js").How} How */
/** @typedef {import("./composer-parts.js").FieldName} FieldName */
/** @typedef {import("./send-state.js").SendState} SendState */

export class MessageComposer extends HTMLElement {
  /** One key for all tries of this message: the server takes it once (design D10). */
  #key = globalThis.crypto.randomUUID();
  #parts = new ComposerParts(this);
  #limit = new SendLimit();
  #ended = new AbortController();
  /** @type {AbortController | null} */
  #work = null;
  /** @type {RecipientLookup} */
  #lookup = new RecipientLookup("", "", { bareAllowed: true, by: "" });
  /** @type {AttachedFiles} */
  #files = new AttachedFiles(this);
  /** @type {ComposeWriting | null} */
  #writer = null;
  /** @type {import("./compose-answer.js").Beginning | null} */
  #begun = null;
  #answeringEncrypted = false;
  /** Pressed while answers are awaited: goes by itself when everyone can get it encrypted. */
  #pressed = false;
  /** The question the person answered with "send", so that it is not asked again for the same state. */
  #agreed = "";
  #trouble = "";
  #later = new ComposeLater(this);
  #signer = new ComposeSigner();
  #done = false;
  /** @type {ComposeDrafts | null} */
  #drafts = null;

  connectedCallback() {
    const parts = this.#parts;
    // Elements are woken in the order of the tree: this one before the fields inside it.
    customElements.upgrade(this);
    this.#ended = new AbortController();
    const { signal } = this.#ended;
    this.#lookup = new RecipientLookup(parts.data("certificates"), parts.data("self"), { bareAllowed: parts.data("policy") === "warn", by: parts.data("organisation") });
    this.#files = new AttachedFiles(parts.slot("files"));
    this.#writer = new ComposeWriting(parts, { files: this.#files, signal, changed: () => {
      this.#update();
      this.#drafts?.touched();
    } });
    for (const source of [this.#lookup, this.#files]) source.addEventListener("change", () => this.#update(), { signal });
    for (const name of ["unlocked", "locked"]) crypto.addEventListener(name, () => this.#keysChanged(), { signal });
    void this.#signer.learn(() => this.#update());
    document.addEventListener("postern:pins", () => this.#update(), { signal });
    this.addEventListener("recipients-changed", () => this.#recipientsChanged(), { signal });
    this.addEventListener("recipient-decide", (event) => this.#decide(/** @type {CustomEvent} */ (event).detail), { signal });
    this.addEventListener("keydown", (event) => this.#keyed(event), { signal });
    this.addEventListener("click", (event) => this.#clicked(/** @type {Element} */ (event.target)), { signal });
    this.addEventListener("later-chosen", () => {
      parts.slot("question").replaceChildren();
      this.#update();
    }, { signal });
    this.addEventListener("input", () => this.#update(), { signal });
    takeFiles(this, this.#files, { drop: parts.slot("drop"), signal, onfolder: (name) => parts.says(say("ui-folder", { name })) });
    moveRecipients(this, parts, signal);
    void this.#limit.learn(this.dataset, signal).then(() => this.#update());
    guardLeaving(this, { dirty: () => this.dirty, safe: () => this.#done || (this.#drafts?.safe ?? true), leave: (go) => this.leave(go), signal });
    this.#drafts = new ComposeDrafts(this, {
      here: () => this.querySelector("[data-text]") !== null,
      read: () => contentOf(parts, this.#files, this.#writing, { begun: this.#begun, answeringEncrypted: this.#answeringEncrypted }),
      written: () => this.#written, decrypted: () => this.#answeringEncrypted && !this.#done, fill: (content) => this.#fill(content),
      clear: () => {
        this.#begun = null;
        clear(parts, this.#files, this.#writing);
      },
    }, { bar: parts.slot("draft"), notes: parts.slot("draft-notes"), signal });
    this.#files.addEventListener("change", () => this.#drafts?.touched(), { signal });
    void this.#begin();
  }

  disconnectedCallback() {
    this.#ended.abort();
    this.#work?.abort();
  }

  /** Whether leaving has to see to what the person wrote. */
  get dirty() {
    return this.#written || (!this.#done && this.#drafts?.open === true);
  }

  /** Whether there is anything that the person would miss. */
  get #written() {
    if (this.#done || !this.querySelector("[data-text]")) return false;
    if (this.#parts.text.value.trim() !== this.#writing.begun.trim()) return true;
    // An answer begins with recipients, a subject and perhaps files; only what was added to them counts.
    return !this.#begun && (this.#parts.subject.value !== "" || this.#files.files.length > 0);
  }

  /**
   * Keeps what was written as a draft, and goes on; asks where it cannot be kept.
   * @param {() => void} go
   */
  leave(go) {
    const end = () => {
      this.#done = true;
      go();
    };
    this.#drafts?.close().then((kept) => (kept ? end() : askToLeave(this, this.#parts.slot("question"), end)), (error) => this.#failed(error));
  }

  /** @param {Parameters<typeof fillFrom>[0]} content */
  async #fill(content) {
    const { begun, answeringEncrypted } = await fillFrom(content, this.#parts, this.#files, this.#writing);
    [this.#begun, this.#answeringEncrypted] = [begun, answeringEncrypted];
    this.#keysChanged();
  }

  // --- beginning ---

  async #begin() {
    const parts = this.#parts;
    if (await this.#drafts?.begin()) return this.#writing.body.focus();
    const answered = parts.data("answered");
    const shown = answered ? recall(answered) : null;
    if (answered && !shown) {
      // Loaded anew, so the message that is answered is not open here: its own page opens it and comes back to answering.
      location.replace(`${parts.data("original")}#${parts.data("how")}`);
      return;
    }
    const to = mailboxes(parts.data("to"));
    if (to.length > 0) parts.field("to").add(to);
    const how = /** @type {How} */ (parts.data("how"));
    const wish = answered ? null : takePrepared();
    if (wish) {
      parts.field("to").add(wish.to);
      if (wish.cc.length > 0) parts.unfold("cc");
      parts.field("cc").add(wish.cc);
      [parts.subject.value, parts.text.value] = [wish.subject, wish.text];
    }
    if (shown) {
      const begun = beginning(how, shown, parts.data("self"));
      this.#begun = begun;
      this.#answeringEncrypted = shown.encrypted;
      parts.subject.value = begun.subject;
      parts.text.value = begun.text;
      parts.field("to").add(begun.to);
      if (begun.cc.length > 0) parts.unfold("cc");
      parts.field("cc").add(begun.cc);
      if (how === "forward") this.#files.add(await shown.files());
    }
    this.#update();
    if (shown && how !== "forward") this.#writing.body.focus("start");
    else parts.field("to").focusInput();
    await this.#writing.begin(this.#begun?.quote ?? "");
  }

  // --- what is heard ---

  #recipientsChanged() {
    this.#pressed = false;
    this.#agreed = "";
    this.#parts.slot("question").replaceChildren();
    this.#update();
  }

  #keysChanged() {
    void this.#signer.learn(() => this.#update());
    if (!this.querySelector("[data-text]")) return;
    // What was decrypted, or is written to be encrypted, is not left on the screen of somebody who locked their keys.
    const { body } = this.#writing;
    body.hidden = this.#parts.subject.hidden = crypto.state === "locked" && (this.#answeringEncrypted || this.dirty);
    this.#update();
  }

  /** @param {KeyboardEvent} event */
  #keyed(event) {
    // The list beside this has single keys for its own acts; what is typed or pressed here is meant for here.
    event.stopPropagation();
    if (this.#writing.keyed(event)) return;
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
    event.preventDefault();
    for (const field of this.#parts.fields) field.commit();
    void this.#press();
  }

  /** @param {Element} target */
  #clicked(target) {
    const show = target.closest("[data-show]");
    if (show instanceof HTMLElement) {
      const name = /** @type {FieldName} */ (show.dataset["show"]);
      this.#parts.unfold(name);
      this.#parts.field(name).focusInput();
    } else if (target.closest("send-button button")) void this.#press();
    else if (target.closest("[data-cancel]")) this.#work?.abort();
    else if (target.closest("[data-discard]")) void this.#drafts?.discard(() => this.#leaveNow()).catch((error) => this.#failed(error));
  }

  #leaveNow() {
    this.#done = true;
    /** @type {HTMLElement | null} */ (this.querySelector("[data-leave]"))?.click();
  }

  // --- state ---

  get #recipients() {
    const all = this.#parts.fields.flatMap((field) => field.recipients);
    return all.map(({ address }) => ({ address, chip: this.#lookup.chip(address) }));
  }

  get #writing() {
    if (!this.#writer) throw new Error("the composer is not in the page");
    return this.#writer;
  }

  get #sizes() {
    const { body } = this.#writing;
    const encrypted = this.#recipients.every(({ chip }) => chip.effect === "enc");
    // A rich text goes twice, the second time with its elements.
    const written = this.#parts.text.value.length * (body.format === "rich" ? 2.5 : 1);
    return { bytes: estimate(this.#files.bytes + body.bytes, written, encrypted), limit: this.#limit.octets };
  }

  #state() {
    const { bytes, limit } = this.#sizes;
    return sendState({
      recipients: this.#recipients,
      keys: crypto.state !== "none",
      signs: this.#signer.signs(this.#parts.data("self")),
      locked: crypto.state === "locked",
      size: bytes,
      limit,
      answering: this.#parts.data("answered") ? (this.#answeringEncrypted ? "encrypted" : "clear") : null,
      forwarding: this.#parts.data("how") === "forward",
    });
  }

  /** Everything that follows from what is there now. */
  #update() {
    if (this.#work || this.#done || !this.querySelector("[data-text]")) return;
    const parts = this.#parts;
    const state = this.#state();
    const recipients = asSent(state, this.#recipients);
    const chips = new Map(recipients.map(({ address, chip }) => [key(address), chip]));
    for (const field of parts.fields) field.show(chips);
    const values = wordValues(state, recipients, this.#sizes);
    this.#files.total(this.#sizes.bytes, this.#sizes.limit);
    const words = say(state.id, values);
    parts.button.show(state.id, state.act === "off" || state.act === "decide" ? words : this.#later.words(words), state.act === "off");
    const detail = `${state.id}.detail`;
    const why = state.id === "send-too-large" ? this.#limit.sentence(this.#sizes.bytes) : has(detail) ? say(detail, values) : "";
    parts.says(this.#trouble || this.#lookup.refused || why);
    notes(parts.slot("notes"), recipients, { state, signs: this.#signer.signs(parts.data("self")), hidden: this.#writing.body.hidden, self: parts.data("self") });
    if (this.#pressed && goesByItself(state)) void this.#press();
    else if (state.id !== "send-waiting") this.#pressed = false;
  }

  // --- deciding ---

  /** @param {string} address */
  #decide(address) {
    decide(this.#parts.slot("question"), address, this.#lookup, { remove: () => this.#remove(address) });
  }

  /** @param {string} address */
  #remove(address) {
    for (const field of this.#parts.fields) field.takeOut(address);
  }

  async #press() {
    if (this.#work || this.#done) return;
    this.#trouble = "";
    const state = this.#state();
    if (this.#later.passed()) {
      // The button named a time that is over: it says what it does now, and is pressed again.
      this.#trouble = say("ui-later-passed");
      this.#update();
    } else if (state.id === "send-none") this.#parts.field("to").focusInput();
    else if (state.act === "off") return;
    else if (state.act === "decide") this.#decide(state.who[0] ?? "");
    else if (state.id === "send-waiting") {
      this.#pressed = true;
      this.#update();
    } else if (state.act === "unlock") await this.#unlockThenSend();
    else if (this.#writing.forgotFile(this.#later.words(say(state.id, wordValues(state, this.#recipients, this.#sizes))), () => void this.#press())) this.#pressed = false;
    else if (state.act === "ask" && this.#agreed !== `${state.question} ${state.who.join()}`) this.#ask(state);
    else if (!this.#later.asks(this.#parts.slot("question"), () => void this.#press(), (error) => {
      this.#failed(error);
      this.#update();
    })) await this.#send(state);
  }

  async #unlockThenSend() {
    try {
      await ensureUnlocked("ui-action-send");
      await pinsReady();
    } catch (error) {
      this.#failed(error);
      this.#update();
      return;
    }
    // Only what the words on the button cannot have hidden goes on by itself; in the clear is pressed for under its own words.
    if (this.#state().id === "send-encrypted") await this.#press();
    else this.#update();
  }

  /** @param {SendState} state */
  #ask(state) {
    const quote = (this.#begun?.quote ?? "").trim();
    question(this.#parts.slot("question"), state, wordValues(state, this.#recipients, this.#sizes), {
      remove: () => state.who.forEach((address) => this.#remove(address)),
      withoutQuote: quote && this.#parts.text.value.includes(quote) ? () => this.#leaveOut(quote) : null,
      makeKeys: () => location.assign(this.#parts.data("setUp")),
      keepWriting: () => this.#writing.body.focus(),
      send: this.#lookup.bareAllowed ? () => {
        this.#agreed = `${state.question} ${state.who.join()}`;
        void this.#press();
      } : null,
    });
  }

  /** @param {string} quote */
  #leaveOut(quote) {
    const { body } = this.#writing;
    body.replace(quote, "");
    body.focus();
    this.#update();
  }

  // --- sending ---

  /** @param {SendState} state */
  async #send(state) {
    if (!state.protection) return;
    const parts = this.#parts;
    const work = new AbortController();
    this.#work = work;
    parts.busy(true);
    // Nobody is told of encryption where there is none.
    const word = state.protection === "encrypted" ? "send-working" : "ui-uploading";
    parts.progress(say(word, { percent: percent(0) }), 0);
    try {
      if (state.protection !== "clear") await pinsReady();
      // The button was pressed under these words. Where the pins, or anything else meanwhile, say another thing, it is
      // pressed again under the new ones.
      if (!same(this.#state(), state)) return;
      const draft = (await this.#drafts?.hold(work.signal)) ?? null;
      if (!same(this.#state(), state)) return;
      const letter = this.#letter(state.protection);
      const accepted = await send(letter, {
        url: parts.data("send"), key: this.#key, answered: this.#answered, draft, when: this.#later.meta, limit: this.#limit, signal: work.signal,
        onbuild: (share) => parts.progress(say(word, { percent: percent(word === "send-working" ? share : 0) }), share / 2),
        onupload: (share) => parts.progress(say("ui-uploading", { percent: percent(share) }), 0.5 + share / 2),
        onhanded: () => parts.cancellable(false),
      });
      this.#done = true;
      this.#drafts?.sent();
      void collectSent([...letter.to, ...letter.cc, ...letter.bcc], letter.from.address).catch(reportUnlessLocked);
      if (state.protection === "encrypted") void this.#notePins(state.who);
      if (accepted.seconds > 0) this.#offerUndo(accepted);
      else follow(this, accepted);
      if (accepted.earlier) toast(say("ui-sent-earlier"), undefined, "ui-sent-earlier");
    } catch (error) {
      this.#failed(error);
    } finally {
      this.#work = null;
      if (!this.#done) {
        parts.busy(false);
        this.#drafts?.goOn();
        this.#update();
      }
    }
  }

  /** @param {import("./sent-message.js").Accepted} accepted */
  #offerUndo(accepted) {
    const page = this.#parts.slot("page");
    offerUndo(page, accepted, {
      signal: this.#ended.signal,
      gone: () => follow(this, accepted),
      undone: () => {
        // The old key is the server's for a message that was taken back; this is a new one.
        this.#key = globalThis.crypto.randomUUID();
        this.#done = false;
        this.#parts.busy(false);
        this.#update();
        this.#writing.body.focus();
        void this.#drafts?.takenBack().catch(reportUnlessLocked);
      },
    });
  }

  /**
   * @param {import("./compose-send.js").Letter["protection"]} protection
   * @returns {import("./compose-send.js").Letter}
   */
  #letter(protection) {
    const parts = this.#parts;
    const [to, cc, bcc] = /** @type {[import("./answer.js").Mailbox[], import("./answer.js").Mailbox[], import("./answer.js").Mailbox[]]} */ (
      parts.fields.map((field) => field.recipients));
    const certificates = protection === "encrypted"
      ? Object.fromEntries([...to, ...cc, ...bcc].map(({ address }) => [address, this.#lookup.certificates(address)]))
      : {};
    return {
      ...this.#writing.letter, to, cc, bcc, certificates, protection,
      subject: parts.subject.value.trim(), attachments: this.#files.files,
      inReplyTo: this.#begun?.inReplyTo ?? null, references: this.#begun?.references ?? [],
    };
  }

  /** @returns {import("./compose-send.js").Answered} */
  get #answered() {
    const uid = this.#parts.data("uid");
    if (!uid) return null;
    return { mailbox: this.#parts.data("mailbox"), uidvalidity: Number(this.#parts.data("uidvalidity")), uid: Number(uid), flag: answeredFlag(this.#parts.data("how")) };
  }

  /**
   * Whom we encrypted to once is known from then on: another certificate for the same address is a change, not a first.
   * @param {string[]} addresses
   */
  async #notePins(addresses) {
    for (const address of addresses) {
      const fingerprint = this.#lookup.judged(address)?.fingerprint;
      const own = key(address) === key(this.#parts.data("self"));
      if (fingerprint && !own && !pinOf(address)) await notePin({ address, fingerprint, source: "source-here" }).catch(reportError);
    }
  }

  /** @param {unknown} error */
  #failed(error) {
    const code = error instanceof CryptoError ? error.code : "";
    const cancelled = code === "cancelled" || (error instanceof DOMException && error.name === "AbortError");
    if (cancelled) this.#trouble = "";
    else if (error instanceof Refused && error.id === "unclear") this.#trouble = say("ui-send-unclear");
    else if (error instanceof Refused) this.#trouble = `${error.sentence || say("ui-offline")} ${say("ui-not-sent")}`;
    else if (code === "locked") this.#trouble = say("ui-locked-writing");
    else if (error instanceof CryptoError && code === "file-gone") this.#trouble = say("ui-file-gone", { name: String(error.facts.name) });
    else {
      this.#trouble = say("ui-building-failed");
      reportError(error);
    }
  }
}

customElements.define("message-composer", MessageComposer);
