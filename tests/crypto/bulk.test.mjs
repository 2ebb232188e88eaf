/** The bulk path says of every message what the library says of it, and never hands out what was not checked. */
import assert from "node:assert/strict";
import { createCipheriv, createHash, randomBytes } from "node:crypto";
import test, { before } from "node:test";
import { aes, PIECE } from "../../static/crypto/aes.js";
import { decryptCfb } from "../../static/crypto/cfb.js";
import { ocb } from "../../static/crypto/ocb.js";
import { inspect, readCertificates } from "../../static/crypto/openpgp-certificate.js";
import { bulkOf } from "../../static/crypto/openpgp-bulk.js";
import { pgp } from "../../static/crypto/openpgp-library.js";
import { joined, packetAt, packetsIn } from "../../static/crypto/openpgp-packets.js";
import { decrypt, generateKey, verify, sign } from "../../static/crypto/openpgp.js";
import { Pace } from "../../static/crypto/pace.js";

const { enums } = pgp;
// The library asks what it runs in, and Node.js 20 has nobody to say so.
if (!("navigator" in globalThis)) Object.assign(globalThis, { navigator: { hardwareConcurrency: 2, userAgent: "Node.js" } });
const NEVER = 2 ** 40;
const now = new Date();
const unhex = (/** @type {string} */ hex) => new Uint8Array(Buffer.from(hex, "hex"));
const pace = () => new Pace(1, {});

/** @type {any} */
let alice;
/** @type {any[]} */
let certificates;
/** @type {any} */
let secret;
before(async () => {
  alice = await generateKey({ name: "Alice", address: "alice@example.test", date: now });
  certificates = await Promise.all((await readCertificates(alice.certificate)).map(inspect));
  secret = await pgp.readPrivateKey({ binaryKey: alice.key });
});

// --- the ciphers ---

for (const length of [16, 24, 32]) {
  test(`AES-${8 * length} in blocks is that of OpenSSL, both ways`, async () => {
    const key = new Uint8Array(randomBytes(length));
    const text = new Uint8Array(randomBytes(PIECE));
    const cipher = createCipheriv(`aes-${8 * length}-ecb`, key, null).setAutoPadding(false);
    const machine = await aes(key);
    machine.from.set(text);
    machine.encrypt(PIECE / 16);
    assert.deepEqual(Buffer.from(machine.to), cipher.update(text));
    machine.from.set(machine.to);
    machine.mask.fill(1);
    machine.decrypt(PIECE / 16);
    assert.deepEqual(machine.to.map((octet) => octet ^ 1), text);
  });
}

test("AES is that of FIPS 197, appendix C", async () => {
  const vectors = [
    ["000102030405060708090a0b0c0d0e0f", "69c4e0d86a7b0430d8cdb78070b4c55a"],
    ["000102030405060708090a0b0c0d0e0f1011121314151617", "dda97ca4864cdfe06eaf70a0ec0d7191"],
    ["000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", "8ea2b7ca516745bfeafc49904b496089"],
  ];
  for (const [key, expected] of vectors) {
    const machine = await aes(unhex(key));
    machine.from.set(unhex("00112233445566778899aabbccddeeff"));
    machine.encrypt(1);
    assert.deepEqual(machine.to.slice(0, 16), unhex(expected));
    machine.wipe();
    assert.ok(new Uint8Array(machine.from.buffer).every((octet) => octet === 0));
  }
});

