/** The worker's operations on a ring, in the order in which a person's day brings them. */
import assert from "node:assert/strict";
import test from "node:test";
import { toHex, utf8 } from "../../static/crypto/bytes.js";
import * as keyring from "../../static/crypto/keyring.js";
import * as sealing from "../../static/crypto/keyring-seal.js";
import * as operations from "../../static/crypto/ring-operations.js";
import { code, newRing, ownKey, passphrase, refusedWith } from "./rings.mjs";

const handed = [];
const job = { signal: new AbortController().signal, progress() {}, transfer: (...buffers) => handed.push(...buffers) };
const alice = await ownKey();

test("set-up gives a ring, a code and a certificate, and leaves the worker open", async () => {
  const secret = passphrase().value;
  const made = await operations.create({ passphrase: secret, person: { name: "Alice", address: "alice@example.test" }, account: "1" }, job);
  assert.ok(secret.every((byte) => byte === 0));
  assert.equal(handed.at(-1), made.ring);
  assert.notEqual(made.ring.buffer, keyring.held().file.buffer, "what is handed over is not what is kept");
  assert.equal(keyring.unlockedKeys("alice@example.test").signing.fingerprint, made.fingerprint);
  assert.equal(keyring.held().ring.revocations[0].fingerprint, made.fingerprint);
  keyring.lock();
  for (const way of [passphrase(), code(made.code)]) {
    const opened = await operations.unlock({ ring: made.ring, secret: way, highest: made.head });
    assert.deepEqual(opened.head, made.head);
    assert.deepEqual(opened.ways.map(({ kind }) => kind), ["passphrase", "code"]);
    assert.deepEqual(opened.keys.map(({ fingerprint }) => fingerprint), [made.fingerprint]);
  }
});

test("a refused unlock leaves what was open", async () => {
  const sealed = await newRing({ keys: [alice.entry] });
  await operations.unlock({ ring: sealed.file, secret: code(), highest: null });
  await assert.rejects(operations.unlock({ ring: sealed.file, secret: code("0C71-J91F-792N-0PV6-E5Y8-F4MX-N2SV-XJEMU"), highest: null }), refusedWith("wrong-secret"));
  assert.equal(operations.unlocked().head.hash, sealed.head.hash);
});

test("changes asked for at once follow one another", async () => {
  await operations.unlock({ ring: (await newRing()).file, secret: code(), highest: null });
  const changed = await Promise.all([1, 2, 3].map(() => operations.addWay({ kind: "code" }, job)));
  assert.deepEqual(changed.map(({ head }) => head.rev), [2, 3, 4]);
  for (const { code: text } of changed) await operations.unlock({ ring: changed[2].ring, secret: code(text), highest: changed[2].head });
  const [first] = operations.listWays();
  const without = await operations.removeWay({ id: first.id }, job);
  assert.equal(without.head.epoch, 2);
  await assert.rejects(operations.unlock({ ring: without.ring, secret: code(), highest: null }), refusedWith("wrong-secret"));
  await assert.rejects(operations.addWay({ kind: "prf" }, job), refusedWith("bad-input"));
  await assert.rejects(operations.addWay({ kind: "passphrase" }, job), refusedWith("bad-input"));
});

test("another device was quicker: both changes stay, also when this one began a new epoch", async () => {
  const base = await newRing({ kinds: ["code"] });
  const theirs = await sealing.revised(base, { keys: [alice.entry] });
  await operations.unlock({ ring: base.file, secret: code(), highest: null });
  const mine = await operations.replaceWay({ kind: "code" }, job);
  const both = await operations.merge({ ring: theirs.file }, job);
  assert.deepEqual([both.head.epoch, both.head.rev], [2, 3]);
  const opened = await operations.unlock({ ring: both.ring, secret: code(mine.code), highest: theirs.head });
  assert.deepEqual(opened.keys.map(({ fingerprint }) => fingerprint), [alice.entry.fingerprint]);
  await assert.rejects(operations.unlock({ ring: both.ring, secret: code(), highest: null }), refusedWith("wrong-secret"));
});

test("another device began a new epoch: its secret is asked once", async () => {
  const base = await newRing({ kinds: ["code"], keys: [alice.entry] });
  await operations.unlock({ ring: base.file, secret: code(), highest: null });
  const theirs = await operations.replaceWay({ kind: "code" }, job);
  keyring.lock();
  await operations.unlock({ ring: base.file, secret: code(), highest: null });
  await operations.addWay({ kind: "passphrase", passphrase: utf8("a way that will be dropped") }, job);
  await assert.rejects(operations.merge({ ring: theirs.ring }, job), (error) => error.facts.epoch && refusedWith("wrong-secret")(error));
  const both = await operations.merge({ ring: theirs.ring, secret: code(theirs.code) }, job);
  assert.equal(both.head.epoch, 2);
  assert.deepEqual(operations.listWays().map(({ kind }) => kind), ["code"]);
  assert.equal(toHex(keyring.held().ring.previous), theirs.head.hash);
});

test("a locked worker does nothing with a ring", async () => {
  operations.lock();
  for (const act of [() => operations.facts(), () => operations.listWays(), () => operations.unlocked()]) assert.throws(act, refusedWith("locked"));
  await assert.rejects(operations.addWay({ kind: "code" }, job), refusedWith("locked"));
  await assert.rejects(operations.merge({ ring: new Uint8Array(4) }, job), refusedWith("locked"));
});
