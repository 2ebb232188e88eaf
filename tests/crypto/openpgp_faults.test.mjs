/** OpenPGP that is wrong, hostile or odd, as whole messages: what is said of each, and that it is said soon. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import test, { before } from "node:test";
import { deflateRawSync } from "node:zlib";
import { armor } from "../../static/crypto/armor.js";
import { open } from "../../static/crypto/message.js";
import { pgp } from "../../static/crypto/openpgp-library.js";
import * as openpgp from "../../static/crypto/openpgp.js";
import { bytes, joined, literal, mail, packet, sealedV1, SEIPD, sessionKey, text } from "./tampered.mjs";
import { build } from "./built.mjs";

// The library asks what it runs in, and Node.js 20 has nobody to say so.
if (!("navigator" in globalThis)) Object.assign(globalThis, { navigator: { hardwareConcurrency: 2, userAgent: "Node.js" } });

const { enums } = pgp;
const DAY = 86_400_000;
const MINUTE = 60_000;
/** Milliseconds of work; what is tried to the end needs minutes. */
const SOON = 10_000;
const now = new Date();
const KEY = new Uint8Array(randomBytes(32));
/** @typedef {Awaited<ReturnType<typeof openpgp.generateKey>>} Person */
/** @type {Person} */
let alice;
/** @type {Person} */
let bob;
/** @type {Uint8Array} */
let forBob;
before(async () => {
  [alice, bob] = await Promise.all(["Alice", "Bob"].map((name) => openpgp.generateKey({ name, address: `${name.toLowerCase()}@example.test`, date: new Date(Date.now() - 10 * DAY) })));
  forBob = await sessionKey(bob.certificate, KEY);
});

/** @param {Uint8Array} raw @param {object} [by] */
const asBob = (raw, by = {}) => open(raw, { keys: [bob], certificates: [alice.certificate], pinOf: () => null, ...by });
/** What is inside, under a check that holds. @param {Uint8Array} packets */
const encrypted = (packets) => joined(forBob, packet(SEIPD, sealedV1(KEY, packets)));
/** @param {string} body @param {string} [from] */
const plain = (body, from = "alice@example.test") => bytes(`From: ${from}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n${body}`);

/**
 * @template T
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
async function soon(work) {
  const begun = process.cpuUsage();
  const result = await work();
  const { user } = process.cpuUsage(begun);
  assert.ok(user < 1000 * SOON, `${user} µs`);
  return result;
}

/** multipart/signed by hand. @param {string} inner @param {Uint8Array} signature @param {string} from */
function signedMail(inner, signature, from) {
  return bytes(`From: ${from}\r\nContent-Type: multipart/signed; protocol="application/pgp-signature"; boundary=s\r\n\r\n--s\r\n${inner}\r\n--s\r\nContent-Type: application/pgp-signature\r\n\r\n${text(armor(signature, "SIGNATURE"))}\r\n--s--\r\n`);
}

const INNER = "Content-Type: text/plain; charset=utf-8\r\n\r\nHallo\r\n";

// --- B8: the cleartext signature framework ---

const BEGIN = "-----BEGIN PGP SIGNED MESSAGE-----";
const SIGNATURE = "-----BEGIN PGP SIGNATURE-----";

