/** The verdicts of words.md section 2.8, with what their sentences have in braces; for tests in Node and in the page. */
import { NO_ENCRYPTION, NO_SIGNATURE } from "../../static/crypto/verdict.js";

const PGP = { ...NO_ENCRYPTION, layer: "openpgp" };
const CBC = { ...NO_ENCRYPTION, layer: "smime-cbc", integrity: "none" };
const GCM = { ...NO_ENCRYPTION, layer: "smime-gcm" };
const GOOD = { ...NO_SIGNATURE, state: "good", from: "match" };

/** @type {[string, object, object, string[], string, string | null, string[], string, string | null, string[], string[]][]} */
export const WORKED = [
  ["openpgp ok, good verified", PGP, { ...GOOD, evidence: "verified" }, [], "enc-ok", "sig-good-verified", [], "calm", "encrypted-signed", ["images-click"], ["enc-ok", "sig-good-verified"]],
  ["openpgp ok, good known, own key expired", { ...PGP, oldKey: "expired" }, { ...GOOD, evidence: "known" }, [], "enc-ok", "sig-good-known", ["note-old-key"], "calm", "encrypted-signed", ["images-click"], ["enc-ok", "sig-good-known"]],
  ["openpgp ok, unsigned", PGP, NO_SIGNATURE, [], "enc-ok", "sig-none", [], "note", "encrypted", ["images-click"], ["enc-ok", "sig-none"]],
  ["openpgp ok, bad", PGP, { ...GOOD, state: "bad" }, [], "enc-ok", "sig-bad", [], "note", "encrypted", ["images-click"], ["enc-ok", "sig-bad"]],
  ["none, bad", NO_ENCRYPTION, { ...GOOD, state: "bad" }, [], "enc-none", "sig-bad", [], "note", null, ["images-click"], ["enc-none", "sig-bad"]],
  ["none, good, two From", NO_ENCRYPTION, { ...GOOD, from: "unclear" }, [], "enc-none", "sig-from-unclear", [], "note", null, ["images-click"], ["enc-none", "sig-from-unclear"]],
  ["none, good, signer differs, pin for From", NO_ENCRYPTION, { ...GOOD, from: "differs", pinned: true }, [], "enc-none", "sig-from-differs", [], "warning", "check-sender", ["images-click"], ["enc-none", "sig-from-differs"]],
  ["smime-cbc ok, good first, revocation not checked", CBC, { ...GOOD, smime: true, status: "not-checked" }, [], "enc-cbc", "sig-good-first", ["note-revocation-unchecked"], "note", "encrypted-signed", ["images"], ["enc-cbc", "sig-good-first"]],
  ["smime-cbc ok, unsigned (gadget mail)", CBC, NO_SIGNATURE, [], "enc-unproved", "sig-none", [], "note", "encrypted", ["images", "html", "links"], ["enc-unproved"]],
  ["smime-gcm, tag wrong", { ...GCM, integrity: "failed" }, NO_SIGNATURE, [], "enc-failed", null, [], "stop", "not-readable", ["all"], ["enc-failed"]],
  ["openpgp, MDC wrong, key known", { ...PGP, integrity: "failed" }, { ...GOOD }, [], "enc-damaged", null, [], "stop", "not-readable", ["all"], ["enc-damaged"]],
  ["openpgp, data without MDC", { ...PGP, integrity: "none" }, NO_SIGNATURE, [], "enc-no-integrity", null, [], "stop", "not-readable", ["all"], ["enc-no-integrity"]],
  ["none, SHA-1 and from differs", NO_ENCRYPTION, { ...GOOD, weak: true, from: "differs" }, [], "enc-none", "sig-weak", [], "note", null, ["images-click"], ["enc-none", "sig-weak"]],
  ["smime signed, expired now, good timestamp, known", NO_ENCRYPTION, { ...GOOD, smime: true, expiredNow: true, stamp: "good", evidence: "known" }, [], "enc-none", "sig-good-known", ["note-expired-since", "note-stamped"], "calm", "signed", ["images-click"], ["enc-none", "sig-good-known"]],
  ["openpgp ok, changed", PGP, { ...GOOD, evidence: "changed" }, [], "enc-ok", "sig-changed", [], "warning", "new-certificate", ["images-click", "images"], ["enc-ok", "sig-changed"]],
  ["smime-cbc, signed over the ciphertext by a stranger", CBC, { ...GOOD, smime: true, coverage: "outside" }, [], "enc-unproved", "sig-outside", [], "note", "encrypted", ["images", "html", "links"], ["enc-unproved"]],
  ["at rest, inner unsigned", { ...PGP, atRest: true }, NO_SIGNATURE, [], "enc-at-rest", "sig-none", [], "calm", "encrypted-here", ["images-click"], ["enc-at-rest", "sig-none"]],
  ["list mail, signed part and footer", NO_ENCRYPTION, { ...GOOD, coverage: "list-footer", partGood: true }, [], "enc-none", "sig-list-footer", [], "note", "partly-signed", ["images-click"], ["enc-none", "sig-list-footer"]],
  ["plain HTML drawing a green \"verified\" bar", NO_ENCRYPTION, NO_SIGNATURE, [], "enc-none", "sig-none", [], "calm", null, ["images-click"], ["plain"]],
];
