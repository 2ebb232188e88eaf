/**
 * Drafts of the composer: when they are kept, what the person is told, and how they come back. The composer tells what stands
 * in it and fills itself again; all else is here and in draft-saving.js.
 */
import { crypto } from "../crypto/client.js";
import { CryptoError } from "../crypto/errors.js";
import { DraftPace } from "./draft-pace.js";
import { DraftSaving } from "./draft-saving.js";
import { DraftSays } from "./draft-says.js";
import * as session from "./draft-session.js";
import { keepSubject } from "./draft-subjects.js";
import { discardSoon } from "./drafts-left.js";
import { getBytes, Refused } from "./http.js";
import { ensureUnlocked, person, reopened } from "./keys.js";
import { messageUrl, rawUrl } from "./message-url.js";
import { toast } from "./toasts.js";
import { reportUnlessLocked } from "./unless-locked.js";
import { onSignOut } from "./unsaved.js";
import { say } from "./words.js";

/** @typedef {import("../crypto/draft-content.js").Content} Content */
/** @typedef {import("./draft-store.js").Place} Place */
/**
 * @typedef {object} Page
 * @property {() => boolean} here
 * @property {() => Content} read
 * @property {() => boolean} written whether the person would miss it
 * @property {() => boolean} decrypted whether something of a message that was encrypted stands there, written on or not
 * @property {(content: Omit<Content, "from">) => void | Promise<void>} fill
 * @property {() => void} clear takes everything readable out
 */

/** Above this a draft is not uploaded only because the window was left. */
const QUICK = 2 * 1024 * 1024;

/** How long sending waits for the draft to be uploaded, in milliseconds; and for a first one, which nobody would find later. */
const [PATIENCE, FIRST_PATIENCE] = [3_000, 20_000];

export class ComposeDrafts {
  #host;
  #page;
  #signal;
  #saving;
  #pace;
  #says;
  /** Until what it begins with stands in the page, nothing is saved over it. */
  #ready = false;
  /** The keys are locked, and what was written is only in its sealed copy. */
  #away = false;
  #over = false;
  /** It is being sent: nothing is saved but by `hold`. */
  #held = false;
  /** Something was kept since the composer opened. */
  #changed = false;
  /** The keys are being locked: what was decrypted is kept even where the person would not miss it. */
  #locking = false;
  /** @type {Promise<void>} */
  #forgotten = Promise.resolve();