test("tricks with dashes, hashes and borders of an inline signature mark nothing that was not signed", async () => {
  const signingKeys = await pgp.readPrivateKey({ binaryKey: alice.key });
  const signed = /** @type {string} */ (await pgp.sign({ message: await pgp.createCleartextMessage({ text: `first words\n${SIGNATURE}\n- a list\nlast words` }), signingKeys }));
  const good = await asBob(plain(signed));
  assert.deepEqual([good.judged.sig, good.cards.map(({ id }) => id)], ["sig-inline", ["part-signed"]]);
  assert.equal(good.parts[0]?.text?.trim(), `first words\n${SIGNATURE}\n- a list\nlast words`, "escaped dashes are the text's own");

  const lines = signed.split(/\r?\n/);
  const at = lines.indexOf("first words");
  /** @param {number} where @param {...string} more */
  const put = (where, ...more) => [...lines.slice(0, where), ...more, ...lines.slice(where)].join("\r\n");
  /** @type {[string, string][]} */
  const forged = [
    ["a line before the text", put(at, "pay Eve")],
    ["an escaped line", put(at, "- pay Eve")],
    ["a line behind the text", put(lines.indexOf(SIGNATURE), "pay Eve")],
    ["another name of a header", put(1, "Note: pay Eve")],
    ["a header without a value", put(1, "pay Eve")],
    ["blanks for the empty line", put(1, "   ", "pay Eve")],
    ["an unescaped border", signed.replace(`- ${SIGNATURE}`, SIGNATURE)],
    ["an empty signed text before the signature", `${BEGIN}\r\nHash: SHA512\r\n\r\npay Eve\r\n${signed.slice(signed.lastIndexOf(SIGNATURE))}`],
    ["letters after the border's dashes", signed.replace(BEGIN, `${BEGIN} pay Eve`)],
    ["the beginning twice", `${BEGIN}\r\nHash: SHA512\r\n\r\npay Eve\r\n${signed}`],
  ];
  for (const [what, body] of forged) {
    const opened = await asBob(plain(body));
    const marked = opened.parts.filter((part) => part.card !== null && opened.cards[part.card]?.id === "part-signed");
    assert.ok(marked.every((part) => !part.text?.includes("pay Eve")), what);
    assert.ok(opened.judged.sig === "sig-none" || marked.length > 0, `${what}: ${opened.judged.sig}`);
    assert.ok(!opened.judged.sig?.startsWith("sig-good"), what);
  }
  // Which hash a header names is no fact: the signature itself says it.
  for (const named of ["Hash: MD5", "Hash: SHA512\r\nHash: SHA1", "Hash: none"]) assert.equal((await asBob(plain(signed.replace(/Hash: \w+/, named)))).judged.sig, "sig-inline", named);
});

test("two inline signatures of two people: each marks its own lines, and neither the message", async () => {
  const sign = async (/** @type {Person} */ who, /** @type {string} */ words) => /** @type {string} */ (await pgp.sign({ message: await pgp.createCleartextMessage({ text: words }), signingKeys: await pgp.readPrivateKey({ binaryKey: who.key }) }));
  const eve = await openpgp.generateKey({ name: "Eve", address: "eve@example.net" });
  const opened = await asBob(plain(`${await sign(alice, "by Alice")}between\r\n${await sign(eve, "by Eve")}`));
  assert.equal(opened.judged.sig, "sig-inline");
  assert.deepEqual(opened.parts.map((part) => [part.text?.trim(), part.card === null ? null : opened.cards[part.card]?.id]), [["by Alice", "part-signed"], ["between", null], ["by Eve", "part-signed-not"]]);
});

// --- B14: whose key, and when ---

