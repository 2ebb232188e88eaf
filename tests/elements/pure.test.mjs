/** The parts of the reader and the composer that need no page. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { forwarded, quotation, recipients, subject, thread } from "../../static/elements/answer.js";
import { safeName, split } from "../../static/elements/file-name.js";
import { showable } from "../../static/elements/html-limits.js";
import { pieces, target } from "../../static/elements/linkify.js";
import { folds, passages, quoted, unquoted, withoutSignature } from "../../static/elements/quote.js";
import { chip, complete } from "../../static/elements/recipient-state.js";
import { goesByItself, sendState } from "../../static/elements/send-state.js";
import { worked } from "../processor.mjs";

const alice = { name: "Alice", address: "alice@example.test" };
const bob = { name: "Bob", address: "bob@example.test" };
const dana = { name: "", address: "dana@elsewhere.example" };
const seen = { from: [bob], replyTo: [], to: [alice, dana], cc: [], subject: "Lunch", messageId: "<2@x>", references: ["<1@x>"], text: "One\n> Two" };

test("a link ends before the punctuation of its sentence", () => {
  assert.deepEqual(pieces("See (http://a.example/b_(c)). Now."), [
    { text: "See (", href: null },
    { text: "http://a.example/b_(c)", href: "http://a.example/b_(c)" },
    { text: "). Now.", href: null },
  ]);
  assert.equal(pieces("www.a.example")[0]?.href, "https://www.a.example/");
});

test("only http, https and mailto become links", () => {
  for (const text of ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "http://", "https://nodots", "vbscript:x"]) {
    assert.ok(pieces(text).every(({ href }) => href === null), text);
  }
  assert.equal(target("mailto:bob@example.test"), "mailto:bob@example.test");
});

test("markup in a text stays text", () => {
  const text = 'a@a.co?]<img/src="x"/onerror=alert(1)>';
  assert.equal(pieces(text).map((piece) => piece.text).join(""), text);
});

test("a megabyte of half links is quick, and nothing is lost", () => {
  for (const unit of ["http://a.", "http://", "www.", "mailto:", "http://a.b ", "http://a.b))))"]) {
    const text = unit.repeat(Math.ceil(1_000_000 / unit.length));
    const begun = worked();
    const joined = pieces(text).map((piece) => piece.text).join("");
    assert.ok(worked() - begun < 1500, `${unit} took ${worked() - begun} ms`);
    assert.equal(joined, text);
  }
});

test("a file name loses overrides, folders and device names, and keeps its ending", () => {
  assert.equal(safeName("invoice\u202efdp.exe", "file"), "invoicefdp.exe");
  assert.equal(safeName("../../etc/passwd", "file"), "_.._etc_passwd");
  assert.equal(safeName("CON.txt", "file"), "_CON.txt");
  assert.equal(safeName("\u0000\u200b ", "attachment"), "attachment");
  assert.ok(safeName("x".repeat(500) + ".pdf", "file").endsWith(".pdf"));
  assert.deepEqual(split("Stand plan, hall 4.tiff"), { stem: "Stand plan, hall 4", ending: ".tiff" });
});

test("on the page a quotation loses one level of marks, and what it quotes keeps its own", () => {
  assert.equal(unquoted("> One\n>> Two\n>\n>   indented\n > Three\nnone"), "One\n> Two\n\n  indented\nThree\nnone");
  assert.equal(unquoted(quoted("One\n> Two\n\nThree")), "One\n> Two\n\nThree");
});

test("quoted passages are found and long ones fold", () => {
  const found = passages("Yes.\r\n> a\r\n> b\r\n> c\r\n>> d\r\n\r\nBob");
  assert.deepEqual(found.map(({ quoted: is }) => is), [false, true, false]);
  assert.equal(found.map(folds).filter(Boolean).length, 1);
  assert.equal(quoted("One\n> Two\n\nThree\n"), "> One\n>> Two\n>\n> Three");
});

test("answering goes to Reply-To, answering all never to oneself", () => {
  assert.deepEqual(recipients("reply", seen, "ALICE@example.test"), { to: [bob], cc: [] });
  assert.deepEqual(recipients("all", seen, alice.address), { to: [bob], cc: [dana] });
  assert.deepEqual(recipients("reply", { ...seen, replyTo: [dana] }, alice.address), { to: [dana], cc: [] });
  assert.deepEqual(recipients("all", { ...seen, from: [alice], to: [bob], cc: [dana] }, alice.address), { to: [bob], cc: [dana] });
  assert.deepEqual(recipients("reply", { ...seen, from: [alice], to: [alice] }, alice.address), { to: [alice], cc: [] });
});

test("the thread grows by the parent, the subject by one Re", () => {
  assert.deepEqual(thread("reply", seen), { inReplyTo: "<2@x>", references: ["<1@x>", "<2@x>"] });
  assert.deepEqual(thread("forward", seen), { inReplyTo: null, references: [] });
  const long = { ...seen, references: Array.from({ length: 100 }, (_, n) => `<${n}@y>`) };
  const { references } = thread("reply", long);
  assert.equal(references.length, 24);
  assert.equal(references[0], "<0@y>");
  assert.equal(references.at(-1), "<2@x>");
  assert.equal(subject("reply", "RE: Aw: Lunch"), "Re: Lunch");
  assert.equal(subject("forward", "Fwd: Lunch"), "Fwd: Lunch");
});

test("an answer quotes what was shown, without the signature", () => {
  assert.equal(quotation({ ...seen, text: "Hello\n-- \nBob" }, "Bob wrote:"), "\n\nBob wrote:\n> Hello\n");
  assert.equal(quotation({ ...seen, text: " " }, "Bob wrote:"), "");
  assert.match(forwarded(seen, "---", [["From", "Bob"], ["Cc", ""]]), /---\nFrom: Bob\n\nOne/u);
});

test("HTML over the size, depth or element cap is shown as text, also where tags are hidden", () => {
  assert.ok(showable("<p>Hello<br><b>you</b>".repeat(1000)));
  assert.ok(showable("<table><tr><td>x</td></tr></table>".repeat(2600)));
  assert.ok(!showable("<div>".repeat(1000)));
  assert.ok(!showable("<div></x></span>".repeat(1000)), "end tags of other names close nothing");
  assert.ok(!showable("<div><!-- </div> -->".repeat(1000)), "end tags in comments close nothing");
  assert.ok(!showable('<div a="</div>">'.repeat(1000)), "end tags in values close nothing");
  assert.ok(!showable('<a "> '.repeat(1) + "<div>".repeat(1000)), "a stray quote hides nothing");
  assert.ok(!showable("<div><style></div></style>".repeat(1000)), "end tags in raw text close nothing");
  assert.ok(!showable("x".repeat(2 * 1024 * 1024 + 1)));
  const begun = worked();
  showable('<a b="'.repeat(300_000));
  showable("<!--".repeat(400_000));
  showable("<style>".repeat(250_000));
  assert.ok(worked() - begun < 1500);
});

const known = { complete: true, asked: true, failed: false, late: false, clear: false, bareAllowed: true, own: false, found: /** @type {const} */ ("found"),
  judged: { usable: true, reason: null, fingerprint: "aa", expires: null }, pin: null };
