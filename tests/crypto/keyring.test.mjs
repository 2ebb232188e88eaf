/** keyring-1: what opens it, what does not, and what a changed or older file is answered with. */
import assert from "node:assert/strict";
import test from "node:test";
import { concat, copy, random, toHex, u32, utf8 } from "../../static/crypto/bytes.js";
import * as aead from "../../static/crypto/aead.js";
import { hkdf } from "../../static/crypto/kdf.js";
import * as keyring from "../../static/crypto/keyring.js";
import * as file from "../../static/crypto/keyring-file.js";
import { merge } from "../../static/crypto/keyring-merge.js";
import * as sealing from "../../static/crypto/keyring-seal.js";
import * as changing from "../../static/crypto/keyring-ways.js";
import { CODE, PASSPHRASE, code, newRing, ownKey, passphrase, refusedWith } from "./rings.mjs";

const alice = await ownKey();
const later = await ownKey({ created: 1_791_000_000 });
const open = (sealed, secret = code(), highest = null) => sealing.open(sealed.file, secret, highest);

test("passphrase and code open the same ring", async () => {
  const sealed = await newRing({ kinds: ["passphrase", "code"], keys: [alice.entry], revocations: [alice.revocation] });
  for (const secret of [passphrase(), code(), code(CODE.toLowerCase().replaceAll("-", " "))]) {
    const opened = await open(sealed, secret);
    assert.deepEqual(opened.ring.keys, [alice.entry]);
    assert.deepEqual(opened.ring.revocations, [alice.revocation]);
    assert.deepEqual(opened.ring.state, sealed.ring.state);
    assert.deepEqual(opened.head, sealed.head);
  }
});

test("a secret is wiped by its use", async () => {
  const sealed = await newRing({ kinds: ["passphrase"] });
  const [right, wrong] = [passphrase(), passphrase("not this one")];
  await open(sealed, right);
  await assert.rejects(open(sealed, wrong), refusedWith("wrong-secret"));
  assert.ok([...right.value, ...wrong.value].every((byte) => byte === 0));
});

test("a wrong secret and a damaged box give one same error", async () => {
  const sealed = await newRing({ kinds: ["passphrase", "code"] });
  const errors = [];
  const note = (error) => errors.push(error);
  await open(sealed, passphrase("unicorn gravel dwindle passport mosaik")).catch(note);
  await open(sealed, code("0C71-J91F-792N-0PV6-E5Y8-F4MX-N2SV-XJEMU")).catch(note);
  for (const secret of [passphrase, code]) {
    const { header } = file.split(sealed.file);
    const way = header.ways.find(({ kind }) => kind === secret().kind);
    way.box[7] ^= 1;
    const body = file.split(sealed.file).body;
    await sealing.open(concat(file.head(header), body), secret(), null).catch(note);
  }
  assert.equal(errors.length, 4);
  for (const error of errors) {
    assert.deepEqual([error.name, error.code, error.message, error.facts], ["CryptoError", "wrong-secret", "wrong-secret", {}]);
  }
});

test("another kind of secret than the ring has is no better than a wrong one", async () => {
  await assert.rejects(open(await newRing({ kinds: ["code"] }), passphrase()), refusedWith("wrong-secret"));
});

test("no byte of the file can be changed", async () => {
  const sealed = await newRing({ keys: [alice.entry] });
  const body = sealed.file.length - file.split(sealed.file).body.length;
  const seen = new Set();
  for (let at = 0; at < sealed.file.length; at += at < body ? 1 : 61) {
    const changed = copy(sealed.file);
    changed[at] ^= 1 << at % 8;
    await assert.rejects(
      sealing.open(changed, code(), null),
      (error) => refusedWith("wrong-secret", "ring-tampered", "unsupported")(error) && seen.add(error.code) && true,
      `byte ${at}`,
    );
  }
  assert.deepEqual([...seen].sort(), ["ring-tampered", "unsupported", "wrong-secret"]);
});