test("a stranger's subkey without its own consent makes nobody the author", async () => {
  const made = (/** @type {string} */ name) => pgp.generateKey({ type: "ecc", curve: "curve25519Legacy", userIDs: [{ name, email: `${name.toLowerCase()}@example.test` }], subkeys: [{ sign: true }], format: "object", date: new Date(Date.now() - 5 * DAY) });
  const [carol, mallory] = await Promise.all([made("Carol"), made("Mallory")]);
  const signing = carol.privateKey.subkeys[0].keyPacket;
  const signature = /** @type {Uint8Array} */ (await pgp.sign({ message: await pgp.createMessage({ binary: bytes(INNER) }), signingKeys: carol.privateKey, signingKeyIDs: carol.privateKey.subkeys[0].getKeyID(), detached: true, format: "binary" }));
  const sig = async (/** @type {any} */ key, /** @type {string} */ from) => (await asBob(signedMail(INNER, signature, from), { certificates: [key.toPublic().write()] })).judged.sig;
  assert.equal(await sig(carol.privateKey, "carol@example.test"), "sig-good-first");

  const primary = /** @type {any} */ (mallory.privateKey.keyPacket);
  const bound = async (/** @type {any} */ back) => {
    const binding = Object.assign(/** @type {any} */ (new pgp.SignaturePacket()), { signatureType: enums.signature.subkeyBinding, publicKeyAlgorithm: primary.algorithm, hashAlgorithm: enums.hash.sha256, keyFlags: [enums.keyFlags.signData], embeddedSignature: back });
    await binding.sign(primary, { key: primary, bind: signing }, new Date(Date.now() - DAY), false, pgp.config);
    const adopted = /** @type {any} */ (await pgp.readPrivateKey({ binaryKey: mallory.privateKey.write() }));
    adopted.subkeys = [Object.assign(Object.create(carol.privateKey.subkeys[0]), { bindingSignatures: [binding], revocationSignatures: [], mainKey: adopted })];
    return adopted;
  };
  assert.equal(await sig(await bound(null), "mallory@example.test"), "sig-wrong-use", "without a back signature");
  const hers = /** @type {any} */ (carol.privateKey.subkeys[0]).bindingSignatures[0].embeddedSignature;
  assert.equal(await sig(await bound(hers), "mallory@example.test"), "sig-wrong-use", "with the one that she gave to her own key");
});

test("a signature from before its key expired counts, and it is said since when it no longer could", async () => {
  const { privateKey } = await pgp.reformatKey({ privateKey: await pgp.readPrivateKey({ binaryKey: alice.key }), userIDs: [{ name: "Alice", email: "alice@example.test" }], keyExpirationTime: 5 * 86_400, format: "object", date: new Date(Date.now() - 10 * DAY) });
  const key = { ...alice, key: privateKey.write(), certificate: privateKey.toPublic().write() };
  for (const [days, sig, notes] of /** @type {[number, string, string[]][]} */ ([[8, "sig-good-first", ["note-expired-since"]], [2, "sig-expired-then", []]])) {
    const { signature } = await openpgp.sign(bytes(INNER), { signer: days === 8 ? key : alice, now: new Date(Date.now() - days * DAY) });
    const opened = await asBob(signedMail(INNER, signature, "alice@example.test"), { certificates: [key.certificate] });
    assert.deepEqual([opened.judged.sig, opened.judged.notes], [sig, notes], `${days} days ago`);
  }
});

// --- B15: tampered key material ---

test("no octet of a certificate can be changed and leave a signature of another meaning", async () => {
  const { signature } = await openpgp.sign(bytes(INNER), { signer: alice, now });
  const raw = signedMail(INNER, signature, "alice@example.test");
  const honest = await asBob(raw);
  for (let at = 1; at < alice.certificate.length; at += 3) {
    const certificate = alice.certificate.slice();
    certificate[at] ^= 1 << (at % 8);
    const opened = await asBob(raw, { certificates: [certificate] });
    if (opened.judged.sig !== "sig-good-first") continue;
    // What is left as it was are its headers and what the signatures do not cover; whose key it is must be the same.
    assert.equal(opened.signer?.fingerprint, alice.fingerprint, `octet ${at}`);
    assert.deepEqual(opened.signer?.addresses, honest.signer?.addresses, `octet ${at}`);
  }
});

