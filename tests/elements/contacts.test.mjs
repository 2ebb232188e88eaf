/** Contacts: collected from sending and reading, sealed, never from programs or lists, and deleted for good. */
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { crypto } from "../../static/crypto/client.js";

/** @type {Map<string, { rev: number, sealed: Uint8Array }>} */
const kept = new Map();
/** @type {string[]} everything that was asked of the server */
let asked = [];
let hasRing = "yes";
let state = "unlocked";
/** @type {(() => void) | null} */
let before = null;

Object.assign(globalThis, {
  document: {
    hidden: false,
    addEventListener: () => {},
    dispatchEvent: () => true,
    querySelector: (/** @type {string} */ name) => (name === "key-unlock" ? { dataset: { hasRing, person: "alice@example.test", contactsUrl: "/keys/state/contacts/which/" } } : null),
    getElementById: () => null,
  },
  fetch: async (/** @type {string} */ url, /** @type {any} */ { method = "GET", body, headers } = {}) => {
    asked.push(`${method} ${url} ${body ? Buffer.from(body).toString("latin1") : ""}`);
    const at = kept.get(url);
    if (method === "GET") return at ? new Response(/** @type {any} */ (at.sealed), { headers: { ETag: `"${at.rev}"` } }) : new Response(null, { status: 204 });
    before?.();
    const now = kept.get(url);
    const expected = headers.get("If-None-Match") === "*" ? 0 : Number(headers.get("If-Match").replace(/"/g, ""));
    if ((now?.rev ?? 0) !== expected) return Response.json({ error: "state-conflict" }, { status: 412 });
    kept.set(url, { rev: expected + 1, sealed: new Uint8Array(body) });
    return new Response(null, { status: 204 });
  },
});
const { change, changeGroup, contacts, groups, kept: flushed } = await import("../../static/elements/contact-book.js");
const { collectRead, collectSent, isProgram } = await import("../../static/elements/contacts-collect.js");
const { importCards, removeContact, removeGroup, saveContact, saveGroup } = await import("../../static/elements/contact-acts.js");
const { readCards } = await import("../../static/elements/vcard-read.js");
const { readContact } = await import("../../static/crypto/contacts.js");

const turned = (/** @type {Uint8Array} */ bytes) => bytes.map((byte) => byte ^ 0x5a);
const codec = {
  // As in the worker: what is no contact is not sealed.
  "seen.seal": (/** @type {any} */ { list }) => turned(new TextEncoder().encode(JSON.stringify(list.map(readContact)))),
  "seen.open": (/** @type {any} */ { record }) => JSON.parse(new TextDecoder().decode(turned(record))).map(readContact),
};
const people = (number = 0) => `/keys/state/contacts/people-${number}/`;

beforeEach((context) => {
  kept.clear();
  asked = [];
  [hasRing, state, before] = ["yes", "unlocked", null];
  const { mock } = /** @type {any} */ (context);
  mock.method(crypto, "request", async (/** @type {"seen.seal" | "seen.open"} */ op, /** @type {any} */ args) => codec[op](args));
  mock.getter(crypto, "state", () => state);
  crypto.dispatchEvent(new Event("locked"));
});

const NOW = 1_800_000_000;
const SELF = "alice@example.test";
const again = () => crypto.dispatchEvent(new Event("locked"));

test("everybody who was written to, with name and count, and not oneself", async () => {
  await collectSent([{ name: "Bob", address: "bob@example.test" }, { name: "", address: "Alice@Example.test" }, { name: "", address: "not one" }], SELF, NOW);
  await collectSent([{ name: "Robert", address: "BOB@example.test" }], SELF, NOW + 5);
  await flushed();
  again();
  assert.deepEqual(await contacts(), [{ address: "bob@example.test", name: "Bob", sent: 2, got: 0, last: NOW + 5, edited: 0 }]);
});

test("people whose mail was read, once a day; no programs", async () => {
  await collectRead({ name: "Bob", address: "bob@example.test" }, SELF, NOW);
  await collectRead({ name: "Bob", address: "bob@example.test" }, SELF, NOW);
  await collectRead({ name: "Bobby", address: "bob@example.test" }, SELF, NOW + 90_000);
  await collectRead({ name: "old", address: "bob@example.test" }, SELF, NOW - 900_000);
  for (const address of ["no-reply@shop.example", "noreply@x.example", "do_not_reply+1@x.example", "MAILER-DAEMON@x.example", "list-bounces@x.example", "x.noreply@x.example", SELF]) {
    await collectRead({ name: "", address }, SELF, NOW);
  }
  assert.deepEqual(await contacts(), [{ address: "bob@example.test", name: "Bobby", sent: 0, got: 2, last: NOW + 90_000, edited: 0 }]);
  for (const person of ["norbert@x.example", "reply@x.example", "postmaster.general@x.example", "notification.smith@x.example"]) assert.equal(isProgram(person), false, person);
});

test("a name in a From line does not replace the one that was written to", async () => {
  await collectSent([{ name: "Bob", address: "bob@example.test" }], SELF, NOW);
  await collectRead({ name: "Your bank", address: "bob@example.test" }, SELF, NOW + 100_000);
  assert.equal((await contacts())[0]?.name, "Bob");
  await collectRead({ name: "A\u202eB\nC", address: "c@example.test" }, SELF, NOW);
  assert.equal((await contacts())[1]?.name, "A B C", "no line ends, no direction characters");
});

test("who was deleted is not collected again, on no device", async () => {
  await collectSent([{ name: "Bob", address: "bob@example.test" }], SELF, NOW);
  await flushed();
  await change(["bob@example.test"], (known) => known && { ...known, gone: true, edited: NOW + 1 });
  before = () => {
    // Another device wrote to Bob meanwhile.
    before = null;
    kept.set(people(), { rev: 2, sealed: codec["seen.seal"]({ list: [{ address: "bob@example.test", name: "Bob", sent: 2, got: 0, last: NOW + 9, edited: 0 }, { address: "dana@example.test", name: "", sent: 1, got: 0, last: NOW, edited: 0 }] }) });
  };
  await flushed();
  again();
  assert.deepEqual((await contacts()).map(({ address }) => address), ["dana@example.test"]);
  await collectSent([{ name: "Bob", address: "bob@example.test" }], SELF, NOW + 50);
  assert.equal((await contacts()).length, 1);
});

test("nothing without keys, and nothing in the clear", async () => {
  await collectSent([{ name: "Brimzorvax", address: "quagga@elsewhere.example" }], SELF, NOW);
  await changeGroup("00000000-0000-4000-8000-000000000000", () => ({ group: "00000000-0000-4000-8000-000000000000", name: "Okapi", edited: NOW, members: [{ address: "quagga@elsewhere.example", at: NOW }] }));
  await flushed();
  assert.ok(asked.some((line) => line.startsWith("PUT")));
  for (const word of ["Brimzorvax", "quagga", "elsewhere", "Okapi"]) assert.ok(!asked.join("\n").includes(word), word);
  assert.deepEqual((await groups()).map(({ name, members }) => [name, members.length]), [["Okapi", 1]]);
  const before = asked.length;
  for (const [ring, keys] of [["no", "none"], ["yes", "locked"]]) {
    [hasRing, state] = [ring ?? "", keys ?? ""];
    await collectSent([{ name: "", address: "bob@example.test" }], SELF, NOW);
    await collectRead({ name: "", address: "bob@example.test" }, SELF, NOW);
  }
  await flushed();
  assert.equal(asked.length, before);
});

test("more than a record holds go into the next one, and all come back", async () => {
  const many = Array.from({ length: 1100 }, (_, at) => `p${at}@example.test`);
  await change(many, (known, address) => known ?? { address, name: "n".repeat(200), sent: 0, got: 0, last: 0, edited: NOW });
  await flushed();
  assert.deepEqual([0, 1, 2, 3].map((number) => kept.has(people(number))), [true, true, true, false]);
  for (const { sealed } of kept.values()) assert.ok(sealed.length < 1_000_000);
  again();
  assert.equal((await contacts()).length, 1100);
});

test("what is no contact is refused", () => {
  for (const wrong of [null, {}, { address: "", name: "", sent: 0, got: 0, last: 0, edited: 0 }, { address: "a@x.test", name: "", sent: -1, got: 0, last: 0, edited: 0 },
    { address: "a@x.test", name: "", sent: 0, got: 0, last: 0, edited: 0, gone: false }, { address: "a@x.test", name: "", sent: 0, got: 0, last: 0, edited: 0, more: 1 },
    { group: "x", name: "", members: [], edited: 0 }, { group: "00000000-0000-4000-8000-000000000000", name: "", members: [{ address: 1, at: 1 }], edited: 0 }]) {
    assert.throws(() => readContact(wrong), JSON.stringify(wrong));
  }
});

const shown = async () => (await contacts()).map(({ name, address }) => `${name} ${address}`).sort();
const members = async () => (await groups()).map(({ name, members }) => [name, ...members.map(({ address }) => address)]);

test("by hand: added, edited, moved to another address with its groups, never over somebody else", async () => {
  assert.equal(await saveContact({ name: " Bob\n", address: "bob@example.test", was: "" }), true);
  assert.equal(await saveContact({ name: "Other", address: "BOB@example.test", was: "" }), false);
  await saveContact({ name: "Ann", address: "ann@example.test", was: "" });
  await saveGroup({ id: "", name: "Team", members: [{ name: "", address: "bob@example.test" }, { name: "Dana", address: "dana@example.test" }] });
  assert.equal(await saveContact({ name: "Bob", address: "ann@example.test", was: "bob@example.test" }), false);
  assert.equal(await saveContact({ name: "Robert", address: "robert@example.test", was: "bob@example.test" }), true);
  again();
  assert.deepEqual(await shown(), ["Ann ann@example.test", "Dana dana@example.test", "Robert robert@example.test"]);
  assert.deepEqual(await members(), [["Team", "dana@example.test", "robert@example.test"]]);
  await collectSent([{ name: "x", address: "robert@example.test" }], SELF, NOW);
  assert.equal((await contacts()).find(({ address }) => address.startsWith("rob"))?.name, "Robert", "a name by hand stays");
});

test("deleted with undo: out of the groups and back into them, a group too", async () => {
  await saveGroup({ id: "", name: "Team", members: [{ name: "Bob", address: "bob@example.test" }, { name: "", address: "ann@example.test" }] });
  const [bob] = (await contacts()).filter(({ name }) => name === "Bob");
  assert.ok(bob);
  const back = await removeContact(bob);
  again();
  assert.deepEqual([await shown(), await members()], [[" ann@example.test"], [["Team", "ann@example.test"]]]);
  await back();
  again();
  assert.deepEqual([await shown(), (await members())[0]?.sort()], [[" ann@example.test", "Bob bob@example.test"], ["Team", "ann@example.test", "bob@example.test"]]);
  const [team] = await groups();
  assert.ok(team);
  const groupBack = await removeGroup(team);
  again();
  assert.deepEqual(await groups(), []);
  await groupBack();
  again();
  assert.equal((await groups())[0]?.members.length, 2);
});

test("a file of vCards: added, filled in, brought back; what was named by hand stays", async () => {
  await saveContact({ name: "My Bob", address: "bob@example.test", was: "" });
  await collectSent([{ name: "", address: "ann@example.test" }, { name: "", address: "gone@example.test" }], SELF, NOW);
  await removeContact(/** @type {any} */ ((await contacts()).find(({ address }) => address.startsWith("gone"))));
  const file = new TextEncoder().encode([
    "BEGIN:VCARD", "FN:Bob", "EMAIL:bob@example.test", "CATEGORIES:Choir", "END:VCARD", "BEGIN:VCARD", "FN:Ann", "EMAIL:ann@example.test", "EMAIL:a@home.example", "UID:urn:uuid:AA", "END:VCARD",
    "BEGIN:VCARD", "FN:Gone", "EMAIL:gone@example.test", "END:VCARD", "BEGIN:VCARD", "FN:No mail", "TEL:1", "END:VCARD", "BEGIN:VCARD", "FN:Wrong", "EMAIL:not an address", "END:VCARD",
    "BEGIN:VCARD", "KIND:group", "FN:Choir", "MEMBER:urn:uuid:aa", "MEMBER:mailto:new@example.test", "END:VCARD", ""].join("\r\n"));
  assert.deepEqual(await importCards(readCards(file)), { added: 3, changed: 1, left: 1, without: 2, full: false });
  again();
  assert.deepEqual(await shown(), [" new@example.test", "Ann a@home.example", "Ann ann@example.test", "Gone gone@example.test", "My Bob bob@example.test"]);
  assert.deepEqual((await members()).map((one) => one.sort()), [["Choir", "a@home.example", "ann@example.test", "bob@example.test", "new@example.test"]]);
  assert.deepEqual((await importCards(readCards(file))).left, 5, "twice changes nothing");
  assert.equal((await groups()).length, 1);
});

test("a full book says so and keeps what went in", async () => {
  const file = new TextEncoder().encode(Array.from({ length: 8200 }, (_, at) => `BEGIN:VCARD\nFN:P${at}\nEMAIL:p${at}@example.test\nEND:VCARD\n`).join(""));
  const { added, full } = await importCards(readCards(file));
  assert.deepEqual([added, full], [8000, true]);
  again();
  assert.equal((await contacts()).length, 8000);
});
