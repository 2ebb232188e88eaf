/** The values of the sentences: true ones, or none; and several signers, renewed, revoked and rejected certificates. */
import assert from "node:assert/strict";
import test, { before } from "node:test";
import { armor } from "../../static/crypto/armor.js";
import { open } from "../../static/crypto/message.js";
import { pgp } from "../../static/crypto/openpgp-library.js";
import * as openpgp from "../../static/crypto/openpgp.js";
import { build } from "./built.mjs";

const DAY = 86_400_000;
const NOW = Date.now();
const ago = (/** @type {number} */ days) => new Date(NOW - days * DAY);
const bytes = (/** @type {string} */ text) => new TextEncoder().encode(text);
const text = (/** @type {Uint8Array} */ raw) => new TextDecoder().decode(raw);
const { reasonForRevocation } = pgp.enums;

/** @type {Record<"alice" | "bob" | "charlie", Awaited<ReturnType<typeof openpgp.generateKey>>>} */
let keys;
before(async () => {
  const made = await Promise.all(["Alice", "Bob", "Charlie"].map((name) => openpgp.generateKey({ name, address: `${name.toLowerCase()}@example.test`, date: ago(30) })));
  keys = { alice: made[0], bob: made[1], charlie: made[2] };
});

const short = (/** @type {string} */ fingerprint) => (fingerprint.slice(-16).toUpperCase().match(/.{4}/g) ?? []).join(" ");
const inner = "Content-Type: text/plain; charset=utf-8\r\n\r\nHallo\r\n";
const detached = async (/** @type {any} */ signer, now = ago(5)) => (await openpgp.sign(bytes(inner), { signer, now })).signature;
/** @param {Uint8Array} signature @param {string} [head] */
const signed = (signature, head = "From: alice@example.test\r\n") =>
  bytes(`${head}Date: Thu, 1 Oct 2026 10:00:00 +0000\r\nContent-Type: multipart/signed; protocol="application/pgp-signature"; boundary=x\r\n\r\n--x\r\n${inner}\r\n--x\r\nContent-Type: application/pgp-signature\r\n\r\n${text(armor(signature, "SIGNATURE"))}\r\n--x--\r\n`);
/** @param {Uint8Array} raw @param {object} [by] */
const read = (raw, by = {}) => open(raw, { keys: [keys.bob], certificates: [keys.alice.certificate], pinOf: () => null, ...by });
const pin = (/** @type {object} */ more = {}) => ({ fingerprint: keys.alice.fingerprint, since: 1_780_000_000, source: "source-mail", count: 3, ...more });
const revoked = async (/** @type {any} */ flag, /** @type {number} */ days) =>
  (await pgp.revokeKey({ key: await pgp.readPrivateKey({ binaryKey: keys.alice.key }), reasonForRevocation: { flag }, date: ago(days), format: "object" })).publicKey.write();
const near = (/** @type {unknown} */ date, /** @type {Date} */ expected) => assert.ok(date instanceof Date && Math.abs(date.getTime() - expected.getTime()) < 2000, `${date} is not ${expected}`);

test("withdrawn before: when, why and when it was signed", async () => {
  const raw = signed(await detached(keys.alice));
  for (const [flag, reason] of /** @type {[number, string][]} */ ([[reasonForRevocation.keySuperseded, "superseded"], [reasonForRevocation.keyRetired, "retired"]])) {
    const { judged, values } = await read(raw, { certificates: [await revoked(flag, 8)] });
    assert.equal(judged.sig, "sig-revoked-before");
    const said = values["sig-revoked-before"];
    assert.equal(said["reason"], reason);
    near(said["date"], ago(8));
    near(said["time"], ago(5));
  }
  const after = await read(raw, { certificates: [await revoked(reasonForRevocation.keyRetired, 2)] });
  near(after.values["note-revoked-since"]?.["date"], ago(2));
  const lost = await read(raw, { certificates: [await revoked(reasonForRevocation.keyCompromised, 2)] });
  assert.equal(lost.judged.sig, "sig-compromised");
  near(lost.values["sig-compromised"]?.["date"], ago(2));
});

test("of several signatures the one of the sender counts; others are named where it is proved whose they are", async () => {
  const both = new Uint8Array([...(await detached(keys.charlie)), ...(await detached(keys.alice))]);
  const certificates = [keys.alice.certificate, keys.charlie.certificate];
  const unproved = await read(signed(both), { certificates });
  assert.deepEqual([unproved.judged.sig, unproved.judged.notes], ["sig-good-first", []], "a certificate can name anybody");
  const charlies = pin({ fingerprint: keys.charlie.fingerprint });
  const pinOf = (/** @type {string} */ one) => (one === "charlie@example.test" ? charlies : null);
  const proved = await read(signed(both), { certificates, pinOf });
  assert.deepEqual([proved.judged.sig, proved.judged.notes], ["sig-good-first", ["note-signers"]]);
  assert.deepEqual(proved.values["note-signers"], { addresses: ["charlie@example.test"] });
  const stranger = await read(signed(both, "From: dana@example.test\r\n"), { certificates, pinOf });
  assert.equal(stranger.judged.sig, "sig-from-differs");
  assert.deepEqual(stranger.judged.notes, [], "S is not good");
  // A second signature that does not hold is nobody's.
  const broken = await detached(keys.charlie);
  broken[broken.length - 3] ^= 1;
  assert.deepEqual((await read(signed(new Uint8Array([...(await detached(keys.alice)), ...broken])), { certificates, pinOf })).judged.notes, []);
});

