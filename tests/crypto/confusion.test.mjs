/** Layers put into each other so that a signature seems to say more than it does, or text goes missing beside it. */
import assert from "node:assert/strict";
import test, { before } from "node:test";
import { armor } from "../../static/crypto/armor.js";
import { open } from "../../static/crypto/message.js";
import { pgp } from "../../static/crypto/openpgp-library.js";
import * as openpgp from "../../static/crypto/openpgp.js";

const DAY = 86_400_000;
const bytes = (/** @type {string} */ string) => new TextEncoder().encode(string);
const text = (/** @type {Uint8Array} */ data) => new TextDecoder().decode(data);

/** @type {Record<"alice" | "bob" | "eve", Awaited<ReturnType<typeof openpgp.generateKey>>>} */
let keys;
before(async () => {
  const [alice, bob, eve] = await Promise.all(["Alice", "Bob", "Eve"].map((name) => openpgp.generateKey({ name, address: `${name.toLowerCase()}@example.test`, date: new Date(Date.now() - 10 * DAY) })));
  keys = { alice, bob, eve };
});

/** @param {string | Uint8Array} raw @param {object} [by] */
const asBob = (raw, by = {}) => open(typeof raw === "string" ? bytes(raw) : raw, { keys: [keys.bob], certificates: [keys.alice.certificate, keys.eve.certificate], pinOf: () => null, ...by });
/** @param {string} type @param {string[]} parts @param {string} [mark] */
const multipart = (type, parts, mark = "m") => `Content-Type: ${type}; boundary="${mark}"\r\n\r\n${parts.map((part) => `--${mark}\r\n${part}\r\n`).join("")}--${mark}--\r\n`;
/** @param {string} inner @param {string} [mark] @param {any} [signer] @returns {Promise<[string, string]>} what is signed, and the signature */
async function halves(inner, signer = keys.alice) {
  const { signature } = await openpgp.sign(bytes(inner), { signer, now: new Date() });
  return [inner, `Content-Type: application/pgp-signature\r\n\r\n${text(armor(signature, "SIGNATURE"))}`];
}
/** @param {string} inner @param {any} [signer] @param {string} [mark] */
const signed = async (inner, signer = keys.alice, mark = "s") => multipart('multipart/signed; protocol="application/pgp-signature"', await halves(inner, signer), mark);
/** @param {string} cleartext ASCII without trailing blanks */
async function clear(cleartext) {
  const message = await pgp.createCleartextMessage({ text: cleartext });
  return /** @type {string} */ (await pgp.sign({ message, signingKeys: await pgp.readPrivateKey({ binaryKey: keys.alice.key }) }));
}
/** @param {string} content @param {boolean} [sign] */
async function block(content, sign = true) {
  const message = await pgp.createMessage({ text: content });
  const signer = sign ? { signingKeys: await pgp.readPrivateKey({ binaryKey: keys.alice.key }) } : {};
  return /** @type {string} */ (await pgp.encrypt({ message, encryptionKeys: await pgp.readKey({ binaryKey: keys.bob.certificate }), ...signer }));
}
/** @param {Awaited<ReturnType<typeof open>>} opened */
const texts = (opened) => opened.parts.map((part) => part.text ?? "");
const FROM = "From: alice@example.test\r\n";
const NOTICE = "Do not do this:\n\npay Eve 1000";

test("a parameter outside the signature hides no line of a cleartext-signed text", async () => {
  const body = await clear(NOTICE);
  for (const params of ["", "; hp-legacy-display=1", '; hp=clear; hp-legacy-display=1; protected-headers="v1"']) {
    const opened = await asBob(`${FROM}Content-Type: text/plain${params}\r\n\r\n${body}`);
    assert.deepEqual([opened.judged.sig, opened.cards[0]?.id], ["sig-inline", "part-signed"], params);
    assert.match(texts(opened).join("|"), /Do not do this:/, params);
  }
});

test("a parameter outside the encryption hides no line of an inline-encrypted text", async () => {
  const opened = await asBob(`${FROM}Content-Type: text/plain; hp=cipher; hp-legacy-display=1\r\n\r\n${await block(NOTICE)}`);
  assert.deepEqual([opened.judged.enc, opened.judged.sig], ["enc-ok", "sig-inline"]);
  assert.match(texts(opened).join(""), /^Do not do this:/);
});