test("a file cut or lengthened anywhere is refused", async () => {
  const sealed = await newRing();
  for (const length of [0, 1, 18, 20, 22, 100, 700, sealed.file.length - 1]) {
    await assert.rejects(sealing.open(sealed.file.slice(0, length), code(), null), refusedWith("ring-tampered"), `${length}`);
  }
  await assert.rejects(sealing.open(concat(sealed.file, u32(0)), code(), null), refusedWith("ring-tampered"));
  await assert.rejects(sealing.open(new Uint8Array(file.MOST_FILE + 1), code(), null), refusedWith("too-large"));
});

test("unknown fields, kinds and versions are refused, known kinds of later use are kept", async () => {
  const { header } = file.split((await newRing()).file);
  const written = (change) => {
    const json = JSON.parse(new TextDecoder().decode(file.head(header).slice(22)));
    change(json);
    const bytes = utf8(JSON.stringify(json));
    return concat(utf8("postern-keyring-1\n"), u32(bytes.length), bytes);
  };
  file.split(written(() => {}));
  for (const change of [
    (json) => (json.memory = 1),
    (json) => (json.ways[0].iterations = 1),
    (json) => (json.ways[0].kind = "sms"),
    (json) => delete json.commit,
    (json) => (json.rev = 2 ** 53),
    (json) => (json.rev = 1.5),
    (json) => (json.epoch = -1),
    (json) => (json.epoch = 2 ** 32),
    (json) => (json.salt = "AAAA"),
    (json) => (json.ring = json.ring.replace("==", "")),
    (json) => (json.ways[0].salt = "AAAA"),
    (json) => (json.ways[0].cred = "AAAA"),
    (json) => (json.ways = Array(33).fill(json.ways[0])),
    (json) => (json.ways = Array(5).fill({ ...json.ways[0], kind: "passphrase", salt: "AAAAAAAAAAAAAAAAAAAAAA==" })),
  ]) {
    assert.throws(() => file.split(written(change)), refusedWith("ring-tampered"), change.toString());
  }
  assert.throws(() => file.split(utf8("postern-keyring-2\n\0\0\0\0")), refusedWith("unsupported"));
  file.split(written((json) => (json.ways[0].kind = "transfer")));
});

test("header and body of two revisions do not go together", async () => {
  const first = await newRing();
  const second = await sealing.revised(first, {});
  const mixed = concat(file.split(first.file).aad, file.split(second.file).body);
  await assert.rejects(sealing.open(mixed, code(), null), refusedWith("ring-tampered"));
});

test("the body's ring, epoch, revision and ways must be the header's", async () => {
  // Only who has K can write such a file; a faulty program could.
  const good = await newRing({ kinds: ["code", "passphrase"] });
  const [codeWay, passphraseWay] = good.ring.ways;
  const other = { ...codeWay, pk: random(32) };
  for (const body of [
    { id: random(16) },
    { epoch: 9 },
    { rev: 9 },
    { ways: [codeWay] },
    { ways: [passphraseWay, codeWay] },
    { ways: [other, passphraseWay] },
    { ways: [{ ...codeWay, kind: "transfer" }, passphraseWay] },
  ]) {
    await assert.rejects(sealing.open(await sealedApart(good.ring, body), code(), null), refusedWith("ring-tampered"), Object.keys(body)[0]);
  }
  await sealing.open(await sealedApart(good.ring, {}), code(), null);
});

test("equal contents are sealed differently each time, in whole blocks", async () => {
  const first = await newRing({ keys: [alice.entry] });
  const again = await sealing.seal(first.ring);
  const [one, two] = [file.split(first.file), file.split(again.file)];
  assert.notDeepEqual(one.header.salt, two.header.salt);
  assert.notDeepEqual(one.header.commit, two.header.commit);
  assert.notDeepEqual(one.body, two.body);
  assert.equal((one.body.length - 16) % 4096, 0);
  assert.equal((await newRing()).file.length, (await newRing()).file.length);
});

test("an older revision, a fork and another ring are refused, a newer one is not", async () => {
  const first = await newRing();
  const second = await sealing.revised(first, {});
  const third = await sealing.revised(second, {});
  const fork = await sealing.revised(first, {});
  await open(third, code(), second.head);
  await open(second, code(), second.head);
  await assert.rejects(open(first, code(), second.head), (error) => {
    assert.deepEqual(error.facts, { seen: 2, offered: 1, other: false, fork: false });
    return refusedWith("ring-rollback")(error);
  });
  await assert.rejects(open(fork, code(), second.head), (error) => error.facts.fork && refusedWith("ring-rollback")(error));
  await assert.rejects(open(await newRing(), code(), second.head), (error) => error.facts.other && refusedWith("ring-rollback")(error));
  await assert.rejects(sealing.openWith(first.file, first.ring.key, second.head), refusedWith("ring-rollback"));
});

