/** What the reader is told: the worked lines of words.md section 2.8, and the rules around them. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import test from "node:test";
import { judge, NO_ENCRYPTION, NO_SIGNATURE } from "../../static/crypto/verdict.js";

const PGP = { ...NO_ENCRYPTION, layer: "openpgp" };
const CBC = { ...NO_ENCRYPTION, layer: "smime-cbc", integrity: "none" };
const GCM = { ...NO_ENCRYPTION, layer: "smime-gcm" };
const GOOD = { ...NO_SIGNATURE, state: "good", from: "match" };

/** @type {[string, object, object, string[], string, string | null, string[], string, string | null, string[], string[]][]} */
const WORKED = [
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

for (const [name, enc, sig, notes, ...expected] of WORKED) {
  test(`worked line: ${name}`, () => {
    const judged = judge({ enc, sig, notes });
    assert.deepEqual([judged.enc, judged.sig, judged.notes, judged.level, judged.mark, judged.withheld, judged.line], expected);
  });
}

test("the worked lines are those of words.md", (t) => {
  const words = new URL("../../../shared/words.md", import.meta.url);
  if (!existsSync(words)) {
    assert.notEqual(process.env["CI"], "true", "words.md must be there when CI says so");
    t.skip("words.md is not beside this checkout");
    return;
  }
  const section = readFileSync(words, "utf8").split("### 2.8")[1].split("### 2.9")[0];
  const rows = section.split("\n").filter((line) => line.startsWith("| ") && !line.startsWith("| verdict"));
  assert.equal(rows.length, WORKED.length);
  rows.forEach((row, at) => {
    const [, verdict, ids, , level, mark, withheld] = row.split("|").map((cell) => cell.trim());
    const [enc, sig, notes] = ids.split(" / ");
    const judged = judge({ enc: WORKED[at][1], sig: WORKED[at][2], notes: WORKED[at][3] });
    assert.equal(judged.enc, enc, verdict);
    assert.equal(judged.sig ?? "–", sig.split(" ")[0], verdict);
    assert.deepEqual(judged.notes.join(", "), notes ?? "", verdict);
    assert.equal(judged.level, level, verdict);
    assert.equal(judged.mark ?? "(none)", mark === "(none)" ? mark : mark.toLowerCase().replaceAll(/,? /g, "-"), verdict);
    assert.equal(judged.withheld.join(", "), withheld, verdict);
  });
});

test("every id that can be said stands in words.md", (t) => {
  const words = new URL("../../../shared/words.md", import.meta.url);
  if (!existsSync(words)) return t.skip("words.md is not beside this checkout");
  const known = new Set(Array.from(readFileSync(words, "utf8").matchAll(/^\| `([a-z-]+)`/gm), (match) => match[1]));
  for (const state of ["none", "checking", "unreadable", "unsupported", "several", "no-certificate", "bad", "good"])
    for (const path of ["ok", "unknown", "broken", "wrong-use"])
      for (const when of ["ok", "expired-then", "not-yet", "future"])
        for (const status of ["ok", "not-checked", "revoked-before", "revoked-after", "revoked-unproved", "compromised"])
          for (const from of ["match", "differs", "unclear"])
            for (const evidence of ["own", "verified", "known", "first", "changed", "rejected"])
              for (const coverage of ["whole", "outside", "part", "list-footer", "inline", "attachment"]) {
                const sig = { ...NO_SIGNATURE, state, path, when, status, from, evidence, coverage, partGood: true };
                const judged = judge({ enc: PGP, sig, notes: [] });
                for (const id of [judged.enc, judged.sig, ...judged.notes]) assert.ok(known.has(id), id);
                // L3: "Signed" only for a good signature over the whole.
                if (judged.mark?.includes("signed") && judged.mark !== "partly-signed") assert.match(judged.sig, /^sig-good-/);
              }
});

test("a warning in the notes raises the level and is shown first", () => {
  const judged = judge({ enc: PGP, sig: GOOD, notes: ["note-attached-certificate", "note-outer-subject", "note-outer-from"] });
  assert.deepEqual(judged.notes, ["note-outer-from", "note-outer-subject", "note-attached-certificate"]);
  assert.equal(judged.level, "warning");
  assert.equal(judged.mark, "check-sender");
  assert.deepEqual(judged.withheld, ["images-click", "images"]);
});
