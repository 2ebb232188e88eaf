/**
 * One draft and its two copies: sealed in this browser at once, and then in the mailbox. Both count by the same revision, and
 * neither is written over by a lower one. The composer's page is asked for what stands there; nothing is asked of the person
 * here (compose-drafts.js does).
 *
 * Events: `change` whenever `state` or `contested` may be another one.
 */
import { crypto } from "../crypto/client.js";
import { CryptoError } from "../crypto/errors.js";
import { claim } from "./draft-claim.js";
import { filesIn, open, seal } from "./draft-seal.js";
import * as session from "./draft-session.js";
import * as store from "./draft-store.js";
import * as mailbox from "./draft-upload.js";
import { getBytes, Refused } from "./http.js";

/** @typedef {import("../crypto/draft-content.js").Content} Content */
/** @typedef {import("./draft-store.js").Place} Place */
/** @typedef {"new" | "kept" | "saving" | "saved" | "local" | "browser" | "refused" | "here"} State */
/**
 * @typedef {object} Options
 * @property {string} person
 * @property {string} url where drafts are saved
 * @property {(place: Place) => string} rawUrl
 * @property {() => boolean} here whether the fields are still in the page: after sending, something else stands there
 * @property {() => Content} read
 * @property {() => boolean} written whether there is anything that the person would miss
 */

/** How many lost answers are looked into before another device is blamed. */
const TRIES = 3;

export class DraftSaving extends EventTarget {
  /** @type {string} */
  id = globalThis.crypto.randomUUID();
  /** @type {State} */
  state = "new";
  /** The server's sentence, where it refused. */
  sentence = "";
  /** When the mailbox got it last; 0 where that is not known. */
  savedAt = 0;
  /** What was written last could not be kept. */
  failed = false;
  /** Where the mailbox has it. @type {Place | null} */
  at = null;
  /** Open elsewhere too: `now` is what another device saved. @type {{id: string, now: (Place & {rev: number}) | null, tab: boolean} | null} */
  contested = null;
  /** The revision last given, last kept in this browser, last known in the mailbox. */
  #rev = 0;
  #kept = 0;
  #uploaded = 0;
  /** @type {"ring" | "browser" | null} */
  #by = null;
  /** What was kept last, as one text to compare with. */
  #mark = "";
  /** The same of what only the mailbox may get, since this browser could not take it. */
  #unkept = "";
  /** @type {Content | null} */
  #latest = null;
  /** @type {string[]} */
  #files = [];
  /** @type {string[]} */
  #tried = [];
  /** @type {import("./draft-claim.js").Claim | null} */
  #claim = null;
  /** The record that a fork left behind; it goes once the new one is kept. @type {{id: string, rev: number, claim: import("./draft-claim.js").Claim} | null} */
  #left = null;
  /** @type {Promise<unknown>} */
  #turn = Promise.resolve();
  /** @type {Promise<void> | null} */
  #uploading = null;

  /** @param {Options} options */
  constructor(options) {
    super();
    this.options = options;
  }

  /** Whether anything of it is kept anywhere. */
  get exists() {
    return this.#kept > 0 || this.at !== null;
  }

  /** Whether the mailbox has all that is kept. */
  get uploaded() {
    return this.#kept <= this.#uploaded;
  }

  /** The revision that has what stands in the page; 0 where it is not kept. */
  get rev() {
    return this.safe ? this.#kept : 0;
  }

  /** Whether what stands in the page is kept, in this browser at least. */
  get safe() {
    return markOf(this.options.read()) === this.#mark || (!this.exists && !this.options.written());
  }

  /** Bytes that an upload has at least. */
  get size() {
    return filesIn(this.options.read()).files.reduce((sum, { file }) => sum + file.size, 0);
  }

  // --- beginning ---

  /**
   * Goes on with a draft of this browser.
   * @param {string} id
   * @returns {Promise<Omit<Content, "from"> | null>} null where there is none
   */
  async resume(id) {
    const kept = await store.get(this.options.person, id);
    if (!kept) return null;
    const content = await open(kept, await store.filesOf(kept));
    this.#follow(kept);
    await this.#take();
    return content;
  }