test("an own key whose two halves do not belong together is not used", async () => {
  const { examine } = await import("../../static/crypto/own-keys.js");
  const secret = await pgp.readPrivateKey({ binaryKey: bob.key });
  for (const packetOf of [secret.keyPacket, secret.subkeys[0].keyPacket]) {
    const changed = await pgp.readPrivateKey({ binaryKey: bob.key.slice() });
    const target = /** @type {any} */ (packetOf === secret.keyPacket ? changed.keyPacket : changed.subkeys[0].keyPacket);
    const point = target.publicParams.Q ?? target.publicParams.A;
    point[point.length >> 1] ^= 1;
    const key = { key: changed.write(), certificate: changed.toPublic().write(), fingerprint: changed.getFingerprint(), account: "a", address: "bob@example.test", label: "", kind: "openpgp" };
    await assert.rejects(examine(/** @type {any} */ (key)), { code: "key-refused" });
  }
});

// --- B18: what is inside has no say over what is outside ---

test("headers inside the encryption change nothing outside of it", async () => {
  const inner = "Content-Type: text/html; charset=utf-8\r\nContent-Location: https://bank.example/\r\nContent-Base: https://bank.example/\r\nContent-Disposition: attachment; filename=x.html\r\nFrom: boss@bank.example\r\nTo: everybody@example.test\r\nReply-To: eve@example.net\r\nMessage-ID: <other@bank.example>\r\nAuthentication-Results: mx.example.test; dkim=pass header.d=bank.example\r\nAutocrypt: addr=alice@example.test; keydata=AAAA\r\nList-Id: <l.bank.example>\r\n\r\n<base href='https://bank.example/'>inside\r\n";
  const opened = await asBob(mail(encrypted(literal(inner))), { authserv: "mx.example.test" });
  assert.deepEqual([opened.judged.enc, opened.judged.sig], ["enc-ok", "sig-none"]);
  assert.equal(opened.headers.from?.address, "alice@example.test");
  assert.deepEqual(opened.headers.to.map(({ address }) => address), ["bob@example.test"]);
  assert.deepEqual([opened.headers.subject, opened.headers.messageId, opened.certificates, opened.note], ["[...]", "", [], null]);
  assert.equal(opened.claimed?.results.length ?? 0, 0, "what a mail server found stands outside");
  assert.ok(!JSON.stringify({ ...opened, parts: [], stored: null }).includes("bank.example"));
  assert.deepEqual(opened.parts.map(({ kind, name }) => [kind, name]), [["attachment", "x.html"]]);
});

// --- B20, B21: what grows ---

/** @param {Uint8Array} inside */
const zipped = (inside) => packet(8, joined([1], deflateRawSync(inside, { level: 9 })));

test("a bomb of 200 MiB is told by its name, in whatever it comes", async () => {
  const bomb = zipped(literal(new Uint8Array(200 * 1024 * 1024)));
  assert.ok(bomb.length < 300_000);
  const before = process.memoryUsage().rss;
  assert.equal((await soon(() => asBob(mail(encrypted(bomb))))).judged.enc, "enc-too-large");
  // Not encrypted at all, in the old form: no more than a text whose signature cannot be read.
  const opaque = await soon(() => asBob(plain(text(armor(bomb, "MESSAGE")))));
  assert.equal(opaque.judged.enc, "enc-none");
  assert.ok(!opaque.judged.sig?.startsWith("sig-good"));
  const detached = await soon(() => asBob(signedMail(INNER, bomb, "alice@example.test")));
  assert.ok(["sig-unreadable", "sig-unsupported"].includes(String(detached.judged.sig)), String(detached.judged.sig));
  assert.ok(process.memoryUsage().rss - before < 400 * 1024 * 1024);
});

test("compression within compression, two thousand times, ends", async () => {
  let nested = literal("Content-Type: text/plain\r\n\r\ninside\r\n");
  for (let depth = 0; depth < 2000; depth++) nested = zipped(nested);
  for (const packets of [encrypted(nested), nested]) {
    const opened = await soon(() => asBob(mail(packets)));
    assert.ok(["enc-failed", "enc-unsupported", "enc-too-large"].includes(opened.judged.enc), opened.judged.enc);
    assert.deepEqual(opened.parts, []);
  }
  await soon(() => asBob(plain(text(armor(nested, "MESSAGE")))));
  assert.match(String((await asBob(mail(encrypted(zipped(literal("Content-Type: text/plain\r\n\r\ninside\r\n")))))).parts[0]?.text), /inside/);
});

