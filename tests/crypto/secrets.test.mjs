/** Passphrases and recovery codes: preparation, strength, suggestion, reading what hands wrote. */
import assert from "node:assert/strict";
import test from "node:test";
import { fromUtf8, utf8 } from "../../static/crypto/bytes.js";
import * as operations from "../../static/crypto/passphrase-operations.js";
import { opaque, prepare } from "../../static/crypto/passphrase.js";
import * as recovery from "../../static/crypto/recovery.js";
import { estimate } from "../../static/crypto/strength.js";
import { suggest } from "../../static/crypto/suggest.js";
import { WORDS } from "../../static/crypto/word-list.js";
import { refusedWith } from "./rings.mjs";
import { worked } from "../processor.mjs";

// RFC 8265 section 4.3, tables 4 and 5.
test("prepares the examples of RFC 8265", () => {
  for (const same of ["correct horse battery staple", "Correct Horse Battery Staple", "πßå", "Jack of ♦s"]) {
    assert.equal(opaque(same), same);
  }
  assert.equal(opaque("foo\u1680bar"), "foo bar");
  assert.throws(() => prepare(utf8("")), refusedWith("bad-input"));
  assert.throws(() => opaque("my cat is a \u0009by"), refusedWith("bad-input"));
});

test("two ways to write one word are one passphrase", () => {
  assert.equal(fromUtf8(prepare(utf8("cafe\u0301"))), "caf\u00e9");
  assert.equal(fromUtf8(prepare(utf8("\u212b\u3000x"))), "\u00c5 x");
  // NFC, not NFKC, and no folding of case or width: RFC 8265 section 4.2.1.
  for (const same of ["ﬁ", "ｆｕｌｌ", "Σς", "ſ", "👍🏽", "क्\u200dष", "می\u200cخواهم"]) assert.equal(opaque(same), same);
});

test("what RFC 8264 disallows is refused", () => {
  for (const text of ["a\u0000", "\u007f", "a\u200db", "a\u200cb", "\u1100", "\u0640", "\ue000", "\ufdd0", "\u{e0041}", "\u00ad", "\ufe0f", "a\u2028", "\u0378"]) {
    assert.throws(() => opaque(text), (error) => error.facts.why === "character", JSON.stringify(text));
  }
  assert.throws(() => prepare(new Uint8Array([0xff])), refusedWith("bad-input"));
  assert.throws(() => prepare(utf8("a".repeat(4097))), (error) => error.facts.why === "long");
});

test("preparing wipes what was typed, also when it refuses", () => {
  for (const text of ["plain ascii", "caf\u00e9", "a\u0007"]) {
    const typed = utf8(text);
    try {
      prepare(typed);
    } catch (error) {
      assert.equal(error.code, "bad-input");
    }
    assert.ok(typed.every((byte) => byte === 0), text);
  }
});

test("five words of the list are 64.6 bits, neither more nor less", () => {
  for (let i = 0; i < 20; i++) {
    const five = suggest();
    assert.equal(five.split(" ").length, 5);
    assert.ok(five.split(" ").every((word) => WORDS.includes(word)));
    const { bits, level } = estimate(five);
    assert.ok(bits > 58 && bits <= 64.7, `${five}: ${bits}`);
    assert.ok(level >= 3);
  }
  assert.equal(WORDS.length, 7776);
  assert.equal(new Set(WORDS).size, 7776);
  assert.ok(5 * Math.log2(WORDS.length) >= 64);
});

test("a word of the list with a hyphen of its own is one word", () => {
  for (const word of WORDS.filter((each) => each.includes("-"))) {
    const { bits } = estimate(`exert dynasty giving ${word} blandness`);
    assert.ok(bits > 58 && bits <= 64.7, `${word}: ${bits}`);
  }
});

test("suggestions use the whole list evenly", () => {
  const counts = new Map();
  for (let i = 0; i < 8000; i++) for (const word of suggest().split(" ")) counts.set(word, (counts.get(word) ?? 0) + 1);
  // 40,000 draws from 7776: 45 words are expected to be missing (e^-5.14).
  assert.ok(counts.size > 7650 && counts.size < 7776, `${counts.size}`);
  const first = WORDS.slice(0, 3888).reduce((sum, word) => sum + (counts.get(word) ?? 0), 0);
  assert.ok(Math.abs(first - 20_000) < 800, `${first}`);
});

