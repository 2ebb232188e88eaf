/**
 * `<mail-message>`: one message, read in the browser. A protected one is fetched whole and untouched, an unprotected
 * one without the bodies of its files (design D5); both go through the worker's one reader.
 */
import { crypto } from "../crypto/client.js";
import { CryptoError } from "../crypto/errors.js";
import { key } from "./answer.js";
import { list, percent, size } from "./format.js";
import { showCalendar } from "./calendar-card.js";
import { collectRead } from "./contacts-collect.js";
import { ensureUnlocked } from "./keys.js";
import { noLink, watchLinks } from "./letter-links.js";
import { withLongTexts } from "./long-texts.js";
import { icon, make } from "./make.js";
import { filesOf, listFiles, pictures } from "./message-files.js";
import { originalButton, writeLetter } from "./message-letter.js";
import { remember } from "./opened.js";
import { offer } from "./offer.js";
import { peopleLine } from "./people-line.js";
import { notePin, pinOf, pinsReady } from "./pins.js";
import { heldBack, unasked } from "./pictures-elsewhere.js";
import { readMessage } from "./read-message.js";
import { noteSigned, recalled, remember as keepInMind } from "./remembered.js";
import { HOLDS } from "./row-mark.js";
import { protectionActs } from "./protection-acts.js";
import { facts } from "./verdict-facts.js";
import { pageState, valuesFor } from "./verdict-words.js";
import { reportUnlessLocked } from "./unless-locked.js";
import { say } from "./words.js";

/** @typedef {import("./verdict-words.js").Read} Read */
/** @typedef {import("./protection-line.js").ProtectionLine} ProtectionLine */

/** What takes longer than this shows that it is at work (ms). */
const PATIENCE = 300;
/** States whose next step is another program. */
const FOREIGN = new Set(["enc-unsupported", "enc-too-large", "enc-no-integrity", "enc-damaged", "enc-failed"]);

export class MailMessage extends HTMLElement {
  #ended = new AbortController();
  /** Ends with what is shown: fetches, picture addresses. */
  #showing = new AbortController();
  #locked = false;
  /** The person gave up waiting; only they begin again. */
  #stopped = false;
  /** What was said about its signature waits for the person's own list of certificates. */
  #unjudged = false;
  /** Whether its sender is like somebody known waits for that list, too. */
  #unmet = false;
  /** Answering starts from what was shown, so it waits until something was. */
  #answerable = false;
  /** @type {string | null} how the person wants to answer as soon as the message is open */
  #wanted = /^#(?:reply|all|forward)$/u.test(location.hash) ? location.hash.slice(1) : null;

