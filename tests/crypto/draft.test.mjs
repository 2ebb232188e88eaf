/** Drafts: what is sealed comes back, and nothing of a draft that somebody else put there is decrypted. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import test, { after, before } from "node:test";
import { copy, fromBase64, fromHex, utf8 } from "../../static/crypto/bytes.js";
import { isOwn, labelIn, macOf } from "../../static/crypto/draft-label.js";
import * as operations from "../../static/crypto/draft-operations.js";
import { parseFields } from "../../static/crypto/header-fields.js";
import * as keyring from "../../static/crypto/keyring.js";
import { open as openMessage } from "../../static/crypto/message-operations.js";
import { build } from "./built.mjs";
import { newRing, ownKey, refusedWith } from "./rings.mjs";

const ID = "5c1f7a2e-90b4-4c55-8d1c-0a7f3b6e2d11";
const job = { signal: new AbortController().signal, progress() {}, transfer() {} };
const SECRET = "Walnussbaum – 核桃树";
let alice;
/** A ring of its own each time: locking wipes the bytes of its keys. */
const unlock = async () => keyring.hold(await newRing({ keys: [{ ...alice, key: copy(alice.key), certificate: copy(alice.certificate) }] }));
before(async () => {
  alice = (await ownKey()).entry;
  await unlock();
});
after(() => keyring.lock());

const content = (more = {}) => ({
  from: { name: "Alice", address: "alice@example.test" }, to: [{ name: "Bob, the other", address: "bob@example.test" }], cc: [], bcc: [{ name: "", address: "dana@example.test" }],
  subject: SECRET, text: `${SECRET}\n\n> quoted`, html: null, inline: [], attachments: [new File(["a file"], "Umbau 图.txt", { type: "text/plain" })],
  inReplyTo: "<one@example.test>", references: ["<zero@example.test>", "<one@example.test>"], extra: { how: "reply" }, ...more,
});
const text = (bytes) => new TextDecoder().decode(bytes);
const known = async (file) => [file.name, file.type, await file.text()];
const bare = async ({ from: _, ...rest }) => ({ ...rest, inline: await Promise.all(rest.inline.map(async ({ id, file }) => [id, await known(file)])), attachments: await Promise.all(rest.attachments.map(known)) });

test("what was written comes back to the letter, and only the envelope stands outside", async () => {
  for (const more of [{}, { html: "<p>x</p>" }, { html: '<img src="cid:p@x">', inline: [{ id: "p@x", file: new File(["pixels"], "p.png", { type: "image/png" }) }] }, { text: "", subject: "", attachments: [], to: [], bcc: [] }, { text: "ends\n\n", html: "a\n" }, { text: "-- \n.\nFrom x" },
    { to: [{ name: "", address: "bob@exam" }, { name: "", address: "kate@bücher.example" }] }]) {
    const { bytes } = await operations.seal({ content: content(more), id: ID, rev: 4 }, job);
    const opened = await operations.open({ raw: copy(bytes) }, job);
    assert.deepEqual(opened.own, { id: ID, rev: 4 });
    assert.equal(opened.closed, false);
    assert.deepEqual(await bare(opened.content), await bare(content(more)));
    const names = parseFields(bytes.subarray(0, text(bytes).indexOf("\r\n\r\n"))).map(({ name }) => name);
    assert.deepEqual(names.sort(), ["Content-Type", "Date", "From", "MIME-Version", "Message-ID", "Subject", "X-Postern-Draft"]);
    assert.match(text(bytes), /^Subject: \[\.\.\.\]\r$/m);
    assert.match(text(bytes), new RegExp(`^Message-ID: <${ID}@example.test>\r$`, "m"));
    for (const hidden of ["bob", "dana", "Umbau", "one@example.test"]) assert.equal(text(bytes).includes(hidden), false, hidden);
  }
});

test("as a message it is encrypted and says nothing of a signature", async () => {
  const { bytes } = await operations.seal({ content: content(), id: ID, rev: 1 }, job);
  const opened = await openMessage({ raw: copy(bytes) });
  assert.deepEqual([opened.judged.enc, opened.judged.sig, opened.headers.subject], ["enc-ok", "sig-none", SECRET]);
  assert.deepEqual(opened.headers.to.map(({ address }) => address), ["bob@example.test"]);
});

test("the label covers draft, revision and every byte of the ciphertext", async () => {
  const { root } = { root: keyring.held().ring };
  const message = utf8("some ciphertext");
  const label = { id: ID, rev: 7, mac: await macOf(root, ID, 7, message) };
  assert.equal(await isOwn(root, label, message), true);
  assert.equal(await isOwn(root, { ...label, rev: 8 }, message), false);
  assert.equal(await isOwn(root, { ...label, id: ID.replace("5c", "5d") }, message), false);
  assert.equal(await isOwn(root, label, utf8("some ciphertexu")), false);
  assert.equal(await isOwn({ ...root, state: new Uint8Array(32) }, label, message), false);
});

