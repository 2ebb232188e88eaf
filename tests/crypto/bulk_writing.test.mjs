/** What is written in bulk is what the library and OpenSSL would have written, read once, with honest progress. */
import assert from "node:assert/strict";
import { createCipheriv, createHash, randomBytes } from "node:crypto";
import test, { before } from "node:test";
import { armor, unarmor } from "../../static/crypto/armor.js";
import { ArmorWriter } from "../../static/crypto/armor-writer.js";
import { decodeBase64, encodeBase64, encodedLength } from "../../static/crypto/base64.js";
import { CfbWriter } from "../../static/crypto/cfb.js";
import { open } from "../../static/crypto/message.js";
import { build as buildMessage } from "../../static/crypto/message-build.js";
import { ocb } from "../../static/crypto/ocb.js";
import { inspect, readCertificates } from "../../static/crypto/openpgp-certificate.js";
import { pgp } from "../../static/crypto/openpgp-library.js";
import { joined, packetAt } from "../../static/crypto/openpgp-packets.js";
import { CHUNK } from "../../static/crypto/openpgp-seal.js";
import { decrypt, encrypt, encryptPieces, formFor, generateKey, sign, verify } from "../../static/crypto/openpgp.js";
import { PartsWriter, packet } from "../../static/crypto/packet-writer.js";
import { Encoded, read, sizeOf } from "../../static/crypto/pieces.js";
import { build, bytesOf } from "./built.mjs";

// The library asks what it runs in, and Node.js 20 has nobody to say so.
if (!("navigator" in globalThis)) Object.assign(globalThis, { navigator: { hardwareConcurrency: 2, userAgent: "Node.js" } });
const NEVER = 2 ** 40;
const now = new Date();
const [OCB, GCM] = [2, 3];
const some = (/** @type {number} */ length) => new Uint8Array(randomBytes(length));
const sha256 = (/** @type {Uint8Array} */ bytes) => createHash("sha256").update(bytes).digest("hex");

/** @type {any} */
let alice;
/** @type {any} */
let certificate;
before(async () => {
  alice = await generateKey({ name: "Alice", address: "alice@example.test", date: now });
  certificate = await certificateOf(alice.certificate);
});

/** @param {Uint8Array} bytes @returns {Promise<any>} */
async function certificateOf(bytes) {
  return inspect((await readCertificates(bytes))[0]);
}

// --- the ciphers ---

for (const length of [16, 32]) {
  test(`CFB of AES-${8 * length}, piece after piece, is that of OpenSSL`, async () => {
    const key = some(length);
    const text = some(16 * 5000);
    const writer = await CfbWriter.begin(key);
    const written = [];
    for (const [from, to] of [[0, 16], [16, 16], [16, 48], [48, 65536], [65536, 80000]]) {
      const piece = text.slice(from, to);
      await writer.encrypt(piece);
      written.push(piece);
    }
    assert.deepEqual(Buffer.concat(written), createCipheriv(`aes-${8 * length}-cfb`, key, new Uint8Array(16)).update(text));
  });
}

for (const length of [0, 1, 15, 16, 17, 127, 65535, 65536, 65537, CHUNK, CHUNK + 5]) {
  test(`OCB of ${length} octets is written as OpenSSL writes it`, async () => {
    const [key, nonce, associated, text] = [some(32), some(15), some(length % 40), some(length)];
    const cipher = createCipheriv("aes-256-ocb", key, nonce, { authTagLength: 16 });
    cipher.setAAD(associated);
    const expected = Buffer.concat([cipher.update(text), cipher.final(), cipher.getAuthTag()]);
    assert.deepEqual(Buffer.from((await ocb(key)).encrypt(text, nonce, associated)), expected);
  });
}

// --- base64, armor, packets ---

test("base64 of every short length is Node's, in lines", () => {
  for (let length = 0; length < 200; length++) {
    const bytes = some(length);
    const plain = Buffer.from(bytes).toString("base64");
    assert.equal(Buffer.from(encodeBase64(bytes, 0)).toString(), plain);
    for (const width of [64, 76]) {
      const encoded = encodeBase64(bytes, width);
      assert.equal(Buffer.from(encoded).toString(), plain.replace(new RegExp(`.{1,${width}}`, "g"), "$&\r\n"));
      assert.equal(encodedLength(length, width), encoded.length);
      assert.deepEqual(new Uint8Array(decodeBase64(encoded)), bytes);
    }
  }
});

