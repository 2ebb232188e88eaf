/** Drafts in the page: when they are saved, and where they lie. */
import assert from "node:assert/strict";
import test from "node:test";
import { DraftPace } from "../../static/elements/draft-pace.js";
import { messageUrl, rawUrl } from "../../static/elements/message-url.js";

/** @param {import("node:test").TestContext} t */
function pace(t, size = 0) {
  t.mock.timers.enable({ apis: ["setTimeout", "Date"], now: 1_000_000 });
  const did = { keep: 0, upload: 0 };
  return { did, pace: new DraftPace({ keep: () => void did.keep++, upload: () => void did.upload++, size: () => size }), tick: (/** @type {number} */ ms) => t.mock.timers.tick(ms) };
}

test("kept after a pause, and at the latest after three seconds of typing", (t) => {
  const { did, pace: one, tick } = pace(t);
  one.touched();
  tick(699);
  assert.equal(did.keep, 0);
  tick(1);
  assert.equal(did.keep, 1);
  for (let key = 0; key < 30; key++) {
    one.touched();
    tick(100);
  }
  assert.equal(did.keep, 2);
});

test("uploaded three seconds after the last word, and at the latest after twenty", (t) => {
  const { did, pace: one, tick } = pace(t);
  one.kept();
  tick(3_000);
  assert.equal(did.upload, 1);
  one.uploaded(true);
  for (let pause = 0; pause < 20; pause++) {
    one.kept();
    tick(1_000);
  }
  assert.equal(did.upload, 2);
});

test("twenty megabytes wait a hundred seconds for their next turn", (t) => {
  const { did, pace: one, tick } = pace(t, 20_000_000);
  one.uploaded(true);
  one.kept();
  tick(99_000);
  assert.equal(did.upload, 0);
  tick(1_000);
  assert.equal(did.upload, 1);
});

test("without a connection the tries become rarer, and all begin again when it is back", (t) => {
  const { did, pace: one, tick } = pace(t);
  for (const wait of [5_000, 10_000, 20_000]) {
    one.uploaded(false);
    one.kept();
    tick(wait - 1);
    const before = did.upload;
    tick(1);
    assert.equal(did.upload, before + 1, String(wait));
  }
  one.uploaded(false);
  one.kept();
  one.online();
  assert.equal(did.upload, 4);
  one.stop();
  tick(100_000);
  assert.equal(did.upload, 4);
});

test("addresses of messages are those of webmail/converters.py", () => {
  const place = { uidvalidity: 7, uid: 9 };
  assert.equal(messageUrl({ mailbox: "Drafts", ...place }), "/mailbox/Drafts/7/9/");
  assert.equal(rawUrl({ mailbox: "Lists/a.b", ...place }), "/mailbox/Lists~2Fa~2Eb/7/9/raw/");
  assert.equal(messageUrl({ mailbox: "Entwürfe (2) ~x", ...place }), "/mailbox/Entw%C3%BCrfe%20(2)%20~7Ex/7/9/");
});
