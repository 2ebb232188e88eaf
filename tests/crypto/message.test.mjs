/** Opening and building: what is protected, who is told what, and what an attacker gets out of it. */
import assert from "node:assert/strict";
import test, { before } from "node:test";
import { deflateRawSync, deflateSync } from "node:zlib";
import { armor } from "../../static/crypto/armor.js";
import { open } from "../../static/crypto/message.js";
import { pgp } from "../../static/crypto/openpgp-library.js";
import * as openpgp from "../../static/crypto/openpgp.js";
import { build } from "./built.mjs";

const DAY = 86_400_000;
const text = (/** @type {Uint8Array} */ bytes) => new TextDecoder().decode(bytes);
const bytes = (/** @type {string} */ string) => new TextEncoder().encode(string);
const none = () => null;

/** @type {Record<"alice" | "bob" | "charlie" | "dana", Awaited<ReturnType<typeof openpgp.generateKey>>>} */
let keys;
before(async () => {
  const made = await Promise.all(["Alice", "Bob", "Charlie", "Dana"].map((name) => openpgp.generateKey({ name, address: `${name.toLowerCase()}@example.test`, date: new Date(Date.now() - 10 * DAY) })));
  keys = { alice: made[0], bob: made[1], charlie: made[2], dana: made[3] };
});

const address = (/** @type {string} */ name) => ({ name, address: `${name.toLowerCase()}@example.test` });
/** @param {object} [changes] @returns {any} */
const letter = (changes = {}) => ({
  from: address("Alice"), to: [address("Bob")], cc: [], bcc: [], subject: "Walnussbaum", text: "Hallo\n", html: null, attachments: [], inReplyTo: null, references: [],
  protection: "encrypted", certificates: { "bob@example.test": [keys.bob.certificate] }, ...changes,
});
/** @param {Uint8Array} raw @param {object} [by] */
async function asBob(raw, by = {}) {
  const how = { keys: [keys.bob], certificates: [keys.alice.certificate], pinOf: none, now: new Date(), ...by };
  const opened = await open(raw, how);
  // As the worker reads it, over the bytes that it was given.
  const again = await open(raw.slice(), { ...how, disposable: true });
  const said = (/** @type {typeof opened} */ { judged, values, headers, parts, cards, note, certificates, signer, readers, limited }) => ({ judged, values, headers, parts, cards, note, certificates, signer, readers, limited });
  assert.deepEqual(said(again), said(opened));
  return opened;
}
/** @param {Uint8Array} raw @param {RegExp} from @param {string} to */
const altered = (raw, from, to) => bytes(text(raw).replace(from, to));

test("the library's limits are ours", () => {
  assert.equal(pgp.config.maxDecompressedMessageSize, 50 * 1024 * 1024);
  assert.equal(pgp.config.maxArgon2MemoryExponent, 18);
  assert.equal(pgp.config.minRSABits, 2048);
  assert.equal(pgp.config.allowUnauthenticatedMessages, false);
  assert.equal(pgp.config.allowUnauthenticatedStream, false);
  assert.equal(pgp.config.aeadProtect, false);
});

test("a new key is v4, legacy Curve25519, and advertises SEIPDv1 alone", async () => {
  const key = await pgp.readKey({ binaryKey: keys.alice.certificate });
  assert.equal(key.keyPacket.version, 4);
  assert.deepEqual([key.getAlgorithmInfo().curve, key.subkeys[0].getAlgorithmInfo().curve], ["ed25519Legacy", "curve25519Legacy"]);
  const { selfCertification } = await key.getPrimaryUser();
  assert.deepEqual([...(selfCertification.features ?? [])], [1]);
  await assert.rejects(openpgp.generateKey({ name: "x", address: "x@y <z@w>" }), { code: "bad-input" });
});

test("an encrypted letter shows its subject to nobody on the way", async () => {
  const { deliveries, messageId } = await build(letter({ subject: "Geheim 核桃", inReplyTo: "<a@b>", references: ["<a@b>"] }), { signer: keys.alice });
  assert.equal(deliveries.length, 1);
  assert.match(text(deliveries[0].bytes), /^Subject: \[\.\.\.\]\r$/m);
  const opened = await asBob(deliveries[0].bytes);
  assert.deepEqual(opened.judged.line, ["enc-ok", "sig-good-first"]);
  assert.equal(opened.headers.subject, "Geheim 核桃");
  assert.deepEqual([opened.headers.messageId, opened.headers.inReplyTo, opened.headers.references], [messageId, "<a@b>", ["<a@b>"]]);
  assert.deepEqual(opened.confidential, ["subject"]);
  assert.deepEqual(opened.judged.notes, []);
});

