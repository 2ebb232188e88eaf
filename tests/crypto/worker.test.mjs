/** The conversation between page and worker: jobs, progress, cancel, errors; and the idle clock. */
import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import test from "node:test";
import { CryptoError } from "../../static/crypto/errors.js";
import { watchIdle } from "../../static/crypto/idle.js";
import { dispatcher } from "../../static/crypto/jobs.js";

function desk(table) {
  const said = [];
  return { said, ask: dispatcher(table, (reply, transfer) => said.push({ ...reply, ...(transfer.length ? { transfer } : {}) })) };
}

test("answers with the result, progress before it and buffers handed over", async () => {
  const bytes = new Uint8Array(4);
  const { said, ask } = desk({
    "a.b": async () => (args, job) => {
      job.progress(0.5);
      job.transfer(bytes);
      return { twice: args.n * 2, bytes };
    },
  });
  await ask({ id: 1, op: "a.b", args: { n: 4 } });
  assert.deepEqual(said, [{ id: 1, progress: 0.5 }, { id: 1, result: { twice: 8, bytes }, transfer: [bytes.buffer] }]);
});

test("errors cross with their code; a stranger's error gets none of ours", async () => {
  const { said, ask } = desk({
    ours: async () => () => Promise.reject(new CryptoError("no-key", "why", { n: 1 })),
    foreign: async () => () => {
      throw new TypeError("x is not a function");
    },
    unloadable: () => Promise.reject(new Error("404")),
  });
  for (const [id, op] of ["ours", "foreign", "unloadable", "absent", "constructor", "__proto__"].entries()) await ask({ id, op });
  assert.deepEqual(said.map(({ error }) => error.code), ["no-key", "worker-failed", "worker-failed", "bad-input", "bad-input", "bad-input"]);
  assert.deepEqual(said[0].error, { code: "no-key", reason: "why", facts: { n: 1 } });
});

test("a cancelled job says so, whatever it was doing, and says nothing more", async () => {
  let go;
  const { said, ask } = desk({
    slow: async () => async (_, job) => {
      await new Promise((resolve) => (go = resolve));
      job.progress(1);
      if (job.signal.aborted) throw new Error("half done");
    },
  });
  const running = ask({ id: 7, op: "slow" });
  await new Promise(setImmediate);
  await ask({ id: 7, cancel: true });
  await ask({ id: 8, cancel: true });
  go();
  await running;
  assert.deepEqual(said, [{ id: 7, error: { code: "cancelled", reason: "cancelled", facts: {} } }]);
});

const folder = new URL("../../static/crypto/", import.meta.url);
const sources = await Promise.all((await readdir(folder)).filter((name) => name.endsWith(".js")).map(async (name) => [name, await readFile(new URL(name, folder), "utf8")]));
const withoutComments = (source) => source.replace(/\/\*[^]*?\*\//g, "").replace(/(^|\s)\/\/.*$/gm, "$1");

test("every import on the crypto side is a literal of a file beside it or in vendor/", () => {
  let seen = 0;
  for (const [name, source] of sources) {
    for (const [, what] of withoutComments(source).matchAll(/\bimport\s*\(([^)]*)\)/g)) {
      assert.match(what, /^"(?:\.\/|\.\.\/vendor\/)[a-z0-9-]+\.js"$/, name);
      seen++;
    }
    for (const [, from] of withoutComments(source).matchAll(/\bfrom\s+"([^"]*)"/g)) assert.match(from, /^(?:\.\/|\.\.\/vendor\/)[a-z0-9-]+\.js$/, name);
  }
  assert.ok(seen > 15, `${seen}`);
});

test("nothing on the crypto side speaks to the network, and only the page's own half to the page", () => {
  const page = new Set(["client.js", "idle.js"]);
  for (const [name, source] of sources) {
    const code = withoutComments(source);
    assert.doesNotMatch(code, /\b(?:fetch|XMLHttpRequest|WebSocket|EventSource|sendBeacon|importScripts|RTCPeerConnection|eval)\s*\(|new Function/, name);
    if (!page.has(name)) assert.doesNotMatch(code, /\b(?:document|window|localStorage|sessionStorage)\./, name);
  }
});

function clock() {
  let time = 1_000_000;
  const target = new EventTarget();
  const calls = [];
  const idle = watchIdle({ onidle: () => calls.push("idle"), onactive: () => calls.push("active"), target, after: 900_000, look: 5, now: () => time });
  return { calls, idle, target, pass: (ms) => (time += ms), press: () => target.dispatchEvent(new Event("keydown")) };
}

test("nobody there for fifteen minutes: idle, once", async () => {
  const { calls, pass } = clock();
  pass(899_999);
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.deepEqual(calls, []);
  pass(1);
  await new Promise((resolve) => setTimeout(resolve, 40));
  assert.deepEqual(calls, ["idle"]);
});

test("a key press begins the time anew and tells the other tabs now and then", async () => {
  const { calls, idle, pass, press } = clock();
  for (let i = 0; i < 100; i++) {
    pass(20_000);
    press();
  }
  assert.deepEqual(new Set(calls), new Set(["active"]));
  assert.equal(calls.length, 50);
  pass(899_000);
  idle.touch();
  pass(899_000);
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.ok(!calls.includes("idle"));
  idle.stop();
});

test("the first key after a night finds the keys locked", () => {
  const { calls, pass, press } = clock();
  pass(8 * 3_600_000);
  press();
  assert.deepEqual(calls, ["idle"]);
});
