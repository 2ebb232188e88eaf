/**
 * What is known about recipients: asks our directory for their certificates, lets the worker judge them, and answers
 * with a chip for each address (words.md section 3.1). Many addresses typed or pasted together are one question.
 */
import { crypto } from "../crypto/client.js";
import { key } from "./answer.js";
import { certificatesOf } from "./certificates.js";
import { day } from "./format.js";
import { Refused } from "./http.js";
import { pinOf } from "./pins.js";
import { chip, complete } from "./recipient-state.js";
import { say } from "./words.js";

/** @typedef {import("./recipient-state.js").Chip} Chip */
/** @typedef {import("./recipient-state.js").Known} Known */
/** @typedef {Known & { certificates: Uint8Array[], timer: ReturnType<typeof setTimeout> | undefined, asking: boolean }} Kept */

/** After this long an open question is said to be open (words.md, to-still-looking), in ms. */
const LATE = 5_000;
/** The server takes this many addresses in one question. */
const MOST = 100;

/** @type {Record<string, string>} */
const REASONS = {
  "weak-self-signature": "to-reason-signature",
  "no-encryption-key": "to-reason-no-encryption",
  "other-address": "to-reason-other-address",
  "too-large": "to-reason-too-large",
};

/** Events: `change` whenever a chip may have changed. */
export class RecipientLookup extends EventTarget {
  /** @type {Map<string, Kept>} */
  #known = new Map();
  #scheduled = false;
  /** Why the server answered nothing, in its words. */
  refused = "";

  /**
   * @param {string} url
   * @param {string} self own address
   * @param {{ bareAllowed: boolean, by: string }} rule  whether mail may go without encryption, and who says so
   */
  constructor(url, self, { bareAllowed, by }) {
    super();
    this.url = url;
    this.self = self;
    this.bareAllowed = bareAllowed;
    this.by = by;
  }

  /**
   * @param {string} address
   * @returns {Chip} with values for its sentence
   */
  chip(address) {
    const known = this.#want(address);
    const state = chip({ ...known, pin: known.complete && !known.own ? shown(pinOf(address)) : null });
    const { judged } = known;
    const reason = say(REASONS[judged?.reason ?? ""] ?? "ui-reason-unreadable");
    const moments = { "to-revoked": judged?.revoked, "to-known": judged?.created };
    const date = state.values["date"] || dateOf(moments[/** @type {keyof moments} */ (state.id)] ?? judged?.expires);
    return { ...state, values: { address, reason, organisation: this.by, ...(date ? { date } : {}) } };
  }

  /**
   * The certificate that was judged usable and that the chip is about, for the worker to encrypt to.
   * @param {string} address
   */
  certificates(address) {
    return this.#known.get(key(address))?.certificates ?? [];
  }

  /**
   * @param {string} address
   */
  judged(address) {
    return this.#known.get(key(address))?.judged ?? null;
  }

  /** The person decided: this address gets this message in the clear. @param {string} address */
  decideClear(address) {
    const known = this.#known.get(key(address));
    if (known) known.clear = true;
    this.#changed();
  }

  /** @param {string} address */
  again(address) {
    this.#known.delete(key(address));
    this.#want(address);
    this.#changed();
  }

  /** Something outside changed: pins were loaded or noted. */
  refresh() {
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }

  /** @param {string} address */
  #want(address) {
    const held = this.#known.get(key(address));
    if (held) return held;
    /** @type {Kept} */
    const fresh = {
      complete: complete(address), asked: false, failed: false, late: false, clear: false, bareAllowed: this.bareAllowed, own: key(address) === key(this.self),
      found: null, judged: null, pin: null, certificates: [], timer: undefined, asking: false,
    };
    this.#known.set(key(address), fresh);
    if (fresh.complete && !this.#scheduled) {
      this.#scheduled = true;
      queueMicrotask(() => {
        this.#scheduled = false;
        void this.#ask();
      });
    }
    return fresh;
  }

  async #ask() {
    const open = [...this.#known].filter(([, known]) => known.complete && !known.asked && !known.asking).slice(0, MOST);
    if (open.length === 0) return;
    for (const [, known] of open) {
      known.asking = true;
      known.timer = setTimeout(() => {
        known.late = true;
        this.#changed();
      }, LATE);
    }
    /** @type {Map<string, import("./certificates.js").Answer> | null} */
    let answers = null;
    try {
      answers = await certificatesOf(this.url, open.map(([address]) => address));
      this.refused = "";
    } catch (error) {
      this.refused = error instanceof Refused && error.status === 429 ? error.sentence : "";
      // Whatever kept us from an answer, the chip says that no source answered, and "Try again" asks anew.
    }
    await Promise.all(open.map(([address, known]) => this.#take(address, known, answers?.get(address) ?? null)));
    this.#changed();
    void this.#ask();
  }

  /**
   * @param {string} address
   * @param {Kept} known
   * @param {import("./certificates.js").Answer | null} answer null: no answer
   */
  async #take(address, known, answer) {
    if (answer?.state === "found") {
      known.judged = await crypto.request("certificate.judge", { address, certificates: answer.certificates });
      // That one alone, and not what else was answered: another could become the better one before the message is built.
      known.certificates = known.judged?.usable && known.judged.certificate ? [known.judged.certificate] : [];
    }
    clearTimeout(known.timer);
    known.asking = false;
    known.found = answer?.state ?? null;
    known.failed = answer === null;
    known.asked = true;
  }
}

/** @param {string | null | undefined} date */
function dateOf(date) {
  return date ? day(new Date(date)) : "";
}

/**
 * @param {import("./pins.js").Pin | null} pin
 * @returns {Known["pin"]}
 */
function shown(pin) {
  return pin && { fingerprint: pin.fingerprint, since: dateOf(new Date(pin.since * 1000).toISOString()), state: Object.hasOwn(pin.rejected ?? {}, pin.fingerprint) ? "rejected" : pin.verified ? "verified" : "known" };
}
