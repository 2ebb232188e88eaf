/** From what was checked to what the reader is told: the rules of precedence, as a pure function. */

/**
 * @typedef {object} Encryption
 * @property {"none" | "openpgp" | "smime-gcm" | "smime-cbc"} layer
 * @property {"working" | "cancelled" | "locked" | "no-key" | "failed" | "unsupported" | "too-large" | "ok"} state
 * @property {"ok" | "failed" | "none"} integrity
 * @property {boolean} weak
 * @property {"none" | "expired" | "revoked"} oldKey
 * @property {boolean} atRest
 */

/**
 * @typedef {object} Signature
 * @property {"none" | "checking" | "unreadable" | "unsupported" | "several" | "no-certificate" | "bad" | "good"} state
 * @property {boolean} smime
 * @property {boolean} weak
 * @property {"ok" | "unknown" | "broken" | "wrong-use"} path
 * @property {"ok" | "expired-then" | "not-yet" | "future"} when
 * @property {"ok" | "not-checked" | "revoked-before" | "revoked-after" | "revoked-unproved" | "compromised"} status
 * @property {boolean} expiredNow
 * @property {"none" | "good" | "bad"} stamp
 * @property {"match" | "differs" | "unclear"} from
 * @property {"own" | "verified" | "known" | "first" | "changed" | "rejected"} evidence
 * @property {"whole" | "outside" | "part" | "list-footer" | "inline" | "attachment"} coverage
 * @property {boolean} pinned a pin exists for the From address
 * @property {boolean} partGood with coverage part, list-footer or inline: one of the parts is good by itself
 * @property {boolean} others of more signatures that hold it is proved whose they are
 * @property {boolean} usual the last five messages of the sender were signed, and the signatures counted
 * @property {boolean} locked with state checking: nobody is asked, the person's own list of certificates is locked
 */

/**
 * @typedef {object} Verdict
 * @property {Encryption} enc
 * @property {Signature} sig
 * @property {readonly string[]} notes found by the reader of the message; those that follow from enc and sig are added here
 */

/** @typedef {"calm" | "note" | "warning" | "stop"} Level */

/**
 * @typedef {object} Judged
 * @property {string} enc id
 * @property {string | null} sig id; null where the encryption state withholds everything
 * @property {readonly string[]} notes ids, highest level first; the first two are shown, the others under Details
 * @property {readonly string[]} line ids of the sentences of the first line, in order
 * @property {Level} level
 * @property {string | null} mark id of the mark in the list, null for none
 * @property {readonly string[]} withheld
 */

/** @type {readonly Level[]} */
const LEVELS = ["calm", "note", "warning", "stop"];

/** id: level, withheld, mark. @type {Readonly<Record<string, readonly [Level, readonly string[], string | null]>>} */
const ENC = {
  "enc-working": ["calm", ["all"], "encrypted-unopened"],
  "enc-cancelled": ["calm", ["all"], "encrypted-unopened"],
  "enc-locked": ["note", ["all"], "encrypted-unopened"],
  "enc-no-key": ["note", ["all"], "no-key"],
  "enc-unsupported": ["note", ["all"], "not-readable"],
  "enc-too-large": ["stop", ["all"], "not-readable"],
  "enc-no-integrity": ["stop", ["all"], "not-readable"],
  "enc-damaged": ["stop", ["all"], "not-readable"],
  "enc-failed": ["stop", ["all"], "not-readable"],
  "enc-at-rest": ["calm", ["images-click"], "encrypted-here"],
  "enc-weak": ["note", ["images", "html"], "weakly-encrypted"],
  "enc-unproved": ["note", ["images", "html", "links"], "encrypted"],
  "enc-cbc": ["calm", ["images"], "encrypted"],
  "enc-ok": ["calm", ["images-click"], "encrypted"],
  "enc-none": ["calm", ["images-click"], null],
};