test("a removed way does not open later files, and what is left does", async () => {
  const both = await newRing({ kinds: ["passphrase", "code"], keys: [alice.entry] });
  const without = await changing.remove(both, both.ring.ways.find(({ kind }) => kind === "code").id);
  assert.equal(without.ring.epoch, 2);
  assert.notDeepEqual(without.ring.key, both.ring.key);
  await assert.rejects(open(without), refusedWith("wrong-secret"));
  assert.deepEqual((await open(without, passphrase())).ring.keys, [alice.entry]);
  await assert.rejects(open(both, code(), without.head), refusedWith("ring-rollback"));
  await assert.rejects(changing.remove(without, without.ring.ways[0].id), refusedWith("bad-input"));
  await assert.rejects(changing.remove(without, random(16)), refusedWith("bad-input"));
});

test("an added way opens within the epoch, a new code ends the old one", async () => {
  const first = await newRing({ keys: [alice.entry] });
  const added = await changing.add(first, passphrase(), "At home");
  assert.deepEqual([added.ring.epoch, added.ring.rev], [1, 2]);
  await open(added, passphrase());
  await open(added, code());
  const fresh = "0C71-J91F-792N-0PV6-E5Y8-F4MX-N2SV-XJEMU";
  const replaced = await changing.replace(added, code(fresh), "");
  await assert.rejects(open(replaced, code()), refusedWith("wrong-secret"));
  const opened = await open(replaced, code(fresh));
  assert.deepEqual(opened.ring.ways.map(({ kind, label }) => [kind, label]), [["passphrase", "At home"], ["code", ""]]);
  assert.equal(toHex(opened.ring.previous), added.head.hash);
});

test("a ring that its own reader would refuse is never sealed", async () => {
  const { ring } = await newRing();
  const ways = Array.from({ length: 33 }, () => ({ ...ring.ways[0], id: random(16) }));
  assert.equal((await sealing.seal({ ...ring, ways: ways.slice(1) })).ring.ways.length, 32);
  await assert.rejects(sealing.seal({ ...ring, ways }), refusedWith("bad-input"), "too many ways");
  await assert.rejects(sealing.seal({ ...ring, ways: [{ ...ring.ways[0], label: "x".repeat(1001) }] }), refusedWith("bad-input"), "a label without end");
});

test("the private keys of a ring that is refused are wiped like those of one that is sealed", async (context) => {
  const { ring } = await newRing({ keys: [alice.entry] });
  /** @type {Uint8Array[]} */
  const bodies = [];
  const { encrypt } = globalThis.crypto.subtle;
  context.mock.method(globalThis.crypto.subtle, "encrypt", function (algorithm, key, body) {
    bodies.push(body);
    return encrypt.call(this, algorithm, key, body);
  });
  await sealing.seal(ring);
  await assert.rejects(sealing.seal({ ...ring, ways: [{ ...ring.ways[0], label: "x".repeat(1001) }] }), refusedWith("bad-input"));
  assert.equal(bodies.length, 2);
  for (const body of bodies) assert.ok(body.length > 0 && body.every((byte) => byte === 0));
});

test("what is inside a broken body is told to nobody", () => {
  assert.throws(() => file.readBody(utf8('{"keys":"secret words'.padEnd(4096))), (error) => refusedWith("ring-tampered")(error) && !error.message.includes("secret"));
});