test("whoever is in Bcc gets a ciphertext of their own, and nobody reads of them", async () => {
  const certificates = { "bob@example.test": [keys.bob.certificate], "dana@example.test": [keys.dana.certificate], "charlie@example.test": [keys.charlie.certificate] };
  const { deliveries } = await build(letter({ bcc: [address("Dana"), address("Charlie")], certificates }), { signer: keys.alice });
  assert.deepEqual(deliveries.map(({ recipients }) => recipients), [["bob@example.test"], ["dana@example.test"], ["charlie@example.test"]]);
  // Base64 may spell anything, so armor is left out of the search.
  for (const { bytes: raw } of deliveries) assert.doesNotMatch(text(raw).replace(/^Autocrypt:.*\r\n(?: .*\r\n)*|-----BEGIN[^]*?-----END/gm, ""), /\bbcc\b|dana|charlie/i);
  const can = async (/** @type {any} */ key) => Promise.all(deliveries.map(async ({ bytes: raw }) => (await open(raw, { keys: [key], certificates: [], pinOf: none })).judged.enc === "enc-ok"));
  assert.deepEqual(await can(keys.bob), [true, false, false]);
  assert.deepEqual(await can(keys.dana), [false, true, false]);
  assert.deepEqual(await can(keys.alice), [true, true, true], "self is always among the recipients");
  const clear = await build(letter({ protection: "clear", bcc: [address("Dana")] }), { signer: null });
  assert.deepEqual(clear.deliveries[0].recipients, ["bob@example.test", "dana@example.test"]);
  assert.doesNotMatch(text(clear.deliveries[0].bytes), /\bbcc\b|dana/i);
});

test("without a certificate that may be used nothing is built", async () => {
  await assert.rejects(build(letter({ certificates: {} }), { signer: keys.alice }), { code: "no-certificate" });
  await assert.rejects(build(letter({ certificates: { "bob@example.test": [keys.charlie.certificate] } }), { signer: keys.alice }), (/** @type {any} */ error) => error.facts.reason === "other-address");
  await assert.rejects(build(letter({ protection: "signed" }), { signer: null }), { code: "locked" });
  await assert.rejects(build(letter({ protection: "none" }), { signer: keys.alice }), { code: "bad-input" });
  await assert.rejects(build(letter({ to: [{ name: "", address: "x@y.test\r\nBcc: z@y.test" }] }), { signer: keys.alice }), { code: "bad-input" });
});

test("a copy to oneself is for the key in the ring, whatever the directory says it is", async () => {
  const impostor = await openpgp.generateKey({ name: "Alice", address: "alice@example.test" });
  const { deliveries } = await build(letter({ to: [address("Bob"), { name: "", address: "ALICE@example.test" }], certificates: { "bob@example.test": [keys.bob.certificate], "alice@example.test": [impostor.certificate] } }), { signer: keys.alice });
  assert.equal((await open(deliveries[0].bytes, { keys: [keys.alice], certificates: [], pinOf: none })).judged.enc, "enc-ok");
  assert.equal((await open(deliveries[0].bytes, { keys: [impostor], certificates: [], pinOf: none })).judged.enc, "enc-no-key");
});

test("line ends in a subject or a message ID make no header of their own", async () => {
  const { deliveries } = await build(letter({ protection: "clear", subject: "a\r\nBcc: eve@example.net", inReplyTo: "<a@b>\r\nX: y", references: ["<c@d>\r\nX-Evil: 1"] }), { signer: null });
  assert.doesNotMatch(text(deliveries[0].bytes), /^(?:Bcc|X|X-Evil):/im);
});