for (const length of [0, 1, 15, 16, 17, 127, PIECE - 1, PIECE, PIECE + 1, PIECE + 16, 5 * PIECE + 5]) {
  test(`CFB of ${length} octets is that of OpenSSL`, async () => {
    const key = new Uint8Array(randomBytes(32));
    const text = new Uint8Array(randomBytes(length));
    const data = new Uint8Array(createCipheriv("aes-256-cfb", key, new Uint8Array(16)).update(text));
    await decryptCfb(key, data, pace());
    assert.deepEqual(data, text);
  });

  test(`OCB of ${length} octets is that of OpenSSL, and a wrong octet anywhere is noticed`, async () => {
    const key = new Uint8Array(randomBytes(16));
    const nonce = new Uint8Array(randomBytes(15));
    const associated = new Uint8Array(randomBytes(length % 40));
    const text = new Uint8Array(randomBytes(length));
    const cipher = createCipheriv("aes-128-ocb", key, nonce, { authTagLength: 16 });
    cipher.setAAD(associated);
    const sealed = new Uint8Array(Buffer.concat([cipher.update(text), cipher.final(), cipher.getAuthTag()]));
    const step = async () => {};
    // By WebCrypto, and as where it does not take the key.
    for (const machine of [await ocb(key), await ocb(key, async () => null)]) {
      assert.deepEqual(await machine.decrypt(sealed.slice(), nonce, associated, step), text);
      for (const at of [0, sealed.length >> 1, sealed.length - 1]) {
        const changed = sealed.slice();
        changed[at] ^= 1;
        assert.equal(await machine.decrypt(changed, nonce, associated, step), null);
        assert.ok(changed.subarray(0, length).every((octet) => octet === 0), "what it hid is gone");
      }
      assert.equal(await machine.decrypt(sealed.slice(0, 15), nonce, associated, step), null);
    }
  });
}

// --- packets ---

test("lengths of packets: old and new, partial, indeterminate, and cut off", () => {
  const bodies = (/** @type {number[]} */ ...octets) => packetsIn(Uint8Array.from(octets)).map(({ tag, pieces }) => [tag, ...pieces.map(({ from, to }) => [from, to])]);
  assert.deepEqual(bodies(0xcb, 2, 1, 2, 0xca, 0), [[11, [2, 4]], [10, [6, 6]]]);
  assert.deepEqual(bodies(0xd2, 0xe1, 1, 2, 0xe0, 3, 1, 4), [[18, [2, 4], [5, 6], [7, 8]]]);
  assert.deepEqual(bodies(0xac, 2, 1, 2), [[11, [2, 4]]]);
  assert.deepEqual(bodies(0xad, 0, 1, 9), [[11, [3, 4]]]);
  assert.deepEqual(bodies(0xaf, 7, 8), [[11, [1, 3]]]);
  assert.deepEqual(bodies(0xcb, 0xff, 0, 0, 0, 1, 5), [[11, [6, 7]]]);
  for (const broken of [[0x0b], [0xcb], [0xcb, 3, 1, 2], [0xcb, 0xe1, 1, 2], [0xcb, 0xff, 0, 0], [0xc2, 0xe0, 1, 0], [0x8b, 1], [0xcb, 0xff, 255, 255, 255, 255, 1], [0xcb, 192]]) {
    assert.throws(() => bodies(...broken), { code: "not-opened" }, broken.join());
  }
  const partial = Uint8Array.from([0xd2, 0xe1, 1, 2, 0xe0, 3, 1, 4]);
  assert.deepEqual([...joined(partial, packetAt(partial, 0))], [1, 2, 3, 4]);
});

// --- messages ---

/** @typedef {{aead?: number | null, exponent?: number, cipher?: number, compression?: number}} How */

/** @param {Uint8Array} data @param {How} how @param {any[]} [signers] */
async function encrypted(data, { aead = null, exponent = 12, cipher = enums.symmetric.aes256, compression = 0 } = {}, signers = [secret]) {
  const config = { aeadProtect: aead !== null, aeadChunkSizeByte: exponent, preferredAEADAlgorithm: aead ?? 2, preferredSymmetricAlgorithm: cipher };
  const sessionKey = { data: new Uint8Array(randomBytes({ 7: 16, 8: 24, 9: 32 }[cipher])), algorithm: enums.read(enums.symmetric, cipher), ...(aead === null ? {} : { aeadAlgorithm: enums.read(enums.aead, aead) }) };
  return new Uint8Array(await pgp.encrypt({
    message: await pgp.createMessage({ binary: data }), encryptionKeys: [secret.toPublic()], signingKeys: signers, sessionKey, format: "binary", config: { ...config, preferredCompressionAlgorithm: compression },
  }));
}

