/** What an upload says when the line breaks: only what is known. */
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import { upload } from "../../static/elements/upload.js";

/** @typedef {"cut" | "taken, then cut" | "held" | { status: number, answer: object }} Fate  of one try */

/** @type {Fate[]} */
let fates = [];
let tries = 0;

/** Of XMLHttpRequest what upload.js uses, each try ending as it is told to. */
class Request extends EventTarget {
  upload = new EventTarget();
  status = 0;
  /** @type {object | null} */
  response = null;
  open() {}
  setRequestHeader() {}
  abort() {
    this.dispatchEvent(new Event("abort"));
  }

  send() {
    tries += 1;
    const fate = fates.shift() ?? "cut";
    queueMicrotask(() => {
      this.upload.dispatchEvent(Object.assign(new Event("progress"), { loaded: 1, total: 2 }));
      if (fate === "held") return;
      if (fate !== "cut") this.upload.dispatchEvent(new Event("load"));
      if (typeof fate === "string") this.dispatchEvent(new Event("error"));
      else {
        this.status = fate.status;
        this.response = fate.answer;
        this.dispatchEvent(new Event("load"));
      }
    });
  }
}

Object.assign(globalThis, { XMLHttpRequest: Request, document: { querySelector: () => null } });
afterEach(() => {
  tries = 0;
});

/** @param {Fate[]} given @param {{ signal?: AbortSignal, onhanded?: () => void, pauses?: number[] }} [how] */
function run(given, { signal = new AbortController().signal, onhanded, pauses = [1, 1] } = {}) {
  fates = [...given];
  return upload("/send/", new FormData(), { onprogress: () => {}, onhanded, signal, pauses });
}

const taken = { status: 200, answer: { id: "1", message_id: "<1@x>" } };

test("a try without an answer is made again", async () => {
  assert.equal((await run(["cut", "taken, then cut", taken])).id, "1");
  assert.equal(tries, 3);
});

test("what the server refuses is not tried again", async () => {
  await assert.rejects(run([{ status: 400, answer: { error: "bad-lines", sentence: "No." } }]), { id: "bad-lines", sentence: "No." });
  assert.equal(tries, 1);
});

test("where nothing ever reached the server, that is known", async () => {
  await assert.rejects(run(["cut", "cut", "cut"]), { status: 0, id: "offline" });
});

test("where all of it had gone once, nobody says that it was not sent", async () => {
  await assert.rejects(run(["cut", "taken, then cut", "cut"]), { status: 0, id: "unclear" });
  // A gateway's 502 comes after the server may have taken it.
  await assert.rejects(run([{ status: 502, answer: {} }, "cut", "cut"]), { id: "unclear" });
  await assert.rejects(run([{ status: 503, answer: { error: "unclear" } }, "cut", "cut"]), { id: "unclear" });
});

test("the server's word that it kept nothing is believed", async () => {
  const busy = { status: 503, answer: { error: "not-kept", sentence: "Later." } };
  await assert.rejects(run([busy, busy, busy]), { id: "not-kept", sentence: "Later." });
  assert.equal(tries, 3);
});

test("Cancel ends it while it is on its way, and in a pause before anything had gone", async () => {
  for (const fate of /** @type {Fate[]} */ (["held", "cut"])) {
    const cancel = new AbortController();
    const going = run([fate], { signal: cancel.signal, pauses: [60_000] });
    setTimeout(() => cancel.abort(), 5);
    await assert.rejects(going, { name: "AbortError" });
  }
});

test("once all of it has gone Cancel stops nothing, and the page is told so", async () => {
  const cancel = new AbortController();
  let handed = 0;
  const accepted = await run(["taken, then cut", taken], {
    signal: cancel.signal,
    onhanded: () => {
      handed += 1;
      cancel.abort();
    },
  });
  assert.equal(accepted.id, "1");
  assert.equal(handed, 2);
});