  /**
   * @param {HTMLElement} host
   * @param {Page} page
   * @param {{bar: HTMLElement, notes: HTMLElement, signal: AbortSignal}} where
   */
  constructor(host, page, { bar, notes, signal }) {
    this.#host = host;
    this.#page = page;
    this.#signal = signal;
    this.#says = new DraftSays(bar, notes);
    this.#saving = new DraftSaving({ person: person(), url: host.dataset["draftSave"] ?? "", rawUrl, here: page.here, read: page.read, written: () => page.written() || (this.#locking && page.decrypted()) });
    this.#pace = new DraftPace({ keep: () => void this.#keep(), upload: () => void this.#upload(), size: () => this.#saving.size });
    this.#saving.addEventListener("change", () => this.#show());
    for (const name of ["input", "change", "recipients-changed"]) host.addEventListener(name, () => this.touched(), { signal });
    crypto.addEventListener("locking", (event) => this.#ready && /** @type {CustomEvent} */ (event).detail.waitUntil(this.#beforeLock()), { signal });
    crypto.addEventListener("locked", (event) => this.#locked(/** @type {CustomEvent} */ (event).detail.reason), { signal });
    crypto.addEventListener("unlocked", () => void this.#unlocked().catch(reportUnlessLocked), { signal });
    window.addEventListener("online", () => this.#pace.online(), { signal });
    window.addEventListener("blur", () => void this.#leftAlone(), { signal });
    window.addEventListener("pagehide", () => void this.#keep(), { signal });
    document.addEventListener("visibilitychange", () => document.hidden && void this.#leftAlone(), { signal });
    onSignOut({ id: () => this.#saving.id, save: () => this.#beforeSignOut() }, signal);
  }

  /** Whether leaving now would lose something. */
  get safe() {
    return this.#over || this.#away || (this.#ready ? this.#saving.safe : !this.#page.written());
  }

  /** Whether there is a draft to be seen to when the composer is left. */
  get open() {
    return !this.#over && (this.#saving.exists || this.#away || !this.#ready);
  }

  // --- beginning ---

  /**
   * Fills the page with the draft that it is opened for, if there is one.
   * @returns {Promise<boolean>}
   */
  async begin() {
    const { draftUid } = this.#host.dataset;
    const chosen = session.takeChosen();
    const at = chosen?.at ?? (draftUid ? this.#place() : null);
    const before = chosen || at ? null : session.takeInterrupted();
    const id = chosen?.id ?? (before?.here ? before.id : null);
    const fill = id || at ? async () => (id !== null && (await this.#fromHere(id))) || (at !== null && (await this.#fromMailbox(at))) : null;
    if (!fill) {
      this.#ready = true;
      return false;
    }
    this.#shut(true);
    await reopened().catch(() => false);
    return this.#bring(fill);
  }

  /**
   * Nothing is typed until the draft stands in the page: it would be written over, or count as saved.
   * @param {() => Promise<boolean>} fill
   * @returns {Promise<boolean>} whether there is a draft, in the page or still to come
   */
  async #bring(fill) {
    this.#shut(true);
    this.#says.noNote("ui-draft-not-opened");
    let found;
    try {
      found = await fill();
    } catch (error) {
      this.#notYet(error, fill);
      return true;
    }
    this.#shut(false);
    [this.#ready, this.#away] = [true, false];
    this.#says.noNote("write-draft-locked");
    // The keys may have been locked while it was on its way.
    if (crypto.state === "locked") this.#locked("");
    else this.touched();
    return found;
  }

  /** @param {unknown} error @param {() => Promise<boolean>} fill */
  #notYet(error, fill) {
    // Half a draft is none, and nothing of it may be saved over the whole one.
    this.#page.clear();
    if (error instanceof CryptoError && (error.code === "locked" || error.code === "cancelled")) {
      this.#sayLocked();
      // Opened as soon as the keys are; until then there is nothing to save.
      if (!this.#away) crypto.addEventListener("unlocked", () => void this.#bring(fill), { signal: this.#signal, once: true });
      return;
    }
    this.#says.note("ui-draft-not-opened", { label: say("ui-try-again"), act: () => void this.#bring(fill) });
    if (!(error instanceof Refused || error instanceof TypeError)) reportError(error);
  }

  /** @param {string} id */
  async #fromHere(id) {
    if (crypto.state === "locked") await ensureUnlocked("ui-action-draft");
    const content = await this.#saving.resume(id);
    if (!content) return false;
    await this.#fill(content);
    return true;
  }

  /** @param {Place} at */
  async #fromMailbox(at) {
    const raw = await getBytes(rawUrl(at));
    const label = await crypto.request("draft.label", { raw });
    if (label && crypto.state === "locked") await ensureUnlocked("ui-action-draft");
    const opened = await crypto.request("draft.open", { raw }, { transfer: [raw.buffer] });
    const content = opened.own ? await this.#saving.adopt(opened.own, at, opened.content) : opened.content;
    await this.#fill(content);
    if (!opened.own) this.#says.note("write-draft-foreign");
    return true;
  }

  /** @returns {Place} */
  #place() {
    const { draftMailbox = "", draftUidvalidity, draftUid } = this.#host.dataset;
    return { mailbox: draftMailbox, uidvalidity: Number(draftUidvalidity), uid: Number(draftUid) };
  }

  /** @param {Omit<Content, "from">} content */
  async #fill(content) {
    await this.#page.fill(content);
    this.#saving.filled();
    this.#show();
    if (!this.#saving.uploaded) this.#pace.kept();
  }

  // --- while it is written ---

  touched() {
    if (this.#ready && !this.#over && !this.#away) this.#pace.touched();
  }

  async #keep() {
    if (!this.#ready || this.#over || this.#away || this.#saving.safe) return;
    try {
      await this.#saving.keep();
      this.#changed = true;
    } catch (error) {
      if (error instanceof CryptoError && error.code === "locked") this.#sayLocked();
      else reportError(error);
    }
    // Also what this browser could not keep: the mailbox may.
    if (!this.#saving.uploaded) this.#pace.kept();
  }

  async #upload() {
    if (this.#over || this.#away) return;
    await this.#saving.upload();
    this.#pace.uploaded(this.#saving.uploaded || this.#saving.state === "kept");
    if (!this.#saving.uploaded && !this.#saving.contested && crypto.state === "unlocked") this.#pace.kept();
  }

  /** The window is left: what was typed last goes now. */
  async #leftAlone() {
    if (this.#held) return;
    await this.#keep();
    if (!this.#over && this.#saving.size < QUICK) await this.#upload();
  }

  #show() {
    const { state, sentence, savedAt, contested, failed, at } = this.#saving;
    const id = { new: "", kept: "", saving: "", saved: "write-draft-saved", local: "write-draft-local", browser: "ui-draft-browser", refused: "ui-draft-refused", here: "ui-draft-here" }[state];
    // While the next one is on its way, what was said last still holds for what was saved last.
    if (contested) this.#says.state("");
    else if (failed) this.#says.state(crypto.state === "locked" ? "" : "ui-draft-not-kept");
    else if (id || state === "new") this.#says.state(/** @type {"write-draft-saved"} */ (id), { sentence, savedAt });
    if (contested) {
      this.#says.note("write-draft-elsewhere",
        { label: say("ui-draft-use"), act: () => void this.#decided(() => this.#saving.useThis()) },
        { label: say("ui-draft-both"), act: () => void this.#decided(() => this.#saving.keepBoth()) });
    } else this.#says.noNote("write-draft-elsewhere");
    if (at && state === "saved" && this.#page.here()) keepSubject(messageUrl(at), this.#page.read().subject);
    if (at && this.#host.dataset["draftUid"]) this.#follow(at);
  }

  /** A reload finds the newest version, and the list its row. @param {Place} at */
  #follow({ mailbox, uidvalidity, uid }) {
    const { dataset } = this.#host;
    if (dataset["draftUid"] === String(uid) && dataset["draftMailbox"] === mailbox) return;
    const url = new URL(location.href);
    const was = `${dataset["draftMailbox"]}/${dataset["draftUidvalidity"]}/${dataset["draftUid"]}`;
    Object.assign(dataset, { draftMailbox: mailbox, draftUidvalidity: String(uidvalidity), draftUid: String(uid), draftMessageUrl: messageUrl({ mailbox, uidvalidity, uid }) });
    if (url.searchParams.get("draft") !== was) return;
    url.searchParams.set("draft", `${mailbox}/${uidvalidity}/${uid}`);
    history.replaceState(history.state, "", url.href.replaceAll("%2F", "/"));
    session.writing(this.#saving.id);
  }

  /** @param {() => Promise<void>} decide */
  async #decided(decide) {
    await decide().catch(reportUnlessLocked);
    this.#changed = true;
    this.#show();
    await this.#upload();
  }

  // --- locking, signing out ---

  async #beforeLock() {
    const written = this.#page.written();
    this.#locking = true;
    try {
      await this.#keep();
    } finally {
      this.#locking = false;
    }
    if (!written || !this.#saving.exists || this.#saving.uploaded) return;
    // The keys are needed until it is sealed; the upload goes on without them.
    await new Promise((resolve) => {
      this.#saving.upload({ onsealed: () => resolve(undefined) }).finally(() => resolve(undefined));
    });
  }

  /** @param {string} reason */
  #locked(reason) {
    if (!this.#ready || this.#over) return;
    // Only what is kept is taken away. After a failure of the worker the keys come back by themselves, and the text is still here.
    if (this.#saving.exists && this.#saving.safe && reason !== "failed" && reason !== "stuck") {
      this.#away = true;
      this.#pace.stop();
      this.#saving.lock();
      this.#page.clear();
      this.#shut(true);
    }
    if (this.#away || this.#page.written()) this.#sayLocked();
  }

  async #unlocked() {
    this.#says.noNote("write-draft-locked");
    if (!this.#ready || this.#over) return;
    if (this.#away) await this.#bring(() => this.#backAgain());
    if (this.#away) return;
    await this.#keep();
    if (!this.#saving.uploaded) this.#pace.kept();
  }

  /** What was taken away when the keys were locked; another tab may have brought it into the mailbox meanwhile. */
  async #backAgain() {
    const { id, at } = this.#saving;
    if ((await this.#fromHere(id)) || (at !== null && (await this.#fromMailbox(at)))) return true;
    throw new CryptoError("damaged", "the draft is neither here nor in the mailbox");
  }

  /** Nothing is typed where the draft will stand again. @param {boolean} shut */
  #shut(shut) {
    for (const part of this.#host.querySelector('[data-slot="page"]')?.children ?? []) {
      if (part instanceof HTMLElement && part.dataset["slot"] !== "draft-notes") part.inert = shut;
    }
  }

  #sayLocked() {
    this.#says.note("write-draft-locked", { label: say("ui-keys-unlock"), act: () => void ensureUnlocked("ui-action-draft").catch(() => {}) });
  }

  async #beforeSignOut() {
    await this.#keep();
    await this.#saving.quiet();
    await this.#upload();
  }

  // --- the end ---

  /**
   * Before it is sent: what was typed last is saved, then nothing any more. Where it does not reach the mailbox, the server
   * hears which version would have the words, and keeps its own copy of them when the message is called back.
   * @param {AbortSignal} signal of the person who cancels
   * @returns {Promise<import("./compose-send.js").Draft>}
   */
  async hold(signal) {
    this.#held = true;
    this.#pace.stop();
    const saving = this.#saving;
    const over = AbortSignal.any([signal, AbortSignal.timeout(saving.at ? PATIENCE : FIRST_PATIENCE)]);
    const stopped = new Promise((resolve) => over.addEventListener("abort", () => resolve(undefined), { once: true }));
    await Promise.race([this.#saveLast(over), stopped]);
    signal.throwIfAborted();
    const { at, id, rev, contested } = saving;
    // What another tab or device goes on with is theirs, and stays: it has not these words.
    return at && { ...at, draft: id, rev: contested ? 0 : rev };
  }

  /** @param {AbortSignal} over */
  async #saveLast(over) {
    const saving = this.#saving;
    await this.#keep();
    // An upload that is on its way has an earlier version.
    await saving.quiet();
    if (!over.aborted) await saving.upload({ signal: over });
  }

  /** It was not sent after all. */
  goOn() {
    this.#held = false;
    this.touched();
  }

  /** The server has the finished message. */
  sent() {
    this.#finish();
    this.#forgotten = this.#saving.forget().catch(reportError);
  }

  /** And gave it back: it is written on, in the same draft. */
  async takenBack() {
    await this.#forgotten;
    this.#over = this.#held = false;
    this.#saving.again();
    await this.#keep();
  }

  /**
   * Leaving: what was written stays a draft.
   * @returns {Promise<boolean>} false where it could not be kept, so that the person is asked
   */
  async close() {
    await this.#keep();
    if (!this.safe) return false;
    this.#finish();
    void this.#last().catch(reportUnlessLocked);
    return true;
  }

  async #last() {
    const saving = this.#saving;
    // Two drafts came of one, and nobody decided between them: both stay.
    if (saving.contested && saving.contested.id !== saving.id) saving.contested = null;
    await saving.quiet();
    await saving.upload();
    const { id, at, uploaded, state } = saving;
    await saving.letGo();
    // What another tab goes on with is nothing to tell of here, or to throw away.
    if (!this.#changed || !saving.exists || saving.contested?.tab) return;
    document.dispatchEvent(new CustomEvent("postern:mailbox-changed", { detail: {} }));
    const words = uploaded && at ? "ui-draft-in-drafts" : state === "browser" ? "ui-draft-browser" : "write-draft-local";
    toast(say(words), { label: say("ui-draft-discard"), run: () => discardSoon(this.#discardUrl, id, at) }, words);
  }

  /** @param {() => void} leave */
  async discard(leave) {
    await this.#keep().catch(reportUnlessLocked);
    this.#finish();
    leave();
    const saving = this.#saving;
    await saving.quiet();
    const { id, exists, contested } = saving;
    // Where another tab or device goes on with it, only what is this tab's own is thrown away.
    const at = contested ? null : saving.at;
    saving.release();
    if (!exists || (contested?.id === id && contested.tab)) return;
    // Taking it back opens another composer, so this one is gone first.
    for (let left = 100; this.#host.isConnected && left > 0; left--) await new Promise((resolve) => setTimeout(resolve, 50));
    discardSoon(this.#discardUrl, id, at);
  }

  get #discardUrl() {
    return this.#host.dataset["draftDiscard"] ?? "";
  }

  #finish() {
    this.#over = true;
    this.#pace.stop();
  }
}
