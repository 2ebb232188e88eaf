/** Opening a message from the page's side: what the worker is told, and what is asked again. */
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { crypto } from "../../static/crypto/client.js";
import { CryptoError } from "../../static/crypto/errors.js";

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
const { openPart, partBlob, readMessage } = await import("../../static/elements/read-message.js");
const where = { bytes: "/raw/", certificates: "/certificates/", from: "bob@example.test", whole: true };

beforeEach((context) => {
  hasRing = "yes";
  directory = () => Response.json({ results: { "bob@example.test": { state: "found", source: "source-here", certificates: [{ data: btoa("certificate") }] } } });
  asked = [];
  /** @type {any} */ (context).mock?.method(crypto, "request", async (/** @type {string} */ op, /** @type {any} */ args) => {
    asked.push({ op, args });
    return { handle: asked.length, parts: [], cards: [], verdict: { enc: { layer: "none" }, sig: { state: "none" } } };
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

test("a message whose worker was ended is read again, and the download goes on", async (context) => {
  /** @type {Set<number>} */
  let held = new Set();
  let last = 0;
  /** @type {string[]} */
  const done = [];
  context.mock.method(crypto, "request", async (/** @type {string} */ op, /** @type {any} */ { raw, handle, part }) => {
    done.push(`${op} ${raw ? "raw" : handle} ${part ?? ""}`.trim());
    if (!raw && !held.has(handle)) throw new CryptoError("not-open");
    if (op === "message.part" && part === "9") throw new CryptoError("bad-input");
    if (op === "message.part") return { blob: new Blob([`part ${part}`]) };
    held.add(++last);
    return { handle: last, parts: [] };
  });
  const message = await readMessage(where, {});
  const alone = await openPart(message.handle, "2");
  held = new Set();
  done.length = 0;
  assert.equal(await (await partBlob(message.handle, "1")).text(), "part 1");
  assert.deepEqual(done, ["message.part 1 1", "message.open raw", "message.part 3 1"]);
  assert.equal(await (await partBlob(message.handle, "3")).text(), "part 3");
  assert.equal(done.length, 4, "the new handle is known from now on");
  assert.equal(await (await partBlob(alone.handle, "1")).text(), "part 1");
  assert.deepEqual(done.slice(4), ["message.part 2 1", "message.open 3 2", "message.part 4 1"]);
  await assert.rejects(partBlob(message.handle, "9"), { code: "bad-input" });
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
