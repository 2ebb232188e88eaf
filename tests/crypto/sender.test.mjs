/** Exactly one From with exactly one address: else a signature names nobody (facts M13). */
import assert from "node:assert/strict";
import test, { before } from "node:test";
import { armor } from "../../static/crypto/armor.js";
import { open } from "../../static/crypto/message.js";
import * as openpgp from "../../static/crypto/openpgp.js";

const bytes = (/** @type {string} */ text) => new TextEncoder().encode(text);
/** @type {Awaited<ReturnType<typeof openpgp.generateKey>>} */
let bob;
let entity = "";
before(async () => {
  bob = await openpgp.generateKey({ name: "Bob", address: "bob@example.test", date: new Date(Date.now() - 86_400_000) });
  const inner = "Content-Type: text/plain; charset=utf-8\r\n\r\nHallo\r\n";
  const { signature } = await openpgp.sign(bytes(inner), { signer: bob, now: new Date() });
  const armored = new TextDecoder().decode(armor(signature, "SIGNATURE"));
  entity = `Content-Type: multipart/signed; protocol="application/pgp-signature"; boundary=x\r\n\r\n--x\r\n${inner}\r\n--x\r\nContent-Type: application/pgp-signature\r\n\r\n${armored}\r\n--x--\r\n`;
});

const word = (/** @type {string} */ text) => `=?utf-8?B?${Buffer.from(text).toString("base64")}?=`;
/** From fields as they stand, and what is said. @type {[string, string, string, string[]?][]} */
const CASES = [
  ["plain", "From: bob@example.test", "sig-good-first"],
  ["brackets", "From: Bob <bob@example.test>", "sig-good-first"],
  ["another case", "from: Bob <BOB@Example.TEST>", "sig-good-first"],
  ["folded", "From: Bob\r\n <bob@example.test>", "sig-good-first"],
  ["a comment", "From: bob@example.test (Bob)", "sig-good-first"],
  ["a comment with brackets", "From: bob@example.test (Eve <eve@example.net>)", "sig-good-first", ["note-name-address"]],
  ["a quoted name with comma", 'From: "Miller, Bob" <bob@example.test>', "sig-good-first"],
  ["an encoded name", `From: ${word("Bób")} <bob@example.test>`, "sig-good-first"],
  ["8-bit name", "From: Bób <bob@example.test>", "sig-good-first"],
  ["a name that is another address", 'From: "eve@example.net" <bob@example.test>', "sig-good-first", ["note-name-address"]],
  ["an encoded name that holds an address", `From: ${word("eve@example.net <")} <bob@example.test>`, "sig-good-first", ["note-name-address"]],
  ["none", "Subject: x", "sig-from-unclear"],
  ["empty", "From: ", "sig-from-unclear"],
  ["empty brackets", "From: Bob <>", "sig-from-unclear"],
  ["two fields", "From: bob@example.test\r\nFrom: eve@example.net", "sig-from-unclear"],
  ["two fields, the other first", "From: eve@example.net\r\nFrom: bob@example.test", "sig-from-unclear"],
  ["twice the same field", "From: bob@example.test\r\nFrom: bob@example.test", "sig-from-unclear"],
  ["two addresses", "From: bob@example.test, eve@example.net", "sig-from-unclear"],
  ["two addresses, semicolon", "From: bob@example.test; eve@example.net", "sig-from-unclear"],
  ["a group", "From: friends: bob@example.test;", "sig-from-unclear"],
  ["an empty group", "From: undisclosed:;", "sig-from-unclear"],
  ["two pairs of brackets", "From: <eve@example.net> <bob@example.test>", "sig-from-unclear"],
  ["text behind the brackets", "From: Bob <bob@example.test> eve@example.net", "sig-from-unclear"],
  ["a name without an address", "From: bob", "sig-from-unclear"],
  ["two ats", "From: bob@example.test@example.net", "sig-from-unclear"],
  ["a NUL", "From: bob@example.test\u0000@example.net", "sig-from-unclear"],
  ["an encoded word as the address", `From: ${word("bob@example.test")}`, "sig-from-unclear"],
  ["an encoded word in the address", `From: Bob <${word("bob")}@example.test>`, "sig-from-differs"],
  ["a direction sign", "From: bob\u202e@example.test", "sig-from-unclear"],
  ["a widthless sign", "From: bob@exam\u200bple.test", "sig-from-unclear"],
  ["somebody else", "From: eve@example.net", "sig-from-differs"],
  ["a look-alike domain", "From: bob@ехample.test", "sig-from-differs"],
  ["the address in the name alone", 'From: "Bob <bob@example.test>" <eve@example.net>', "sig-from-differs", ["note-name-address"]],
];
for (const [name, from, sig, notes = []] of CASES) {
  test(`From, ${name}: ${sig}`, async () => {
    const opened = await open(bytes(`${from}\r\nTo: alice@example.test\r\n${entity}`), { keys: null, certificates: [bob.certificate], pinOf: () => null });
    assert.equal(opened.judged.sig, sig, JSON.stringify(opened.headers.fromText));
    assert.deepEqual(opened.judged.notes, notes);
    assert.equal(opened.judged.mark, sig.startsWith("sig-good-") ? (notes.length > 0 ? "check-sender" : "signed") : notes.length > 0 ? "check-sender" : null);
    if (!sig.startsWith("sig-good-")) assert.equal(opened.note, null, "nothing is pinned for it");
  });
}

test("a source route is dropped, and the mailbox counts", async () => {
  const opened = await open(bytes(`From: Bob <@relay.example.net:bob@example.test>\r\n${entity}`), { keys: null, certificates: [bob.certificate], pinOf: () => null });
  assert.deepEqual([opened.judged.sig, opened.headers.from?.address], ["sig-good-first", "bob@example.test"]);
});

test("direction and control signs are stripped from names and subjects", async () => {
  const opened = await open(bytes(`From: ${word("Bob\u202egnp.\u0007\u2066x\u200b")} <bob@example.test>\r\nSubject: ${word("in\u202evoice\u0000 \u2067end\u2069")}\r\n\r\ntext\r\n`), { keys: null, certificates: null, pinOf: () => null });
  for (const said of [opened.headers.from?.name ?? "", opened.headers.subject, opened.headers.fromText]) {
    assert.doesNotMatch(said, /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/u);
  }
});