test("armor in pieces is armor of the whole, with the CRC of RFC 9580", () => {
  for (const length of [0, 1, 47, 48, 49, 95, 96, 97, 1000, 100_003]) {
    const data = some(length);
    const whole = Buffer.from(armor(data, "MESSAGE")).toString();
    assert.deepEqual(new Uint8Array(unarmor(Buffer.from(whole))?.data ?? []), data);
    assert.match(whole, new RegExp(`\\r\\n=${Buffer.from(slowCrc(data)).toString("base64").replaceAll("+", "\\+")}\\r\\n-----END PGP MESSAGE-----\\r\\n$`));
    assert.doesNotMatch(Buffer.from(armor(data, "MESSAGE", { checksum: false })).toString(), /^=/m);
    for (const step of [1, 5, 48, 50, 1000]) {
      if (length / step > 2000) continue;
      /** @type {Uint8Array[]} */
      const written = [];
      const writer = new ArmorWriter("MESSAGE", (bytes) => written.push(bytes.slice()));
      for (let at = 0; at < length; at += step) writer.write(data.subarray(at, at + step));
      writer.end();
      assert.equal(Buffer.concat(written).toString(), whole, `${length} by ${step}`);
    }
  }
});

/** As RFC 9580 section 6.1.1 has it, bit by bit. @param {Uint8Array} data */
function slowCrc(data) {
  let crc = 0xb704ce;
  for (const octet of data) {
    crc ^= octet << 16;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 0x800000) === 0 ? crc << 1 : (crc << 1) ^ 0x1864cfb;
  }
  return Uint8Array.of((crc >> 16) & 255, (crc >> 8) & 255, crc & 255);
}

test("packets of every kind of length are read back", () => {
  for (const length of [0, 1, 191, 192, 8383, 8384, 65535, 65536, 131071, 131072, 131073, 262144, 300_000]) {
    const body = some(length);
    const one = packet(11, body);
    assert.deepEqual(joined(one.slice(), packetAt(one, 0)), body);
    for (const [step, least] of [[1000, length], [131072, Math.max(0, length - 131072)], [400_000, length >> 1], [77_777, 0]]) {
      /** @type {Uint8Array[]} */
      const written = [];
      const writer = new PartsWriter(18, least, (bytes) => written.push(bytes.slice()));
      for (let at = 0; at < length; at += step) writer.write(body.subarray(at, at + step));
      writer.end();
      const whole = new Uint8Array(Buffer.concat(written));
      const found = packetAt(whole, 0);
      assert.deepEqual([found.tag, found.end], [18, whole.length]);
      assert.deepEqual(joined(whole, found), body);
    }
  }
});

// --- messages ---

/** @type {[string, {seipdv2: boolean, ciphers: number[], suites: number[][]}][]} */
const FORMS = [
  ["AES-256, version 1", { seipdv2: false, ciphers: [9, 7], suites: [] }],
  ["AES-128, version 1", { seipdv2: false, ciphers: [7, 2], suites: [] }],
  ["AES-256 GCM", { seipdv2: true, ciphers: [9], suites: [[9, OCB], [9, GCM]] }],
  ["AES-256 OCB", { seipdv2: true, ciphers: [9], suites: [[9, OCB], [7, GCM]] }],
  ["AES-128 GCM", { seipdv2: true, ciphers: [9], suites: [[7, GCM]] }],
  ["AES-128 OCB", { seipdv2: true, ciphers: [9], suites: [] }],
];
// With a packet's header of six octets and the literal's own six, exact chunks, and one more and less.
const SIZES = [0, 1, 3, 65535, 65536, 65537, CHUNK - 13, CHUNK - 12, CHUNK - 11, 2 * CHUNK - 12, 5 * CHUNK + 77];

for (const [name, says] of FORMS) {
  test(`${name}: read by the library, and by the bulk reader`, async () => {
    const recipients = [{ ...certificate, ...says }];
    for (const size of SIZES) {
      const text = some(size);
      for (const signer of size < 3 * CHUNK ? [null, alice] : [alice]) {
        // Gathered and read by the library; hashed as it passes and read by us.
        for (const [bulk, whole] of [[NEVER, NEVER], [0, -1]]) {
          const packets = await encrypt(text, { recipients, signer, now, whole });
          const opened = await decrypt(packets, { keys: [alice], certificates: [certificate], now, bulk });
          assert.equal(sha256(opened.data), sha256(text), `${size}`);
          assert.deepEqual(opened.signatures.map(({ state, hash }) => [state, hash]), signer === null ? [] : [["good", whole < 0 ? "sha512" : "sha256"]]);
        }
      }
    }
  });
}