test("a header changed on the way is noted, and an unsigned inner From is not believed", async () => {
  const { deliveries } = await build(letter(), { signer: keys.alice });
  const raw = deliveries[0].bytes;
  assert.deepEqual((await asBob(altered(raw, /Subject: \[\.\.\.\]/, "Subject: other"))).judged.notes, ["note-outer-subject"]);
  const from = await asBob(altered(raw, /^From: .*$/m, "From: Mallory <mallory@example.test>"));
  assert.equal(from.judged.sig, "sig-good-first");
  assert.equal(from.headers.from?.address, "alice@example.test", "the signature covers the inner From");
  assert.deepEqual(from.judged.notes, ["note-outer-from"]);
  const two = await asBob(altered(raw, /^From: /m, "From: eve@example.net\r\nFrom: "));
  assert.equal(two.judged.sig, "sig-from-unclear");
  // Without Alice's certificate nobody vouches for the inner From: the outer one is shown.
  const unknown = await asBob(altered(raw, /^From: .*$/m, "From: mallory@example.test"), { certificates: [] });
  assert.equal(unknown.headers.from?.address, "mallory@example.test");
});

test("an inner From under a signature of somebody else does not become the sender", async () => {
  const inner = bytes('Content-Type: text/plain; protected-headers="v1"; hp="clear"\r\nFrom: alice@example.test\r\nSubject: inside\r\n\r\npay Eve\r\n');
  const { signature } = await openpgp.sign(inner, { signer: keys.charlie, now: new Date() });
  const raw = bytes(`From: charlie@example.test\r\nSubject: outside\r\nContent-Type: multipart/signed; protocol="application/pgp-signature"; boundary=x\r\n\r\n--x\r\n${text(inner)}\r\n--x\r\nContent-Type: application/pgp-signature\r\n\r\n${text(armor(signature, "SIGNATURE"))}\r\n--x--\r\n`);
  for (const [certificates, sig] of /** @type {[Uint8Array[], string][]} */ ([[[keys.charlie.certificate], "sig-from-differs"], [[], "sig-no-certificate"]])) {
    const opened = await asBob(raw, { certificates });
    assert.equal(opened.judged.sig, sig);
    assert.deepEqual([opened.headers.from?.address, opened.headers.subject, opened.judged.notes], ["charlie@example.test", "outside", ["note-outer-from"]]);
  }
  // What a certificate says of itself is nobody's proof; the signer has a name once it is pinned for that address, or own.
  const short = (keys.charlie.fingerprint.slice(-16).toUpperCase().match(/.{4}/g) ?? []).join(" ");
  const pin = { fingerprint: keys.charlie.fingerprint, since: 1, source: "source-here", count: 1 };
  for (const [by, signer] of /** @type {[object, string][]} */ ([
    [{}, short],
    [{ pinOf: (/** @type {string} */ one) => (one === "charlie@example.test" ? pin : null) }, "charlie@example.test"],
    [{ pinOf: (/** @type {string} */ one) => (one === "charlie@example.test" ? { ...pin, fingerprint: keys.dana.fingerprint } : null) }, short],
    [{ pinOf: (/** @type {string} */ one) => (one === "charlie@example.test" ? { ...pin, rejected: { [keys.charlie.fingerprint]: 2 } } : null) }, short],
    [{ keys: [keys.charlie] }, "charlie@example.test"],
  ])) {
    const { values } = await asBob(raw, { certificates: [keys.charlie.certificate], ...by });
    assert.deepEqual([values["sig-from-differs"]?.["signer"], values["sig-from-differs"]?.["address"]], [signer, "alice@example.test"]);
  }
});

test("pins decide what a signature is called, and what is to be noted", async () => {
  const { deliveries } = await build(letter(), { signer: keys.alice });
  const raw = deliveries[0].bytes;
  const pin = { fingerprint: keys.alice.fingerprint, since: 1_700_000_000, source: "source-here", count: 3 };
  const first = await asBob(raw);
  assert.deepEqual([first.note?.address, first.note?.fingerprint], ["alice@example.test", keys.alice.fingerprint]);
  assert.equal((await asBob(raw, { pinOf: () => pin })).judged.sig, "sig-good-known");
  assert.equal((await asBob(raw, { pinOf: () => ({ ...pin, verified: 1_700_000_001 }) })).judged.sig, "sig-good-verified");
  const changed = await asBob(raw, { pinOf: () => ({ ...pin, fingerprint: keys.charlie.fingerprint }) });
  assert.deepEqual([changed.judged.sig, changed.judged.level, changed.note], ["sig-changed", "warning", null]);
  assert.equal((await open(raw, { keys: [keys.alice], certificates: [], pinOf: none })).judged.sig, "sig-good-own");
});

