/** What is remembered of messages: written sealed and seldom, united where two wrote, and gone when the keys lock. */
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { crypto } from "../../static/crypto/client.js";

/** What the server keeps: revision and record, by address. @type {Map<string, { rev: number, sealed: Uint8Array }>} */
const kept = new Map();
let writes = 0;
let hasRing = "yes";
/** @type {(() => void) | null} */
let before = null;

Object.assign(globalThis, {
  document: {
    hidden: false,
    addEventListener: () => {},
    querySelector: (/** @type {string} */ name) => (name === "key-unlock" ? { dataset: { hasRing, person: "alice@example.test", seenUrl: "/keys/state/seen/month/", signersUrl: "/keys/state/signers/signers/" } } : null),
    getElementById: () => null,
  },
  fetch: async (/** @type {string} */ url, /** @type {any} */ { method = "GET", body, headers } = {}) => {
    const at = kept.get(url);
    if (method === "GET") return at ? new Response(/** @type {any} */ (at.sealed), { headers: { ETag: `"${at.rev}"` } }) : new Response(null, { status: 204 });
    before?.();
    const now = kept.get(url);
    const expected = headers.get("If-None-Match") === "*" ? 0 : Number(headers.get("If-Match").replace(/"/g, ""));
    if ((now?.rev ?? 0) !== expected) return Response.json({ error: "state-conflict" }, { status: 412 });
    writes += 1;
    kept.set(url, { rev: expected + 1, sealed: new Uint8Array(body) });
    return new Response(null, { status: 204 });
  },
});
const { isHabit, latest, noteSigned, recalled, remember, usuallySigns } = await import("../../static/elements/remembered.js");
const { flushAll } = await import("../../static/elements/sealed-list.js");

// The sealing itself is the worker's (tests/crypto/seen.test.mjs); here it is only seen that nothing goes round it.
const KEY = 0x5a;
const turned = (/** @type {Uint8Array} */ bytes) => bytes.map((byte) => byte ^ KEY);
const codec = {
  "seen.seal": (/** @type {any} */ { list }) => turned(new TextEncoder().encode(JSON.stringify(list))),
  "seen.open": (/** @type {any} */ { record }) => JSON.parse(new TextDecoder().decode(turned(record))),
};
const list = (/** @type {string} */ url) => codec["seen.open"]({ record: kept.get(url)?.sealed });

beforeEach((context) => {
  kept.clear();
  writes = 0;
  hasRing = "yes";
  before = null;
  const { mock } = /** @type {any} */ (context);
  mock.method(crypto, "request", async (/** @type {"seen.seal" | "seen.open"} */ op, /** @type {any} */ args) => codec[op](args));
  mock.getter(crypto, "state", () => "unlocked");
  crypto.dispatchEvent(new Event("locked"));
});

const id = (/** @type {number} */ number) => number.toString(16).padStart(32, "0");
const trace = (/** @type {number} */ number, month = "2026-11") => `${month}/${id(number)}`;
const SEEN = "/keys/state/seen/2026-11/";

test("marks and inner subjects come back, each month in its own record, several in one write", async () => {
  await remember(trace(1), { mark: "mark-encrypted-signed", level: "calm", subject: "Walnut 核桃" });
  await remember(trace(2), { mark: "mark-signed", level: "note" });
  await remember(trace(3, "2026-10"), { mark: "mark-no-key", level: "note" });
  assert.equal(writes, 0, "nothing is written at once");
  await flushAll();
  assert.equal(writes, 2);
  assert.ok(!Buffer.from(kept.get(SEEN)?.sealed ?? []).includes("Walnut"));
  crypto.dispatchEvent(new Event("locked"));
  const seen = await recalled(trace(1));
  assert.deepEqual([seen?.mark, seen?.level, seen?.subject], ["mark-encrypted-signed", "calm", "Walnut 核桃"]);
  assert.equal((await recalled(trace(3, "2026-10")))?.mark, "mark-no-key");
  assert.equal(await recalled(trace(4)), null);
});

test("ordinary mail and what is remembered already cost no write", async () => {
  await remember(trace(1), { mark: "mark-not-encrypted", level: "calm" });
  await flushAll();
  assert.equal(writes, 0);
  for (let times = 0; times < 3; times++) {
    await remember(trace(2), { mark: "mark-signed", level: "calm" });
    await flushAll();
  }
  assert.equal(writes, 1);
  await remember(trace(2), { mark: "mark-not-encrypted", level: "calm" });
  await flushAll();
  assert.equal((await recalled(trace(2)))?.mark, "mark-not-encrypted", "judged anew");
});

test("what another device wrote meanwhile stays", async () => {
  await remember(trace(1), { mark: "mark-signed", level: "calm" });
  await flushAll();
  await remember(trace(2), { mark: "mark-encrypted", level: "note", subject: "mine" });
  const theirs = [{ id: id(3), mark: "mark-encrypted", level: "calm", at: 5, subject: "theirs" }, { id: id(1), mark: "mark-new-certificate", level: "warning", at: 99_999_999_999 }];
  before = () => {
    before = null;
    kept.set(SEEN, { rev: 2, sealed: codec["seen.seal"]({ list: theirs }) });
  };
  await flushAll();
  assert.equal(kept.get(SEEN)?.rev, 3);
  assert.deepEqual(list(SEEN).map((/** @type {any} */ one) => [one.id, one.mark]).sort(), [[id(1), "mark-new-certificate"], [id(2), "mark-encrypted"], [id(3), "mark-encrypted"]]);
});

test("a record stays small: the last read are kept", async () => {
  for (let number = 0; number < 2100; number++) await remember(trace(number), { mark: "mark-encrypted", level: "calm", subject: "x".repeat(300) });
  await flushAll();
  assert.ok((kept.get(SEEN)?.sealed.length ?? 0) < 500_000);
  assert.ok(list(SEEN).every((/** @type {any} */ one) => one.subject.length === 200));
});

test("nothing is remembered without a key ring, or for a message without a trace", async () => {
  await remember("", { mark: "mark-signed", level: "calm" });
  await remember("2026-11/../pins", { mark: "mark-signed", level: "calm" });
  hasRing = "no";
  await remember(trace(1), { mark: "mark-signed", level: "calm" });
  await noteSigned("bob@example.test", trace(1), 1, true);
  await flushAll();
  assert.equal(writes, 0);
});

test("five signed in a row are a habit; who never signs is not written down", async () => {
  const bob = "Bob@example.test";
  await noteSigned(bob, trace(50), 5, false);
  for (let number = 1; number <= 4; number++) await noteSigned(bob, trace(number), 100 * number, true);
  assert.equal(await usuallySigns("bob@EXAMPLE.test", trace(9), 900), false, "four are none");
  await noteSigned(bob, trace(4), 400, true);
  assert.equal(await usuallySigns(bob, trace(9), 900), false, "the same message counts once");
  await noteSigned(bob, trace(5), 500, true);
  assert.equal(await usuallySigns(bob, trace(9), 900), true);
  assert.equal(await usuallySigns(bob, trace(9), 450), false, "five came, but not before this one");
  await noteSigned(bob, trace(9), 900, false);
  assert.equal(await usuallySigns(bob, trace(9), 900), true, "read again, it says the same");
  assert.equal(await usuallySigns(bob, trace(10), 1000), false, "the last five are not all signed any more");
  assert.equal(await usuallySigns("eve@example.net", trace(11), 1000), false);
  await flushAll();
  assert.deepEqual(list("/keys/state/signers/signers/").map((/** @type {any} */ one) => one.address), ["bob@example.test"]);
});

test("the newest arrivals are kept, each once", () => {
  const many = Array.from({ length: 20 }, (_, at) => ({ id: id(at), at, good: true }));
  assert.deepEqual(latest([...many, ...many]).map(({ at }) => at), [19, 18, 17, 16, 15, 14, 13, 12]);
  assert.equal(isHabit(latest(many), id(30), 19), true);
});
