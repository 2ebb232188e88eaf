/** vCards of phones, programs and attackers: names, addresses and groups come out, and nothing hangs or breaks. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { CARDS_MOST, readCards } from "../../static/elements/vcard-read.js";
import { writeCards } from "../../static/elements/vcard-write.js";

const latin1 = (/** @type {string} */ text) => Uint8Array.from(text, (character) => character.charCodeAt(0));
const utf8 = (/** @type {string} */ text) => new TextEncoder().encode(text);
const card = (/** @type {string[]} */ ...lines) => ["BEGIN:VCARD", ...lines, "END:VCARD", ""].join("\r\n");
/** @param {Uint8Array<ArrayBuffer>} file */
const people = (file) => readCards(file).map(({ name, addresses }) => [name, ...addresses]);

test("3.0 and 4.0, properties in groups, quoted parameters, several addresses", () => {
  const text = card("VERSION:3.0", "N:Miller;Bob;;;", "FN:Bob Miller", "EMAIL;TYPE=INTERNET,WORK:bob@example.test", "item1.EMAIL;type=pref:b@home.example", "TEL:+1")
    + card("VERSION:4.0", 'EMAIL;PREF=1;X-A="a:b;c":ann@example.test', "FN:Ann \\, of\\nHere\\; there", "CATEGORIES:Team,Choir\\, old");
  assert.deepEqual(people(utf8(text)), [["Bob Miller", "bob@example.test", "b@home.example"], ["Ann , of Here; there", "ann@example.test"]]);
  assert.deepEqual(readCards(utf8(text))[1]?.groups, ["Team", "Choir, old"]);
});

test("a fold may stand inside a character", () => {
  const bytes = utf8(card("FN:Jörg 王", "EMAIL:j@example.test"));
  const at = bytes.indexOf(0xc3) + 1;
  const folded = new Uint8Array([...bytes.subarray(0, at), 13, 10, 32, ...bytes.subarray(at)]);
  assert.deepEqual(people(folded), [["Jörg 王", "j@example.test"]]);
  assert.deepEqual(people(utf8("BEGIN:VCARD\nFN:Bo\n\tb\nEMAIL:bob@exa\n mple.test\nEND:VCARD")), [["Bob", "bob@example.test"]]);
});

test("2.1: quoted-printable over lines, charsets, values named alone", () => {
  const text = card("VERSION:2.1", "FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:J=C3=B6rg=20=", "M=C3=BCller", "EMAIL;INTERNET:j@example.test")
    + card("VERSION:2.1", "N;CHARSET=ISO-8859-1;QUOTED-PRINTABLE:M=FCller;J=F6rg", "EMAIL;PREF;INTERNET:m@example.test")
    + card("VERSION:2.1", "FN;CHARSET=gb2312:\xcd\xf5\xd0\xa1\xc3\xf7", "EMAIL:w@example.test")
    + card("FN:M\xfcller", "EMAIL:l@example.test");
  assert.deepEqual(people(latin1(text)), [["Jörg Müller", "j@example.test"], ["Jörg Müller", "m@example.test"], ["王小明", "w@example.test"], ["Müller", "l@example.test"]]);
});

test("byte order marks", () => {
  const text = card("FN:Jörg", "EMAIL:j@example.test");
  const wide = new Uint8Array(2 + 2 * text.length);
  wide.set([0xff, 0xfe]);
  for (let at = 0; at < text.length; at++) wide.set([text.charCodeAt(at) & 255, text.charCodeAt(at) >> 8], 2 + 2 * at);
  for (const file of [wide, new Uint8Array([0xef, 0xbb, 0xbf, ...utf8(text)])]) assert.deepEqual(people(file), [["Jörg", "j@example.test"]]);
});

