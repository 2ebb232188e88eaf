/**
 * What a recipient can read: the chips of words.md section 3.1, as one ordered list of answerers.
 *
 * Each rule is *not mine* (null) or the state; the first that answers stands. Nothing here asks anybody:
 * it judges what the directory answered, what the worker found in it, and what is pinned.
 */

/** @typedef {"enc" | "bare" | "wait" | "held"} Effect */
/** @typedef {"calm" | "note" | "warning" | "stop"} Level */
/**
 * @typedef {object} Known
 * @property {boolean} complete  one complete address
 * @property {boolean} asked  the directory has answered
 * @property {boolean} failed  asking failed
 * @property {boolean} late  five seconds have passed without an answer
 * @property {boolean} clear  the person chose "without encryption" for this address
 * @property {boolean} own  one of the own certificates
 * @property {"found" | "none" | null} found
 * @property {{ usable: boolean, reason: string | null, fingerprint: string | null, expires: string | null } | null} judged
 * @property {{ fingerprint: string, since: string, state: string } | null} pin
 */
/** @typedef {{ id: string, effect: Effect, level: Level, values: Record<string, string> }} Chip */

const ADDRESS = /^[^\s@<>()[\]\\,;:"\u0000-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069]+@[^\s@<>()[\]\\,;:"_\u0000-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069]+\.[^\s@<>()[\]\\,;:"._]+$/u;

/**
 * Whether a text is one complete address we can hand to a submission server (a dot-atom at a domain;
 * quoted local parts are allowed by RFC 5322 and by hardly any server, and refused here in words).
 * @param {string} address
 */
export function complete(address) {
  return address.length <= 254 && ADDRESS.test(address) && !address.includes("..") && !address.startsWith(".") && !address.includes(".@");
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

/** @type {((known: Known) => Chip | null)[]} */
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
  (known) => {
    if (!known.judged?.usable) return null;
    if (known.pin?.state === "verified" || known.own) return { id: "to-verified", effect: "enc", level: "calm", values: {} };
    if (known.pin && known.pin.state !== "rejected") return { id: "to-known", effect: "enc", level: "calm", values: { date: known.pin.since } };
    return { id: "to-first", effect: "enc", level: "note", values: {} };
  },
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
    if (state) return state;
  }
  throw new Error("the last rule answers for everything");
}