test("a merge unites keys, revocations and ways of one epoch", async () => {
  const base = await newRing({ keys: [alice.entry] });
  const here = await sealing.revised(base, { keys: [{ ...alice.entry, label: "Old", labelled: 1 }, later.entry], revocations: [later.revocation] });
  const there = await changing.add(await sealing.revised(base, { keys: [{ ...alice.entry, label: "New", labelled: 1_795_000_000 }], revocations: [alice.revocation] }), passphrase(), "");
  for (const [mine, stored] of [[here, there], [there, here]]) {
    const both = await merge(mine, stored);
    const { ring } = await open(both, code(), stored.head);
    assert.deepEqual(ring.keys.map(({ fingerprint, label }) => [fingerprint, label]), [[alice.entry.fingerprint, "New"], [later.entry.fingerprint, ""]]);
    assert.equal(ring.revocations.length, 2);
    assert.equal(ring.ways.length, 2);
    assert.equal(ring.rev, 4);
    assert.equal(toHex(ring.previous), stored.head.hash);
    await open(both, passphrase());
  }
});

test("a merge keeps a certificate renewed on one device and a label given on the other", async () => {
  const { pgp } = await import("../../static/crypto/openpgp-library.js");
  const privateKey = await pgp.readPrivateKey({ binaryKey: alice.entry.key });
  const year = 365 * 86_400;
  const again = await pgp.reformatKey({ privateKey, userIDs: [{ name: "Alice", email: "alice@example.test" }], keyExpirationTime: 3 * year, format: "object" });
  const renewed = { ...alice.entry, key: copy(again.privateKey.write()), certificate: copy(again.publicKey.write()) };
  const base = await newRing({ keys: [alice.entry] });
  const here = await sealing.revised(base, { keys: [{ ...alice.entry, label: "Work", labelled: 1_796_000_000 }] });
  const there = await sealing.revised(base, { keys: [renewed] });
  for (const [mine, stored] of [[here, there], [there, here]]) {
    const { ring } = await open(await merge(mine, stored));
    assert.deepEqual(ring.keys.map(({ label }) => label), ["Work"]);
    const certificate = await pgp.readKey({ binaryKey: ring.keys[0].certificate });
    assert.ok((await certificate.getExpirationTime()) instanceof Date, "the renewed end");
    // Both statements stay; the newer one counts.
    assert.equal(certificate.users[0].selfCertifications.length, 2);
    await keyring.hold(await newRing({ keys: ring.keys }));
    keyring.lock();
  }
});

test("a merge keeps every revocation that differs", async () => {
  const other = { ...alice.revocation, data: random(90) };
  const base = await newRing({ keys: [alice.entry], revocations: [alice.revocation] });
  const here = await sealing.revised(base, { revocations: [alice.revocation, other] });
  const there = await sealing.revised(base, { revocations: [alice.revocation, later.revocation] });
  for (const [mine, stored] of [[here, there], [there, here]]) {
    const found = (await merge(mine, stored)).ring.revocations.map(({ data }) => toHex(data));
    assert.deepEqual(found.sort(), [alice.revocation, other, later.revocation].map(({ data }) => toHex(data)).sort());
  }
});

test("a merge never brings a removed way back", async () => {
  const base = await newRing({ kinds: ["passphrase", "code"], keys: [alice.entry] });
  const removed = await changing.remove(base, base.ring.ways.find(({ kind }) => kind === "code").id);
  const other = await sealing.revised(base, { keys: [alice.entry, later.entry] });
  for (const both of [await merge(removed, other), await merge(other, removed)]) {
    await assert.rejects(open(both, code()), refusedWith("wrong-secret"));
    assert.equal((await open(both, passphrase())).ring.keys.length, 2);
    assert.equal(both.ring.epoch, 2);
  }
});

test("two new epochs at once: the stored one leads", async () => {
  const base = await newRing({ kinds: ["passphrase", "code"] });
  const mine = await changing.remove(base, base.ring.ways[0].id);
  const stored = await changing.remove(base, base.ring.ways[1].id);
  const both = await merge(mine, stored);
  assert.deepEqual(both.ring.ways, stored.ring.ways);
  await open(both, passphrase());
});

test("two different rings are not merged", async () => {
  await assert.rejects(merge(await newRing(), await newRing()), refusedWith("bad-input"));
  const mine = await newRing();
  const other = await sealing.seal({ ...mine.ring, state: random(32) });
  await assert.rejects(merge(mine, other), refusedWith("ring-tampered"));
});

