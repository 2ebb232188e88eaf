/** After the worker was ended for a message it was stuck in: the keys open again by themselves, after a failure they do not. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { crypto } from "../../static/crypto/client.js";

/** @type {string[]} */
const asked = [];
/** @type {string[]} */
const said = [];
const element = () => ({
  append() {}, addEventListener() {}, setAttribute() {}, dataset: {}, remove() {}, matches: () => false, contains: () => false, replaceChildren() {},
  set textContent(/** @type {string} */ words) {
    said.push(words);
  },
});
Object.assign(globalThis, {
  reportError: (/** @type {unknown} */ error) => {
    throw error;
  },
  document: {
    getElementById: (/** @type {string} */ id) => (id === "words" ? { textContent: JSON.stringify({ "ui-keys-failed": "stopped working", "ui-close": "Close" }) } : element()),
    querySelector: () => ({ dataset: { hasRing: "yes", person: "", stayUrl: "/stay/" }, getAttribute: () => "" }),
    createElement: element, addEventListener() {}, documentElement: { lang: "en" },
  },
  fetch: async (/** @type {string} */ url) => {
    asked.push(url);
    return new Response(null, { status: 204 });
  },
});
await import("../../static/elements/keys-lock.js");
const settled = () => new Promise((resolve) => setTimeout(resolve, 20));

test("what stays open is asked for after a stuck message, and the person hears of it where nothing does", async () => {
  crypto.dispatchEvent(new CustomEvent("locked", { detail: { reason: "failed" } }));
  await settled();
  assert.deepEqual(asked, []);
  assert.equal(said.filter((words) => words === "stopped working").length, 1);
  crypto.dispatchEvent(new CustomEvent("locked", { detail: { reason: "stuck" } }));
  await settled();
  assert.deepEqual(asked, ["/stay/"]);
  assert.equal(said.filter((words) => words === "stopped working").length, 2);
});