test("a signature from the future or from an expired key does not count", async () => {
  const { deliveries } = await build(letter({ protection: "signed" }), { signer: keys.alice });
  const earlier = new Date(Date.now() - DAY);
  assert.equal((await asBob(deliveries[0].bytes, { now: earlier })).judged.sig, "sig-future");
  const secret = await pgp.readPrivateKey({ binaryKey: keys.alice.key });
  const { privateKey } = await pgp.reformatKey({ privateKey: secret, userIDs: [{ name: "Alice", email: "alice@example.test" }], keyExpirationTime: 5 * 86400, format: "object", date: new Date(Date.now() - 10 * DAY) });
  const expired = privateKey.toPublic().write();
  assert.equal((await asBob(deliveries[0].bytes, { certificates: [expired] })).judged.sig, "sig-expired-then");
  assert.equal((await openpgp.judge({ address: "alice@example.test", certificates: [expired] })).reason, "expired");
});

test("a superseded key speaks for what came before, a compromised one for nothing", async () => {
  const { deliveries } = await build(letter({ protection: "signed" }), { signer: keys.alice, now: new Date(Date.now() - 5 * DAY) });
  const key = await pgp.readPrivateKey({ binaryKey: keys.alice.key });
  const revokedFor = async (/** @type {number} */ flag, /** @type {number} */ days) =>
    (await pgp.revokeKey({ key, reasonForRevocation: { flag }, date: new Date(Date.now() - days * DAY), format: "object" })).publicKey.write();
  const sig = async (/** @type {Uint8Array} */ certificate) => (await asBob(deliveries[0].bytes, { certificates: [certificate] })).judged;
  const after = await sig(await revokedFor(pgp.enums.reasonForRevocation.keySuperseded, 1));
  assert.deepEqual([after.sig, after.notes], ["sig-good-first", ["note-revoked-since"]]);
  assert.equal((await sig(await revokedFor(pgp.enums.reasonForRevocation.keySuperseded, 8))).sig, "sig-revoked-before");
  assert.equal((await sig(await revokedFor(pgp.enums.reasonForRevocation.keyCompromised, 1))).sig, "sig-compromised");
  assert.equal((await sig(await revokedFor(pgp.enums.reasonForRevocation.noReason, 1))).sig, "sig-compromised");
});

test("what stands beside a signed or encrypted part is outside it", async () => {
  const { deliveries } = await build(letter({ protection: "signed" }), { signer: keys.alice });
  const inner = text(deliveries[0].bytes).replace(/^[^]*?(?=Content-Type: multipart\/signed)/, "");
  const wrapped = (/** @type {string} */ list) => bytes(`From: alice@example.test\r\n${list}Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n${inner}\r\n--x\r\n\r\nfooter\r\n--x--\r\n`);
  const part = await asBob(wrapped(""));
  assert.deepEqual([part.judged.sig, part.judged.mark], ["sig-part", "partly-signed"]);
  assert.deepEqual(part.parts.map((one) => one.card), [0, null]);
  assert.equal(part.cards[0].id, "part-signed");
  assert.equal((await asBob(wrapped("List-Id: <l.example.test>\r\n"))).judged.sig, "sig-list-footer");

  const encrypted = (await build(letter(), { signer: keys.alice })).deliveries[0].bytes;
  const closed = text(encrypted).replace(/^[^]*?(?=Content-Type: multipart\/encrypted)/, "");
  const mixed = await asBob(bytes(`From: eve@example.net\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: text/html\r\n\r\n<img src="http://eve.example/\r\n--x\r\n${closed}\r\n--x--\r\n`));
  assert.deepEqual(mixed.judged.line, ["plain"]);
  assert.deepEqual(mixed.parts.map((one) => [one.kind, one.text === undefined]), [["html", false], ["encrypted", true]]);
  assert.equal(mixed.cards[0].id, "part-encrypted");
});