test("a charset that is named outside the signature makes no other letters of the signed ones", async () => {
  const said = "keep +AGUAdgBl- out";
  for (const charset of ["utf-7", "UNICODE-1-1-UTF-7", "utf-16le", "utf-16be", "hz-gb-2312", "iso-2022-kr", "x-user-defined"]) {
    const cleartext = await asBob(`${FROM}Content-Type: text/plain; charset=${charset}\r\n\r\n${await clear(said)}`);
    assert.deepEqual([cleartext.judged.sig, texts(cleartext).join("").trim()], ["sig-inline", said], charset);
    const inline = await asBob(`${FROM}Content-Type: text/plain; charset=${charset}\r\n\r\n${await block(said)}`);
    assert.deepEqual([inline.judged.enc, texts(inline).join("").trim()], ["enc-ok", said], charset);
  }
  // Where the signature covers the header too, the charset is the writer's own.
  const own = await asBob(`${FROM}${await signed(`Content-Type: text/plain; charset=utf-7\r\n\r\n${said}\r\n`)}`);
  assert.deepEqual([own.judged.sig, texts(own).join("").trim()], ["sig-good-first", "keep eve out"]);
});

test("a signed part is shown in its card whatever stands beside it as an alternative", async () => {
  const part = await signed("Content-Type: text/plain\r\n\r\nsigned words\r\n");
  const opened = await asBob(`${FROM}${multipart("multipart/alternative", [part, "Content-Type: text/html\r\n\r\n<p>pay Eve</p>"])}`);
  assert.equal(opened.judged.sig, "sig-part");
  const inside = opened.parts.filter((one) => one.card !== null);
  assert.deepEqual(inside.map((one) => [one.text?.trim(), one.group]), [["signed words", ""]]);
  assert.deepEqual(opened.parts.filter((one) => one.card === null).map((one) => one.kind), ["html"]);
});

test("what surrounds a signed part does not take its text for a copy of headers", async () => {
  const part = await signed('Content-Type: text/plain; protected-headers="v1"; hp-legacy-display=1\r\nFrom: alice@example.test\r\n\r\nfirst\r\n\r\nsecond\r\n');
  const around = multipart('multipart/mixed; protected-headers="v1"; hp=cipher', [part, "Content-Type: text/plain\r\n\r\nfrom Eve"]);
  const plain = await asBob(`${FROM}${around}`);
  assert.match(texts(plain)[0] ?? "", /first\n\nsecond/);
  const wrapped = await encrypted(around);
  const opened = await asBob(`${FROM}${wrapped}`);
  assert.equal(opened.judged.enc, "enc-ok");
  assert.match(texts(opened)[0] ?? "", /first\n\nsecond/);
});

/** @param {string} inner */
async function encrypted(inner) {
  return multipart('multipart/encrypted; protocol="application/pgp-encrypted"', ["Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1", `Content-Type: application/octet-stream\r\n\r\n${await block(inner, false)}`], "e");
}

test("what stands beside the two parts of multipart/signed is shown, and nothing is called signed", async () => {
  const [inner, signature] = await halves("Content-Type: text/plain\r\n\r\nsigned words\r\n");
  const footer = "Content-Type: text/plain\r\n\r\nadded by a list";
  for (const parts of [[inner, signature, footer], [inner, footer, signature], [footer, inner, signature], [signature, inner, footer], [inner], [footer]]) {
    const opened = await asBob(`${FROM}${multipart('multipart/signed; protocol="application/pgp-signature"', parts)}`);
    assert.equal(opened.judged.sig, "sig-unreadable");
    for (const part of parts) if (part !== signature) assert.ok(texts(opened).some((shown) => part.includes(shown.trim()) && shown.trim() !== ""), JSON.stringify(texts(opened)));
    assert.equal(opened.cards.filter((card) => card.id === "part-signed").length, 0);
  }
});

test("signature and text in the wrong order are not signed", async () => {
  const [inner, signature] = await halves("Content-Type: text/plain\r\n\r\nsigned words\r\n");
  const opened = await asBob(`${FROM}${multipart('multipart/signed; protocol="application/pgp-signature"', [signature, inner])}`);
  assert.equal(opened.judged.sig, "sig-unreadable");
});

