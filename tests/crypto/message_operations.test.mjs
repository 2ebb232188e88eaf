/** The worker's operations on messages, with a key ring open beside them as in the worker. */
import assert from "node:assert/strict";
import test, { after, before } from "node:test";
import * as keyring from "../../static/crypto/keyring.js";
import * as operations from "../../static/crypto/message-operations.js";
import * as pins from "../../static/crypto/pins.js";
import { generateKey } from "../../static/crypto/openpgp.js";
import { build as buildMessage } from "./built.mjs";
import { newRing, ownKey } from "./rings.mjs";

const bytes = (/** @type {string} */ string) => new TextEncoder().encode(string);
/** @type {any[]} */
const progress = [];
const job = { signal: new AbortController().signal, progress: (/** @type {any} */ one) => void progress.push(one), transfer: () => {} };

/** @type {any} */
let alice;
/** @type {any} */
let bob;
before(async () => {
  const [own, revocation] = Object.values(await ownKey());
  alice = own;
  bob = await generateKey({ name: "Bob", address: "bob@example.test" });
  await keyring.hold(await newRing({ keys: [own], revocations: [revocation] }));
});
after(() => keyring.lock());

const letter = () => ({
  from: { name: "Alice", address: "alice@example.test" }, to: [{ name: "Bob", address: "bob@example.test" }], subject: "Walnussbaum", text: "Hallo\n",
  attachments: [new File(["file"], "a.txt", { type: "text/html" })], protection: /** @type {const} */ ("encrypted"), certificates: { "bob@example.test": [bob.certificate] },
});

test("a letter is built with the ring's key and opened again; its parts come as bytes of no type", async () => {
  const built = await operations.build(letter(), job);
  const { done, total } = /** @type {any} */ (progress.at(-1));
  assert.ok(done === total && total > 500, `${done} of ${total} bytes`);
  const opened = await operations.open({ raw: built.deliveries[0].bytes }, job);
  assert.deepEqual(opened.judged.line, ["enc-ok", "sig-good-own"]);
  assert.equal("stored" in opened, false);
  const [, file] = opened.parts;
  assert.deepEqual([file.kind, file.name, file.type], ["attachment", "a.txt", "text/html"]);
  const { blob } = await operations.part({ handle: opened.handle, part: file.id });
  assert.deepEqual([blob.type, await blob.text()], ["application/octet-stream", "file"]);
  // What crosses to the page must survive structured cloning.
  assert.deepEqual(structuredClone(opened), opened);
});

test("a From in the header of a closed part is nobody's word about who wrote it", async () => {
  const built = await operations.build(letter(), job);
  const inner = await built.deliveries[0].bytes.text();
  const part = inner.slice(inner.search(/^Content-Type: multipart\/encrypted/m));
  const raw = bytes(`From: eve@example.test\r\nContent-Type: multipart/mixed; boundary=xx\r\n\r\n--xx\r\n\r\ntext\r\n--xx\r\nFrom: alice@example.test\r\nSubject: put there\r\n${part}\r\n--xx--\r\n`);
  const outer = await operations.open({ raw }, job);
  assert.equal(outer.cards[0]?.id, "part-encrypted");
  const alone = await operations.open({ handle: outer.handle, part: outer.cards[0].part }, job);
  assert.deepEqual([alone.judged.enc, alone.judged.sig], ["enc-ok", "sig-from-unclear"]);
  assert.notEqual(alone.headers.subject, "put there");
});

test("a closed part opens on its own, and an unknown one does not", async () => {
  const built = await operations.build(letter(), job);
  const inner = await built.deliveries[0].bytes.text();
  const raw = bytes(`From: bob@example.test\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\ntext\r\n--x\r\nContent-Type: message/rfc822\r\n\r\n${inner}\r\n--x--\r\n`);
  const outer = await operations.open({ raw }, job);
  const [card] = outer.cards;
  assert.equal(card.id, "part-message");
  const alone = await operations.open({ handle: outer.handle, part: card.part }, job);
  assert.deepEqual([alone.judged.enc, alone.headers.subject], ["enc-ok", "Walnussbaum"]);
  await assert.rejects(operations.open({ handle: outer.handle, part: "99" }, job), { code: "bad-input" });
  await assert.rejects(operations.part({ handle: 999, part: "1" }), { code: "not-open" });
  // A handle that another worker gave must not name a message of this one.
  assert.ok(outer.handle > 1000, String(outer.handle));
  await assert.rejects(operations.open({ raw: /** @type {any} */ ("text") }, job), { code: "bad-input" });
});

