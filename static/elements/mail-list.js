/**
 * <mail-list>: the list of one mailbox and the reader beside it. Keys, ticks, acts on messages, opening and closing,
 * and staying up to date while the person reads. Inside stand `#list`, which the server renders, and beside it `#reader`.
 * Everything works by plain links and forms too; this makes it quick.
 */

import { crypto } from "../crypto/client.js";
import htmx from "../vendor/htmx.js";
import { request } from "./http.js";
import { openSubjects } from "./draft-subjects.js";
import { bringBack, keep, kept } from "./judged-rows.js";
import { remember } from "./keyed-swap.js";
import { tell, tickAll, ticked, tickRange, ticks } from "./list-selection.js";
import { dressMark, undressMark } from "./row-mark.js";
import { pressed } from "./shortcuts.js";
import { toast } from "./toasts.js";
import { reportUnlessLocked } from "./unless-locked.js";
import { has, say } from "./words.js";

/** Several changes within this time (ms) are fetched once. */
const GATHER = 150;

/** @typedef {{ sentence: string, undo?: { url: string, fields: Record<string, string | string[]> } }} Did what an act did */
/** @typedef {import("./judged-rows.js").Judged} Judged */

class MailList extends HTMLElement {
  #ended = new AbortController();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** @type {HTMLInputElement | undefined} */
  #lastTick;