test("a signature around the encryption shows no author", async () => {
  const encrypted = (await build(letter(), { signer: keys.alice })).deliveries[0].bytes;
  const inner = text(encrypted).replace(/^[^]*?(?=Content-Type: multipart\/encrypted)/, "");
  const { signature } = await openpgp.sign(bytes(inner), { signer: keys.charlie, now: new Date() });
  const raw = bytes(`From: charlie@example.test\r\nContent-Type: multipart/signed; protocol="application/pgp-signature"; boundary=x\r\n\r\n--x\r\n${inner}\r\n--x\r\nContent-Type: application/pgp-signature\r\n\r\n${text(armor(signature, "SIGNATURE"))}\r\n--x--\r\n`);
  const opened = await asBob(raw, { certificates: [keys.charlie.certificate] });
  assert.equal(opened.judged.sig, "sig-no-certificate", "Alice signed inside; Charlie's wrapping says nothing");
  const unsigned = await pgp.encrypt({ message: await pgp.createMessage({ binary: bytes("Content-Type: text/plain\r\n\r\nx\r\n") }), encryptionKeys: await pgp.readKey({ binaryKey: keys.bob.certificate }), format: "binary" });
  const body = `Content-Type: multipart/encrypted; protocol="application/pgp-encrypted"; boundary=e\r\n\r\n--e\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n\r\n--e\r\nContent-Type: application/octet-stream\r\n\r\n${text(armor(unsigned, "MESSAGE"))}\r\n--e--\r\n`;
  const outer = await openpgp.sign(bytes(body), { signer: keys.charlie, now: new Date() });
  const wrapped = bytes(`From: charlie@example.test\r\nContent-Type: multipart/signed; protocol="application/pgp-signature"; boundary=x\r\n\r\n--x\r\n${body}\r\n--x\r\nContent-Type: application/pgp-signature\r\n\r\n${text(armor(outer.signature, "SIGNATURE"))}\r\n--x--\r\n`);
  const outside = await asBob(wrapped, { certificates: [keys.charlie.certificate] });
  assert.deepEqual(outside.judged.line, ["enc-ok", "sig-outside"]);
  assert.match(String(outside.values["sig-outside"]?.["signer"]), /^(?:[0-9A-F]{4} ){3}[0-9A-F]{4}$/);
});

test("only the signed lines of an old inline signature are marked", async () => {
  const signed = await pgp.sign({ message: await pgp.createCleartextMessage({ text: "signed words\n- dash" }), signingKeys: await pgp.readPrivateKey({ binaryKey: keys.alice.key }) });
  const mail = (/** @type {string} */ body) => bytes(`From: alice@example.test\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n${body}`);
  const opened = await asBob(mail(`before\r\n${signed}after\r\n`));
  assert.equal(opened.judged.sig, "sig-inline");
  assert.deepEqual(opened.parts.map((part) => [part.text?.trim(), part.card]), [["before", null], ["signed words\n- dash", 0], ["after", null]]);
  const forged = await asBob(mail(signed.replace("signed words", "forged words")));
  assert.deepEqual([forged.judged.sig, forged.cards[0].id], ["sig-none", "part-signed-not"]);
  const smuggled = await asBob(mail(signed.replace(/\r?\n\r?\nsigned/, "\nPay 100 to Eve\n\nsigned")));
  assert.equal(smuggled.judged.sig, "sig-none", "a line among the armor headers is not signed text");
});

test("a certificate that came along fills an empty place and replaces nothing", async () => {
  const impostor = await openpgp.generateKey({ name: "Alice", address: "alice@example.test" });
  const attached = `--x\r\nContent-Type: application/pgp-keys\r\n\r\n${text(armor(impostor.certificate, "PUBLIC KEY BLOCK"))}\r\n--x--\r\n`;
  const inner = bytes(`Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\npay Eve\r\n${attached}`);
  const { signature } = await openpgp.sign(inner, { signer: impostor, now: new Date() });
  const raw = bytes(`From: alice@example.test\r\nContent-Type: multipart/signed; protocol="application/pgp-signature"; boundary=s\r\n\r\n--s\r\n${text(inner)}\r\n--s\r\nContent-Type: application/pgp-signature\r\n\r\n${text(armor(signature, "SIGNATURE"))}\r\n--s--\r\n`);
  assert.equal((await asBob(raw)).judged.sig, "sig-no-certificate", "the directory knows another certificate for Alice");
  const alone = await asBob(raw, { certificates: [] });
  assert.deepEqual([alone.judged.sig, alone.note?.source], ["sig-good-first", "source-mail"]);
  const pinned = await asBob(raw, { certificates: [], pinOf: () => ({ fingerprint: keys.alice.fingerprint, since: 1, source: "source-here", count: 1 }) });
  assert.equal(pinned.judged.sig, "sig-changed");
});

