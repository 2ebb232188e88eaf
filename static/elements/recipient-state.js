/**
 * What a recipient can read: the chips of words.md section 3.1, as one ordered list of answerers.
 *
 * Each rule is *not mine* (null) or the state; the first that answers stands. Nothing here asks anybody:
 * it judges what the directory answered, what the worker found in it, and what is pinned.
 */

/** @typedef {"enc" | "bare" | "wait" | "held" | "blocked"} Effect */
/** @typedef {"calm" | "note" | "warning" | "stop"} Level */
/**
 * @typedef {object} Known
 * @property {boolean} complete  one complete address
 * @property {boolean} asked  the question is over, with an answer or without
 * @property {boolean} failed  asking failed
 * @property {boolean} late  five seconds have passed without an answer
 * @property {boolean} clear  the person chose "without encryption" for this address
 * @property {boolean} bareAllowed  the house rule lets mail go without encryption
 * @property {boolean} own  one of the own certificates
 * @property {"found" | "none" | null} found
 * @property {{ usable: boolean, reason: string | null, fingerprint: string | null, expires: string | null, revoked?: string | null, created?: string, certificate?: Uint8Array | null } | null} judged
 * @property {{ fingerprint: string, since: string, state: string } | null} pin
 */
/** @typedef {{ id: string, effect: Effect, level: Level, values: Record<string, string> }} Chip */

/** A dot-atom at a domain with a dot. The domain may be in any script; it goes out in ASCII. */
const ADDRESS = /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*@(?:[\p{L}\p{N}](?:[\p{L}\p{N}\p{M}-]*[\p{L}\p{N}\p{M}])?\.)+[\p{L}\p{N}](?:[\p{L}\p{N}\p{M}-]*[\p{L}\p{N}\p{M}])$/iu;

/**
 * Whether a text is one complete address that a submission server takes. Quoted local parts are allowed by RFC 5322
 * and by hardly any server; they are refused here, in words.
 * @param {string} address
 */
export function complete(address) {
  return address.length <= 254 && ADDRESS.test(address);
}

/**
 * @param {Known} known
 * @param {string} id
 * @param {Level} level
 * @returns {Chip}
 */
function bare(known, id, level) {
  // Who once had a certificate never becomes "no certificate" without the person deciding (D12).
  return known.pin && known.pin.state !== "rejected"
    ? { id, level, effect: "held", values: {} }
    : { id, level, effect: "bare", values: {} };
}

/**
 * @param {Known} known
 * @returns {Chip}
 */
function usable({ own, pin }) {
  if (own) return { id: "to-known", effect: "enc", level: "calm", values: {} };
  if (pin?.state === "verified") return { id: "to-verified", effect: "enc", level: "calm", values: {} };
  if (pin && pin.state !== "rejected") return { id: "to-known", effect: "enc", level: "calm", values: { date: pin.since } };
  return { id: "to-first", effect: "enc", level: "note", values: {} };
}

/** @typedef {(known: Known) => Chip | null} Rule */

/** @type {Rule[]} */
const RULES = [
  (known) => (known.complete ? null : { id: "to-invalid", effect: "held", level: "note", values: {} }),
  (known) => (known.clear ? { id: "to-clear", effect: "bare", level: "note", values: {} } : null),
  (known) => {
    const { pin, judged } = known;
    if (!pin || pin.state === "rejected" || !judged?.fingerprint || pin.fingerprint === judged.fingerprint) return null;
    return pin.state === "verified"
      ? { id: "to-changed-verified", effect: "held", level: "stop", values: {} }
      : { id: "to-changed", effect: "held", level: "warning", values: {} };
  },
  (known) => (known.asked || known.failed || known.late ? null : { id: "to-looking", effect: "wait", level: "calm", values: {} }),
  (known) => (known.asked || known.failed ? null : { id: "to-still-looking", effect: "wait", level: "note", values: {} }),
  (known) => (known.judged?.usable && known.pin?.state === "rejected" && known.pin.fingerprint === known.judged.fingerprint
    ? { id: "to-rejected", effect: "bare", level: "note", values: {} } : null),
  (known) => (known.judged?.usable ? usable(known) : null),
  (known) => (known.failed && known.pin && known.pin.state !== "rejected" ? { id: "to-lost", effect: "held", level: "warning", values: {} } : null),
  (known) => (known.found === "none" && known.pin && known.pin.state !== "rejected" ? { id: "to-gone", effect: "held", level: "warning", values: {} } : null),
  (known) => (known.judged?.reason === "expired" ? bare(known, "to-expired", "note") : null),
  (known) => (known.judged?.reason === "revoked" ? bare(known, "to-revoked", "note") : null),
  (known) => (known.judged && !known.judged.usable ? bare(known, "to-unusable", "note") : null),
  (known) => (known.failed ? { id: "to-unasked", effect: "bare", level: "note", values: {} } : null),
  () => ({ id: "to-none", effect: "bare", level: "note", values: {} }),
];

/**
 * @param {Known} known
 * @returns {Chip}
 */
export function chip(known) {
  for (const rule of RULES) {
    const state = rule(known);
    if (state && state.effect === "bare" && !known.bareAllowed) return { id: "to-blocked", level: "stop", effect: "blocked", values: {} };
    if (state) return state;
  }
  throw new Error("the last rule answers for everything");
}