  connectedCallback() {
    this.#ended = new AbortController();
    const { signal } = this.#ended;
    remember(this.#list);
    this.#dress();
    this.#recall();
    document.addEventListener("keydown", (event) => this.#key(event), { signal });
    // Before htmx sees it: the way back to the list is made here.
    this.addEventListener("click", (event) => this.#click(event), { signal, capture: true });
    this.addEventListener("change", () => tell(this), { signal });
    this.addEventListener("focusin", (event) => this.#rove(/** @type {Element} */ (event.target).closest(".row")), { signal });
    document.addEventListener("postern:mailbox-changed", (event) => this.#changed(/** @type {CustomEvent} */ (event).detail?.mailbox), { signal });
    document.addEventListener("postern:did", (event) => this.#did(/** @type {CustomEvent<Did>} */ (event).detail), { signal });
    document.addEventListener("postern:judged", (event) => this.#judged(/** @type {CustomEvent} */ (event).detail), { signal });
    crypto.addEventListener("unlocked", () => this.#recall(), { signal });
    // By now what was decrypted is forgotten; the rows follow.
    crypto.addEventListener("locked", () => this.#dress(), { signal });
    document.addEventListener("visibilitychange", () => !document.hidden && this.#refreshSoon(), { signal });
    document.addEventListener("htmx:beforeSwap", (event) => showTrouble(/** @type {CustomEvent} */ (event)), { signal });
    document.addEventListener("htmx:afterSwap", (event) => this.#swapped(/** @type {CustomEvent} */ (event)), { signal });
    document.addEventListener("htmx:historyCacheMiss", (event) => this.#wentBack(/** @type {CustomEvent} */ (event)), { signal });
  }

  disconnectedCallback() {
    this.#ended.abort();
    clearTimeout(this.#timer);
  }

  get #list() {
    return /** @type {HTMLElement} */ (this.querySelector("#list"));
  }

  get #reader() {
    return /** @type {HTMLElement} */ (document.getElementById("reader"));
  }

  get #app() {
    return /** @type {HTMLElement} */ (this.querySelector(".app"));
  }

  /** Whose htmx attributes hold for what this element asks: fragments, not pages. */
  get #source() {
    return /** @type {HTMLElement} */ (this.querySelector("#list-source"));
  }

  /** @returns {HTMLElement[]} */
  get #rows() {
    return [...this.#list.querySelectorAll(".row")].filter((row) => row instanceof HTMLElement);
  }

  /** The row of the message in the reader. */
  get #here() {
    // An answer is written beside the message it answers, a draft beside its own row.
    const { original, draftMessageUrl } = this.#composer?.dataset ?? {};
    const open = draftMessageUrl ?? original ?? location.pathname;
    return this.#rows.find((row) => address(row) === open);
  }

  /** What is being written in the reader's place. */
  get #composer() {
    return /** @type {import("./message-composer.js").MessageComposer | null} */ (this.#reader.querySelector("message-composer"));
  }

  /** The row that keys speak to: the one with the focus, else the open one. */
  get #current() {
    const focused = document.activeElement?.closest(".row");
    return focused instanceof HTMLElement && this.contains(focused) ? focused : this.#here;
  }

  // --- keys ---

  /** @param {KeyboardEvent} event */
  #key(event) {
    const key = pressed(event);
    const inList = this.#list.contains(document.activeElement) || document.activeElement === document.body;
    /** @type {Record<string, () => unknown>} */
    const keys = {
      j: () => this.#step(1),
      k: () => this.#step(-1),
      J: () => this.#step(1, true),
      K: () => this.#step(-1, true),
      n: () => this.#turn(1),
      p: () => this.#turn(-1),
      o: () => this.#open(this.#current),
      x: () => this.#tick(this.#current),
      e: () => this.#act("archive"),
      "#": () => this.#act("delete"),
      "!": () => this.#act("spam"),
      s: () => this.#star(),
      u: () => this.#close(true),
      U: () => this.#act("unread"),
      I: () => this.#act("read"),
    };
    if (inList) {
      keys.ArrowDown = () => this.#step(1, event.shiftKey);
      keys.ArrowUp = () => this.#step(-1, event.shiftKey);
      keys.Escape = () => tickAll(this, false);
    }
    if (!Object.hasOwn(keys, key)) return;
    if (keys[key]() !== false) event.preventDefault();
  }

  /** @param {HTMLElement | undefined} row @param {number} by */
  #neighbour(row, by) {
    const rows = this.#rows;
    if (!row) return rows[by > 0 ? 0 : rows.length - 1];
    return rows[rows.indexOf(row) + by];
  }

  /** Opens the message beside the open one: of this list, or of the mailbox where this page of the list has none. @param {1 | -1} by */
  #turn(by) {
    const here = this.#here;
    const row = here || !this.#reader.querySelector("mail-message") ? this.#neighbour(here, by) : undefined;
    if (row) return this.#open(row);
    const beside = this.#reader.querySelector(`.reader-steps a[rel="${by > 0 ? "next" : "prev"}"]`);
    if (!(beside instanceof HTMLElement)) return false;
    beside.click();
    return true;
  }

  /** Moves the focus; on a narrow page with a message open, moves to the next message. @param {number} by @param {boolean} [ticking] */
  #step(by, ticking = false) {
    if (!this.#list.checkVisibility()) return this.#open(this.#neighbour(this.#here, by));
    const from = this.#current;
    const to = this.#neighbour(from, by);
    if (!to) return undefined;
    if (ticking && from) {
      tick(from).checked = true;
      tick(to).checked = true;
      tell(this);
    }
    link(to).focus();
    to.scrollIntoView({ block: "nearest" });
    return undefined;
  }

  /** Only the current row can be reached by Tab, so that the reader is one Tab away and not a hundred. @param {Element | null} current */
  #rove(current) {
    const rows = this.#rows;
    const one = current && rows.includes(/** @type {HTMLElement} */ (current)) ? current : (this.#here ?? rows[0]);
    for (const row of rows) {
      const index = row === one ? 0 : -1;
      link(row).tabIndex = index;
      tick(row).tabIndex = index;
    }
  }

  // --- ticks ---

  /** @param {HTMLElement | undefined} row */
  #tick(row) {
    if (!row) return false;
    tick(row).checked = !tick(row).checked;
    this.#lastTick = tick(row);
    tell(this);
    return true;
  }

  /** @param {MouseEvent} event */
  #click(event) {
    const target = /** @type {Element} */ (event.target);
    if (target instanceof HTMLInputElement && target.matches(".row-tick")) {
      if (event.shiftKey && this.#lastTick) tickRange(this.#list, this.#lastTick, target);
      this.#lastTick = target;
    } else if (target instanceof HTMLInputElement && target.id === "tick-all") {
      tickAll(this, target.checked);
    } else if (target.closest("[data-clear]")) {
      tickAll(this, false);
      link(this.#current ?? this.#rows[0])?.focus();
    } else if (target.closest("[data-back]")) {
      event.preventDefault();
      event.stopPropagation();
      this.#close(true);
    } else if (this.#here) {
      const act = target.closest("[data-act]");
      if (act instanceof HTMLElement) this.#act(act.dataset.act ?? "", {}, [tick(this.#here).value]);
    }
  }

  // --- acts ---

  /** The messages an act is meant for: the ticked ones, else the current one. */
  #meant() {
    const uids = ticked(this.#list);
    const row = this.#current;
    return uids.length ? uids : row ? [tick(row).value] : [];
  }

  /**
   * @param {string} action
   * @param {Record<string, string>} [fields]
   * @param {string[]} [uids]
   */
  #act(action, fields = {}, uids = this.#meant()) {
    const form = this.querySelector("form.acts");
    if (!(form instanceof HTMLFormElement) || !uids.length) return false;
    // What is deleted for good is asked about first, in the page; the keys lead to the same question.
    const question = action === "delete" ? form.querySelector("#for-good") : null;
    if (question instanceof HTMLDetailsElement) {
      for (const box of ticks(this.#list)) box.checked = uids.includes(box.value);
      tell(this);
      question.open = true;
      question.querySelector("button")?.focus();
      return true;
    }
    const values = Object.fromEntries([...new FormData(form)].filter(([name]) => name !== "uid"));
    // Buttons called "action" hide the property of that name.
    return htmx.ajax("post", form.getAttribute("action") ?? "", {
      source: this.#source,
      target: "#list",
      swap: "keyed",
      values: { ...values, ...fields, action, uid: uids },
    });
  }

  #star() {
    const uids = this.#meant();
    const row = this.#rows.find((each) => uids.includes(tick(each).value));
    return row && this.#act(row.hasAttribute("data-star") ? "unstar" : "star", {}, uids);
  }

  /** @param {Did} did */
  #did(did) {
    const { undo } = did;
    // Choosing was for this.
    const choose = this.#list.querySelector("#choose");
    if (choose instanceof HTMLInputElement) choose.checked = false;
    toast(did.sentence, undo && { label: say("ui-undo"), run: () => this.#undo(undo) });
  }

  /** @param {NonNullable<Did["undo"]>} undo */
  async #undo(undo) {
    const body = new URLSearchParams();
    for (const [name, value] of Object.entries(undo.fields)) for (const one of [value].flat()) body.append(name, one);
    try {
      await request(undo.url, { method: "POST", body });
    } catch {
      toast(say("ui-failed"));
    }
    document.dispatchEvent(new CustomEvent("postern:mailbox-changed", { detail: {} }));
  }

  // --- the reader ---

  /** @param {HTMLElement | undefined} row */
  #open(row) {
    if (!row) return false;
    row.scrollIntoView({ block: "nearest" });
    link(row).click();
    return true;
  }

  /** Empties the reader and goes back to the list. @param {boolean} push whether the address changes with it */
  #close(push) {
    // Unsent words are not swept away: the composer asks, and closes by itself if the person wants that.
    if (this.#composer?.dirty) return this.#composer.leave(() => this.#close(push));
    const here = this.#here;
    const empty = document.getElementById("reader-empty");
    if (push && location.pathname !== new URL(this.#url, location.href).pathname) history.pushState({ htmx: true }, "", this.#url);
    this.#app.classList.remove("showing-message");
    if (empty instanceof HTMLTemplateElement) this.#reader.replaceChildren(empty.content.cloneNode(true));
    document.title = this.#list.dataset.title ?? document.title;
    this.#dress();
    link(here ?? this.#rows[0])?.focus();
  }

  get #url() {
    return this.#list.dataset.url ?? location.href;
  }

  /** Back and forward between the list and its messages need no new page. @param {CustomEvent} event */
  #wentBack(event) {
    const path = new URL(event.detail.path, location.href);
    const row = this.#rows.find((each) => address(each) === path.pathname);
    if (path.href === new URL(this.#url, location.href).href) {
      event.preventDefault();
      this.#close(false);
    } else if (row) {
      event.preventDefault();
      htmx.ajax("get", path.pathname, { source: this.#source, target: "#reader", swap: "innerHTML" });
    }
  }

  // --- staying up to date ---

  /** @param {string | undefined} mailbox none: any of them may have changed */
  #changed(mailbox) {
    if (!mailbox || mailbox === this.#list.dataset.mailbox) this.#refreshSoon();
  }

  #refreshSoon() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (document.hidden) return; // visibilitychange brings it up to date
      htmx.ajax("get", this.#url, { source: this.#source, target: "#list", swap: "keyed" });
    }, GATHER);
  }

  /** @param {CustomEvent} event */
  #swapped(event) {
    // Nothing is named as the target where the browser went back.
    const target = /** @type {Element | undefined} */ (event.detail.target);
    if (target && target === this.#reader) {
      this.#app.classList.add("showing-message");
      const here = this.#here;
      this.#dress();
      // On a narrow page the list is gone, and the focus with it.
      if (!this.#list.checkVisibility()) this.#reader.focus({ preventScroll: true });
      if (here?.classList.contains("row-new")) document.dispatchEvent(new CustomEvent("postern:mailbox-changed", { detail: {} }));
    } else if (target?.id === "list") {
      this.#afterList();
    }
  }

  /** The list is new: dress it, and keep the focus near where it was. */
  #afterList() {
    this.#recall();
    const lost = document.activeElement === document.body || !document.activeElement?.checkVisibility();
    const reading = this.#app.classList.contains("showing-message");
    this.#dress();
    if (!reading) document.title = this.#list.dataset.title ?? document.title;
    if (reading && !this.#here && !this.#composer && !this.#list.dataset.query) this.#close(true);
    else if (lost && this.#list.checkVisibility()) link(this.#rows.find((row) => link(row).tabIndex === 0) ?? this.#rows[0])?.focus({ preventScroll: true });
  }

  /** What the page adds to the rows as served: the open one, what the reader found, who can be reached by Tab. */
  #dress() {
    const here = this.#here;
    for (const row of this.#rows) {
      row.toggleAttribute("data-here", row === here);
      if (row === here) link(row).setAttribute("aria-current", "true");
      else link(row).removeAttribute("aria-current");
      const found = kept(address(row));
      if (found) dressMark(row, found);
      else undressMark(row);
    }
    this.#rove(document.activeElement?.closest(".row") ?? null);
    tell(this);
  }

  /** What was found out about these messages before, once the keys are open. */
  #recall() {
    const rows = this.#rows.map((row) => ({ message: address(row), trace: row.dataset["trace"] ?? "" }));
    const drafts = this.#rows.filter((row) => link(row).dataset["message"] !== undefined && row.dataset["mark"] === "mark-encrypted-unopened");
    const unnamed = drafts.map((row) => ({ message: address(row), trace: row.dataset["trace"] ?? "" }));
    const dress = () => this.isConnected && this.#dress();
    bringBack(rows).then((any) => any && dress()).then(() => openSubjects(unnamed, dress)).catch(reportUnlessLocked);
  }

  /** @param {Judged & { uid?: string }} found */
  #judged(found) {
    const here = this.#here;
    if (!here || !has(found.mark)) return;
    keep(address(here), found);
    dressMark(here, found);
  }
}

/** @param {HTMLElement | undefined} row @returns {HTMLAnchorElement} */
function link(row) {
  return /** @type {HTMLAnchorElement} */ (row?.querySelector("a.row-link"));
}

/** @param {HTMLElement} row @returns {string} the message's own address; the link of a draft leads to the composer */
function address(row) {
  return link(row).dataset["message"] ?? link(row).pathname;
}

/** @param {HTMLElement} row @returns {HTMLInputElement} */
function tick(row) {
  return /** @type {HTMLInputElement} */ (row.querySelector("input.row-tick"));
}

/** What went wrong with a message or a list is said where it would have stood. @param {CustomEvent} event */
function showTrouble(event) {
  const { target, xhr } = event.detail;
  if (xhr.status >= 400 && target?.id === "reader" && xhr.getResponseHeader("Content-Type")?.startsWith("text/html")) {
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  }
}

customElements.define("mail-list", MailList);
