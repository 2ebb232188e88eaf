/** What was judged is what is used: between the words on the button and the finished bytes nothing may be exchanged. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { crypto } from "../../static/crypto/client.js";
import { signsFor } from "../../static/elements/compose-signer.js";
import { asSent } from "../../static/elements/compose-words.js";
import { RecipientLookup } from "../../static/elements/recipient-lookup.js";
import { same, sendState } from "../../static/elements/send-state.js";

/** @param {string} id @param {string} effect @returns {any} */
const recipient = (id, effect) => ({ address: "bob@example.test", chip: { id, effect, level: "calm", values: {} } });
/** @param {any} one */
const state = (one) => sendState({ recipients: [one], keys: true, signs: true, locked: false, size: 1, limit: 0, answering: null, forwarding: false });

test("a state that changed under the press does not pass for the one that was pressed", () => {
  const first = state(recipient("to-first", "enc"));
  assert.ok(same(first, state(recipient("to-known", "enc"))), "the same promise with another chip");
  assert.ok(!same(first, state(recipient("to-changed", "held"))));
  assert.ok(!same(first, state(recipient("to-none", "bare"))));
  assert.ok(!same(first, state({ ...recipient("to-first", "enc"), address: "eve@elsewhere.example" })));
});

test("while one of them makes it go in the clear, nobody stands there as encrypted", () => {
  const [bob, dana] = [recipient("to-known", "enc"), { ...recipient("to-none", "bare"), address: "dana@example.test" }];
  const shown = (/** @type {any[]} */ recipients) => {
    const at = sendState({ recipients, keys: true, signs: true, locked: false, size: 1, limit: 0, answering: null, forwarding: false });
    return [at.id, ...asSent(at, recipients).map(({ chip }) => chip.id)];
  };
  assert.deepEqual(shown([bob, dana]), ["send-partly", "to-clear", "to-none"]);
  assert.deepEqual(shown([bob]), ["send-encrypted", "to-known"]);
});

test("of several answers only the certificate that was judged goes on to be encrypted to", async (context) => {
  const [pinned, later] = [Uint8Array.of(1), Uint8Array.of(2)];
  const words = { textContent: JSON.stringify({ "ui-reason-unreadable": "unreadable" }) };
  const server = { results: { "bob@example.test": { state: "found", source: "source-here", certificates: [pinned, later].map((data) => ({ fingerprint: "", data: Buffer.from(data).toString("base64") })) } } };
  Object.assign(globalThis, { document: { getElementById: () => words, querySelector: () => null, documentElement: { lang: "en" } } });
  context.after(() => Reflect.deleteProperty(globalThis, "document"));
  context.mock.method(globalThis, "fetch", () => Promise.resolve(Response.json(server)));
  const judge = context.mock.method(crypto, "request", async () => ({ usable: true, reason: "", fingerprint: "01", expires: null, certificate: pinned }));
  const lookup = new RecipientLookup("https://postern.test/keys/recipients/", "alice@example.test", { bareAllowed: true, by: "example.test" });
  lookup.chip("bob@example.test");
  await new Promise((resolve) => lookup.addEventListener("change", resolve, { once: true }));
  assert.equal(judge.mock.callCount(), 1);
  assert.equal(lookup.chip("bob@example.test").id, "to-first");
  assert.deepEqual(lookup.certificates("bob@example.test"), [pinned]);
});

test("a limit that was reached is said in the server's words, and nothing passes for found", async (context) => {
  const words = { textContent: JSON.stringify({ "ui-reason-unreadable": "unreadable" }) };
  Object.assign(globalThis, { document: { getElementById: () => words, querySelector: () => null, documentElement: { lang: "en" } } });
  context.after(() => Reflect.deleteProperty(globalThis, "document"));
  const answers = [Response.json({ error: "too-many-lookups", sentence: "Wait a minute." }, { status: 429 }), Response.json({ results: { "bob@example.test": { state: "none", source: null, certificates: [] } } })];
  context.mock.method(globalThis, "fetch", () => Promise.resolve(answers.shift()));
  const lookup = new RecipientLookup("https://postern.test/keys/recipients/", "alice@example.test", { bareAllowed: true, by: "example.test" });
  const changed = () => new Promise((resolve) => lookup.addEventListener("change", resolve, { once: true }));
  lookup.chip("bob@example.test");
  await changed();
  assert.equal(lookup.refused, "Wait a minute.");
  assert.equal(lookup.chip("bob@example.test").id, "to-unasked");
  lookup.again("bob@example.test");
  await changed();
  assert.deepEqual([lookup.refused, lookup.chip("bob@example.test").id], ["", "to-none"]);
});

test("there is a key for an address only where it may sign, today, for exactly that one", () => {
  const key = { address: "Alice@Example.test", purpose: /** @type {const} */ ("sign-encrypt"), revoked: false, expires: /** @type {number | null} */ (null) };
  const past = Math.floor(Date.now() / 1000) - 60;
  assert.ok(signsFor([{ ...key, revoked: true }, { ...key, purpose: "sign", expires: past + 3600 }], "alice@example.test"));
  for (const not of [{ address: "bob@example.test" }, { purpose: /** @type {const} */ ("decrypt") }, { revoked: true }, { expires: past }]) {
    assert.ok(!signsFor([{ ...key, ...not }], "alice@example.test"), JSON.stringify(not));
  }
});