test("a multipart without parts is not lost", async () => {
  for (const type of ["alternative", "related", "mixed", "signed"]) {
    const opened = await asBob(`${FROM}Content-Type: multipart/${type}; boundary=none\r\n\r\n--other\r\nContent-Type: text/plain\r\n\r\nwords\r\n--other--\r\n`);
    assert.equal(opened.parts.length, 1, type);
    assert.equal(opened.judged.sig, "sig-none", type);
  }
});

test("text behind a page of blanks is not swallowed by encryption that a server rebuilt", async () => {
  const parts = [`Content-Type: text/plain\r\n\r\n${" ".repeat(2000)}pay Eve`, "Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1", `Content-Type: application/octet-stream\r\n\r\n${await block("Content-Type: text/plain\r\n\r\nsecret\r\n")}`];
  const opened = await asBob(`${FROM}${multipart("multipart/mixed", parts)}`);
  assert.equal(opened.judged.enc, "enc-none");
  assert.match(texts(opened).join(""), /pay Eve/);
  assert.doesNotMatch(JSON.stringify(opened.parts), /secret/);
});

test("a signature counts for its own layer alone", async () => {
  const hello = "Content-Type: text/plain\r\n\r\nhello\r\n";
  /** @type {[string, string, string | null][]} */
  const cases = [
    ["Eve's signature around Alice's encryption without one", `${FROM}${await signed(await encrypted(hello), keys.eve)}`, "sig-outside"],
    ["Alice's own signature around encryption", `${FROM}${await signed(await encrypted(hello))}`, "sig-outside"],
    ["Alice's signature in an attached message", `${FROM}${multipart("multipart/mixed", [hello, `Content-Type: message/rfc822\r\n\r\n${FROM}${await signed(hello)}`])}`, "sig-none"],
    ["Alice's signature in an attached message inside encryption", `${FROM}${await encrypted(multipart("multipart/mixed", [hello, `Content-Type: message/rfc822\r\n\r\n${FROM}${await signed(hello)}`]))}`, "sig-none"],
    ["Alice's signed part beside Eve's text, all of it signed by Eve", `${FROM}${await signed(multipart("multipart/mixed", [await signed(hello), hello]), keys.eve, "outer")}`, "sig-from-differs"],
    ["Eve's signature inside Alice's encryption", `${FROM}${await encrypted(await signed(hello, keys.eve))}`, "sig-from-differs"],
    ["a base64-encoded multipart/signed", `${FROM}Content-Type: multipart/signed; boundary=s\r\nContent-Transfer-Encoding: base64\r\n\r\n${Buffer.from(await signed(hello)).toString("base64")}`, "sig-none"],
    ["another kind of signature on top", `${FROM}${multipart('multipart/signed; protocol="application/pkcs7-signature"', [await encrypted(hello), "Content-Type: application/pkcs7-signature\r\n\r\nAAAA"], "p")}`, "sig-outside"],
    ["armor of a signature as the text", `${FROM}Content-Type: text/plain\r\n\r\n${(await halves(hello))[1].split("\r\n\r\n")[1]}`, "sig-none"],
  ];
  for (const [name, raw, sig] of cases) {
    const opened = await asBob(raw);
    assert.equal(opened.judged.sig, sig, name);
    assert.equal(opened.note, null, name);
  }
});

test("a header that reads in two ways names no sender", async () => {
  const entity = await signed("Content-Type: text/plain\r\n\r\nhello\r\n");
  const good = await asBob(`${FROM}${entity}`);
  assert.equal(good.judged.sig, "sig-good-first");
  for (const head of [
    "From: alice@example.test\r\nfrom : eve@example.test\r\n", "From: alice@example.test, eve@example.test\r\n", "From: alice@example.test\0\r\n", "From: x: alice@example.test;\r\n",
    "From: eve@example.test\rFrom: alice@example.test\r\n", "From: <alice@example.test> <eve@example.test>\r\n", 'From: "alice@example.test" <>\r\n', "From: alice@example.test eve@example.test\r\n",
    "From:\r\n", "Sender: alice@example.test\r\n", "From: alice@example.test\u200b\r\n", "From: alice@example.t\u212aest\r\n", "From: =?utf-8?q?alice=40example=2Etest?=\r\n", "From: (<alice@example.test>) eve@example.org\r\n",
    `From: ${"x".repeat(300_000)} <alice@example.test>\r\n`, "From: alice@example.test>\r\n", "From: alice@example.test@evil.example\r\n", "From: <@evil.example,@x:eve@evil.example>\r\n", "From: alice@example.test.evil.example\r\n",
  ]) {
    const opened = await asBob(`${head}${entity}`);
    assert.doesNotMatch(opened.judged.sig ?? "", /^sig-good/, JSON.stringify(head.slice(0, 80)));
    assert.equal(opened.note, null, head.slice(0, 80));
  }
});