test("without the label, with another's, with two, or with a label moved onto other ciphertext: nothing is decrypted", async () => {
  const { bytes } = await operations.seal({ content: content(), id: ID, rev: 4 }, job);
  const built = await build({ ...content(), to: [{ name: "", address: "alice@example.test" }], bcc: [], protection: "encrypted", certificates: {} }, { signer: alice });
  const field = /X-Postern-Draft: [^]*?mac=[\w-]+/.exec(text(bytes))[0];
  const mails = {
    "no label": text(bytes).replace(field, "X-Other: 1"),
    "another revision": text(bytes).replace("rev=4", "rev=5"),
    "another draft": text(bytes).replace("id=5c", "id=5d"),
    "two labels": text(bytes).replace(field, `${field}\r\n${field}`),
    "old mail with the label of a draft": text(built.deliveries[0].bytes).replace("MIME-Version", `${field}\r\nMIME-Version`),
    "old mail as it is": text(built.deliveries[0].bytes),
  };
  for (const [name, mail] of Object.entries(mails)) {
    const opened = await operations.open({ raw: utf8(mail) }, job);
    assert.equal(opened.own, null, name);
    assert.equal(opened.closed, true, name);
    assert.equal(opened.content.text, "", name);
    assert.equal(JSON.stringify(opened).includes("Walnuss"), false, name);
  }
});

test("of a foreign draft come the texts anybody can read; blocks and files stay where they are", async () => {
  const block = "-----BEGIN PGP MESSAGE-----\n\nwcBMA0\n=abcd\n-----END PGP MESSAGE-----\n";
  const mail = `From: eve@example.test\r\nTo: bob@example.test\r\nBcc: Mallory <mallory@example.test>\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\nIn-Reply-To: <one@example.test>\r\n`
    + `Content-Type: multipart/mixed; boundary=xx\r\n\r\n--xx\r\nContent-Type: text/plain\r\n\r\nbefore\n${block}after\r\n--xx\r\nContent-Type: application/pdf; name=a.pdf\r\n\r\nfile\r\n--xx--\r\n`;
  keyring.lock();
  try {
    const opened = await operations.open({ raw: utf8(mail) }, job);
    assert.equal(opened.own, null);
    assert.equal(opened.closed, true);
    assert.deepEqual([opened.content.subject, opened.content.bcc[0].address, opened.content.inReplyTo], ["Grüße", "mallory@example.test", "<one@example.test>"]);
    assert.match(opened.content.text, /before[^]*after/);
    assert.equal(opened.content.text.includes("PGP"), false);
    assert.deepEqual(opened.content.attachments, []);
  } finally {
    await unlock();
  }
});

test("a block that the person left in their own draft comes back as text", async () => {
  const built = await build({ ...content(), attachments: [], to: [{ name: "", address: "alice@example.test" }], bcc: [], protection: "encrypted", certificates: {} }, { signer: alice });
  const block = /-----BEGIN PGP MESSAGE-----[^]*-----END PGP MESSAGE-----/.exec(text(built.deliveries[0].bytes))[0].replaceAll("\r\n", "\n");
  const { bytes } = await operations.seal({ content: content({ text: block, subject: "x" }), id: ID, rev: 4 }, job);
  const opened = await operations.open({ raw: bytes }, job);
  assert.equal(opened.content.text, block);
});

test("locked: an own draft waits, and is not called foreign", async () => {
  const { bytes } = await operations.seal({ content: content(), id: ID, rev: 4 }, job);
  assert.deepEqual({ ...operations.label({ raw: bytes }), mac: "" }, { id: ID, rev: 4, mac: "" });
  keyring.lock();
  await assert.rejects(operations.open({ raw: copy(bytes) }, job), refusedWith("locked"));
  await unlock();
  assert.equal(labelIn(parseFields(utf8("X-Postern-Draft: v=2; id=x; rev=0; mac="))), null);
});

test("the copy in this browser: files are sealed once, and each record opens at its place alone", async () => {
  const file = new File(["twenty megabytes"], "a.bin", { type: "image/png", lastModified: 5 });
  const listed = [{ id: "f1", name: "a.bin", type: "image/png", modified: 5, cid: "" }];
  const first = await operations.keep({ content: content({ attachments: [file] }), id: ID, rev: 1, listed, files: [{ id: "f1", file }] }, job);
  const second = await operations.keep({ content: content({ attachments: [file], text: "more" }), id: ID, rev: 2, listed, files: [] }, job);
  assert.deepEqual(second.files, []);
  const back = await operations.restore({ id: ID, rev: 2, record: second.record, files: first.files });
  assert.equal(back.content.text, "more");
  assert.deepEqual(back.listed, listed);
  const [restored] = back.content.attachments;
  assert.deepEqual([restored.name, restored.type, restored.lastModified, await restored.text()], ["a.bin", "image/png", 5, "twenty megabytes"]);
  await assert.rejects(operations.restore({ id: ID, rev: 1, record: second.record, files: first.files }), refusedWith("ring-tampered"));
  await assert.rejects(operations.restore({ id: ID, rev: 2, record: second.record, files: [] }), refusedWith("ring-tampered"));
  await assert.rejects(operations.restore({ id: ID, rev: 2, record: second.record, files: [{ id: "f1", sealed: second.record }] }), refusedWith("ring-tampered"));
});

test("the vectors of docs/crypto-inventory.md", async () => {
  const { ring, root, labels, record } = JSON.parse(await readFile(new URL("vectors/draft-1.json", import.meta.url), "utf8"));
  const from = { id: fromHex(ring), state: fromHex(root) };
  for (const { id, rev, message, mac } of labels) assert.equal(await macOf(from, id, rev, fromBase64(message)), mac);
  const { open } = await import("../../static/crypto/draft-record.js");
  const { content: kept } = await open(from, record, fromBase64(record.record), record.files.map(({ id, sealed }) => ({ id, sealed: fromBase64(sealed) })));
  assert.deepEqual([kept.text, await kept.attachments[0].text()], [record.text, record.file]);
});
