/** The page's side of the worker, with a worker that is played by the test. The real one runs in tests/browser/. */
import assert from "node:assert/strict";
import test, { after, afterEach } from "node:test";

/** @type {PlayedWorker[]} */
const workers = [];

class PlayedWorker extends EventTarget {
  heard = [];
  ended = false;
  constructor(address, options) {
    super();
    Object.assign(this, { address, options });
    workers.push(this);
  }
  postMessage(message) {
    this.heard.push(message);
    if (message.op === "ring.unlock") this.say({ id: message.id, result: {} });
    if (message.op === "fails") this.say({ id: message.id, error: { code: "wrong-secret", reason: "no", facts: { n: 2 } } });
  }
  say(data) {
    setTimeout(() => this.ended || this.dispatchEvent(new MessageEvent("message", { data })), 1);
  }
  terminate() {
    this.ended = true;
  }
}

/** A page's channel lives as long as the page; here it must not keep the test alive. */
class PageChannel extends BroadcastChannel {
  constructor(name) {
    super(name);
    this.unref();
  }
}

const otherTab = new BroadcastChannel("postern");
let address = "/static/build-1/crypto/worker.js";
const page = new EventTarget();
Object.assign(page, { baseURI: "https://mail.example.test/mailbox/INBOX/", querySelector: () => ({ content: address }) });
Object.assign(globalThis, { document: page, location: { origin: "https://mail.example.test" }, Worker: PlayedWorker, BroadcastChannel: PageChannel });

const { crypto } = await import("../../static/crypto/client.js");
const unlock = () => crypto.request("ring.unlock");
const once = (name) => new Promise((resolve) => crypto.addEventListener(name, (event) => resolve(event.detail), { once: true }));

afterEach(async () => {
  await crypto.lock();
});
after(() => otherTab.close());

test("starts one worker on the first request, of the page's own origin", async () => {
  await unlock();
  await unlock();
  assert.equal(workers.length, 1);
  assert.equal(workers[0].address, "https://mail.example.test/static/build-1/crypto/worker.js");
  assert.equal(workers[0].options.type, "module");
  assert.equal(crypto.state, "unlocked");
});

test("starts no worker of another place", async () => {
  for (const wrong of ["https://evil.example/static/crypto/worker.js", "/static/elements/page.js", "/media/crypto/worker.js", "/static/a/crypto/worker.js?x=1", "data:text/javascript,0", "/static/../x/crypto/worker.js"]) {
    address = wrong;
    await assert.rejects(crypto.request("ring.unlock"), { code: "worker-failed" }, wrong);
  }
  address = "/static/build-1/crypto/worker.js";
});

test("errors arrive with code and facts", async () => {
  await assert.rejects(crypto.request("fails"), (error) => error.name === "CryptoError" && error.code === "wrong-secret" && error.facts.n === 2);
});

test("lock ends the worker, refuses what is running, and tells who listens", async () => {
  await unlock();
  const running = crypto.request("never");
  const locked = once("locked");
  await crypto.lock();
  await assert.rejects(running, { code: "locked" });
  assert.deepEqual(await locked, { reason: "person" });
  assert.equal(workers.at(-1).ended, true);
  assert.equal(crypto.state, "locked");
});

test("a draft may be saved before the keys go, but not for ever", async () => {
  await unlock();
  let saved = false;
  crypto.addEventListener("locking", ({ detail }) => detail.waitUntil(new Promise((resolve) => setTimeout(resolve, 50)).then(() => (saved = !workers.at(-1).ended))), { once: true });
  await crypto.lock();
  assert.equal(saved, true);
  await unlock();
  crypto.addEventListener("locking", ({ detail }) => detail.waitUntil(new Promise(() => {})), { once: true });
  const started = performance.now();
  await crypto.lock();
  assert.ok(performance.now() - started < 7000);
  assert.equal(crypto.state, "locked");
});

test("locking or signing out in another tab locks here", async () => {
  await unlock();
  const locked = once("locked");
  otherTab.postMessage({ type: "lock", reason: "person" });
  assert.deepEqual(await locked, { reason: "elsewhere" });
  await unlock();
  const [again, out] = [once("locked"), once("signed-out")];
  otherTab.postMessage({ type: "signed-out" });
  assert.deepEqual(await again, { reason: "signed-out" });
  await out;
});

test("signing out also reaches tabs where nothing was open", async () => {
  const told = new Promise((resolve) => otherTab.addEventListener("message", ({ data }) => data.type === "signed-out" && resolve(data)));
  const out = once("signed-out");
  otherTab.postMessage({ type: "signed-out" });
  await out;
  await crypto.signOut();
  await told;
});

test("cancel does not wait for the worker", async () => {
  const control = new AbortController();
  const running = crypto.request("never", {}, { signal: control.signal });
  control.abort();
  await assert.rejects(running, { code: "cancelled" });
  assert.equal(workers.at(-1).heard.at(-1).cancel, true);
  await assert.rejects(crypto.request("never", {}, { signal: AbortSignal.abort() }), { code: "cancelled" });
});

test("a worker that does not come back from a cancelled job is ended, and the ring may open again", async (context) => {
  await unlock();
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const worker = workers.at(-1);
  const answers = (reply) => worker.dispatchEvent(new MessageEvent("message", { data: reply }));
  const control = new AbortController();
  const stuck = crypto.request("never", {}, { signal: control.signal });
  const { id } = worker.heard.at(-1);
  control.abort();
  await assert.rejects(stuck, { code: "cancelled" });
  context.mock.timers.tick(4000);
  answers({ id: id + 1000, progress: 1 });
  context.mock.timers.tick(4000);
  assert.equal(worker.ended, false, "it still answers others");
  const other = assert.rejects(crypto.request("never"), { code: "worker-failed" });
  const locked = once("locked");
  context.mock.timers.tick(1500);
  assert.equal(worker.ended, true);
  await other;
  assert.deepEqual(await locked, { reason: "stuck" });
  assert.equal(crypto.state, "locked");
});

test("a cancelled job that ends leaves the worker alone", async (context) => {
  await unlock();
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const worker = workers.at(-1);
  const control = new AbortController();
  const running = crypto.request("never", {}, { signal: control.signal });
  const { id } = worker.heard.at(-1);
  control.abort();
  await assert.rejects(running, { code: "cancelled" });
  worker.dispatchEvent(new MessageEvent("message", { data: { id, error: { code: "cancelled", reason: "", facts: {} } } }));
  context.mock.timers.tick(60_000);
  assert.deepEqual([worker.ended, crypto.state], [false, "unlocked"]);
});

test("progress reaches its own request alone", async () => {
  const seen = [];
  const control = new AbortController();
  const running = crypto.request("never", {}, { onprogress: (value) => seen.push(value), signal: control.signal });
  const worker = workers.at(-1);
  const { id } = worker.heard.at(-1);
  worker.say({ id: id + 1000, progress: 9 });
  worker.say({ id, progress: 0.25 });
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.deepEqual(seen, [0.25]);
  control.abort();
  await assert.rejects(running, { code: "cancelled" });
});

test("a worker that dies locks, and the next request starts another", async () => {
  await unlock();
  const running = crypto.request("never");
  const locked = once("locked");
  workers.at(-1).dispatchEvent(Object.assign(new Event("error", { cancelable: true }), { message: "out of memory" }));
  await assert.rejects(running, { code: "worker-failed" });
  assert.deepEqual(await locked, { reason: "failed" });
  const before = workers.length;
  await unlock();
  assert.equal(workers.length, before + 1);
});