/** @param {Uint8Array} packets @param {object} [by] */
const opened = (packets, by = {}) => decrypt(packets, { keys: [alice], certificates, now, bulk: 0, ...by });
const hash = (/** @type {Uint8Array} */ bytes) => createHash("sha256").update(bytes).digest("hex");

/** @type {[string, How][]} */
const FORMS = [
  ["SEIPD version 1, AES-256", {}],
  ["SEIPD version 1, AES-128", { cipher: enums.symmetric.aes128 }],
  ["SEIPD version 1, AES-192", { cipher: enums.symmetric.aes192 }],
  ["SEIPD version 1, compressed", { compression: enums.compression.zlib }],
  ["GCM", { aead: enums.aead.gcm }],
  ["GCM in small chunks", { aead: enums.aead.gcm, exponent: 4 }],
  ["GCM in one chunk, compressed", { aead: enums.aead.gcm, exponent: 16, compression: enums.compression.zip }],
  ["OCB", { aead: enums.aead.ocb }],
  ["OCB in small chunks", { aead: enums.aead.ocb, exponent: 2 }],
  ["OCB, AES-128", { aead: enums.aead.ocb, cipher: enums.symmetric.aes128 }],
];

for (const [name, how] of FORMS) {
  test(`${name}: opened as by the library, with its signature`, async () => {
    for (const length of [0, 1, 300, 1024, 100_000, 700_000]) {
      const data = new Uint8Array(randomBytes(length));
      const packets = await encrypted(data, how);
      assert.notEqual(await bulkOf(packets, 0), null, "not left to the library");
      const [ours, theirs] = [await opened(packets), await opened(packets, { bulk: NEVER })];
      assert.equal(hash(ours.data), hash(data));
      assert.deepEqual([ours.method, ours.key, ours.signatures.map(({ state, hash }) => [state, hash])], [theirs.method, theirs.key, theirs.signatures.map(({ state, hash }) => [state, hash])]);
      assert.equal(ours.signatures[0].state, "good");
      assert.equal(hash((await opened(packets, { disposable: true })).data), hash(data), "where it stands, too");
    }
  });

  test(`${name}: no changed octet and no cut shows anything`, async () => {
    const data = new Uint8Array(randomBytes(70_000));
    const packets = await encrypted(data, how);
    const bulk = await bulkOf(packets, 0);
    const body = bulk?.packet.pieces[0].from ?? 0;
    const places = [0, 1, 2, 4, 10, 37, 50, 60, 1000, 40_000, 69_000].map((at) => body + at);
    for (let back = 1; back < 60; back += 3) places.push(packets.length - back);
    for (const at of places) {
      const changed = packets.slice();
      changed[at] ^= 1 << at % 8;
      await assert.rejects(opened(changed), (/** @type {any} */ error) => ["damaged", "not-opened", "unsupported", "no-integrity"].includes(error.code), `octet ${at - body}`);
    }
    for (const cut of [1, 15, 16, 17, 22, 40, 10_000]) {
      await assert.rejects(opened(packets.subarray(0, packets.length - cut)), (/** @type {any} */ error) => ["damaged", "not-opened"].includes(error.code), `cut by ${cut}`);
      await assert.rejects(opened(shortened(packets, body, cut)), { code: "damaged" }, `honestly shorter by ${cut}`);
    }
  });
}

/** The same packet with less in it, and a length that says so. @param {Uint8Array} packets @param {number} body @param {number} cut */
function shortened(packets, body, cut) {
  const start = packetsIn(packets).at(-1)?.start ?? 0;
  const rest = packets.slice(body, packets.length - cut);
  const head = new Uint8Array(6);
  head.set([packets[start], 0xff]);
  new DataView(head.buffer).setUint32(2, rest.length);
  return Buffer.concat([packets.subarray(0, start), head, rest]);
}