/** Notes in the order of the table: level, withheld. @type {Readonly<Record<string, readonly [Level, readonly string[]]>>} */
const NOTES = {
  "note-lookalike": ["warning", ["images", "links"]],
  "note-name-address": ["warning", ["images"]],
  "note-outer-from": ["warning", ["images"]],
  "note-authority-changed": ["warning", []],
  "note-outer-subject": ["note", []],
  "note-old-key": ["calm", []],
  "note-expired-since": ["calm", []],
  "note-revoked-since": ["note", []],
  "note-revocation-unchecked": ["note", []],
  "note-stamped": ["calm", []],
  "note-stamp-clock": ["note", []],
  "note-stamp-bad": ["note", []],
  "note-signers": ["calm", []],
  "note-renewed": ["calm", []],
  "note-usually-signs": ["note", []],
  "note-attached-certificate": ["calm", []],
  "note-text-only": ["note", ["html"]],
};

/** Nothing encrypted. @type {Encryption} */
export const NO_ENCRYPTION = Object.freeze({ layer: "none", state: "ok", integrity: "ok", weak: false, oldKey: "none", atRest: false });

/** Nothing signed. @type {Signature} */
export const NO_SIGNATURE = Object.freeze({
  state: "none",
  smime: false,
  weak: false,
  path: "ok",
  when: "ok",
  status: "ok",
  expiredNow: false,
  stamp: "none",
  from: "unclear",
  evidence: "first",
  coverage: "whole",
  pinned: false,
  partGood: false,
  others: false,
  usual: false,
  locked: false,
});

/**
 * @param {Verdict} verdict
 * @returns {Judged}
 */
export function judge(verdict) {
  const enc = judgeEncryption(verdict.enc, verdict.sig);
  const [encLevel, encWithheld, encMark] = ENC[enc];
  if (encWithheld.includes("all")) {
    // S0: nothing was read, so nothing else can be said.
    return { enc, sig: null, notes: [], line: [enc], level: encLevel, mark: encMark, withheld: ["all"] };
  }
  const sig = judgeSignature(verdict.sig);
  const notes = notesOf(verdict, sig);
  const sigLevel = levelOfSignature(sig, enc, verdict.sig);
  const level = highest([encLevel, sigLevel, ...notes.slice(0, 2).map((id) => NOTES[id][0])]);
  const withheld = new Set(encWithheld);
  if (sig === "sig-changed") withheld.add("images");
  for (const id of notes) for (const held of NOTES[id][1]) withheld.add(held);
  const plain = enc === "enc-none" && sig === "sig-none";
  const said = sig === "sig-checking" && verdict.sig.locked ? "sig-checking-locked" : sig;
  const line = plain ? ["plain"] : enc === "enc-unproved" ? [enc] : [enc, said];
  return {
    enc,
    sig,
    notes,
    line,
    level,
    mark: markOf(enc, sig, level),
    withheld: [...withheld],
  };
}

/**
 * Rules E1 to E14; the first that matches wins.
 * @param {Encryption} enc
 * @param {Signature} sig
 */
function judgeEncryption(enc, sig) {
  if (enc.layer === "none") return "enc-none";
  if (enc.state !== "ok") return `enc-${enc.state}`;
  if (enc.integrity === "failed") return enc.layer === "openpgp" ? "enc-damaged" : "enc-failed";
  if (enc.layer === "openpgp" && enc.integrity === "none") return "enc-no-integrity";
  if (enc.weak) return "enc-weak";
  if (enc.atRest && enc.integrity === "ok") return "enc-at-rest";
  // CBC does not show changes; only a good signature over all of it, made inside, does.
  if (enc.layer === "smime-cbc") return sig.state === "good" && sig.coverage === "whole" && !sig.weak ? "enc-cbc" : "enc-unproved";
  return "enc-ok";
}

/**
 * Rules S1 to S13; the first that matches wins.
 * @param {Signature} sig
 */
