/** What one writes with: the sealed record of it, and letters with a rich text and pictures in it. */
import assert from "node:assert/strict";
import test, { before } from "node:test";
import { COMPOSE_MOST, LONGEST, readComposeItem } from "../../static/crypto/compose-record.js";
import * as keyring from "../../static/crypto/keyring.js";
import { open } from "../../static/crypto/message.js";
import * as openpgp from "../../static/crypto/openpgp.js";
import * as seen from "../../static/crypto/seen.js";
import { WrongShape } from "../../static/crypto/shape.js";
import { build } from "./built.mjs";
import { newRing, refusedWith } from "./rings.mjs";

const ID = "0c6a4a3e-0d4f-4c06-9d1c-0d2f9a3a5f10";
const settings = { id: "settings", kind: "settings", at: 1, format: "rich", identity: "" };
const identity = { id: ID, kind: "identity", at: 2, gone: false, name: "Alice from the press", replyTo: "press@example.test", signature: "Alice\nThe Slow Press" };
const template = { id: ID.replace("0c", "1c"), kind: "template", at: 3, gone: false, name: "Thanks", text: "Thank you.\n", html: null };
/** @type {any} */
const job = { transfer() {} };
const place = { kind: /** @type {const} */ ("compose"), name: "compose" };

/** @type {Record<"alice" | "bob", Awaited<ReturnType<typeof openpgp.generateKey>>>} */
let keys;
before(async () => {
  const [alice, bob] = await Promise.all(["Alice", "Bob"].map((name) => openpgp.generateKey({ name, address: `${name.toLowerCase()}@example.test`, date: new Date(Date.now() - 86_400_000) })));
  keys = { alice, bob };
});

test("settings, identities and templates come back as they were sealed", async () => {
  await keyring.hold(await newRing());
  const list = [settings, identity, template];
  const record = await seen.seal({ ...place, rev: 1, list }, job);
  assert.deepEqual(await seen.open({ ...place, record, rev: 1 }), list);
  assert.doesNotMatch(new TextDecoder("latin1").decode(record), /Alice|Slow|Thank/);
  await assert.rejects(seen.open({ ...place, record, rev: 2 }), refusedWith("ring-tampered"));
  await assert.rejects(seen.seal({ ...place, rev: 1, list: [{ ...identity, color: "red" }] }, job), refusedWith("bad-input"));
  await assert.rejects(seen.seal({ ...place, rev: 1, list: Array(COMPOSE_MOST + 1).fill(template) }, job), refusedWith("bad-input"));
});

test("an item has exactly its form, and what goes into a header is one line", () => {
  const wrong = [
    null, [], {}, { ...settings, kind: "else" }, { ...settings, id: ID }, { ...settings, format: "loud" }, { ...settings, undo: 5 },
    { ...settings, identity: "../x" }, { ...identity, name: "Alice\r\nBcc: eve@example.test" }, { ...identity, replyTo: "a@b\u2028c" }, { ...identity, gone: 1 },
    { ...identity, signature: "x".repeat(LONGEST.signature + 1) }, { ...identity, id: "settings" }, { ...template, html: 5 }, { ...template, text: "x".repeat(LONGEST.template + 1) },
  ];
  for (const value of wrong) assert.throws(() => readComposeItem(value), WrongShape, JSON.stringify(value)?.slice(0, 80));
});

/** @param {object} changes @returns {any} */
const letter = (changes) => ({
  from: { name: "Alice", address: "alice@example.test" }, to: [{ name: "", address: "bob@example.test" }], subject: "Walnussbaum", text: "Look:\n", html: null,
  inReplyTo: null, references: [], protection: "encrypted", certificates: { "bob@example.test": [keys.bob.certificate] }, ...changes,
});
const PNG = Uint8Array.from(atob("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="), (sign) => sign.charCodeAt(0));

test("a rich letter carries its text twice and its pictures beside the HTML", async () => {
  const inline = [{ id: "p1@postern", file: new File([PNG], "Ä door.png", { type: "image/png" }) }];
  const html = '<div>Look: <b>here</b></div><div><img src="cid:p1@postern" alt="door"></div>';
  const { deliveries } = await build(letter({ html, inline, attachments: [new File(["x"], "x.txt", { type: "text/plain" })] }), { signer: keys.alice });
  const opened = await open(deliveries[0].bytes, { keys: [keys.bob], certificates: [keys.alice.certificate], pinOf: () => null });
  assert.deepEqual(opened.judged.line, ["enc-ok", "sig-good-first"]);
  const kinds = opened.parts.map(({ kind, type }) => `${kind} ${type}`);
  assert.deepEqual(kinds, ["text text/plain", "html text/html", "image image/png", "attachment text/plain"]);
  assert.equal(opened.parts[2].cid, "p1@postern");
  assert.equal(opened.parts[2].name, "Ä door.png");
});

test("a Content-ID is ours, never somebody's words", async () => {
  const inline = [{ id: 'x>\r\nBcc: <eve@example.test', file: new File([PNG], "x.png", { type: "image/png" }) }];
  await assert.rejects(build(letter({ html: "x", inline }), { signer: keys.alice }), refusedWith("bad-input"));
});

test("answers go where the identity says, and that is protected too", async () => {
  const { deliveries } = await build(letter({ replyTo: { name: "", address: "press@example.test" } }), { signer: keys.alice });
  const opened = await open(deliveries[0].bytes, { keys: [keys.bob], certificates: [keys.alice.certificate], pinOf: () => null });
  assert.deepEqual(opened.headers.replyTo.map((/** @type {any} */ one) => one.address), ["press@example.test"]);
  assert.equal(opened.judged.sig, "sig-good-first");
  await assert.rejects(build(letter({ replyTo: { name: "", address: "nowhere" } }), { signer: keys.alice }), refusedWith("bad-input"));
});