test("a form is used only where every certificate says so", () => {
  const all = Object.fromEntries(FORMS);
  const form = (/** @type {string[]} */ ...names) => Object.values(formFor(names.map((name) => /** @type {any} */ (all[name]))));
  assert.deepEqual(form("AES-256, version 1"), [9, null]);
  assert.deepEqual(form("AES-256, version 1", "AES-128, version 1"), [7, null]);
  assert.deepEqual(form("AES-256 GCM"), [9, GCM]);
  assert.deepEqual(form("AES-256 GCM", "AES-256 OCB"), [9, OCB]);
  assert.deepEqual(form("AES-256 OCB", "AES-128 GCM"), [7, GCM]);
  assert.deepEqual(form("AES-256 GCM", "AES-128 GCM"), [7, OCB]);
  assert.deepEqual(form("AES-256 GCM", "AES-128 OCB"), [7, OCB]);
  assert.deepEqual(form("AES-256 GCM", "AES-256, version 1"), [9, null]);
});

test("what a certificate says is read from it", async () => {
  const says = async (/** @type {object} */ config) => {
    const { publicKey } = await pgp.generateKey({ type: "curve25519", userIDs: [{ email: "m@example.test" }], format: "object", config });
    return certificateOf(publicKey.write());
  };
  const modern = await says({ aeadProtect: true, v6Keys: true, preferredAEADAlgorithm: GCM });
  assert.deepEqual(formFor([modern]), { cipher: 9, mode: GCM });
  assert.deepEqual([modern.seipdv2, modern.suites[0], certificate.seipdv2, certificate.ciphers.includes(9)], [true, [9, GCM], false, true]);
  assert.deepEqual(formFor([modern, certificate]), { cipher: 9, mode: null });
});

/** @type {[string, object, object][]} */
const KEYS = [
  ["version 6, Ed25519", { type: "curve25519" }, { v6Keys: true }],
  ["RSA", { type: "rsa", rsaBits: 2048 }, {}],
  ["P-256", { type: "ecc", curve: "nistP256" }, {}],
  ["P-521", { type: "ecc", curve: "nistP521" }, {}],
];
for (const [name, kind, config] of KEYS) {
  test(`${name}: signatures over short and long texts hold`, async () => {
    const made = await pgp.generateKey({ .../** @type {any} */ (kind), date: now, userIDs: [{ email: "k@example.test" }], format: "object", config });
    const own = { key: made.privateKey.write() };
    const theirs = await certificateOf(made.publicKey.write());
    // Gathered, and hashed as it passes.
    for (const [size, whole] of [[10, NEVER], [1_000_000, NEVER], [1_200_000, NEVER], [1_200_000, 0], [10, 0]]) {
      const text = some(size);
      const packets = await encrypt(text, { recipients: [theirs], signer: own, now, whole });
      const opened = await decrypt(packets, { keys: [own], certificates: [theirs], now, bulk: NEVER });
      assert.equal(opened.signatures[0].state, "good");
      const { signature, micalg } = await sign(text, { signer: own, now, whole });
      assert.equal(micalg, whole === 0 || name === "P-521" ? "pgp-sha512" : "pgp-sha256");
      const [facts] = await verify(text, signature, { certificates: [theirs], now });
      assert.equal(facts.state, "good");
      const other = text.slice();
      other[size >> 1] ^= 1;
      assert.equal((await verify(other, signature, { certificates: [theirs], now }))[0].state, "bad");
    }
  });
}

// --- letters with files ---

/** A file that tells how it is read. */
class Watched extends File {
  reads = 0;
  /** @type {() => void} */
  heard = () => {};

  /** @param {number} [from] @param {number} [to] */
  slice(from, to) {
    this.reads++;
    this.heard();
    return super.slice(from, to);
  }
}

/** @param {object} changes @returns {any} */
const letter = (changes) => ({
  from: { name: "Alice", address: "alice@example.test" }, to: [{ name: "", address: "alice@example.test" }], subject: "x", text: "y\n", protection: "encrypted", certificates: {}, ...changes,
});
const PART = 57 * 8192;

for (const protection of ["encrypted", "signed", "clear"]) {
  test(`${protection}: files of all lengths arrive as they were, and each is read once`, async () => {
    const files = [0, 1, 57, PART - 1, PART, PART + 1, 3 * PART + 11].map((size) => new Watched([some(size)], `${size}.bin`));
    /** @type {any[]} */
    const told = [];
    const built = await build(letter({ attachments: files, protection }), { signer: alice, progress: (one) => told.push(one) });
    const opened = await open(built.deliveries[0].bytes, { keys: [alice], certificates: [alice.certificate], pinOf: () => null });
    assert.equal(opened.judged.sig, protection === "clear" ? "sig-none" : "sig-good-own");
    const stored = opened.parts.filter(({ kind }) => kind === "attachment");
    for (const [at, file] of files.entries()) {
      const { blobOf } = await import("../../static/crypto/part-blob.js");
      const blob = blobOf(/** @type {any} */ (opened.stored.get(stored[at].id)));
      assert.deepEqual(await bytesOf(blob), await bytesOf(file));
      assert.equal(file.reads, Math.max(1, Math.ceil(file.size / PART)), file.name);
    }
    assert.ok(told.every(({ done, total }, at) => total === told[0].total && done <= total && done >= (told[at - 1]?.done ?? 0)), "never back");
    assert.equal(told.at(-1).done, told.at(-1).total);
    assert.ok(told[0].total > 4 * PART * 1.3, "bytes, not messages");
  });
}

