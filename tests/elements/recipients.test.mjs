/** Recipients as text, contacts by rank, and two devices that changed the same ones. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { uniteGroups, unitePeople } from "../../static/elements/contact-merge.js";
import { fits, ranked, weight } from "../../static/elements/contact-rank.js";
import { inQuotes, mailboxes, typed } from "../../static/elements/recipients-text.js";

const NOW = 1_800_000_000;
const DAY = 86_400;
/** @param {Partial<import("../../static/crypto/contacts.js").Contact>} of */
const contact = (of) => ({ address: "bob@example.test", name: "Bob", sent: 0, got: 0, last: 0, edited: 0, ...of });

for (const [text, expected] of /** @type {[string, [string, string][]][]} */ ([
  ["bob@example.test", [["", "bob@example.test"]]],
  ["Bob <bob@example.test>; dana@elsewhere.example", [["Bob", "bob@example.test"], ["", "dana@elsewhere.example"]]],
  ['"Miller, Bob" <bob@example.test>, x@example.test', [["Miller, Bob", "bob@example.test"], ["", "x@example.test"]]],
  ["Miller, Bob <bob@example.test>, Meyer, Ann <ann@example.test>", [["Miller, Bob", "bob@example.test"], ["Meyer, Ann", "ann@example.test"]]],
  ['"The \\"B\\", really" <b@example.test>', [['The "B", really', "b@example.test"]]],
  ["a@example.test b@example.test\tc@example.test\r\nd@example.test", [["", "a@example.test"], ["", "b@example.test"], ["", "c@example.test"], ["", "d@example.test"]]],
  ["Friends: a@example.test, Bob <b@example.test>;", [["", "a@example.test"], ["Bob", "b@example.test"]]],
  ["mailto:a@example.test?subject=x", [["", "a@example.test"]]],
  ["王小明 <wang@example.test>，李 <li@example.test>", [["王小明", "wang@example.test"], ["李", "li@example.test"]]],
  ["ann@bücher.example", [["", "ann@bücher.example"]]],
  ["bob, dana@example.test", [["", "bob"], ["", "dana@example.test"]]],
  ["Miller, Bob", [["", "Miller"], ["", "Bob"]]],
])) {
  test(`reads ${JSON.stringify(text)}`, () => assert.deepEqual(mailboxes(text).map(({ name, address }) => [name, address]), expected));
}

test("a quotation that is never closed loses nothing of what was pasted", () => {
  const shown = mailboxes('"never closed <a@example.test>, b@example.test').map(({ name, address }) => `${name} ${address}`).join(" ");
  for (const word of ["never", "a@example.test", "b@example.test"]) assert.ok(shown.includes(word), word);
});

test("what is typed again reads as the same person", () => {
  for (const name of ["Bob", "Miller, Bob", 'B "the" \\ B', "O'Brien", "Ann (work)", "王小明", "a@b", ""]) {
    const one = { name, address: "bob@example.test" };
    assert.deepEqual(mailboxes(typed(one)), [one], typed(one));
  }
});

test("a comma inside quotes ends nothing", () => {
  assert.equal(inQuotes('"Miller'), true);
  assert.equal(inQuotes('"Miller, Bob" <'), false);
  assert.equal(inQuotes('"a \\" b'), true);
});

test("long texts are read in one go", () => {
  const many = Array.from({ length: 20_000 }, (_, at) => `p${at}@example.test`).join(", ");
  assert.equal(mailboxes(many).length, 20_000);
  const before = performance.now();
  mailboxes("<".repeat(200_000));
  mailboxes("a ".repeat(100_000));
  mailboxes('"'.repeat(200_001));
  mailboxes("a:".repeat(100_000));
  assert.ok(performance.now() - before < 4000);
});

test("lately and often comes first, and writing to somebody counts more than their mail", () => {
  const order = (/** @type {any[]} */ ...all) => ranked(all.map(contact), NOW).map(({ name }) => name);
  assert.deepEqual(order({ name: "old", sent: 3, last: NOW - 400 * DAY }, { name: "new", sent: 1, last: NOW - DAY }), ["new", "old"]);
  assert.deepEqual(order({ name: "once", sent: 1, last: NOW }, { name: "often", sent: 40, last: NOW - 3 * DAY }), ["often", "once"]);
  assert.deepEqual(order({ name: "theirs", got: 3, last: NOW }, { name: "mine", sent: 3, last: NOW }), ["mine", "theirs"]);
  assert.deepEqual(order({ name: "b" }, { name: "a" }), ["a", "b"]);
  assert.ok(weight(contact({ got: 1_000_000, last: NOW }), NOW) < weight(contact({ sent: 10, last: NOW }), NOW), "nobody gets first by writing much");
  assert.ok(weight(contact({ edited: NOW }), NOW) > weight(contact({}), NOW));
});

test("each word begins a word of the name or a piece of the address", () => {
  const wei = { name: "Müller-Żak, Jörg", address: "j.mueller+x@mail.example.test" };
  for (const typed of ["mul", "JÖRG", "jorg mull", "mueller", "j.mu", "mail.ex", "example", "zak", '"Müller, J']) assert.ok(fits(typed, wei), typed);
  for (const typed of ["", " ", "uller", "jorg x y", "bob"]) assert.ok(!fits(typed, wei), typed);
  assert.ok(fits("小明", { name: "王小明", address: "w@example.test" }));
});

test("two devices: the later change stands, counts are not lost, and both come to the same", () => {
  const mine = contact({ name: "Bob", sent: 3, got: 1, last: 50, edited: 10 });
  const theirs = contact({ name: "Robert", sent: 2, got: 4, last: 40, edited: 20 });
  for (const united of [unitePeople(mine, theirs), unitePeople(theirs, mine)]) assert.deepEqual(united, contact({ name: "Robert", sent: 3, got: 4, last: 50, edited: 20 }));
  const gone = contact({ edited: 30, gone: true });
  for (const united of [unitePeople(mine, gone), unitePeople(gone, mine)]) assert.equal(united.gone, true, "deleted stays deleted");
  assert.equal(unitePeople(gone, contact({ edited: 31 })).gone, undefined, "and comes back by hand alone");
  assert.equal(unitePeople(contact({ name: "", last: 9 }), contact({ name: "Bob", last: 1 })).name, "Bob");
  for (const [a, b] of [[contact({ name: "A" }), contact({ name: "B" })]]) assert.deepEqual(unitePeople(a, b), unitePeople(b, a));
});

test("two devices: members who came and went in one group", () => {
  const group = (/** @type {any} */ of) => ({ group: "00000000-0000-4000-8000-000000000000", name: "Team", edited: 5, members: [], ...of });
  const mine = group({ members: [{ address: "a@x.test", at: 10 }, { address: "b@x.test", at: 20, gone: true }] });
  const theirs = group({ name: "The team", edited: 6, members: [{ address: "b@x.test", at: 10 }, { address: "c@x.test", at: 11 }] });
  for (const united of [uniteGroups(mine, theirs), uniteGroups(theirs, mine)]) {
    assert.equal(united.name, "The team");
    assert.deepEqual(united.members.filter(({ gone }) => !gone).map(({ address }) => address).sort(), ["a@x.test", "c@x.test"]);
  }
  assert.equal(uniteGroups(mine, group({ edited: 9, gone: true })).gone, true);
});
