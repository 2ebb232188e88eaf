/** Certificates in header fields: who is offered what, where it stands, and what is left at home. */
import assert from "node:assert/strict";
import test, { before } from "node:test";
import { build, open } from "../../static/crypto/message.js";
import { autocryptField } from "../../static/crypto/autocrypt.js";
import { pgp } from "../../static/crypto/openpgp-library.js";
import * as openpgp from "../../static/crypto/openpgp.js";

const NAMES = /** @type {const} */ (["alice", "bob", "charlie", "dana"]);
/** @type {Record<string, Awaited<ReturnType<typeof openpgp.generateKey>>>} */
const keys = {};
before(async () => {
  for (const name of NAMES) keys[name] = await openpgp.generateKey({ name, address: `${name}@example.test`, date: new Date(Date.now() - 86_400_000) });
});
const person = (/** @type {string} */ name) => ({ name: "", address: `${name}@example.test` });
/** @param {string} protection @param {Partial<Record<"to" | "cc" | "bcc", string[]>>} people @returns {any} */
const letter = (protection, people) => ({
  from: person("alice"), to: [], subject: "Walnussbaum", text: "Hallo\n", protection,
  ...Object.fromEntries(Object.entries(people).map(([field, names]) => [field, names.map(person)])),
  certificates: Object.fromEntries(NAMES.map((name) => [`${name}@example.test`, [keys[name].certificate]])),
});
const header = async (/** @type {Blob} */ blob) => (await blob.text()).split("\r\n\r\n")[0].replace(/\r\n[ \t]+/g, " ");
/** What somebody finds inside. @param {Blob} blob @param {string} name */
async function inside(blob, name) {
  const { data } = await decrypted(new Uint8Array(await blob.arrayBuffer()), name);
  return new TextDecoder().decode(/** @type {Uint8Array} */ (data)).split("\r\n\r\n")[0].replace(/\r\n[ \t]+/g, " ");
}
/** @param {Uint8Array} raw @param {string} name */
async function decrypted(raw, name) {
  const armored = /-----BEGIN PGP MESSAGE-----[^]*?-----END PGP MESSAGE-----/.exec(new TextDecoder().decode(raw))?.[0] ?? "";
  const decryptionKeys = await pgp.readPrivateKey({ binaryKey: keys[name].key });
  return pgp.decrypt({ message: await pgp.readMessage({ armoredMessage: armored }), decryptionKeys, format: "binary" });
}
const keydata = (/** @type {string} */ field) => Buffer.from(/keydata=(.*)$/.exec(field)?.[1]?.replaceAll(" ", "") ?? "", "base64");

test("whoever reads a message can write back encrypted, however it came", async () => {
  for (const [protection, signer] of /** @type {const} */ ([["encrypted", true], ["signed", true], ["clear", false]])) {
    const { deliveries } = await build(letter(protection, { to: ["bob"] }), { signer: signer ? keys["alice"] : null, certificate: keys["alice"].certificate });
    const lines = (await header(deliveries[0].bytes)).split("\r\n").filter((line) => /^autocrypt/i.test(line));
    assert.equal(lines.length, 1, protection);
    assert.match(lines[0], /^Autocrypt: addr=alice@example\.test; prefer-encrypt=mutual; keydata=/);
    const offered = await pgp.readKey({ binaryKey: keydata(lines[0]) });
    assert.equal(offered.getFingerprint(), keys["alice"].fingerprint);
    const opened = await open(new Uint8Array(await deliveries[0].bytes.arrayBuffer()), { keys: [keys["bob"]], certificates: [], pinOf: () => null });
    if (protection !== "clear") assert.equal(opened.judged.sig, "sig-good-first", `${protection}: our own reader uses what came along`);
  }
  const { deliveries } = await build(letter("clear", { to: ["bob"] }), { signer: null });
  assert.doesNotMatch(await header(deliveries[0].bytes), /^autocrypt/im, "nothing where the keys are locked");
});