test("groups of 4.0 and of Apple name their members by address or by card", () => {
  const [group] = readCards(utf8(card("VERSION:4.0", "KIND:group", "FN:Team", "MEMBER:mailto:a@example.test", "MEMBER:urn:uuid:03A0E51F-D1AA")));
  assert.deepEqual([group?.group, group?.name, group?.members], [true, "Team", ["mailto:a@example.test", "urn:uuid:03A0E51F-D1AA"]]);
  const [apple] = readCards(utf8(card("X-ADDRESSBOOKSERVER-KIND:group", "FN:Team", "X-ADDRESSBOOKSERVER-MEMBER:urn:uuid:x")));
  assert.deepEqual([apple?.group, apple?.members], [true, ["urn:uuid:x"]]);
});

test("photos, cards in cards and broken ones", () => {
  const photo = `PHOTO;ENCODING=b;TYPE=JPEG:${"A".repeat(200_000)}`;
  const text = `junk\r\nEND:VCARD\r\n${card("FN:Bob", photo, "AGENT:", "BEGIN:VCARD", "FN:Other", "EMAIL:other@example.test", "END:VCARD", "no colon here", ":", ";;;", "EMAIL:bob@example.test")}BEGIN:VCARD\r\nFN:cut`;
  assert.deepEqual(people(utf8(text)), [["Bob", "bob@example.test"]]);
  for (const nothing of ["", "\0\0\0", "<html>", "BEGIN:VCALENDAR\r\nEND:VCALENDAR", "BEGIN:VCARD".repeat(10)]) assert.deepEqual(readCards(utf8(nothing)), []);
});

test("what would read as something else is one plain line", () => {
  const [one] = readCards(utf8(card("FN:Bob\u202eknab\u0000\\nX", "EMAIL:bob@example.test", "__proto__:x", "CATEGORIES:__proto__,constructor")));
  assert.equal(one?.name, "Bob knab X");
  assert.equal(/** @type {any} */ ({}).x, undefined);
  assert.deepEqual(one?.groups, ["__proto__", "constructor"]);
});

test("hostile files end soon", () => {
  const started = performance.now();
  const each = [
    "BEGIN:VCARD\r\n".repeat(200_000), card("FN:x").repeat(CARDS_MOST + 5000), `BEGIN:VCARD\r\nFN:${"\\".repeat(2_000_000)}\r\nEND:VCARD`,
    `BEGIN:VCARD\r\nCATEGORIES:${",".repeat(2_000_000)}\r\nEND:VCARD`, `BEGIN:VCARD\r\nN:${"\\;".repeat(500_000)}${";".repeat(500_000)}\r\nEND:VCARD`,
    `BEGIN:VCARD\r\nFN${";A=".repeat(700_000)}:x\r\nEND:VCARD`, `BEGIN:VCARD\r\nFN;QUOTED-PRINTABLE:${"=\r\n".repeat(500_000)}\r\nEND:VCARD`,
    `BEGIN:VCARD\r\nFN:x${"\r\n ".repeat(500_000)}\r\nEND:VCARD`, `BEGIN:VCARD\r\n${"EMAIL:a@b.test\r\n".repeat(200_000)}END:VCARD`, " ".repeat(3_000_000), '"'.repeat(3_000_000),
  ];
  for (const text of each) readCards(utf8(text));
  assert.equal(readCards(utf8(each[1] ?? "")).length, CARDS_MOST);
  assert.ok(performance.now() - started < 30_000, `${performance.now() - started} ms`);
});

test("what is written is read again as it was, in both versions, in lines of at most 75 bytes", () => {
  const entries = [
    { name: "Miller, Bob; \\the\\ \"first\"", address: "bob@example.test", groups: ["Team", "A, b; c"] }, { name: "", address: "ann@bücher.example", groups: [] },
    { name: `王小明 ${"长".repeat(120)} 🦊`, address: "w@example.test", groups: [] },
  ];
  for (const version of /** @type {const} */ (["3.0", "4.0"])) {
    const text = writeCards(entries, version);
    for (const line of text.split("\r\n")) assert.ok(utf8(line).length <= 75);
    assert.ok(!text.replace(/\r\n/g, "").includes("\n"));
    assert.deepEqual(readCards(utf8(text)).map(({ name, addresses, groups }) => ({ name, address: addresses[0], groups })), entries.map((one) => ({ ...one, name: one.name || one.address })));
  }
});