test("whoever is in Bcc has a ciphertext with a key of its own, of the same signed letter, and files are read once for all", async () => {
  const bob = await generateKey({ name: "Bob", address: "bob@example.test" });
  const file = new Watched([some(2 * PART)], "a.bin");
  /** @type {any[]} */
  const told = [];
  const certificates = { "bob@example.test": [bob.certificate] };
  const built = await build(letter({ bcc: [{ name: "", address: "bob@example.test" }], certificates, attachments: [file] }), { signer: alice, progress: (one) => told.push(one) });
  assert.deepEqual(built.deliveries.map(({ recipients }) => recipients), [["alice@example.test"], ["bob@example.test"]]);
  assert.equal(file.reads, 2 * 2, "once for all who get it, once for the own copy, which names them");
  assert.ok(told.every(({ done, total }, at) => total === told[0].total && done <= total && done >= (told[at - 1]?.done ?? 0)), "never back");
  assert.equal(told.at(-1).done, told.at(-1).total);
  const opened = await Promise.all(built.deliveries.map(async ({ bytes }) => {
    const packets = unarmor(bytes)?.data ?? new Uint8Array();
    const [session] = await pgp.decryptSessionKeys({ message: await pgp.readMessage({ binaryMessage: packets.slice() }), decryptionKeys: await pgp.readPrivateKey({ binaryKey: alice.key }) });
    return { key: Buffer.from(session.data).toString("hex"), ...(await decrypt(packets, { keys: [alice], certificates: [certificate], now: new Date() })) };
  }));
  assert.notEqual(opened[0].key, opened[1].key);
  assert.equal(sha256(opened[0].data), sha256(opened[1].data));
  assert.deepEqual(opened.map(({ signatures }) => [signatures[0].state, String(signatures[0].created)]), Array(2).fill(["good", String(opened[0].signatures[0].created)]));
});

for (const protection of ["encrypted", "signed", "clear"]) {
  test(`${protection}: a cancel in the middle is heard, and nothing is read or written after it`, async () => {
    const file = new Watched([some(40 * PART)], "large.bin");
    const control = new AbortController();
    file.heard = () => {
      if (file.reads === 5) control.abort();
    };
    /** @type {any[]} */
    const told = [];
    await assert.rejects(buildMessage(letter({ attachments: [file], protection }), { signer: alice, signal: control.signal, progress: (one) => told.push(one) }), { name: "AbortError" });
    const [reads, tellings] = [file.reads, told.length];
    assert.ok(reads < 8, `stopped at ${reads}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.deepEqual([file.reads, told.length], [reads, tellings]);
  });
}

test("a cancelled ciphertext has no end, and no more of it comes", async () => {
  const control = new AbortController();
  let written = 0;
  const pieces = [some(20 * CHUNK)];
  const out = (/** @type {Uint8Array} */ bytes) => {
    written += bytes.length;
    if (written > 5 * CHUNK) control.abort();
  };
  await assert.rejects(encryptPieces(pieces, [{ recipients: [certificate], out }], { signer: alice, now, watch: { signal: control.signal } }), { name: "AbortError" });
  const stopped = written;
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(written, stopped);
  assert.ok(written < 12 * CHUNK);
});

test("a file that is gone or was cut since it was chosen stops the letter and is named", async () => {
  const gone = new Watched([some(3 * PART)], "gone.bin");
  gone.heard = () => {
    if (gone.reads === 3) throw new DOMException("changed", "NotReadableError");
  };
  const cut = new File([some(10)], "cut.bin");
  Object.defineProperty(cut, "size", { value: 20 });
  for (const file of [gone, cut]) {
    for (const protection of ["encrypted", "signed", "clear"]) {
      if (file === gone) gone.reads = 0;
      await assert.rejects(buildMessage(letter({ attachments: [file], protection }), { signer: alice }), (/** @type {any} */ error) => error.code === "file-gone" && error.facts.name === file.name);
    }
  }
});

test("pieces have the length they say", async () => {
  const pieces = [some(3), new Encoded(new Blob([some(100_000)])), new Uint8Array(), some(2_000_000)];
  let total = 0;
  for await (const bytes of read(pieces)) total += bytes.length;
  assert.equal(total, sizeOf(pieces));
});