// --- B23: what is no message at all ---

test("lengths that promise more than there is, cut armor and a wrong checksum end in words", async () => {
  const good = encrypted(literal("Content-Type: text/plain\r\n\r\ninside\r\n"));
  for (const tag of [1, 2, 3, 4, 8, 9, 11, 18, 20, 21, 60]) {
    for (const broken of [joined([0xc0 | tag, 0xff, 0xff, 0xff, 0xff, 0xff], randomBytes(40)), joined([0xc0 | tag, 0xfe], randomBytes(40)), joined([0xc0 | tag, 0xe0]), joined([0xc0 | tag])]) {
      for (const message of [broken, joined(forBob, broken), joined(broken, good)]) {
        const opened = await soon(() => asBob(mail(message)));
        assert.ok(opened.judged.enc !== "enc-ok" && opened.parts.length === 0, `${tag}: ${opened.judged.enc}`);
      }
    }
  }
  const whole = text(mail(good));
  for (let cut = 1; cut < 1000 && cut < whole.length - 250; cut += 37) {
    const opened = await asBob(bytes(whole.slice(0, -cut)));
    assert.ok(["enc-ok", "enc-failed", "enc-damaged", "enc-unsupported", "enc-no-key", "enc-none"].includes(opened.judged.enc), opened.judged.enc);
    if (opened.judged.enc !== "enc-ok") assert.ok(!JSON.stringify(opened.parts).includes("inside"), `${cut}`);
  }
  // The checksum is for noisy lines and says nothing (RFC 9580 section 6.1); what is inside has a check of its own.
  assert.equal((await asBob(bytes(whole.replace(/\r\n=[\w+/]{4}\r\n/, "\r\n=AAAA\r\n")))).judged.enc, "enc-ok");
});

test("ten thousand times five hundred random octets: no crash, no claim", async () => {
  const named = new Set(["no-key", "no-integrity", "damaged", "not-opened", "unsupported", "too-large"]);
  const begun = process.cpuUsage();
  for (let run = 0; run < 10_000; run++) {
    const noise = new Uint8Array(randomBytes(500));
    noise[0] |= 0x80;
    const hex = () => Buffer.from(noise).toString("hex");
    if (run % 2 === 0) {
      const found = await openpgp.verify(bytes("x"), noise, { certificates: [], now });
      assert.ok(found.every(({ state }) => state !== "good"), hex());
    } else {
      const packets = run % 20 === 1 ? joined(forBob, noise) : noise;
      await assert.rejects(openpgp.decrypt(packets, { keys: [bob], certificates: [], now }), ({ code }) => named.has(code), hex());
    }
    if (run % 50 !== 0) continue;
    for (const raw of [mail(joined(forBob, noise)), signedMail(INNER, noise, "alice@example.test"), mail(noise, "inline"), mail(noise, "exchange")]) {
      const { judged, parts } = await asBob(raw);
      assert.ok(judged.enc !== "enc-ok" && !judged.sig?.startsWith("sig-good"), hex());
      if (judged.enc !== "enc-none") assert.deepEqual(parts, [], hex());
    }
  }
  assert.ok(process.cpuUsage(begun).user < 12_000 * SOON);
});

// --- B24, B25: what would be computed for a passphrase ---

