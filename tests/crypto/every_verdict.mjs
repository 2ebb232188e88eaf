/** Verdicts that lead to every line there can be. */
import { judge, NO_ENCRYPTION, NO_SIGNATURE } from "../../static/crypto/verdict.js";

/** @type {Map<string, object>} each outcome once */
const found = new Map();
const encs = ["working", "cancelled", "locked", "no-key", "unsupported", "too-large", "failed", "ok"].map((state) => ({ ...NO_ENCRYPTION, layer: "openpgp", state }));
encs.push({ ...encs[7], integrity: "failed" }, { ...encs[7], integrity: "none" }, { ...encs[7], weak: true }, { ...encs[7], atRest: true, oldKey: "expired" });
encs.push(NO_ENCRYPTION, { ...NO_ENCRYPTION, layer: "smime-cbc", integrity: "none" }, { ...NO_ENCRYPTION, layer: "smime-gcm" });
const sigs = [NO_SIGNATURE];
const good = { ...NO_SIGNATURE, state: "good", from: "match", partGood: true };
for (const state of ["checking", "unreadable", "unsupported", "several", "no-certificate", "bad"]) sigs.push({ ...good, state });
for (const path of ["unknown", "broken", "wrong-use"]) sigs.push({ ...good, path });
for (const when of ["expired-then", "not-yet", "future"]) sigs.push({ ...good, when });
for (const status of ["not-checked", "revoked-before", "revoked-after", "revoked-unproved", "compromised"]) sigs.push({ ...good, status });
for (const from of ["differs", "unclear"]) sigs.push({ ...good, from });
for (const evidence of ["own", "verified", "known", "first", "changed", "rejected"]) sigs.push({ ...good, evidence, others: true });
for (const coverage of ["outside", "part", "list-footer", "inline", "attachment"]) sigs.push({ ...good, coverage });
sigs.push({ ...good, weak: true }, { ...good, smime: true, expiredNow: true }, { ...good, state: "checking", locked: true });
const verdicts = encs.flatMap((enc) => sigs.map((sig) => ({ enc, sig: { ...sig, usual: true }, notes: ["note-lookalike"] })));
for (const verdict of verdicts) found.set(JSON.stringify(judge(verdict)), verdict);
/** One verdict for each outcome of judge(). */
export const EVERY = [...found.values()];