  /**
   * Goes on with a draft of the mailbox, or with this browser's copy of it where that is newer.
   * @param {{id: string, rev: number}} own
   * @param {Place} at
   * @param {Omit<Content, "from">} content
   */
  async adopt({ id, rev }, at, content) {
    const kept = await store.get(this.options.person, id);
    if (kept && kept.rev > kept.uploaded && !kept.discarded) {
      const newer = await open(kept, await store.filesOf(kept));
      this.#follow({ ...kept, at });
      // Both went on from an earlier one, and counted on their own. An answer lost on the way is nobody else's.
      if (rev !== kept.uploaded && !(await this.#isOurs({ ...at, rev }, id))) this.contested = { id, now: { ...at, rev }, tab: false };
      else this.#uploaded = rev;
      await this.#take();
      return newer;
    }
    Object.assign(this, { id, at });
    this.#uploaded = this.#kept = rev;
    this.#rev = Math.max(rev, kept?.rev ?? 0);
    this.#by = "ring";
    this.state = "saved";
    await this.#take();
    return content;
  }

  /** @param {store.Kept} kept */
  #follow({ id, rev, uploaded, at, tried, files, by }) {
    Object.assign(this, { id, at });
    [this.#rev, this.#kept, this.#uploaded, this.#tried, this.#files, this.#by] = [rev, rev, uploaded, tried, files, by];
    this.state = by === "browser" ? "browser" : rev > uploaded ? "kept" : "saved";
    this.savedAt = 0;
  }

  async #take() {
    const { id } = this;
    this.#claim?.release();
    this.#claim = await claim(id, { onlost: () => this.#lost(id) });
    if (this.#claim === null) this.contested = { id, now: null, tab: true };
    session.writing(id);
    this.#changed();
  }

  /** @param {string} id */
  #lost(id) {
    if (this.id !== id) return;
    this.#claim = null;
    this.contested = { id, now: null, tab: true };
    this.#changed();
  }

  /** What the page shows now is what is kept. */
  filled() {
    const content = this.options.read();
    this.#mark = markOf(content);
    this.#latest = this.#kept > this.#uploaded ? content : null;
  }

  // --- keeping ---

  /** In this browser. @returns {Promise<void>} @throws {CryptoError} locked */
  keep() {
    const turn = this.#turn.then(() => this.#keep()).then(() => this.#fails(false), (error) => {
      this.#fails(true);
      throw error;
    });
    this.#turn = turn.catch(() => {});
    return turn;
  }

  /** @param {boolean} failed */
  #fails(failed) {
    if (this.failed === failed) return;
    this.failed = failed;
    this.#changed();
  }

  /** @returns {Promise<void>} */
  async #keep() {
    if (!this.options.here()) return;
    const content = this.options.read();
    const mark = markOf(content);
    if (mark === this.#mark || (!this.exists && !this.options.written())) return;
    if (!this.#claim && this.contested?.id !== this.id) await this.#take();
    if (this.contested?.id === this.id) {
      this.#fork();
      await this.#take();
    }
    const { person } = this.options;
    const by = crypto.state === "none" ? "browser" : "ring";
    const rev = Math.max(this.#rev, this.#uploaded) + 1;
    const sealed = await seal(person, { id: this.id, rev }, content, by === this.#by ? this.#files : []);
    const { id, at } = this;
    try {
      await store.put({ person, id, rev, by: sealed.by, record: sealed.record, files: sealed.files, uploaded: this.#uploaded, at, tried: this.#tried, saved: Date.now(), discarded: false }, sealed.fresh);
    } catch (error) {
      if (error instanceof store.Missing) {
        this.#files = [];
        return this.#keep();
      }
      if (!(error instanceof store.Older)) {
        [this.#rev, this.#kept, this.#latest, this.#unkept] = [rev, rev, content, mark];
        throw error;
      }
      // Another tab got there without the lock: both texts stay.
      this.contested = { id, now: null, tab: true };
      return this.#keep();
    }
    [this.#rev, this.#kept, this.#by, this.#files, this.#mark, this.#latest] = [rev, rev, sealed.by, sealed.files, mark, content];
    this.#unkept = "";
    await this.#leave();
    this.state = sealed.by === "browser" ? "browser" : ["local", "refused", "here"].includes(this.state) ? this.state : "kept";
    session.writing(id);
    this.#changed();
  }

  /** From here on a draft of its own: what is open elsewhere is not written over. */
  #fork() {
    const { contested } = this;
    // Nothing that another tab wrote; what this one wrote under that id stands in the page.
    if (contested && !contested.tab && this.#claim) this.#left = { id: this.id, rev: this.#kept, claim: this.#claim };
    else this.#claim?.release();
    this.#claim = null;
    this.id = globalThis.crypto.randomUUID();
    this.at = null;
    [this.#kept, this.#uploaded, this.#files, this.#tried] = [0, 0, [], []];
  }

  /** What the fork left is in the new record now. */
  async #leave() {
    const left = this.#left;
    if (!left) return;
    this.#left = null;
    await store.remove(this.options.person, left.id, ({ rev }) => rev <= left.rev).catch(reportError);
    left.claim.release();
  }

  /** The other one stays as it is, and this is a draft of its own. */
  async keepBoth() {
    await this.#turn;
    if (this.contested?.id === this.id) this.#fork();
    this.contested = null;
    this.#mark = "";
    await this.keep();
  }

  /** This one takes the place of the other. */
  async useThis() {
    await this.#turn;
    if (!this.contested) return;
    const { id, now, tab } = this.contested;
    const { person } = this.options;
    const fork = this.id === id ? null : this.id;
    this.#claim?.release();
    this.id = id;
    this.#claim = await claim(id, { steal: true, onlost: () => this.#lost(id) });
    const kept = await store.get(person, id);
    this.at = tab ? (kept?.at ?? this.at) : now && { mailbox: now.mailbox, uidvalidity: now.uidvalidity, uid: now.uid };
    this.#uploaded = now?.rev ?? kept?.uploaded ?? this.#uploaded;
    this.#rev = Math.max(this.#rev, kept?.rev ?? 0, this.#uploaded);
    this.#tried = kept?.tried ?? [];
    this.contested = null;
    [this.#mark, this.#files] = ["", []];
    await this.keep();
    if (fork) await store.remove(person, fork, ({ rev }) => rev <= this.#rev);
  }

  // --- the mailbox ---

  /** @param {{onsealed?: () => void, signal?: AbortSignal}} [how] @returns {Promise<void>} when the mailbox has what was kept last, or could not get it */
  upload({ onsealed, signal } = {}) {
    this.#uploading ??= this.#upload(onsealed, signal).finally(() => {
      this.#uploading = null;
      this.#changed();
    });
    return this.#uploading;
  }

  /** No upload runs any more when it resolves. */
  async quiet() {
    await this.#turn;
    await this.#uploading;
  }

  /** @param {(() => void) | undefined} onsealed @param {AbortSignal | undefined} signal */
  async #upload(onsealed, signal) {
    for (let left = TRIES; left > 0; left--) {
      const [id, rev, content] = [this.id, this.#kept, this.#latest];
      if (content === null || this.uploaded || this.contested || crypto.state !== "unlocked") return;
      this.state = "saving";
      this.#changed();
      try {
        const { bytes, mac } = await crypto.request("draft.seal", { content, id, rev });
        this.#tried = [...this.#tried, mac].slice(-8);
        await this.#note(id, { tried: this.#tried });
        onsealed?.();
        const at = await mailbox.upload(this.options.url, { id, rev, replaces: this.at, bytes }, signal);
        if (this.id !== id) return;
        [this.at, this.#uploaded, this.#tried] = [at, rev, []];
        [this.state, this.savedAt] = [this.#kept > rev ? "kept" : "saved", Date.now()];
        if (this.#unkept !== "" && content === this.#latest) {
          [this.#mark, this.#unkept] = [this.#unkept, ""];
          this.#fails(false);
        }
        await this.#note(id, { uploaded: rev, at, tried: [] });
        return;
      } catch (error) {
        if (!(await this.#settled(error, id))) return;
      }
    }
  }

  /** What this browser cannot note keeps nothing from the mailbox. @param {string} id @param {Parameters<typeof store.note>[2]} changes */
  async #note(id, changes) {
    await store.note(this.options.person, id, changes).catch(reportError);
  }

  /**
   * @param {unknown} error
   * @param {string} id
   * @returns {Promise<boolean>} whether to try again at once
   */
  async #settled(error, id) {
    this.state = "local";
    if (error instanceof CryptoError) {
      const waits = error.code === "locked" || error.code === "cancelled";
      this.state = waits ? "kept" : "here";
      if (!waits) reportError(error);
    } else if (error instanceof mailbox.Elsewhere) {
      const { now } = error;
      if (now && (await this.#isOurs(now, id))) {
        // The answer to an earlier upload was lost on the way; its message is the one to replace.
        [this.at, this.#uploaded] = [{ mailbox: now.mailbox, uidvalidity: now.uidvalidity, uid: now.uid }, now.rev];
        return true;
      }
      this.state = "kept";
      this.contested = { id, now, tab: false };
    } else if (error instanceof Refused) {
      this.sentence = error.sentence;
      if (error.sentence) this.state = "refused";
    } else if (!(error instanceof DOMException && error.name === "AbortError")) reportError(error);
    return false;
  }

  /** @param {Place & {rev: number}} now @param {string} id */
  async #isOurs(now, id) {
    try {
      const raw = await getBytes(this.options.rawUrl(now));
      const label = await crypto.request("draft.label", { raw }, { transfer: [raw.buffer] });
      return label !== null && label.id === id && this.#tried.includes(label.mac);
    } catch (error) {
      if (error instanceof Refused || error instanceof TypeError || error instanceof CryptoError) return false;
      throw error;
    }
  }

  // --- the end ---

  /** The composer is left: other tabs may have the draft. What the mailbox has need not stay here. */
  async letGo() {
    if (this.uploaded && this.at) await this.#remove();
    this.#end();
  }

  /** Sent, or thrown away for good. */
  async forget() {
    await this.#turn;
    await this.#remove();
    this.#end();
  }

  /** Only what this tab wrote or saw, and only while the draft is this tab's. */
  async #remove() {
    const seen = this.#kept;
    if (this.#claim) await store.remove(this.options.person, this.id, ({ rev }) => rev <= seen);
  }

  /** What was forgotten is kept again: nothing of it lies in this browser any more. */
  again() {
    [this.#mark, this.#files] = ["", []];
  }

  /** Nobody writes it here any more; what is kept stays. */
  release() {
    this.#end();
  }

  #end() {
    session.noLonger(this.id);
    this.#left?.claim.release();
    this.#left = null;
    this.#claim?.release();
    this.#claim = null;
    this.#latest = null;
  }

  /** Nothing readable stays here. */
  lock() {
    this.#latest = null;
    this.#mark = "";
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}

/** @param {Content} content */
function markOf(content) {
  const { from: _from, attachments: _attachments, inline: _inline, ...fields } = content;
  return JSON.stringify([fields, filesIn(content).listed]);
}