test("an entity fetched by the page is decoded, and header bytes are read", async () => {
  const { blob } = await operations.part({ raw: bytes("Content-Transfer-Encoding: base64\r\n\r\naGFsbG8=\r\n") });
  assert.equal(await blob.text(), "hallo");
  const headers = operations.headers({ raw: bytes("Subject: =?utf-8?B?w5w=?=\r\nFrom: Bob <bob@example.test>\r\nDate: Sun, 22 Nov 2026 10:00:00 +0000\r\n") });
  assert.deepEqual([headers.subject, headers.from, headers.date?.getTime()], ["Ü", { name: "Bob", address: "bob@example.test" }, Date.UTC(2026, 10, 22, 10)]);
});

test("a certificate is judged for the address asked", async () => {
  const judged = await operations.judge({ address: "bob@example.test", certificates: [alice.certificate, bob.certificate] });
  assert.deepEqual([judged.usable, judged.reason, judged.fingerprint], [true, "", bob.fingerprint]);
});

test("cancelled work builds nothing more; a strange address has no key to sign with", async () => {
  await assert.rejects(operations.build(letter(), { ...job, signal: AbortSignal.abort() }), { name: "AbortError" });
  await assert.rejects(operations.build({ ...letter(), from: { name: "", address: "eve@example.net" } }, job), { code: "no-key" });
});

test("who has a key ring learns whose signature it is only while the list of certificates is at hand", async () => {
  const signed = async (/** @type {any} */ signer) => (await buildMessage({ ...letter(), from: { name: "Bob", address: "bob@example.test" }, protection: "signed", attachments: [] }, { signer })).deliveries[0].bytes;
  const raw = await signed(bob);
  const by = { raw, certificates: [bob.certificate], hasRing: true };
  const told = async (/** @type {any} */ args) => {
    const { judged, note, waits } = await operations.open(args, job);
    return [judged.sig, judged.mark, judged.line.at(-1), note === null, waits];
  };
  const unchecked = ["sig-checking", "signed-unchecked", "sig-checking-locked", true, true];
  assert.deepEqual(await told(by), unchecked, "unlocked, but the list is not loaded yet");
  await pins.load(null, 0, null);
  assert.deepEqual(await told(by), ["sig-good-first", "signed", "sig-good-first", false, false]);
  await pins.note("bob@example.test", { fingerprint: alice.fingerprint, since: 1, source: "source-here" }, false);
  assert.deepEqual(await told(by), ["sig-changed", "new-certificate", "sig-changed", true, false]);
  keyring.lock();
  assert.deepEqual(await told(by), unchecked);
  // Nothing is held back from somebody who has no list.
  assert.deepEqual(await told({ ...by, hasRing: false }), ["sig-good-first", "signed", "sig-good-first", false, false]);
  // What does not count, does not count with any list.
  const forged = bytes(new TextDecoder().decode(raw).replace("Hallo", "Hello"));
  assert.equal((await operations.open({ ...by, raw: forged }, job)).judged.sig, "sig-bad");
  const inner = new TextDecoder().decode(raw).replace(/^[^]*?(?=Content-Type: multipart\/signed)/, "");
  const partly = await operations.open({ ...by, raw: bytes(`From: bob@example.test\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n${inner}\r\n--x\r\n\r\nfooter\r\n--x--\r\n`) }, job);
  assert.deepEqual([partly.judged.sig, partly.cards[0].id, partly.waits], ["sig-checking", "part-signed-locked", true]);
  await keyring.hold(await newRing({ keys: [(await ownKey()).entry] }));
});

test("locked, encrypted mail stays closed and plain mail is read", async () => {
  const built = await operations.build(letter(), job);
  keyring.lock();
  assert.equal((await operations.open({ raw: built.deliveries[0].bytes }, job)).judged.enc, "enc-locked");
  assert.deepEqual((await operations.open({ raw: bytes("From: bob@example.test\r\n\r\nHallo\r\n") }, job)).judged.line, ["plain"]);
  await assert.rejects(operations.build(letter(), job), { code: "locked" });
});
