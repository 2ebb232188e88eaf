/**
 * A sealed list on the server (state-1): fetched once, changed here, written when the person pauses. Two tabs or devices may
 * change it at once: the slower one reads the newer list, unites both and writes again.
 */
import { crypto } from "../crypto/client.js";
import { put, Refused, request } from "./http.js";
import { reportUnlessLocked } from "./unless-locked.js";

/** Several changes within this time (ms) are written once. */
const PAUSE = 2_000;
const TRIES = 4;

/**
 * @template Item
 * @typedef {object} Options
 * @property {string} kind
 * @property {string} name
 * @property {() => string} url
 * @property {(item: Item) => string} key
 * @property {(mine: Item, theirs: Item) => Item} unite  of two items with one key
 * @property {(items: Item[]) => Item[]} bound  what is kept of too many
 */

/** All that may still have to be written. @type {Set<SealedList<any>>} */
const lists = new Set();

/** @template Item */
export class SealedList {
  /** @type {Map<string, Item>} */
  #items = new Map();
  #rev = 0;
  #dirty = false;
  /** @type {Promise<void> | null} */
  #loading = null;
  /** @type {Promise<void>} */
  #turn = Promise.resolve();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #gone = false;

  /** @param {Options<Item>} options */
  constructor(options) {
    this.options = options;
    lists.add(this);
  }

  /**
   * Needs open keys.
   * @param {string} key
   * @returns {Promise<Item | null>}
   */
  async get(key) {
    await this.#load();
    return this.#items.get(key) ?? null;
  }

  /** Needs open keys. @returns {Promise<Item[]>} */
  async all() {
    await this.#load();
    return [...this.#items.values()];
  }

  /** @param {Item} item */
  async set(item) {
    await this.#load();
    if (this.#gone) return;
    this.#items.set(this.options.key(item), item);
    this.#dirty = true;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.flush().catch(reportUnlessLocked), PAUSE);
  }

  /** Everything is written when it resolves. @returns {Promise<void>} */
  flush() {
    clearTimeout(this.#timer);
    const turn = this.#turn.then(() => this.#write());
    this.#turn = turn.catch(() => {});
    return turn;
  }

  /** Nothing of it stays in the page. */
  forget() {
    this.#gone = true;
    clearTimeout(this.#timer);
    this.#items.clear();
    lists.delete(this);
  }

  #load() {
    this.#loading ??= this.#fetch().catch((error) => {
      this.#loading = null;
      throw error;
    });
    return this.#loading;
  }

  async #fetch() {
    const { kind, name, url, key, unite } = this.options;
    const answer = await request(url());
    const record = answer.status === 204 ? null : new Uint8Array(await answer.arrayBuffer());
    const rev = record ? Number((answer.headers.get("ETag") ?? "").replace(/\D/gu, "")) : 0;
    /** @type {Item[]} */
    const theirs = record ? await crypto.request("seen.open", { kind, name, record, rev }) : [];
    if (this.#gone) return;
    for (const item of theirs) {
      const mine = this.#items.get(key(item));
      this.#items.set(key(item), mine ? unite(mine, item) : item);
    }
    this.#rev = rev;
  }

  async #write() {
    const { kind, name, url, bound, key } = this.options;
    for (let left = TRIES; this.#dirty && !this.#gone; left--) {
      this.#dirty = false;
      const list = bound([...this.#items.values()]);
      this.#items = new Map(list.map((item) => [key(item), item]));
      const rev = this.#rev + 1;
      try {
        const record = await crypto.request("seen.seal", { kind, name, rev, list });
        await put(url(), record, this.#rev === 0 ? { "If-None-Match": "*" } : { "If-Match": `"${this.#rev}"` });
        this.#rev = rev;
      } catch (error) {
        this.#dirty = true;
        if (!(error instanceof Refused && error.status === 412) || left === 1) throw error;
        await this.#fetch();
      }
    }
  }
}

/** All lists are written when it resolves. */
export async function flushAll() {
  await Promise.all([...lists].map((list) => list.flush()));
}

crypto.addEventListener("locking", (event) => /** @type {CustomEvent} */ (event).detail.waitUntil(flushAll()));
if (typeof document !== "undefined" && typeof document.addEventListener === "function") {
  document.addEventListener("visibilitychange", () => {
    if (document.hidden && crypto.state === "unlocked") void flushAll().catch(reportUnlessLocked);
  });
}