test("a rejected certificate is told with its day, another one under a known address with both", async () => {
  const raw = signed(await detached(keys.alice));
  const rejected = await read(raw, { pinOf: () => pin({ rejected: { [keys.alice.fingerprint]: 1_785_000_000 } }) });
  assert.deepEqual([rejected.judged.sig, rejected.values["sig-rejected"]["date"], rejected.note], ["sig-rejected", new Date(1_785_000_000_000), null]);
  const kept = pin({ fingerprint: keys.charlie.fingerprint, rejected: { [keys.alice.fingerprint]: 1_785_000_000 } });
  assert.equal((await read(raw, { pinOf: () => kept })).judged.sig, "sig-rejected", "the old one was kept");
  const changed = await read(raw, { pinOf: () => pin({ fingerprint: keys.charlie.fingerprint }) });
  assert.deepEqual([changed.judged.sig, changed.values["sig-changed"]["old"], changed.values["sig-changed"]["new"]], ["sig-changed", short(keys.charlie.fingerprint), short(keys.alice.fingerprint)]);
  assert.deepEqual(changed.signer?.before, { fingerprint: keys.charlie.fingerprint, since: new Date(1_780_000_000_000) });
});

test("where a certificate came from: what answered now, else what was noted, else the message itself", async () => {
  const raw = signed(await detached(keys.alice));
  const where = async (/** @type {object} */ by, given = raw) => {
    const { judged, values } = await read(given, by);
    const said = values[judged.sig ?? ""];
    return [judged.sig, said["source"], said["source_date"]];
  };
  assert.deepEqual(await where({}), ["sig-good-first", "source-here", null]);
  assert.deepEqual(await where({ pinOf: () => pin() }), ["sig-good-known", "source-here", null]);
  const autocrypt = signed(await detached(keys.alice), `From: alice@example.test\r\nAutocrypt: addr=alice@example.test; keydata=${Buffer.from(keys.alice.certificate).toString("base64")}\r\n`);
  assert.deepEqual(await where({ certificates: [] }, autocrypt), ["sig-good-first", "source-mail", new Date("2026-10-01T10:00:00Z")]);
  assert.deepEqual(await where({ certificates: [], pinOf: () => pin() }, autocrypt), ["sig-good-known", "source-mail", new Date(1_780_000_000_000)]);
  const came = async (/** @type {object} */ by) => (await read(autocrypt, by)).judged.notes;
  assert.deepEqual(await came({ certificates: [] }), ["note-attached-certificate"]);
  assert.deepEqual(await came({ certificates: [], pinOf: () => pin() }), [], "one was kept");
  assert.deepEqual(await came({}), [], "one was found");
  const unsigned = Buffer.from(`From: alice@example.test\r\nAutocrypt: addr=alice@example.test; keydata=${Buffer.from(keys.alice.certificate).toString("base64")}\r\n\r\nHello\r\n`);
  assert.deepEqual((await read(unsigned, { certificates: [] })).judged.notes, [], "nothing is kept of it");
});

test("no certificate: who was asked is said only where somebody answered", async () => {
  const raw = signed(await detached(keys.charlie));
  const asked = await read(raw, { certificates: [] });
  assert.deepEqual([asked.judged.sig, asked.asked, asked.values["sig-no-certificate"]["short_id"]], ["sig-no-certificate", true, short(keys.charlie.fingerprint)]);
  assert.equal((await read(raw, { certificates: null })).asked, false);
});

test("a renewed certificate that the one before vouches for is told", async () => {
  const newer = await openpgp.generateKey({ name: "Alice", address: "alice@example.test", date: ago(6) });
  const old = await pgp.readPrivateKey({ binaryKey: keys.alice.key });
  const certified = await (await pgp.readKey({ binaryKey: newer.certificate })).signPrimaryUser([old], ago(6));
  const renewed = await read(signed(await detached(newer)), { certificates: [certified.write(), keys.alice.certificate], pinOf: () => pin() });
  assert.deepEqual([renewed.judged.sig, renewed.judged.notes], ["sig-good-known", ["note-renewed"]]);
  near(renewed.values["note-renewed"]["date"], ago(6));
});