test("chunks left out, doubled or exchanged are noticed", async () => {
  for (const aead of [enums.aead.gcm, enums.aead.ocb]) {
    const packets = await encrypted(new Uint8Array(randomBytes(5000)), { aead, exponent: 4 });
    const start = packetsIn(packets).at(-1)?.start ?? 0;
    const body = new Uint8Array(joined(packets.slice(), packetAt(packets, start)));
    const chunk = (/** @type {number} */ index) => body.slice(36 + index * 1040, 36 + (index + 1) * 1040);
    const [head, rest] = [body.slice(0, 36), body.slice(36 + 2 * 1040)];
    const built = (/** @type {Uint8Array[]} */ ...parts) => {
      const whole = Buffer.concat([head, ...parts, rest]);
      return Buffer.concat([packets.subarray(0, start), Uint8Array.of(0xd2, 0xff, ...new Uint8Array(Uint32Array.of(whole.length).buffer).reverse()), whole]);
    };
    assert.equal((await opened(built(chunk(0), chunk(1)))).data.length, 5000);
    for (const wrong of [built(chunk(1), chunk(0)), built(chunk(0)), built(), built(chunk(0), chunk(0), chunk(1))]) await assert.rejects(opened(wrong), { code: "damaged" });
  }
});

test("an end that is another's, and none at all", async () => {
  const key = new Uint8Array(randomBytes(32));
  for (const alter of [
    (/** @type {Buffer} */ inside) => inside.subarray(0, inside.length - 22),
    (/** @type {Buffer} */ inside) => Buffer.concat([inside.subarray(0, -22), Uint8Array.of(0xd4), inside.subarray(-21)]),
    (/** @type {Buffer} */ inside) => Buffer.concat([inside, inside.subarray(-22)]),
    (/** @type {Buffer} */ inside) => Buffer.concat([inside, Uint8Array.of(0xca, 0)]),
  ]) {
    const begin = Buffer.concat([randomBytes(18), literal(randomBytes(500)), Uint8Array.of(0xd3, 0x14)]);
    const inside = Buffer.concat([begin, createHash("sha1").update(begin).digest()]);
    await assert.rejects(opened(await sealed(alter(inside), key)), { code: "damaged" });
    assert.equal((await opened(await sealed(inside, key))).data.length, 500);
  }
});

test("what may not stand inside is refused as by the library", async () => {
  const key = new Uint8Array(randomBytes(32));
  const text = literal(randomBytes(70_000));
  const small = literal(randomBytes(10));
  for (const inside of [
    Buffer.concat([text, text]), Buffer.concat([text, small]), Buffer.concat([text, Uint8Array.of(0xd2, 1, 1)]), Buffer.concat([Uint8Array.of(0xc1, 1, 3), text]),
    Buffer.concat([text, Uint8Array.of(0xfe, 0)]), Buffer.concat([text, Uint8Array.of(0xdb, 0)]), Buffer.concat([text, Uint8Array.of(0xca, 3, 80, 71, 80)]), Buffer.concat([text, Uint8Array.of(0)]),
    Buffer.concat([Uint8Array.of(0xd5, 1, 3), text]), text.subarray(0, 1000), Buffer.from([]),
  ]) {
    const begin = Buffer.concat([randomBytes(18), inside, Uint8Array.of(0xd3, 0x14)]);
    const packets = await sealed(Buffer.concat([begin, createHash("sha1").update(begin).digest()]), key);
    const [ours, theirs] = await Promise.all([0, NEVER].map((bulk) => opened(packets, { bulk }).then(({ data }) => hash(data), ({ code }) => code)));
    assert.equal(ours, theirs, `${inside.length} octets, ${inside.subarray(0, 8).toString("hex")}`);
  }
});

