/** What the reader is told: the worked lines of words.md section 2.8, and the rules around them. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import test from "node:test";
import { judge, NO_ENCRYPTION, NO_SIGNATURE } from "../../static/crypto/verdict.js";
import { WORKED } from "./worked_lines.mjs";

const PGP = { ...NO_ENCRYPTION, layer: "openpgp" };
const GOOD = { ...NO_SIGNATURE, state: "good", from: "match" };

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

test("who usually signs is told of whatever does not count, and of nothing else", () => {
  const usual = { ...GOOD, usual: true };
  const noted = (/** @type {object} */ sig) => judge({ enc: NO_ENCRYPTION, sig, notes: [] }).notes.includes("note-usually-signs");
  assert.equal(noted({ ...NO_SIGNATURE, usual: true }), true, "stripped");
  for (const worse of [{ state: "bad" }, { state: "no-certificate" }, { weak: true }, { when: "expired-then" }, { status: "compromised" }, { from: "differs" }, { coverage: "part", partGood: true }, { evidence: "changed" }]) {
    assert.equal(noted({ ...usual, ...worse }), true, JSON.stringify(worse));
  }
  for (const evidence of ["own", "verified", "known", "first"]) assert.equal(noted({ ...usual, evidence }), false, evidence);
  assert.equal(noted({ ...usual, state: "checking" }), false, "not found out yet");
  assert.deepEqual(judge({ enc: { ...PGP, state: "failed" }, sig: { ...NO_SIGNATURE, usual: true }, notes: [] }).notes, []);
  const line = judge({ enc: NO_ENCRYPTION, sig: { ...NO_SIGNATURE, usual: true }, notes: [] });
  assert.deepEqual([line.line, line.level, line.mark], [["plain"], "note", null]);
});

test("a look-alike withholds pictures and links, and is the first that is said", () => {
  const judged = judge({ enc: PGP, sig: { ...GOOD, others: true, expiredNow: true }, notes: ["note-lookalike", "note-outer-subject"] });
  assert.deepEqual(judged.notes, ["note-lookalike", "note-outer-subject", "note-expired-since", "note-signers"]);
  assert.deepEqual([judged.level, judged.mark, judged.withheld], ["warning", "check-sender", ["images-click", "images", "links"]]);
});
