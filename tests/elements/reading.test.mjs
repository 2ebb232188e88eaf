/** Opening a message from the page's side: what the worker is told, and what is asked again. */
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { crypto } from "../../static/crypto/client.js";

let hasRing = "yes";
let directory = () => Response.json({ results: {} });
/** @type {{ op: string, args: any }[]} */
let asked = [];

Object.assign(globalThis, {
  document: {
    getElementById: () => null,
    querySelector: (/** @type {string} */ name) => (name === "key-unlock" ? { dataset: { hasRing, person: "alice", stayUrl: "/stay/", ringUrl: "/ring/" } } : null),
    dispatchEvent: () => true,
  },
  fetch: async (/** @type {string} */ url) => {
    if (url === "/certificates/") return directory();
    if (url === "/stay/") return new Response(null, { status: 204 });
    return new Response(new TextEncoder().encode("From: bob@example.test\r\n\r\nHallo\r\n"));
  },
});
const { readMessage } = await import("../../static/elements/read-message.js");
const where = { bytes: "/raw/", certificates: "/certificates/", from: "bob@example.test", whole: true };

beforeEach((context) => {
  hasRing = "yes";
  directory = () => Response.json({ results: { "bob@example.test": { state: "found", source: "source-here", certificates: [{ data: btoa("certificate") }] } } });
  asked = [];
  /** @type {any} */ (context).mock?.method(crypto, "request", async (/** @type {string} */ op, /** @type {any} */ args) => {
    asked.push({ op, args });
    return { handle: asked.length, parts: [] };
  });
});

test("the worker hears whether there is a key ring, and what the directory answered", async () => {
  await readMessage(where, {});
  assert.deepEqual([asked[0].op, asked[0].args.hasRing, asked[0].args.certificates.length, asked[0].args.certificates[0].source], ["message.open", true, 1, "source-here"]);
  hasRing = "no";
  directory = () => Response.json({ results: { "bob@example.test": { state: "none", source: null, certificates: [] } } });
  await readMessage(where, {});
  assert.deepEqual([asked[1].args.hasRing, asked[1].args.certificates], [false, []]);
});

test("no answer of the directory is not the answer that there is no certificate", async () => {
  for (const refusal of [() => new Response("", { status: 503 }), () => { throw new TypeError("network"); }]) {
    directory = refusal;
    await readMessage(where, {});
    assert.equal(asked.at(-1)?.args.certificates, null);
  }
  await readMessage({ ...where, whole: false }, {});
  assert.equal(asked.at(-1)?.args.certificates, null, "nobody was asked");
});
