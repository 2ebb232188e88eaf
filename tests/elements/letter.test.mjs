/** What is decrypted stands where it belongs, and not after the keys were locked. */
import assert from "node:assert/strict";
import { before, test } from "node:test";

import { crypto } from "../../static/crypto/client.js";

/** As much of an element as the letter needs. */
class Fake {
  /** @type {any[]} */
  children = [];
  dataset = {};
  /** @param {any[]} more */
  append(...more) {
    this.children.push(...more);
  }
  /** @param {any[]} more */
  replaceChildren(...more) {
    this.children = more;
  }
  get childElementCount() {
    return this.children.length;
  }
  setAttribute() {}
  addEventListener() {}
  get text() {
    return this.children.map((/** @type {any} */ child) => (typeof child === "string" ? child : child.text)).join("");
  }
}

/** @type {{ images: Map<string, string>, loaded: () => void }[]} */
const frames = [];
class Frame extends Fake {
  /** @param {string} _html @param {{ images: Map<string, string> }} wishes */
  show(_html, { images }) {
    return new Promise((resolve) => frames.push({ images, loaded: () => resolve({ remote: 0, elsewhere: new Set(), used: new Set() }) }));
  }
}

/** @type {typeof import("../../static/elements/message-letter.js").writeLetter} */
let writeLetter;
/** @type {typeof import("../../static/elements/message-files.js").pictures} */
let pictures;
before(async () => {
  const words = { textContent: JSON.stringify({ "ui-letter-frame": "", "ui-empty-letter": "", "part-signed": "", "ui-this-server": "", "ui-encrypted-message": "Encrypted message" }) };
  Object.assign(globalThis, {
    HTMLElement: Fake,
    customElements: { define() {} },
    document: { getElementById: () => words, querySelector: () => null, createElement: (/** @type {string} */ tag) => (tag === "mail-frame" ? new Frame() : new Fake()), createElementNS: () => new Fake() },
  });
  ({ writeLetter } = await import("../../static/elements/message-letter.js"));
  ({ pictures } = await import("../../static/elements/message-files.js"));
});

const part = { name: "", size: 1, cid: "", group: "", card: null, inline: true, section: "", type: "" };
const html = { ...part, id: "1", kind: "html", text: "<p>one</p>" };
/** @param {object[]} parts @param {object[]} [cards] @returns {any} */
const opened = (parts, cards = []) => ({ handle: 1, judged: { withheld: [], sig: null }, headers: { from: null }, values: {}, parts, cards });

test("nothing is written once the keys were locked while a frame was loading", async () => {
  const ended = new AbortController();
  const place = new Fake();
  const writing = writeLetter(opened([html, { ...part, id: "2", kind: "text", text: "decrypted" }]), { frameUrl: "", images: new Map(), place: /** @type {any} */ (place), signal: ended.signal });
  ended.abort();
  place.replaceChildren();
  frames.pop()?.loaded();
  await writing;
  assert.equal(place.text, "");
});

test("a signed part shows no picture that stands beside it", async (context) => {
  context.mock.method(crypto, "request", async () => ({ blob: new Blob(["x"]) }));
  const image = { ...part, kind: "image", type: "image/png", cid: "logo@example.test" };
  const message = opened([{ ...html, card: 0 }, { ...image, id: "2", card: 0 }, { ...image, id: "3" }], [{ id: "part-signed", sig: null, part: "", values: {} }]);
  const ended = new AbortController();
  const images = await pictures(message, [], ended.signal);
  const writing = writeLetter(message, { frameUrl: "", images, place: /** @type {any} */ (new Fake()), signal: ended.signal });
  const frame = frames.pop();
  frame?.loaded();
  await writing;
  assert.deepEqual([...(frame?.images.values() ?? [])], [images.get(0)?.get("logo@example.test")]);
  assert.notEqual(images.get(0)?.get("logo@example.test"), images.get(null)?.get("logo@example.test"));
  ended.abort();
});

test("the list forgets what was found out when the keys lock", async () => {
  const { keep, kept } = await import("../../static/elements/judged-rows.js");
  keep("/1/", { mark: "mark-encrypted", level: "calm", subject: "decrypted" });
  keep("/2/", { mark: "mark-signed", level: "calm" });
  crypto.dispatchEvent(new Event("locked"));
  assert.deepEqual([kept("/1/"), kept("/2/")], [undefined, undefined]);
});