  connectedCallback() {
    // Elements are woken in the order of the tree: this one before the line inside it.
    customElements.upgrade(this);
    this.#ended = new AbortController();
    const { signal } = this.#ended;
    crypto.addEventListener("unlocked", () => {
      if (this.#stopped) this.#cancel();
      else if (this.#locked || this.#unjudged || this.#unmet) void this.#open();
    }, { signal });
    crypto.addEventListener("locked", () => {
      if (this.#encrypted) this.#lock();
      else if (this.#slot("letter").querySelector("[data-alone]")) this.#closeAgain();
    }, { signal });
    watchLinks(this.#slot("letter"));
    this.addEventListener("click", (event) => this.#answerLater(event), { signal, capture: true });
    void this.#open();
  }

  disconnectedCallback() {
    this.#ended.abort();
    this.#showing.abort();
    noLink();
  }

  get #encrypted() {
    return this.dataset["encrypted"] === "yes";
  }

  get #line() {
    return /** @type {ProtectionLine} */ (this.querySelector("protection-line"));
  }

  /**
   * @param {string} name
   * @returns {HTMLElement}
   */
  #slot(name) {
    const found = this.querySelector(`[data-slot="${name}"]`);
    if (!(found instanceof HTMLElement)) throw new Error(`the message has no ${name}`);
    return found;
  }

  /** @param {MouseEvent} event */
  #answerLater(event) {
    const link = /** @type {Element} */ (event.target).closest("[data-answer]");
    if (!(link instanceof HTMLElement) || this.#answerable) return;
    event.preventDefault();
    event.stopPropagation();
    this.#wanted = link.dataset["answer"] ?? null;
    if (this.#locked) void this.#unlock();
  }

  // --- opening ---

  async #open() {
    this.#showing.abort();
    const showing = new AbortController();
    this.#showing = showing;
    this.#locked = this.#stopped = this.#unjudged = this.#unmet = false;
    this.#slot("notices").replaceChildren();
    let total = Number(this.dataset["size"]);
    let done = 0;
    const working = () => this.#working(done, total);
    const patience = setTimeout(working, PATIENCE);
    let busy = false;
    try {
      const opened = await readMessage({
        bytes: this.dataset["bytes"] ?? "", certificates: this.dataset["certificates"] ?? "", from: this.dataset["from"] ?? "", whole: this.dataset["protected"] === "yes",
        trace: this.dataset["trace"] ?? "", arrived: Number(this.dataset["arrived"]), authserv: this.dataset["authserv"] ?? "",
      }, { signal: showing.signal, onprogress: (now, of) => {
        [done, total] = [now, of || total];
        if (busy) working();
        busy ||= this.#line.dataset["enc"] === "enc-working";
      } });
      clearTimeout(patience);
      if (showing.signal.aborted) return;
      await this.#show(opened, showing.signal);
    } catch (error) {
      clearTimeout(patience);
      this.#failed(error, showing);
    }
  }

  /**
   * @param {number} done
   * @param {number} total
   */
  #working(done, total) {
    if (!this.#encrypted) {
      this.setAttribute("aria-busy", "true");
      return;
    }
    const values = { percent: percent(total ? Math.min(1, done / total) : 0), done: size(done), total: size(total) };
    this.#line.show({ judged: pageState("working"), values: () => values, progress: { done, total }, acts: [{ label: say("ui-cancel"), button: () => this.#cancel() }] });
  }

  #cancel() {
    this.#stopped = true;
    this.#showing.abort();
    this.#line.show({ judged: pageState("cancelled"), values: () => ({}), acts: [{ label: say("ui-open-again"), button: () => void this.#open() }] });
  }

  /**
   * @param {unknown} error
   * @param {AbortController} showing
   */
  #failed(error, showing) {
    this.removeAttribute("aria-busy");
    const cancelled = showing.signal.aborted || (error instanceof CryptoError && error.code === "cancelled");
    if (cancelled) return;
    if (error instanceof CryptoError && error.code === "locked") {
      this.#lock();
      return;
    }
    reportError(error);
    const sentence = /** @type {{ sentence?: string }} */ (error).sentence || say("ui-open-failed");
    this.#slot("notices").replaceChildren(make("div", { class: "offer", role: "alert" }, icon("info"), make("span", { class: "offer-words" }, sentence),
      make("button", { class: "button button-plain", type: "button", click: () => void this.#open() }, say("ui-try-again"))));
  }

  /** Nothing that was decrypted stays in the page of somebody who locked their keys. */
  #lock() {
    this.#showing.abort();
    this.#locked = true;
    this.#answerable = false;
    this.#slot("subject").textContent = say("ui-encrypted-message");
    for (const name of ["letter", "files", "notices"]) this.#slot(name).replaceChildren();
    for (const name of ["files", "answer"]) this.#slot(name).hidden = true;
    this.#line.show({ judged: pageState("locked"), values: () => ({}), acts: [{ label: say("ui-unlock"), button: () => void this.#unlock() }] });
  }

  /** A part that was opened on its own inside an unencrypted message: read anew, it is closed again. */
  #closeAgain() {
    this.#showing.abort();
    this.#slot("letter").replaceChildren();
    void this.#open();
  }