test("a recipient of an internationalised domain is encrypted to, in either spelling of it", async () => {
  for (const domain of ["b\u00fccher.example", "xn--bcher-kva.example", "B\u00dcCHER.example"]) {
    const bob = await openpgp.generateKey({ name: "Bob", address: "bob@xn--bcher-kva.example" });
    const to = { name: "Bob", address: `bob@${domain}` };
    const { deliveries } = await build(letter({ to: [to], certificates: { [to.address]: [bob.certificate] } }), { signer: keys.alice });
    assert.deepEqual(deliveries[0].recipients, ["bob@xn--bcher-kva.example"]);
    assert.equal((await open(deliveries[0].bytes, { keys: [bob], certificates: [keys.alice.certificate], pinOf: none })).judged.enc, "enc-ok");
  }
  await assert.rejects(build(letter({ to: [{ name: "", address: "bob@b\u00fccher.example/x" }], protection: "clear" }), { signer: null }), { code: "bad-input" });
});

test("a From behind what is read of a header leaves the sender unclear", async () => {
  const raw = (await build(letter({ protection: "signed" }), { signer: keys.alice })).deliveries[0].bytes;
  const padded = (/** @type {number} */ size, /** @type {string} */ more) => bytes(text(raw).replace("\r\n\r\n", `\r\n${"X-Pad: x\r\n".repeat(size)}${more}\r\n`));
  assert.equal((await asBob(padded(10, ""))).judged.sig, "sig-good-first");
  assert.equal((await asBob(padded(10, "From: eve@example.net\r\n"))).judged.sig, "sig-from-unclear");
  const hidden = await asBob(padded(30_000, "From: eve@example.net\r\n"));
  assert.deepEqual([hidden.judged.sig, hidden.note], ["sig-from-unclear", null]);
});

test("what came along costs a bounded time: three certificates, none too large, and so much together", async () => {
  const impostor = await openpgp.generateKey({ name: "Alice", address: "alice@example.test" });
  const others = await Promise.all([1, 2, 3].map(() => openpgp.generateKey({ name: "Alice", address: "alice@example.test" })));
  const padded = async (/** @type {number} */ size) => {
    const key = await pgp.readKey({ binaryKey: impostor.certificate });
    const list = new pgp.PacketList();
    list.push(.../** @type {any} */ (key.toPacketList()));
    for (let left = size; left > 0; left -= 4096) list.push(Object.assign(new pgp.UserIDPacket(), { userID: "x".repeat(4096) }));
    return list.write();
  };
  const sig = async (/** @type {Uint8Array[]} */ attached) => {
    const part = (/** @type {Uint8Array} */ one) => `--x\r\nContent-Type: application/pgp-keys\r\n\r\n${text(armor(one, "PUBLIC KEY BLOCK"))}\r\n`;
    const inner = bytes(`Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\ntext\r\n${attached.map(part).join("")}--x--\r\n`);
    const { signature } = await openpgp.sign(inner, { signer: impostor, now: new Date() });
    const opened = await asBob(bytes(`From: alice@example.test\r\nContent-Type: multipart/signed; protocol="application/pgp-signature"; boundary=s\r\n\r\n--s\r\n${text(inner)}\r\n--s\r\nContent-Type: application/pgp-signature\r\n\r\n${text(armor(signature, "SIGNATURE"))}\r\n--s--\r\n`), { certificates: [] });
    return opened.judged.sig;
  };
  const [one, two, three] = others.map(({ certificate }) => certificate);
  assert.equal(await sig([one, two, impostor.certificate]), "sig-good-first");
  assert.equal(await sig([one, two, three, impostor.certificate]), "sig-no-certificate", "the fourth part");
  assert.equal(await sig([new Uint8Array(Buffer.concat([one, two, three])), impostor.certificate]), "sig-no-certificate", "the fourth certificate");
  assert.equal(await sig([await padded(60 * 1024)]), "sig-good-first");
  assert.equal(await sig([await padded(130 * 1024)]), "sig-no-certificate", "too large");
  const large = new Uint8Array(90 * 1024);
  assert.equal(await sig([large, large, await padded(80 * 1024)]), "sig-no-certificate", "too much together");
});