const pin = { fingerprint: "aa", since: "3 May 2026", state: "known" };

test("a chip says what words.md section 3.1 says, first match first", () => {
  const ids = /** @type {[string, object][]} */ ([
    ["to-invalid", { ...known, complete: false }],
    ["to-clear", { ...known, clear: true }],
    ["to-looking", { ...known, asked: false, found: null, judged: null }],
    ["to-still-looking", { ...known, asked: false, late: true, found: null, judged: null }],
    ["to-first", known],
    ["to-known", { ...known, pin }],
    ["to-verified", { ...known, pin: { ...pin, state: "verified" } }],
    ["to-changed", { ...known, pin: { ...pin, fingerprint: "bb" } }],
    ["to-changed-verified", { ...known, pin: { ...pin, fingerprint: "bb", state: "verified" } }],
    ["to-rejected", { ...known, pin: { ...pin, state: "rejected" } }],
    ["to-lost", { ...known, asked: false, failed: true, found: null, judged: null, pin }],
    ["to-gone", { ...known, found: "none", judged: null, pin }],
    ["to-expired", { ...known, judged: { ...known.judged, usable: false, reason: "expired" } }],
    ["to-revoked", { ...known, judged: { ...known.judged, usable: false, reason: "revoked" } }],
    ["to-unusable", { ...known, judged: { ...known.judged, usable: false, reason: "no-encryption-key" } }],
    ["to-unasked", { ...known, asked: false, failed: true, found: null, judged: null }],
    ["to-none", { ...known, found: "none", judged: null }],
    ["to-blocked", { ...known, found: "none", judged: null, bareAllowed: false }],
  ]);
  for (const [id, state] of ids) assert.equal(chip(/** @type {any} */ (state)).id, id);
});