test("of two Content-Type fields the first counts, however the second is written", async () => {
  const hello = "Content-Type: text/plain\r\n\r\nhello\r\n";
  const entity = await signed(hello);
  assert.equal((await asBob(`${FROM}Content-Type: text/plain\r\n${entity}`)).judged.sig, "sig-none");
  assert.equal((await asBob(`${FROM}${entity.replace("\r\n\r\n", "\r\ncontent-type : text/html\r\n\r\n")}`)).judged.sig, "sig-good-first");
  for (const type of ["MULTIPART/SIGNED", "multipart/signed (comment)", "(c)multipart/signed"]) {
    assert.equal((await asBob(`${FROM}${entity.replace("multipart/signed", type)}`)).judged.sig, "sig-good-first", type);
  }
});

test("a boundary that begins like another one splits nothing", async () => {
  const inner = multipart("multipart/mixed", ["Content-Type: text/plain\r\n\r\n--sxyz\r\n--sx\r\n--s-\r\n--s x\r\nwords", "Content-Type: text/plain\r\n\r\nmore"], "sxy");
  const opened = await asBob(`${FROM}${await signed(inner)}`);
  assert.equal(opened.judged.sig, "sig-good-first");
  assert.match(texts(opened).join("|"), /words[^]*more/);
});

test("a bare text put where an entity belongs is shown from its first line", async () => {
  const said = "Do not do this:\r\n\r\npay Eve 1000\r\n";
  const field = "Warning: the following is a joke\r\nContent: none\r\n\r\npay Eve 1000\r\n";
  for (const bare of [said, field, `${said}Content-Type: text/html\r\n\r\nmore`, "Do not:\r\nContent-Type: text/plain\r\n\r\npay Eve\r\n", " Do not\r\nContent-Type: text/plain\r\n\r\npay Eve\r\n"]) {
    const first = bare.split("\r\n")[0] ?? "";
    const [inner, signature] = await halves(bare);
    const protocol = 'multipart/signed; protocol="application/pgp-signature"';
    const whole = await asBob(`${FROM}${multipart(protocol, [inner, signature])}`);
    assert.equal(whole.judged.sig, "sig-good-first");
    assert.ok(texts(whole)[0]?.startsWith(first), JSON.stringify(texts(whole)));
    const part = await asBob(`${FROM}${multipart("multipart/mixed", [multipart(protocol, [inner, signature], "s"), "Content-Type: text/plain\r\n\r\nmore"])}`);
    assert.equal(part.cards[0]?.id, "part-signed");
    assert.ok(texts(part)[0]?.startsWith(first), JSON.stringify(texts(part)));
    const sealed = await asBob(`${FROM}${multipart('multipart/encrypted; protocol="application/pgp-encrypted"', ["Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1", `Content-Type: application/octet-stream\r\n\r\n${await block(bare)}`], "e")}`);
    assert.deepEqual([sealed.judged.enc, sealed.judged.sig], ["enc-ok", "sig-good-first"]);
    assert.ok(texts(sealed)[0]?.startsWith(first), JSON.stringify(texts(sealed)));
  }
});

test("a cleartext signature turned into multipart/signed hides nothing", async () => {
  const cleartext = await clear(NOTICE);
  const signature = cleartext.slice(cleartext.indexOf("-----BEGIN PGP SIGNATURE"));
  const opened = await asBob(`${FROM}${multipart("multipart/signed", [NOTICE.replaceAll("\n", "\r\n"), `Content-Type: application/pgp-signature\r\n\r\n${signature}`])}`);
  assert.equal(opened.judged.sig, "sig-good-first");
  assert.match(texts(opened).join(""), /^Do not do this:/);
});

test("an entity without a header is read as one", async () => {
  const opened = await asBob(`${FROM}${await signed("\r\nwords\r\n")}`);
  assert.deepEqual([opened.judged.sig, texts(opened)[0]?.trim()], ["sig-good-first", "words"]);
});