test("a text in pieces, encrypted in pieces", async () => {
  const key = new Uint8Array(randomBytes(32));
  const data = new Uint8Array(randomBytes(200_000));
  const begin = Buffer.concat([randomBytes(18), inPieces(0xcb, Buffer.concat([Uint8Array.of(0x62, 0, 0, 0, 0, 0), data]), 9), Uint8Array.of(0xd3, 0x14)]);
  const whole = await sealed(Buffer.concat([begin, createHash("sha1").update(begin).digest()]), key);
  const start = packetsIn(whole).at(-1)?.start ?? 0;
  const body = joined(whole.slice(), packetAt(whole, start));
  const packets = Buffer.concat([whole.subarray(0, start), inPieces(0xd2, body, 13)]);
  assert.notEqual(await bulkOf(packets, 0), null);
  assert.equal(hash((await opened(packets)).data), hash(data));
  await assert.rejects(opened(packets.subarray(0, packets.length - 5000)), { code: "not-opened" });
});

test("several signers, text signatures and signatures by nobody known", async () => {
  const bob = await generateKey({ name: "Bob", address: "bob@example.test" });
  const bobs = await pgp.readPrivateKey({ binaryKey: bob.key });
  const data = new Uint8Array(randomBytes(300_000));
  const both = [...certificates, ...(await Promise.all((await readCertificates(bob.certificate)).map(inspect)))];
  const packets = await encrypted(data, {}, [secret, bobs]);
  for (const known of [both, certificates, []]) {
    const states = (/** @type {any} */ { signatures }) => signatures.map((/** @type {any} */ one) => [one.state, one.keyId]);
    assert.deepEqual(states(await opened(packets, { certificates: known })), states(await opened(packets, { certificates: known, bulk: NEVER })));
  }
  assert.deepEqual((await opened(packets, { certificates: both })).signatures.map(({ state }) => state), ["good", "good"]);
  const lines = "a line\nanother\r\n".repeat(20_000);
  const asText = new Uint8Array(await pgp.encrypt({ message: await pgp.createMessage({ text: lines }), encryptionKeys: [secret.toPublic()], signingKeys: [secret], format: "binary" }));
  assert.equal((await opened(asText)).signatures[0].state, "good");
});

test("what is announced before the text decides nothing", async () => {
  const data = new Uint8Array(randomBytes(300_000));
  const { signature } = await sign(data, { signer: alice, now });
  const onePass = (/** @type {number} */ kind, /** @type {number} */ algorithm) => Uint8Array.of(0xc4, 13, 3, kind, algorithm, 22, ...new Uint8Array(8), 1);
  for (const announced of [onePass(0, enums.hash.sha512), onePass(0, enums.hash.sha256), onePass(1, enums.hash.sha512), onePass(0, 99)]) {
    const text = literal(data);
    const other = Buffer.from(text);
    other[1000] ^= 1;
    for (const [inside, state] of /** @type {[Uint8Array, string][]} */ ([[text, "good"], [other, "bad"]])) {
      const key = new Uint8Array(randomBytes(32));
      const begin = Buffer.concat([randomBytes(18), announced, inside, signature, Uint8Array.of(0xd3, 0x14)]);
      const packets = await sealed(Buffer.concat([begin, createHash("sha1").update(begin).digest()]), key);
      assert.equal((await opened(packets)).signatures[0].state, state);
    }
  }
});

test("a text is hashed with what stands around it, which is there again afterwards", async () => {
  const six = await pgp.generateKey({ type: "curve25519", userIDs: [{ name: "Six" }], date: now, format: "object", config: { v6Keys: true } });
  const known = [...certificates, await inspect(six.publicKey)];
  const text = new Uint8Array(randomBytes(200_000));
  for (const signingKeys of [secret, six.privateKey]) {
    const signature = /** @type {Uint8Array} */ (await pgp.sign({ message: await pgp.createMessage({ binary: text }), signingKeys, detached: true, date: now, format: "binary" }));
    for (const [before, behind] of [[0, 0], [0, 400], [40, 0], [40, 400], [15, 400], [31, 9]]) {
      const whole = new Uint8Array(randomBytes(before + text.length + behind));
      whole.set(text, before);
      const around = whole.slice();
      const view = () => whole.subarray(before, before + text.length);
      const twice = view();
      assert.equal((await verify(twice, signature, { certificates: known, now }))[0].state, "good", `${before} ${behind}`);
      assert.deepEqual(whole, around);
      assert.equal((await verify(twice, signature, { certificates: known, now }))[0].state, "good", "and once more, from a state");
      whole[before + 1000] ^= 1;
      assert.equal((await verify(view(), signature, { certificates: known, now }))[0].state, "bad");
    }
  }
});