test("who once had a certificate is held, never bare", () => {
  const expired = { ...known, judged: { ...known.judged, usable: false, reason: "expired" }, pin };
  assert.equal(chip(expired).effect, "held");
  assert.equal(chip({ ...expired, pin: null }).effect, "bare");
});

test("addresses: complete ones pass, half ones and tricks do not", () => {
  for (const good of ["bob@example.test", "o'neil+mail@a.b.example", "bob@例子.example"]) assert.ok(complete(good), good);
  for (const bad of ["bob", "bob@", "@x.y", "a b@x.y", "a@b", "a@x..y", "a@x.y>\r\nRCPT TO:<c", "\"a b\"@x.y", "a@x.y,b@x.y", ".a@x.y", "a.@x.y", "用户@x.yz", "a@x.y"]) assert.ok(!complete(bad), bad);
});

/** @param {string} address @param {string} effect @param {string} [id] */
const to = (address, effect, id = "x") => ({ address, chip: /** @type {any} */ ({ id, effect, level: "calm", values: {} }) });
const situation = { recipients: [to("bob@x", "enc")], keys: true, signs: true, locked: false, size: 10, limit: 0, answering: null, forwarding: false };

test("the send button says what words.md section 3.2 says, first match first", () => {
  const ids = /** @type {[string, object][]} */ ([
    ["send-none", { recipients: [] }],
    ["send-invalid", { recipients: [to("bo", "held", "to-invalid"), to("bob@x", "enc")] }],
    ["send-too-large", { size: 100, limit: 50 }],
    ["send-blocked", { recipients: [to("dana@x", "blocked"), to("bob@x", "held")] }],
    ["send-held", { recipients: [to("bob@x", "held"), to("dana@x", "wait")] }],
    ["send-waiting", { recipients: [to("bob@x", "enc"), to("dana@x", "wait")] }],
    ["send-locked", { locked: true }],
    ["send-encrypted", {}],
    ["send-partly", { recipients: [to("bob@x", "enc"), to("dana@x", "bare")] }],
    ["send-clear-signed", { recipients: [to("dana@x", "bare")] }],
    ["send-clear", { recipients: [to("dana@x", "bare")], keys: false, signs: false }],
    ["send-clear", { recipients: [to("dana@x", "bare")], signs: false }],
    ["send-clear", { keys: false, signs: false }],
  ]);
  for (const [id, part] of ids) assert.equal(sendState(/** @type {any} */ ({ ...situation, ...part })).id, id);
});

test("an answer to an encrypted message never goes in the clear unasked", () => {
  const bare = { ...situation, recipients: [to("dana@x", "bare")], answering: /** @type {const} */ ("encrypted") };
  assert.deepEqual([sendState(bare).act, sendState(bare).question], ["ask", "confirm-clear-reply"]);
  assert.equal(sendState({ ...bare, forwarding: true }).question, "confirm-clear-forward");
  assert.equal(sendState({ ...bare, answering: "clear" }).act, "on");
});

test("whoever has no keys is offered them, and is not promised encryption", () => {
  const state = sendState({ ...situation, keys: false, signs: false });
  assert.deepEqual([state.act, state.question, state.protection], ["ask", "confirm-no-keys", "clear"]);
  assert.ok(!goesByItself(state));
});

test("clear for one is clear for all, and is asked about", () => {
  const state = sendState({ ...situation, recipients: [to("bob@x", "enc"), to("dana@x", "bare")] });
  assert.equal(state.protection, "signed");
  assert.equal(state.question, "confirm-partly");
  assert.ok(!goesByItself(state));
});

test("text made to stop the page does not", () => {
  const begun = worked();
  const lines = `x${"\n".repeat(500_000)}x`;
  assert.equal(quoted(`${lines}\n\n`).length, 1_000_005);
  assert.equal(withoutSignature(`${lines}\n-- \nBob`), lines);
  assert.equal(pieces(`http://a.example/${")".repeat(2_030)} `.repeat(400)).length, 800);
  assert.equal(subject("reply", `re${" ".repeat(200_000)}x`).slice(0, 6), "Re: re");
  assert.equal(subject("reply", "Re [2] : AW: x"), "Re: x");
  assert.ok(worked() - begun < 10_000, `${Math.round(worked() - begun)} ms`);
});