test("a key is used only when both its halves belong together", async () => {
  const parts = alice.entry;
  const overwritten = copy(parts.key);
  overwritten[indexOf(overwritten, pointOf(parts.certificate)) + 5] ^= 1;
  for (const [what, entry] of [
    ["public point changed", { ...parts, key: overwritten }],
    ["private half of another key", { ...parts, key: later.entry.key }],
    ["certificate of another key", { ...parts, certificate: later.entry.certificate }],
    ["fingerprint of another key", { ...parts, fingerprint: later.entry.fingerprint }],
    ["certificate with the private half", { ...parts, certificate: parts.key }],
    ["key without a private half", { ...parts, key: parts.certificate }],
    ["no key at all", { ...parts, key: random(40) }],
    ["private scalar changed, checksum right", mixed(parts)],
  ]) {
    await assert.rejects(keyring.hold(await newRing({ keys: [entry] })), refusedWith("key-refused"), what);
    assert.throws(() => keyring.held(), refusedWith("locked"), what);
  }
});

test("open keys are lent to the worker's own modules only while open", async () => {
  assert.throws(() => keyring.unlockedKeys(), refusedWith("locked"));
  await keyring.hold(await newRing({ keys: [alice.entry, later.entry] }));
  const { signing, decryption } = keyring.unlockedKeys("Alice@Example.test");
  assert.equal(signing.fingerprint, later.entry.fingerprint);
  assert.equal(decryption.length, 2);
  assert.equal(keyring.unlockedKeys("charlie@example.test").signing, null);
  assert.deepEqual(keyring.facts().map(({ purpose, revoked, expires }) => [purpose, revoked, expires]), Array(2).fill(["sign-encrypt", false, null]));
  assert.ok(keyring.facts().every((fact) => !("key" in fact)));
  await keyring.hold(await sealing.revised(keyring.held(), {}));
  assert.equal(keyring.unlockedKeys().signing, signing, "the same object, so that parsed forms stay valid");
  keyring.lock();
  assert.throws(() => keyring.unlockedKeys(), refusedWith("locked"));
  assert.ok(signing.key.every((byte) => byte === 0));
});

test("the passphrase is prepared before it is used", async () => {
  const sealed = await newRing({ kinds: ["passphrase"] });
  assert.equal(PASSPHRASE.includes(" "), true);
  await open(sealed, passphrase(PASSPHRASE.replace(" ", "\u00a0")));
  await open(sealed, passphrase(PASSPHRASE.replace(" ", "\u3000")));
});

/** Seals a ring whose body tells something else than its header: everything right but that. */
async function sealedApart(ring, changes) {
  const salt = random(32);
  const commit = await hkdf(ring.key, salt, "postern keyring-1 commit");
  const aad = file.head({ ring: ring.id, epoch: ring.epoch, rev: ring.rev, salt, commit, ways: ring.ways });
  const { id, ...rest } = { ...ring, ...changes };
  const body = file.writeBody({ ...rest, ring: id });
  const key = await hkdf(ring.key, salt, "postern keyring-1 body");
  return concat(aad, await aead.seal(key, aead.ZERO_NONCE, body, aad));
}

/** The 32 bytes of the primary key's point: after the prefix 0x40 of the first MPI in a legacy EdDSA packet. */
function pointOf(certificate) {
  const at = certificate.indexOf(0x40, 10) + 1;
  return certificate.slice(at, at + 32);
}

function indexOf(bytes, part) {
  for (let at = 0; at + part.length <= bytes.length; at++) if (part.every((byte, index) => bytes[at + index] === byte)) return at;
  throw new Error("not found");
}

/** The private scalar of one key under the public point of another: checksum and structure are right. */
function mixed(entry) {
  const key = copy(entry.key);
  // After the point: S2K usage 0, MPI length, scalar, and the sum of these octets modulo 65536 (RFC 9580 section 5.5.3).
  const from = indexOf(key, pointOf(entry.certificate)) + 32 + 1;
  const length = 2 + Math.ceil(((key[from] << 8) | key[from + 1]) / 8);
  key[from + length - 1] ^= 1;
  const sum = key.slice(from, from + length).reduce((total, byte) => (total + byte) & 0xffff, 0);
  new DataView(key.buffer).setUint16(from + length, sum);
  return { ...entry, key };
}