test("a certificate found inside checks the signature again, and decrypts nothing again", async () => {
  const bob = await generateKey({ name: "Bob", address: "bob@example.test" });
  const bobs = await Promise.all((await readCertificates(bob.certificate)).map(inspect));
  const data = new Uint8Array(randomBytes(300_000));
  for (const bulk of [0, NEVER]) {
    const packets = await encrypted(data, {});
    const { signatures: [signature] } = await opened(packets, { certificates: [], bulk });
    assert.equal(signature.state, "no-certificate");
    packets.fill(0);
    assert.equal((await signature.again?.(bobs))?.state, "no-certificate");
    const again = await signature.again?.(certificates);
    assert.deepEqual([again?.state, again?.again], ["good", null]);
  }
});

test("a signature over a large file holds, and over a changed one it does not", async () => {
  const data = new Uint8Array(randomBytes(3_000_000));
  const { signature } = await sign(data, { signer: alice, now });
  assert.equal((await verify(data, signature, { certificates, now }))[0].state, "good");
  data[2_500_000] ^= 1;
  assert.equal((await verify(data.slice(), signature, { certificates, now }))[0].state, "bad");
});

test("a message that is no longer wanted stops, and tells how far it is until then", async () => {
  const packets = await encrypted(new Uint8Array(16_000_000), {});
  const controller = new AbortController();
  /** @type {number[]} */
  const told = [];
  const watch = { signal: controller.signal, progress: (/** @type {any} */ { done, total }) => {
    told.push(done);
    assert.ok(done <= total && total > 16_000_000);
    if (told.length === 1) controller.abort();
  } };
  await assert.rejects(opened(packets, { watch }), { name: "AbortError" });
  assert.equal(told.length, 1);
});

test("a bomb is refused soon", async () => {
  for (const aead of [null, enums.aead.gcm]) {
    const packets = await encrypted(new Uint8Array(60 * 1024 * 1024), { aead, compression: enums.compression.zip }, []);
    assert.ok(packets.length < 200_000);
    const begun = process.cpuUsage();
    await assert.rejects(opened(packets), { code: "too-large" });
    const { user } = process.cpuUsage(begun);
    assert.ok(user < 10_000_000, `${user} µs`);
  }
});

/** @param {Uint8Array} data */
function literal(data) {
  return Buffer.concat([Uint8Array.of(0xcb, 0xff, ...new Uint8Array(Uint32Array.of(data.length + 6).buffer).reverse(), 0x62, 0, 0, 0, 0, 0), data]);
}

/** @param {number} head @param {Uint8Array} body @param {number} exponent of the pieces' length */
function inPieces(head, body, exponent) {
  const parts = [Uint8Array.of(head)];
  let at = 0;
  for (; body.length - at > 2 ** exponent; at += 2 ** exponent) parts.push(Uint8Array.of(224 + exponent), body.subarray(at, at + 2 ** exponent));
  const rest = body.subarray(at);
  return Buffer.concat([...parts, Uint8Array.of(0xff, ...new Uint8Array(Uint32Array.of(rest.length).buffer).reverse()), rest]);
}

/** SEIPD version 1 around these octets, made by hand. @param {Uint8Array} inside @param {Uint8Array} key */
async function sealed(inside, key) {
  const session = /** @type {Uint8Array} */ (await pgp.encryptSessionKey({ data: key, algorithm: "aes256", encryptionKeys: [secret.toPublic()], format: "binary" }));
  const body = Buffer.concat([Uint8Array.of(1), createCipheriv("aes-256-cfb", key, new Uint8Array(16)).update(inside)]);
  return Buffer.concat([session, Uint8Array.of(0xd2, 0xff, ...new Uint8Array(Uint32Array.of(body.length).buffer).reverse()), body]);
}