test("those in To and Cc learn each other's certificates inside the encryption, and nobody's in Bcc", async () => {
  const { deliveries } = await build(letter("encrypted", { to: ["bob"], cc: ["charlie"], bcc: ["dana"] }), { signer: keys["alice"] });
  for (const [at, name] of /** @type {const} */ ([[0, "bob"], [0, "charlie"], [1, "dana"]])) {
    assert.doesNotMatch(await header(deliveries[at].bytes), /gossip/i);
    const lines = (await inside(deliveries[at].bytes, name)).split("\r\n").filter((line) => line.startsWith("Autocrypt-Gossip:"));
    assert.deepEqual(lines.map((line) => /addr=([^;]*)/.exec(line)?.[1]), ["bob@example.test", "charlie@example.test"]);
    assert.deepEqual(await Promise.all(lines.map(async (line) => (await pgp.readKey({ binaryKey: keydata(line) })).getFingerprint())), [keys["bob"].fingerprint, keys["charlie"].fingerprint]);
  }
  const one = await build(letter("encrypted", { to: ["bob"], bcc: ["dana"] }), { signer: keys["alice"] });
  assert.doesNotMatch(await inside(one.deliveries[0].bytes, "bob"), /gossip/i, "a single recipient has nobody to be told about");
});

test("other names, photos and strangers' signatures stay at home", async () => {
  const [alice, bob] = await Promise.all(["alice", "bob"].map((name) => pgp.readPrivateKey({ binaryKey: keys[name].key })));
  const two = await pgp.reformatKey({ privateKey: alice, userIDs: [{ name: "alice", email: "alice@example.test" }, { name: "A. Private", email: "at.home@example.net" }], format: "object", date: new Date(Date.now() - 1000) });
  const signed = await two.publicKey.signPrimaryUser([bob]);
  const [field] = await autocryptField("alice@example.test", signed.write());
  const offered = await pgp.readKey({ binaryKey: keydata(field[1]) });
  assert.deepEqual(offered.getUserIDs(), ["alice <alice@example.test>"]);
  assert.equal(offered.users[0].otherCertifications.length, 0);
  assert.equal(offered.subkeys.length, 1);
  assert.ok(await offered.getEncryptionKey());
  assert.deepEqual(await autocryptField("eve@example.test", signed.write()), [], "not for an address that it does not name");
});

test("the own copy says who was in Bcc, and no other", async () => {
  const { deliveries, own } = await build(letter("encrypted", { to: ["bob"], bcc: ["dana", "charlie"] }), { signer: keys["alice"] });
  assert.ok(own);
  for (const blob of [...deliveries.map(({ bytes }) => bytes), own]) assert.doesNotMatch((await header(blob)).replace(/^Autocrypt:.*$/m, ""), /^bcc|dana|charlie/im);
  for (const name of ["bob", "dana", "charlie"]) await assert.rejects(inside(own, name));
  const mine = await open(new Uint8Array(await own.arrayBuffer()), { keys: [keys["alice"]], certificates: [keys["alice"].certificate], pinOf: () => null });
  assert.deepEqual(mine.headers.bcc.map(({ address }) => address), ["dana@example.test", "charlie@example.test"]);
  assert.match(mine.judged.sig ?? "", /^sig-good/);
  assert.equal((await build(letter("encrypted", { to: ["bob"] }), { signer: keys["alice"] })).own, null);
  for (const protection of ["clear", "signed"]) {
    const plain = await build(letter(protection, { to: ["bob"], bcc: ["dana"] }), { signer: keys["alice"] });
    // A certificate in base64 may spell anything.
    assert.doesNotMatch((await plain.deliveries[0].bytes.text()).replace(/^Autocrypt:.*\r\n(?: .*\r\n)*/m, ""), /bcc|dana/i);
    assert.match(await header(/** @type {Blob} */ (plain.own)), /^Bcc: dana@example\.test$/m);
  }
});