test("strength is honest about what people choose", () => {
  for (const weak of ["", "password", "P@ssw0rd123", "Tr0ub4dor&3", "alice1987", "qwertyuiopasdfghjkl", "unicorn unicorn unicorn unicorn unicorn", "a".repeat(100), "12345678901234567890", "to be or not to be that is the question"]) {
    assert.ok(estimate(weak).level <= 1, weak);
  }
  for (const fair of ["it was the best of times it was the worst of times", "correct horse battery staple"]) assert.ok(estimate(fair).level <= 2, fair);
  for (const strong of ["unicorn gravel dwindle passport mosaic", "x7$kQ9!vLm2#pR5%wZ8&"]) assert.equal(estimate(strong).level, 4, strong);
});

test("time is told in the largest whole unit", () => {
  const { unit, amount } = estimate("to be or not to be that is the question");
  assert.deepEqual([unit, amount], ["hours", 9]);
  assert.equal(estimate("a").unit, "seconds");
  assert.equal(estimate(suggest()).unit, "centuries");
});

test("a very long passphrase is judged at once", () => {
  const started = worked();
  estimate("lorem ipsum 1234 qwerty ".repeat(200));
  assert.ok(worked() - started < 1500);
});

test("the worker judges, wipes and names what cannot be used", async () => {
  const typed = utf8("caf\u00e9 \u0007");
  const judged = await operations.strength({ passphrase: typed });
  assert.equal(judged.usable, false);
  assert.ok(typed.every((byte) => byte === 0));
  assert.equal((await operations.strength({ passphrase: utf8("caf\u00e9") })).usable, true);
  assert.ok((await operations.suggest()).bits >= 64);
});

test("a recovery code reads back as its 160 bits", () => {
  for (let i = 0; i < 50; i++) {
    const { code, secret } = recovery.make();
    assert.match(code, /^(?:[0-9A-HJKMNP-TV-Z]{4}-){7}[0-9A-HJKMNP-TV-Z]{4}[0-9A-HJKMNP-TV-Z*~$=U]$/);
    assert.equal(secret.length, 20);
    for (const typed of [code, code.toLowerCase(), code.replaceAll("-", ""), code.replaceAll("-", " – "), code.replaceAll("0", "o").replaceAll("1", "l"), code.replaceAll("1", "I")]) {
      assert.deepEqual(recovery.read(utf8(typed)), secret, typed);
    }
  }
});

test("Crockford's own arithmetic", () => {
  // All zeros, all ones: 2^160 - 1 modulo 37 is 25.
  assert.equal(recovery.write(new Uint8Array(20)), "0000-0000-0000-0000-0000-0000-0000-00000");
  assert.equal(recovery.write(new Uint8Array(20).fill(255)), `${"ZZZZ-".repeat(7)}ZZZZ${"0123456789ABCDEFGHJKMNPQRSTVWXYZ*~$=U"[Number((2n ** 160n - 1n) % 37n)]}`);
});

test("every single wrong symbol and every swap of neighbours is noticed before a derivation", () => {
  const { code } = recovery.make();
  const plain = code.replaceAll("-", "");
  const refused = (typed) => assert.throws(() => recovery.read(utf8(typed)), refusedWith("bad-input"), typed);
  for (let at = 0; at < 32; at++) {
    for (const symbol of "0123456789ABCDEFGHJKMNPQRSTVWXYZ") if (plain[at] !== symbol) refused(plain.slice(0, at) + symbol + plain.slice(at + 1));
    if (at < 31 && plain[at] !== plain[at + 1]) refused(plain.slice(0, at) + plain[at + 1] + plain[at] + plain.slice(at + 2));
  }
  refused(plain.slice(1));
  refused(`${plain}0`);
  refused("");
  refused(`${plain.slice(0, 5)}!${plain.slice(6)}`);
});

test("the person proves two groups of the code", () => {
  const code = "7KQF-MX2P-W9TD-HC4R-3NVJ-Y8MA-5GZE-RB6SV";
  const answers = (...pairs) => operations.codeMatches({ code, groups: pairs.map(([group, typed]) => ({ group, typed })) });
  assert.deepEqual(answers([1, "7kqf"], [8, "rb6sv"]), [true, true]);
  assert.deepEqual(answers([2, "7KQF"], [9, ""], [0, ""], [8, "RB6S"]), [false, false, false, false]);
});
