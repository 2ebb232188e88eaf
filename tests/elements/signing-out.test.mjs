/** A page that signs out asks for nothing more, and hears no 401 as trouble. */
import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { isSignedOut, Refused, request, stopAsking } from "../../static/elements/http.js";
import { reportUnlessLocked } from "../../static/elements/unless-locked.js";

let asked = 0;
let now = 0;
/** @type {(answer: Response) => void} */
let answer = () => {};
/** @type {unknown[]} */
let reported = [];

beforeEach(() => {
  asked = 0;
  reported = [];
  // Each test begins long after the one before it.
  mock.timers.enable({ apis: ["Date", "setTimeout"], now: (now += 60_000) });
  globalThis.fetch = () => {
    asked += 1;
    return new Promise((resolve) => {
      answer = resolve;
    });
  };
  globalThis.reportError = (error) => void reported.push(error);
});
afterEach(() => mock.timers.reset());

const ended = () => Response.json({ error: "signin-ended" }, { status: 401 });

/** @param {Promise<unknown>} promise @returns {Promise<string>} */
async function comes(promise) {
  const settled = promise.then(() => "answered", () => "refused");
  return Promise.race([settled, new Promise((resolve) => setImmediate(() => setImmediate(resolve, "nothing")))]);
}

test("nothing is asked while the page signs out", async () => {
  stopAsking();
  assert.equal(await comes(request("/keys/state/compose/")), "nothing");
  assert.equal(asked, 0);
});

test("a 401 for what was asked before is heard by nobody", async () => {
  const asking = request("/mailbox/INBOX/raw/");
  stopAsking();
  answer(ended());
  assert.equal(await comes(asking), "nothing");
});

test("what was asked before and is answered all the same arrives", async () => {
  const asking = request("/mailbox/INBOX/raw/");
  stopAsking();
  answer(new Response("here"));
  assert.equal(await (await asking).text(), "here");
});

test("where the person stays after all, what waited is asked", async () => {
  stopAsking();
  const asking = request("/");
  mock.timers.tick(15_000);
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(asked, 1);
  answer(new Response("here"));
  assert.equal((await asking).status, 200);
});

test("a session that ended elsewhere is refused, and work beside the person's own reports no error for it", async () => {
  const asking = request("/keys/stay/");
  answer(ended());
  const error = await asking.then(() => null, (refused) => refused);
  assert.ok(error instanceof Refused && error.id === "signin-ended" && isSignedOut(error));
  reportUnlessLocked(error);
  assert.deepEqual(reported, []);
  reportUnlessLocked(new Refused(500, "", ""));
  assert.equal(reported.length, 1);
});