test("without an answer for the sender nothing that came along takes its place", async () => {
  const impostor = await openpgp.generateKey({ name: "Alice", address: "alice@example.test" });
  const key = text(armor(impostor.certificate, "PUBLIC KEY BLOCK"));
  const inner = bytes(`Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\npay Eve\r\n--x\r\nContent-Type: application/pgp-keys\r\n\r\n${key}\r\n--x--\r\n`);
  const { signature } = await openpgp.sign(inner, { signer: impostor, now: new Date() });
  const autocrypt = `Autocrypt: addr=alice@example.test; keydata=${Buffer.from(impostor.certificate).toString("base64")}\r\n`;
  for (const field of ["", autocrypt]) {
    const raw = bytes(`From: alice@example.test\r\n${field}Content-Type: multipart/signed; protocol="application/pgp-signature"; boundary=s\r\n\r\n--s\r\n${text(inner)}\r\n--s\r\nContent-Type: application/pgp-signature\r\n\r\n${text(armor(signature, "SIGNATURE"))}\r\n--s--\r\n`);
    assert.equal((await asBob(raw, { certificates: [] })).judged.sig, "sig-good-first", "asked, and there is none");
    const unanswered = await asBob(raw, { certificates: null });
    assert.deepEqual([unanswered.judged.sig, unanswered.note], ["sig-no-certificate", null]);
  }
});

test("nothing is shown of a message that no key opens or that is locked", async () => {
  const raw = (await build(letter(), { signer: keys.alice })).deliveries[0].bytes;
  const stranger = await open(raw, { keys: [keys.charlie], certificates: [], pinOf: none });
  assert.deepEqual([stranger.judged.line, stranger.parts, stranger.headers.subject], [["enc-no-key"], [], "[...]"]);
  assert.equal((await open(raw, { keys: null, certificates: [], pinOf: none })).judged.enc, "enc-locked");
  const smime = bytes("From: a@b.test\r\nContent-Type: application/pkcs7-mime; smime-type=enveloped-data\r\n\r\nx\r\n");
  assert.equal((await open(smime, { keys: [], certificates: [], pinOf: none })).judged.enc, "enc-unsupported");
});

test("data padded behind its compressed end opens, as Sequoia writes it", async () => {
  for (const [algorithm, deflate] of /** @type {const} */ ([[1, deflateRawSync], [2, deflateSync]])) {
    const literal = new pgp.LiteralDataPacket();
    /** @type {any} */ (literal).setBytes(bytes("Content-Type: text/plain\r\n\r\npadded\r\n"), pgp.enums.literal.binary);
    const packets = new pgp.PacketList();
    packets.push(literal);
    const compressed = /** @type {any} */ (new pgp.CompressedDataPacket());
    compressed.algorithm = algorithm;
    compressed.compressed = new Uint8Array(Buffer.concat([deflate(packets.write()), Buffer.alloc(100_000, 7)]));
    const list = new pgp.PacketList();
    list.push(compressed);
    const encrypted = await /** @type {any} */ (new pgp.Message(/** @type {any} */ (list))).encrypt([await pgp.readKey({ binaryKey: keys.bob.certificate })]);
    const { data } = await openpgp.decrypt(encrypted.write(), { keys: [keys.bob], certificates: [], now: new Date() });
    assert.match(text(data), /padded/);
  }
});

test("headers and text that the sender hid inside for old programs are not shown twice", async () => {
  const inner = 'Content-Type: text/plain; hp="cipher"; hp-legacy-display="1"\r\nFrom: alice@example.test\r\nSubject: inside\r\n\r\nSubject: inside\r\n\r\nthe text\r\n';
  const [certificate] = await pgp.readKeys({ binaryKeys: keys.bob.certificate });
  const { inspect } = await import("../../static/crypto/openpgp-certificate.js");
  const packets = await openpgp.encrypt(bytes(inner), { recipients: [await inspect(certificate)], signer: keys.alice, now: new Date() });
  const opened = await asBob(bytes(`From: alice@example.test\r\nSubject: [...]\r\nContent-Type: multipart/encrypted; boundary=e\r\n\r\n--e\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n--e\r\nContent-Type: application/octet-stream\r\n\r\n${text(armor(packets, "MESSAGE"))}\r\n--e--\r\n`));
  assert.deepEqual([opened.headers.subject, opened.parts[0].text], ["inside", "the text\n"]);
});