test("a passphrase that would cost a terabyte or years is never tried", async () => {
  const argon = joined([4, 9, 4], randomBytes(16), [1, 1, 30], randomBytes(33));
  const argonMost = joined([4, 9, 4], randomBytes(16), [255, 255, 255], randomBytes(33));
  const iterated = joined([4, 9, 3, 10], randomBytes(8), [0xff], randomBytes(33));
  for (const ways of [argon, argonMost, iterated]) {
    const sealed = packet(SEIPD, sealedV1(KEY, literal("Content-Type: text/plain\r\n\r\ninside\r\n")));
    const alone = await soon(() => asBob(mail(joined(packet(3, ways), sealed))));
    assert.equal(alone.judged.enc, "enc-unsupported");
    // Beside a key of the person it is not in the way.
    const beside = await soon(() => asBob(mail(joined(packet(3, ways), forBob, packet(3, ways), sealed))));
    assert.equal(beside.judged.enc, "enc-ok");
  }
});

// --- B31: messages in messages ---

test("messages in messages are shown as far as anybody reads, and it is said that there is more", async () => {
  const raw = bytes(`From: alice@example.test\r\n${"Content-Type: message/rfc822\r\n\r\n".repeat(100)}x`);
  const opened = await soon(() => asBob(raw));
  assert.equal(opened.limited, true);
  assert.deepEqual(opened.cards.map(({ id }) => id), ["part-limit"]);
  let encryptedIn = literal("Content-Type: text/plain\r\n\r\ninside\r\n");
  for (let depth = 0; depth < 20; depth++) encryptedIn = literal(text(mail(encrypted(encryptedIn))).replace(/^[^]*?(?=Content-Type)/, ""));
  const layers = await soon(() => asBob(mail(encrypted(encryptedIn))));
  assert.equal(layers.judged.enc, "enc-ok");
  assert.ok(!JSON.stringify(layers.parts).includes("inside"), "one layer is opened for the message; what is deeper stays closed");
  assert.deepEqual(layers.cards.map(({ id }) => id), ["part-encrypted"]);
});

// --- B33, B7: what a list adds ---

test("a footer or a subject that a list put in leaves the signed part signed", async () => {
  const { deliveries } = await build(/** @type {any} */ ({ from: { name: "", address: "alice@example.test" }, to: [{ name: "", address: "list@example.test" }], cc: [], bcc: [], subject: "Walnussbaum", text: "Hallo\n", html: null, attachments: [], inReplyTo: null, references: [], protection: "signed", certificates: {} }), { signer: alice });
  const raw = text(deliveries[0]?.bytes ?? new Uint8Array());
  const entity = raw.slice(raw.indexOf("Content-Type: multipart/signed"));
  const sent = (/** @type {string} */ subject) => bytes(`From: alice@example.test\r\nList-Id: <walnuts.example.test>\r\nSubject: ${subject}\r\nContent-Type: multipart/mixed; boundary=list\r\n\r\n--list\r\n${entity}\r\n--list\r\nContent-Type: text/plain\r\n\r\nTo leave the list, pay Eve\r\n--list--\r\n`);
  const opened = await asBob(sent("[walnuts] Walnussbaum"));
  assert.deepEqual([opened.judged.sig, opened.judged.level], ["sig-list-footer", "note"]);
  assert.deepEqual(opened.parts.map((part) => [part.text?.trim(), part.card]), [["Hallo", 0], ["To leave the list, pay Eve", null]]);
  // Put into the signed text itself it is a changed message.
  const inside = await asBob(bytes(raw.replace("Hallo", "Hallo, pay Eve")));
  assert.equal(inside.judged.sig, "sig-bad");
});

// --- B36: clocks ---

test("a clock may be five minutes fast, and no more", async () => {
  const { signature } = await openpgp.sign(bytes(INNER), { signer: alice, now });
  const raw = signedMail(INNER, signature, "alice@example.test");
  for (const [minutes, sig] of /** @type {[number, string][]} */ ([[0, "sig-good-first"], [4.9, "sig-good-first"], [5.1, "sig-future"], [24 * 60, "sig-future"], [-60, "sig-good-first"]])) {
    assert.equal((await asBob(raw, { now: new Date(now.getTime() - minutes * MINUTE) })).judged.sig, sig, `${minutes} minutes`);
  }
});