  async #unlock() {
    try {
      await ensureUnlocked("ui-action-read");
    } catch (error) {
      if (!(error instanceof CryptoError && error.code === "cancelled")) throw error;
    }
  }

  // --- showing ---

  /**
   * @param {Read} opened
   * @param {AbortSignal} signal
   */
  async #show(opened, signal) {
    this.removeAttribute("aria-busy");
    if (opened.judged.enc === "enc-locked") {
      this.#lock();
      return;
    }
    const { judged, headers } = opened;
    this.#unjudged = opened.waits;
    this.#unmet = opened.unmet;
    // Unlocked while it was being read: what was found out is out of date already.
    if (this.#unjudged && crypto.state === "unlocked") {
      await pinsReady();
      void this.#open();
      return;
    }
    const hidden = judged.withheld.includes("all");
    // Old inline encryption is found only on reading; from here on it is treated like any other.
    this.dataset["encrypted"] = opened.protected ? "yes" : "no";
    this.#line.show({ judged, values: valuesFor(opened), facts: facts(opened), acts: [...(FOREIGN.has(judged.enc) || opened.limited ? [this.#original()] : []), ...protectionActs(opened, this.#line, () => void this.#open())] });
    this.#headers(opened, hidden);
    const found = { mark: judged.mark ? `mark-${judged.mark}` : "mark-not-encrypted", level: judged.level, ...(opened.protected && !hidden ? { subject: headers.subject || say("ui-no-subject") } : {}) };
    this.dispatchEvent(new CustomEvent("postern:judged", { bubbles: true, detail: found }));
    // Before the letter is written, so that a second reading cannot come in between and count it twice.
    const noted = this.#keep(opened, found).catch(reportUnlessLocked);
    if (hidden) {
      await noted;
      return;
    }
    const leftOut = this.#leftOut();
    const { read, withoutLayout } = await withLongTexts(opened, leftOut, signal);
    const images = await pictures(opened, leftOut, signal);
    await this.#write({ opened, read, withoutLayout, leftOut, images, signal });
    await noted;
  }

  /**
   * The letter, its files, and what is offered with it; written again with pictures from elsewhere once they are here.
   * @param {{ opened: Read, read: Read, withoutLayout: boolean, leftOut: import("./message-files.js").LeftOut[],
   *   images: import("./message-files.js").Pictures, signal: AbortSignal }} message
   * @param {import("./pictures-elsewhere.js").Fetched} [fetched]
   */
  async #write(message, fetched) {
    const { opened, read, withoutLayout, leftOut, images, signal } = message;
    const letter = await writeLetter(read, {
      frameUrl: this.querySelector("mail-frame")?.getAttribute("data-src") ?? "", images, elsewhere: fetched?.pictures ?? new Map(), place: this.#slot("letter"), signal,
    });
    if (signal.aborted) return;
    const files = filesOf(opened, leftOut, letter.shown);
    listFiles(this.#slot("files"), files, opened.protected, signal);
    const url = this.dataset["pictures"] ?? "";
    const wanted = fetched ? null : await unasked(opened, letter, { url, signal });
    if (signal.aborted) return;
    if (wanted) {
      await this.#write(message, wanted);
      return;
    }
    const place = this.#slot("notices");
    place.replaceChildren();
    const held = heldBack(opened, letter, {
      url, signal, missing: fetched?.missing ?? 0, show: ({ pictures, missing }) => this.#write(message, { pictures: new Map([...(fetched?.pictures ?? []), ...pictures]), missing }),
    });
    if (held) place.append(held);
    if (letter.tooLarge || withoutLayout) place.append(offer("paper", say("note-text-only"), "note-text-only", originalButton()));
    this.#offerAnswer(opened, letter, files);
    await showCalendar(files, this.#slot("letter"), signal).catch(reportError);
  }

  /** @returns {import("./message-files.js").LeftOut[]} */
  #leftOut() {
    return JSON.parse(this.dataset["leftOut"] || "[]");
  }

  #original() {
    const link = this.querySelector("a[data-original]");
    return { label: say("ui-download-original"), button: () => {
      if (link instanceof HTMLElement) link.click();
    } };
  }

  /**
   * @param {Read} opened
   * @param {boolean} hidden
   */
  #headers({ headers, protected: encrypted }, hidden) {
    const self = key(this.dataset["self"] ?? "");
    const subject = encrypted && hidden ? say("ui-encrypted-message") : headers.subject || say("ui-no-subject");
    this.#slot("subject").textContent = subject;
    const { from } = headers;
    if (from) {
      this.#slot("from").replaceChildren(from.name || from.address, " ", from.name ? make("span", {}, from.address) : "");
      this.#slot("initials").textContent = initials(from.name || from.address);
    }
    this.#slot("to").replaceChildren(...peopleLine([{ id: "ui-to-line", people: headers.to }, { id: "ui-cc-line", people: headers.cc }, { id: "ui-bcc-line", people: headers.bcc }], (address) => key(address) === self));
    if (headers.date) this.querySelector(".parties local-time")?.setAttribute("datetime", headers.date.toISOString());
  }

  /**
   * What an answer is written from, and to whom.
   * @param {Read} opened
   * @param {import("./message-letter.js").Letter} letter
   * @param {import("./message-files.js").Came[]} files
   */
  #offerAnswer({ headers, protected: encrypted }, letter, files) {
    const { from, replyTo, to, cc, subject, messageId, references, date } = headers;
    remember(this.dataset["key"] ?? "", {
      seen: { from: from ? [from] : [], replyTo, to, cc, subject, messageId, references, date, text: letter.text() },
      encrypted,
      files: () => Promise.all(files.map(async (file) => new File([await file.fetch()], file.name, { type: file.type }))),
    });
    const self = key(this.dataset["self"] ?? "");
    const people = [...(from ? [from] : []), ...to, ...cc].filter((one, at, all) => key(one.address) !== self && all.findIndex((other) => key(other.address) === key(one.address)) === at);
    const answer = this.#slot("answer");
    answer.hidden = people.length === 0;
    this.#slot("answer-words").textContent = say("ui-answer-to", { names: list(people.slice(0, 3).map(({ name, address }) => name || address)) });
    this.#slot("answer-note").textContent = encrypted ? say("ui-answer-encrypted") : "";
    this.#answerable = true;
    if (!this.#wanted) return;
    const link = this.querySelector(`[data-answer="${this.#wanted}"]`);
    this.#wanted = null;
    if (location.hash) history.replaceState(history.state, "", location.pathname + location.search);
    if (link instanceof HTMLElement) link.click();
  }

  /**
   * What was found out is remembered for the list and for the next message, and the certificate that signed is known from
   * now on. Each message counts once.
   * @param {Read} opened
   * @param {import("./judged-rows.js").Judged} found
   */
  async #keep({ judged, headers, note, verdict }, found) {
    if (crypto.state !== "unlocked") return;
    const trace = this.dataset["trace"] ?? "";
    const again = HOLDS.has((await recalled(trace))?.mark ?? "");
    // What the page itself could not judge yet is nothing to remember.
    if (!this.#unjudged) await keepInMind(trace, /** @type {{ mark: string, level: "calm" }} */ (found));
    const address = headers.from?.address ?? "";
    if (judged.sig !== null && judged.sig !== "sig-checking" && verdict.sig.evidence !== "own") {
      await noteSigned(address, trace, Number(this.dataset["arrived"]), judged.sig.startsWith("sig-good-"));
    }
    const junk = document.querySelector("#box-junk a")?.getAttribute("href") === this.querySelector("[data-back]")?.getAttribute("href");
    // Whom the line above the letter warns about is nobody to write to by three letters of a name.
    if (!junk && !headers.automatic && (judged.level === "calm" || judged.level === "note")) {
      await collectRead(headers.from, this.dataset["self"] ?? "", Number(this.dataset["arrived"]));
    }
    if (!note) return;
    const pin = pinOf(note.address);
    if (pin && pin.fingerprint !== note.fingerprint) return;
    await notePin({ address: note.address, fingerprint: note.fingerprint, source: note.source, again });
  }
}

/** @param {string} name */
function initials(name) {
  const words = name.replace(/[@._-]+/gu, " ").split(/\s+/u).filter(Boolean);
  return [words[0], words.length > 1 ? words.at(-1) : ""].map((word) => Array.from(word ?? "")[0] ?? "").join("").toUpperCase();
}

customElements.define("mail-message", MailMessage);