export function judgeSignature(sig) {
  if (sig.state === "none" || sig.coverage === "attachment") return "sig-none";
  if (sig.coverage === "outside") return "sig-outside";
  if (sig.coverage !== "whole") return sig.partGood ? `sig-${sig.coverage}` : sig.locked ? "sig-checking" : "sig-none";
  if (sig.state !== "good") return `sig-${sig.state}`;
  if (sig.weak) return "sig-weak";
  if (sig.path === "wrong-use") return "sig-wrong-use";
  if (sig.path !== "ok") return `sig-path-${sig.path}`;
  if (sig.when !== "ok") return `sig-${sig.when}`;
  if (sig.status === "compromised" || sig.status === "revoked-before" || sig.status === "revoked-unproved") return `sig-${sig.status}`;
  if (sig.smime && sig.expiredNow && sig.stamp !== "good") return "sig-expired-unproved";
  if (sig.from !== "match") return `sig-from-${sig.from}`;
  if (sig.evidence === "rejected" || sig.evidence === "changed") return `sig-${sig.evidence}`;
  return `sig-good-${sig.evidence}`;
}

/** @param {Verdict} verdict @param {string} sig @returns {string[]} */
function notesOf(verdict, sig) {
  const good = sig.startsWith("sig-good-");
  const found = new Set(verdict.notes);
  const { enc, sig: facts } = verdict;
  if (enc.layer !== "none" && enc.oldKey !== "none") found.add("note-old-key");
  if (good && facts.expiredNow && (!facts.smime || facts.stamp === "good")) found.add("note-expired-since");
  if (good && facts.status === "revoked-after") found.add("note-revoked-since");
  if (good && facts.status === "not-checked") found.add("note-revocation-unchecked");
  if (facts.state !== "none" && facts.stamp === "good") found.add("note-stamped");
  if (facts.state !== "none" && facts.stamp === "bad") found.add("note-stamp-bad");
  if (good && facts.others) found.add("note-signers");
  // The same words for a stripped signature and for a broken one (words.md section 2.6).
  if (!good && facts.usual && sig !== "sig-checking") found.add("note-usually-signs");
  const ordered = Object.keys(NOTES).filter((id) => found.has(id));
  // Sorting is stable, so notes of one level keep the order of the table.
  return ordered.sort((a, b) => rank(NOTES[b][0]) - rank(NOTES[a][0]));
}

/** @param {string} sig @param {string} enc @param {Signature} facts @returns {Level} */
function levelOfSignature(sig, enc, facts) {
  if (sig === "sig-changed") return "warning";
  if (sig === "sig-from-differs") return facts.pinned ? "warning" : "note";
  if (sig === "sig-none") return enc === "enc-none" || enc === "enc-at-rest" ? "calm" : "note";
  if (sig === "sig-good-first") return "note";
  if (sig.startsWith("sig-good-") || sig === "sig-checking") return "calm";
  return "note";
}

/**
 * Rules M1 to M6, for a message that was opened.
 * @param {string} enc
 * @param {string} sig
 * @param {Level} level
 */
function markOf(enc, sig, level) {
  if (level === "warning") return sig === "sig-changed" ? "new-certificate" : "check-sender";
  if (sig.startsWith("sig-good-")) {
    if (enc === "enc-at-rest") return "signed-encrypted-here";
    if (enc === "enc-none") return "signed";
    if (enc === "enc-weak") return "weakly-encrypted";
    return "encrypted-signed";
  }
  if (enc === "enc-none" && ["sig-part", "sig-list-footer", "sig-inline"].includes(sig)) return "partly-signed";
  if (enc === "enc-none" && sig === "sig-checking") return "signed-unchecked";
  return ENC[enc][2];
}

/** @param {Level} level */
function rank(level) {
  return LEVELS.indexOf(level);
}

/** @param {readonly Level[]} levels @returns {Level} */
function highest(levels) {
  return LEVELS[Math.max(...levels.map(rank))];
}
