/** Input made to stop the worker: each of these took from seconds to for ever before it was bounded. */
import assert from "node:assert/strict";
import test from "node:test";
import { isAddress, parseAddresses } from "../../static/crypto/addresses.js";
import { unarmor } from "../../static/crypto/armor.js";
import { parseFields, parseStructured } from "../../static/crypto/header-fields.js";
import { hasBlocks, piecesOf } from "../../static/crypto/inline-pgp.js";
import { parse } from "../../static/crypto/mime.js";
import { withoutLegacyDisplay } from "../../static/crypto/protected-headers.js";
import { generateKey, sign, verify } from "../../static/crypto/openpgp.js";
import { addressInName, senderOf } from "../../static/crypto/sender.js";
import { headersOf } from "../../static/crypto/shown-headers.js";
import { worked } from "../processor.mjs";

/** Milliseconds; a busy machine needs some, what is not linear needs minutes. */
const SOON = 10_000;
const HEADER = 200_000;
const bytes = (/** @type {string} */ text) => new TextEncoder().encode(text);
const from = (/** @type {string} */ value) => senderOf(parseFields(bytes(`From: ${value}\r\n`)));

/** @param {string} name @param {() => void} work */
function soon(name, work) {
  test(`${name} is read soon`, () => {
    const begun = worked();
    work();
    assert.ok(worked() - begun < SOON, `${Math.round(worked() - begun)} ms`);
  });
}

soon("a From line of quotes", () => parseAddresses(`${'"aaaaaaaaaa"bbb '.repeat(HEADER / 16)} x`));
soon("a From line of escaped quotes", () => parseAddresses(`"${'\\"'.repeat(HEADER / 2)}<a@b.example>`));
soon("a name without end", () => addressInName(from(`${"a".repeat(HEADER)} <bob@example.test>`)));
soon("blanks inside a parameter", () => parseStructured(`text/plain; x=a${" ".repeat(HEADER)}b`));
soon("a type of brackets", () => parseStructured("(".repeat(HEADER)));
soon("a date of brackets", () => headersOf(parseFields(bytes(`Date: ${"(".repeat(HEADER)}\r\n`))));
soon("a line of armor's beginnings", () => unarmor(bytes("-----BEGIN PGP ".repeat(300_000))));
soon("a signed line of blanks", () => piecesOf(bytes(`-----BEGIN PGP SIGNED MESSAGE-----\n\n${" ".repeat(1_000_000)}x\n-----BEGIN PGP SIGNATURE-----\n\naaaa\n-----END PGP SIGNATURE-----\n`)));
soon("a text of blocks", () => piecesOf(bytes("-----BEGIN PGP MESSAGE-----\n\nwcBM\n-----END PGP MESSAGE-----\n".repeat(60_000))));
soon("a boundary of lines", () => parse(bytes(`Content-Type: multipart/mixed;\r\n boundary="=?utf-8?q?${"=0A--".repeat(30_000)}x?="\r\n\r\n${"--\n".repeat(500_000)}`)));
soon("half tags where headers may be repeated", () => {
  const part = parse(bytes("Content-Type: text/html; hp-legacy-display=1\r\n\r\n")).root;
  withoutLegacyDisplay(part, "<div ".repeat(150_000));
  withoutLegacyDisplay(part, '<div class="header-protection-legacy-display">'.repeat(20_000));
});

test("quotes and brackets still say who wrote", () => {
  const address = (/** @type {string} */ text) => parseAddresses(text);
  assert.deepEqual(address('"A <x@y.example>, B" <bob@example.test>'), { addresses: [{ name: "A <x@y.example>, B", address: "bob@example.test" }], clear: true });
  assert.deepEqual(address('"Bob <bob@example.test>').addresses[0]?.address, "bob@example.test");
  for (const unclear of ["<bob@example.test> <eve@elsewhere.example>", '<a@b.example> "x <bob@example.test>', "<<bob@example.test>", "bob <bob@example.test>>"]) {
    assert.equal(address(unclear).clear, false, unclear);
  }
});

test("a strange address in a name is seen wherever it stands", () => {
  assert.equal(addressInName(from("eve@elsewhere.example alice@bank.example <eve@elsewhere.example>")), "alice@bank.example");
  assert.equal(addressInName(from("eve@elsewhere.example <eve@elsewhere.example>")), null);
});

test("no address holds what cannot be seen, and no From line turns the sentence round", () => {
  assert.equal(isAddress("bob\u202e@example.test"), false);
  assert.equal(isAddress("bob\u200b@example.test"), false);
  assert.ok(!/[\u202a-\u202e]/.test(from("=?utf-8?q?=E2=80=AEtset=2Eelpmaxe=40bob?= <a@b.example>, <c@d.example>").raw));
});

test("text behind a page of blanks is still there", () => {
  const block = "-----BEGIN PGP MESSAGE-----\n\nwcBM\n-----END PGP MESSAGE-----\n";
  const pieces = piecesOf(bytes(`${block}${"\n".repeat(5000)}not encrypted\n`));
  assert.ok(hasBlocks(bytes(block)));
  assert.deepEqual(pieces.map(({ kind }) => kind), ["encrypted", "text"]);
});

test("a signed line keeps a last byte that only looks like a blank", () => {
  const [piece] = piecesOf(bytes("-----BEGIN PGP SIGNED MESSAGE-----\n\nvoilà \t\n- -- \n-----BEGIN PGP SIGNATURE-----\n\naaaa\n-----END PGP SIGNATURE-----\n"));
  assert.equal(new TextDecoder().decode(piece?.bytes), "voilà\r\n--");
});

test("of very many signatures a few are checked", async () => {
  const signer = await generateKey({ name: "Eve", address: "eve@elsewhere.example" });
  const { signature } = await sign(bytes("x\r\n"), { signer, now: new Date() });
  const many = new Uint8Array(signature.length * 200);
  for (let at = 0; at < many.length; at += signature.length) many.set(signature, at);
  assert.equal((await verify(bytes("x\r\n"), many, { certificates: [], now: new Date() })).length, 16);
});