test("opened with an old key: since when it is old", async () => {
  const { deliveries } = await build(
    { from: { name: "Alice", address: "alice@example.test" }, to: [{ name: "", address: "bob@example.test" }], cc: [], bcc: [], subject: "x", text: "y", html: null, attachments: [], inReplyTo: null, references: [], protection: "encrypted", certificates: { "bob@example.test": [keys.bob.certificate] } },
    { signer: keys.alice },
  );
  const secret = await pgp.readPrivateKey({ binaryKey: keys.bob.key });
  const ended = await pgp.revokeKey({ key: secret, reasonForRevocation: { flag: reasonForRevocation.keyRetired }, date: ago(3), format: "object" });
  const opened = await read(deliveries[0].bytes, { keys: [{ ...keys.bob, key: ended.privateKey.write() }] });
  assert.deepEqual([opened.judged.enc, opened.judged.notes], ["enc-ok", ["note-old-key"]]);
  assert.equal(opened.values["note-old-key"]["state"], "revoked");
  near(opened.values["note-old-key"]["date"], ago(3));
});

test("encrypted here: only by the mark inside the encryption, with its date", async () => {
  const encrypt = async (/** @type {string} */ entity) => {
    const { inspect, readCertificates } = await import("../../static/crypto/openpgp-certificate.js");
    const [to] = await readCertificates(keys.bob.certificate);
    const packets = await pgp.encrypt({ message: await pgp.createMessage({ binary: bytes(entity) }), encryptionKeys: [(await inspect(to)).key], format: "binary" });
    return `Content-Type: multipart/encrypted; protocol="application/pgp-encrypted"; boundary=y\r\n\r\n--y\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n--y\r\nContent-Type: application/octet-stream\r\n\r\n${text(armor(/** @type {Uint8Array} */ (packets), "MESSAGE"))}\r\n--y--\r\n`;
  };
  const mark = "Postern-Encrypted-Here: Sun, 1 Nov 2026 12:00:00 +0000\r\n";
  const head = "From: alice@example.test\r\nSubject: x\r\n";
  const marked = await read(bytes(head + (await encrypt(mark + inner))));
  assert.deepEqual([marked.judged.enc, marked.judged.sig, marked.judged.mark, marked.judged.level], ["enc-at-rest", "sig-none", "encrypted-here", "calm"]);
  assert.deepEqual(marked.values["enc-at-rest"], { date: new Date("2026-11-01T12:00:00Z") });
  const outside = await read(bytes(head + mark + (await encrypt(inner))));
  assert.equal(outside.judged.enc, "enc-ok");
  const deeper = await read(bytes(head + (await encrypt(`Content-Type: multipart/mixed; boundary=z\r\n\r\n--z\r\n${mark}${inner}\r\n--z--\r\n`))));
  assert.equal(deeper.judged.enc, "enc-ok");
  const plain = await read(bytes(head + mark + inner));
  assert.deepEqual(plain.judged.line, ["plain"]);
});

test("a signature that cannot be read says why", async () => {
  const raw = text(signed(await detached(keys.alice)));
  const why = async (/** @type {string} */ given) => {
    const { judged, values } = await read(bytes(given));
    return [judged.sig, values["sig-unreadable"]?.["reason"]];
  };
  assert.deepEqual(await why(raw.replace("--x--", "--x\r\n\r\nmore\r\n--x--")), ["sig-unreadable", "parts"]);
  assert.deepEqual(await why(raw.replace("Content-Type: application/pgp-signature\r\n", "Content-Type: text/plain\r\n")), ["sig-unreadable", "kind"]);
  assert.deepEqual(await why(raw.replace(/-----BEGIN PGP SIGNATURE-----[^]*?-----END PGP SIGNATURE-----/, "nothing")), ["sig-unreadable", "packet"]);
});

test("a look-alike is told in the message, and its certificate is not noted", async () => {
  const raw = signed(await detached(keys.alice));
  const acquaintance = { own: ["bob@example.test"], correspondents: [{ address: "a1ice@example.test", since: 1, verified: false }] };
  const opened = await read(raw, { acquaintance });
  assert.deepEqual([opened.judged.notes, opened.judged.level, opened.judged.mark, opened.note], [["note-lookalike"], "warning", "check-sender", null]);
  assert.deepEqual(opened.values["note-lookalike"], { address: "alice@example.test", known: "a1ice@example.test" });
});

test("a part's card knows whose signature, where from, and why it does not count", async () => {
  const list = (/** @type {Uint8Array} */ signature) => bytes(`From: alice@example.test\r\nList-Id: Walnuts <walnuts.example.test>\r\nContent-Type: multipart/mixed; boundary=l\r\n\r\n--l\r\n${text(signed(signature, "")).replace(/^Date.*\r\n/, "")}\r\n--l\r\n\r\nfooter\r\n--l--\r\n`);
  const good = await read(list(await detached(keys.alice)));
  assert.deepEqual([good.judged.sig, good.values["sig-list-footer"]], ["sig-list-footer", { list: "Walnuts <walnuts.example.test>" }]);
  assert.deepEqual([good.cards[0].id, good.cards[0].values["address"], good.cards[0].values["source"]], ["part-signed", "alice@example.test", "source-here"]);
  const other = await read(list(await detached(keys.charlie)), { certificates: [keys.charlie.certificate] });
  assert.deepEqual([other.judged.sig, other.cards[0].id, other.cards[0].sig], ["sig-none", "part-signed-not", "sig-from-differs"]);
  assert.equal(other.cards[0].values["signer"], short(keys.charlie.fingerprint));
});
