/** state-1, pins and stay-1. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import test from "node:test";
import { copy, fromBase64, fromHex, fromUtf8, random, toHex, utf8 } from "../../static/crypto/bytes.js";
import * as keyring from "../../static/crypto/keyring.js";
import * as pins from "../../static/crypto/pins.js";
import * as seen from "../../static/crypto/seen.js";
import * as state from "../../static/crypto/state.js";
import * as stay from "../../static/crypto/stay.js";
import { newRing, refusedWith } from "./rings.mjs";

const root = { id: random(16), state: random(32) };
const place = { kind: "pins", name: "pins", rev: 3 };
const [A, B] = ["a".repeat(40), "b".repeat(40)];

test("a record opens at its place alone", async () => {
  const record = await state.seal(root, place, utf8("text"));
  assert.equal(fromUtf8(await state.open(root, place, record)), "text");
  for (const other of [{ kind: "drafts" }, { name: "pin" }, { rev: 2 }, { rev: 4 }]) {
    await assert.rejects(state.open(root, { ...place, ...other }, record), refusedWith("ring-tampered"));
  }
  await assert.rejects(state.open({ ...root, id: random(16) }, place, record), refusedWith("ring-tampered"));
  await assert.rejects(state.open({ ...root, state: random(32) }, place, record), refusedWith("ring-tampered"));
});

test("no byte of a record can be changed", async () => {
  const record = await state.seal(root, place, utf8("text"));
  for (let at = 0; at < record.length; at++) {
    const changed = copy(record);
    changed[at] ^= 1;
    await assert.rejects(state.open(root, place, changed), refusedWith("ring-tampered", "unsupported"));
  }
  await assert.rejects(state.open(root, place, record.slice(0, 40)), refusedWith("ring-tampered"));
});

test("kinds are words, so that no record shares a key with the drafts' MAC", async () => {
  for (const kind of ["", "draft mac", "Pins", "pins1", "-pins"]) {
    await assert.rejects(state.seal(root, { ...place, kind }, utf8("")), refusedWith("bad-input"), kind);
  }
});

test("the vectors of docs/crypto-inventory.md", async () => {
  const vectors = JSON.parse(await readFile(new URL("vectors/state-1.json", import.meta.url), "utf8"));
  const from = { id: fromHex(vectors.ring), state: fromHex(vectors.root) };
  for (const { kind, name, rev, record, cleartext } of vectors.records) {
    assert.equal(fromUtf8(await state.open(from, { kind, name, rev }, fromBase64(record))), cleartext);
  }
  assert.equal(toHex(await state.draftMacKey(from)), vectors.draft_mac_key);
});

test("pins count, keep the first sight and are never switched silently", async () => {
  await keyring.hold(await newRing());
  await assert.rejects(pins.note("bob@example.test", { fingerprint: A, since: 1, source: "source-here" }, false), refusedWith("bad-input"), "not loaded");
  assert.equal(await pins.load(null, 0, null), null);
  await pins.note("bob@example.test", { fingerprint: A, since: 10, source: "source-here" }, false);
  const { pin } = await pins.note("Bob@example.test", { fingerprint: A, since: 20, source: "source-mail" }, false);
  assert.deepEqual(pin, { fingerprint: A, since: 10, source: "source-here", count: 2 });
  await assert.rejects(pins.note("bob@example.test", { fingerprint: B, since: 30, source: "source-here" }, false), (error) => {
    assert.equal(error.facts.pinned, A);
    return refusedWith("bad-input")(error);
  });
  assert.equal(pins.pinFor("bob@example.test").fingerprint, A);
  assert.deepEqual((await pins.note("bob@example.test", { fingerprint: A, since: 40, source: "x", verified: 41 }, false)).pin.verified, 41);
  const switched = await pins.note("bob@example.test", { fingerprint: B, since: 50, source: "source-here" }, true);
  assert.deepEqual(switched.pin, { fingerprint: B, since: 50, source: "source-here", count: 1 });
});

test("a pin is found by every spelling of its address, and by no other", async () => {
  await keyring.hold(await newRing());
  await pins.load(null, 0, null);
  await pins.note("Kate@B\u00fccher.example", { fingerprint: "ab".repeat(20), since: 1, source: "source-here" }, false);
  assert.equal(pins.pinFor("kate@xn--bcher-kva.example")?.count, 1);
  assert.equal(pins.pinFor("\u212aate@b\u00fccher.example"), null);
});

test("pins load again, and an older list is refused", async () => {
  await keyring.hold(await newRing());
  await pins.load(null, 0, null);
  const first = await pins.note("bob@example.test", { fingerprint: A, since: 10, source: "source-here" }, false);
  const retried = await pins.note("dana@example.net", { fingerprint: B, since: 11, source: "source-here" }, false);
  assert.deepEqual([first.head.rev, retried.head.rev], [1, 1], "not saved yet: the same number");
  pins.saved(1);
  const second = await pins.note("bob@example.test", { fingerprint: A, since: 12, source: "source-here" }, false);
  assert.equal(second.head.rev, 2);
  assert.deepEqual(await pins.load(second.record, 2, retried.head), second.head);
  assert.deepEqual(Object.keys(pins.all()), ["bob@example.test", "dana@example.net"]);
  await assert.rejects(pins.load(retried.record, 1, second.head), (error) => error.facts.seen === 2 && error.facts.offered === 1 && refusedWith("pins-rollback")(error));
  await assert.rejects(pins.load(null, 0, second.head), refusedWith("pins-rollback"));
  await assert.rejects(pins.load(retried.record, 2, null), refusedWith("ring-tampered"), "an old record under a new number");
  const fork = await state.seal(keyring.held().ring, { kind: "pins", name: "pins", rev: 2 }, utf8('{"pins":[]}'));
  await assert.rejects(pins.load(fork, 2, second.head), refusedWith("pins-rollback"));
  await pins.load(fork, 2, null);
});

test("pins of one ring are not told for another", async () => {
  await keyring.hold(await newRing());
  await pins.load(null, 0, null);
  await pins.note("bob@example.test", { fingerprint: A, since: 10, source: "source-here" }, false);
  await keyring.hold(await newRing());
  assert.equal(pins.pinFor("bob@example.test"), null);
});

test("stay-1 needs both halves, the device, the ring and the epoch", async () => {
  const device = await stay.deviceKey();
  const [half, key] = [random(32), random(32)];
  const where = { ring: random(16), epoch: 4, device: random(16) };
  const blob = await stay.seal(device, half, where, key);
  assert.deepEqual(await stay.open(device, half, where, blob), key);
  assert.notDeepEqual(await stay.seal(device, half, where, key), blob);
  const refused = (...args) => assert.rejects(stay.open(...args), refusedWith("stay-ended"));
  await refused(await stay.deviceKey(), half, where, blob);
  await refused(device, random(32), where, blob);
  await refused(device, half, { ...where, ring: random(16) }, blob);
  await refused(device, half, { ...where, epoch: 5 }, blob);
  await refused(device, half, { ...where, device: random(16) }, blob);
  for (let at = 0; at < blob.length; at++) {
    const changed = copy(blob);
    changed[at] ^= 0x80;
    await refused(device, half, where, changed);
  }
  await assert.rejects(globalThis.crypto.subtle.exportKey("raw", device), (error) => error instanceof DOMException);
});

test("the stay-1 vector of docs/crypto-inventory.md", async () => {
  const vector = JSON.parse(await readFile(new URL("vectors/stay-1.json", import.meta.url), "utf8"));
  const device = await globalThis.crypto.subtle.importKey("raw", fromHex(vector.device_key), "AES-GCM", false, ["encrypt", "decrypt"]);
  const where = { ring: fromHex(vector.ring), epoch: vector.epoch, device: fromHex(vector.device) };
  assert.equal(toHex(await stay.open(device, fromHex(vector.half), where, fromHex(vector.blob))), vector.key);
});

const job = { signal: new AbortController().signal, progress: () => {}, transfer: () => {} };
const SEEN = { id: "0123456789abcdef0123456789abcdef", mark: "mark-encrypted-signed", level: "calm", at: 1_790_000_000, subject: "Walnussbaum 核桃" };
const SIGNER = { address: "bob@example.test", last: [{ id: SEEN.id, at: 1_790_000_000, good: true }] };

test("a rejected certificate stays rejected until the person looks again", async () => {
  await keyring.hold(await newRing());
  await pins.load(null, 0, null);
  await assert.rejects(pins.reject("bob@example.test", B, 5), refusedWith("bad-input"), "nothing is known of him");
  await pins.note("bob@example.test", { fingerprint: A, since: 10, source: "source-here" }, false);
  const { pin, record } = await pins.reject("bob@example.test", B, 20);
  assert.deepEqual(pin, { fingerprint: A, since: 10, source: "source-here", count: 1, rejected: { [B]: 20 } });
  await pins.load(record, 1, null);
  assert.deepEqual(pins.pinFor("bob@example.test"), pin);
  await pins.reject("bob@example.test", A, 30);
  assert.deepEqual((await pins.note("bob@example.test", { fingerprint: A, since: 40, source: "x" }, false)).pin.rejected, { [A]: 30, [B]: 20 }, "seeing it again takes nothing back");
  const looked = await pins.note("bob@example.test", { fingerprint: B, since: 50, source: "x", verified: 51 }, true);
  assert.deepEqual(looked.pin, { fingerprint: B, since: 50, source: "x", count: 1, verified: 51, rejected: { [A]: 30 } });
  for (let at = 0; at < 30; at++) await pins.reject("bob@example.test", at.toString(16).padStart(40, "0"), 100 + at);
  assert.equal(Object.keys(pins.pinFor("bob@example.test")?.rejected ?? {}).length, 20);
});

test("one message counts once, however often it is opened", async () => {
  await keyring.hold(await newRing());
  await pins.load(null, 0, null);
  const at = { fingerprint: A, since: 10, source: "source-here" };
  assert.equal((await pins.note("bob@example.test", at, false, true)).pin.count, 1);
  assert.equal((await pins.note("bob@example.test", at, false, true)).pin.count, 1);
  assert.equal((await pins.note("bob@example.test", at, false, false)).pin.count, 2);
});

test("what is remembered opens at its place alone, and only in its form", async () => {
  await keyring.hold(await newRing());
  for (const [place, list] of [[{ kind: "seen", name: "2026-11" }, [SEEN]], [{ kind: "signers", name: "signers" }, [SIGNER]]]) {
    const record = await seen.seal({ ...place, rev: 1, list }, job);
    assert.deepEqual(await seen.open({ ...place, record, rev: 1 }), list);
    assert.ok(!Buffer.from(record).includes("Walnussbaum") && !Buffer.from(record).includes("bob@example"));
    await assert.rejects(seen.open({ ...place, record, rev: 2 }), refusedWith("ring-tampered"));
    await assert.rejects(seen.open({ ...place, name: "2026-10", record, rev: 1 }), refusedWith("ring-tampered"));
  }
  const refused = [{ ...SEEN, id: "../pins" }, { ...SEEN, mark: "sig-good-verified" }, { ...SEEN, level: "fine" }, { ...SEEN, at: -1 }, { ...SEEN, more: 1 }, null];
  for (const one of refused) await assert.rejects(seen.seal({ kind: "seen", name: "2026-11", rev: 1, list: [one] }, job), refusedWith("bad-input"));
  for (const one of [{ ...SIGNER, last: [{ id: SEEN.id, at: 1, good: "yes" }] }, { ...SIGNER, last: Array(9).fill(SIGNER.last[0]) }]) {
    await assert.rejects(seen.seal({ kind: "signers", name: "signers", rev: 1, list: [one] }, job), refusedWith("bad-input"));
  }
  await assert.rejects(seen.seal({ kind: "seen", name: "2026-11", rev: 1, list: Array(2001).fill(SEEN) }, job), refusedWith("bad-input"));
  keyring.lock();
  await assert.rejects(seen.seal({ kind: "seen", name: "2026-11", rev: 1, list: [SEEN] }, job), refusedWith("locked"));
});
