/** What large messages are read from is overwritten and given back, and nothing that is shown or checked is lost with it. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import test, { before } from "node:test";
import { armor, unarmor } from "../../static/crypto/armor.js";
import { decodeBase64, decodedPieces, encodeBase64 } from "../../static/crypto/base64.js";
import { open } from "../../static/crypto/message.js";
import { decodeBody } from "../../static/crypto/mime.js";
import { pgp } from "../../static/crypto/openpgp-library.js";
import { generateKey, sign } from "../../static/crypto/openpgp.js";
import { blobOf } from "../../static/crypto/part-blob.js";
import { build } from "./built.mjs";

const bytes = (/** @type {string} */ string) => new TextEncoder().encode(string);
const text = (/** @type {Uint8Array} */ given) => Buffer.from(given).toString("latin1");
const FILE = new Uint8Array(randomBytes(400_000));
/** @type {Record<"alice" | "bob", Awaited<ReturnType<typeof generateKey>>>} */
let keys;
before(async () => {
  const [alice, bob] = await Promise.all(["Alice", "Bob"].map((name) => generateKey({ name, address: `${name.toLowerCase()}@example.test`, date: new Date(Date.now() - 86_400_000) })));
  keys = { alice, bob };
});

test("base64 is the same where it stands and in pieces of any size", async () => {
  const whole = encodeBase64(FILE.subarray(0, 5001));
  for (const encoded of [whole, bytes("QQ"), bytes("QUI=QUJD\r\n!Q"), bytes(""), bytes("===="), encodeBase64(FILE.subarray(0, 4), 0)]) {
    const expected = Buffer.from(decodeBase64(encoded));
    const own = encoded.slice();
    const decoded = decodeBase64(own, { own: true });
    assert.equal(decoded.buffer, own.buffer);
    assert.deepEqual(Buffer.from(decoded), expected);
    for (const size of [1, 2, 3, 5, 76, 1000, 2 ** 22]) {
      assert.deepEqual(Buffer.concat(Array.from(decodedPieces(encoded, size), (piece) => Buffer.from(piece))), expected, `${size}`);
    }
  }
  const armored = armor(FILE, "MESSAGE");
  assert.deepEqual(unarmor(armored, 0, { own: true })?.data, FILE);
});

test("a file is taken out of its part in pieces", async () => {
  for (const encoding of ["base64", "8bit"]) {
    const body = encoding === "base64" ? encodeBase64(new Uint8Array(randomBytes(5_000_000))) : FILE;
    const entity = /** @type {any} */ ({ body, encoding });
    const blob = blobOf({ entity });
    assert.equal(blob.type, "application/octet-stream");
    assert.deepEqual(Buffer.from(await blob.arrayBuffer()), Buffer.from(decodeBody(entity)));
  }
});

/** A letter with the file and with Alice's certificate, encrypted. @param {number} compression */
async function encrypted(compression) {
  const key = `--x\r\nContent-Type: application/pgp-keys\r\n\r\n${text(armor(keys.alice.certificate, "PUBLIC KEY BLOCK"))}\r\n`;
  const file = `--x\r\nContent-Type: application/octet-stream; name=a.bin\r\nContent-Transfer-Encoding: base64\r\n\r\n${text(encodeBase64(FILE))}\r\n`;
  const inner = bytes(`Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nhere\r\n${file}${key}--x--\r\n`);
  const packets = /** @type {Uint8Array} */ (await pgp.encrypt({
    message: await pgp.createMessage({ binary: inner }), encryptionKeys: [await pgp.readKey({ binaryKey: keys.bob.certificate })], signingKeys: [await pgp.readPrivateKey({ binaryKey: keys.alice.key })],
    format: "binary", config: { preferredCompressionAlgorithm: compression },
  }));
  return text(armor(packets, "MESSAGE"));
}

/** @param {string} body */
const pgpMime = (body, encoding = "7bit") =>
  `Content-Type: multipart/encrypted; protocol="application/pgp-encrypted"; boundary=e\r\n\r\n--e\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n\r\n--e\r\n` +
  `Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n${body}\r\n--e--\r\n`;

test("a large message is opened over its own bytes, with the certificate that stood inside", async () => {
  const { compression } = pgp.enums;
  for (const [how, uses] of /** @type {[number, boolean][]} */ ([[compression.uncompressed, true], [compression.zlib, false]])) {
    const armored = await encrypted(how);
    for (const body of [pgpMime(armored), pgpMime(text(encodeBase64(bytes(armored))), "base64")]) {
      const raw = bytes(`From: alice@example.test\r\n${body}`);
      const { judged, stored, parts } = await open(raw, { keys: [keys.bob], certificates: [], pinOf: () => null, disposable: true });
      assert.deepEqual(judged.line, ["enc-ok", "sig-good-first"], "checked again, though what it was encrypted in is gone");
      const [file] = parts.filter(({ name }) => name === "a.bin").map(({ id }) => /** @type {any} */ (stored.get(id)));
      assert.deepEqual(Buffer.from(await blobOf(file).arrayBuffer()), Buffer.from(FILE));
      assert.equal(file.entity.raw.buffer === raw.buffer, uses);
      if (!uses && "transfer" in ArrayBuffer.prototype) assert.equal(raw.length, 0, "given back");
    }
  }
});

test("a signature around it is checked over what was signed, also later", async () => {
  const signed = bytes(pgpMime(await encrypted(0)));
  const { signature } = await sign(signed, { signer: keys.alice, now: new Date() });
  const raw = bytes(`From: alice@example.test\r\nContent-Type: multipart/signed; protocol="application/pgp-signature"; boundary=s\r\n\r\n--s\r\n${text(signed)}\r\n--s\r\nContent-Type: application/pgp-signature\r\n\r\n${text(armor(signature, "SIGNATURE"))}\r\n--s--\r\n`);
  for (const certificates of [[], [keys.alice.certificate]]) {
    const how = { keys: [keys.bob], certificates, pinOf: () => null };
    const { judged } = await open(raw, how);
    assert.deepEqual((await open(raw.slice(), { ...how, disposable: true })).judged, judged);
  }
});

test("what cannot be opened is said as always", async () => {
  const { deliveries: [{ bytes: raw }] } = await build(/** @type {any} */ ({
    from: { name: "Alice", address: "alice@example.test" }, to: [{ name: "Bob", address: "bob@example.test" }], subject: "large", text: "here\n",
    attachments: [new File([FILE], "a.bin")], protection: "encrypted", certificates: { "bob@example.test": [keys.bob.certificate] },
  }), { signer: keys.alice });
  const damaged = raw.slice();
  // Another digit of base64 for one of them: what is no digit would be skipped, and move all that follows.
  let at = damaged.length >> 1;
  while (damaged[at] < 65) at++;
  damaged[at] = damaged[at] === 65 ? 66 : 65;
  for (const [given, own, enc] of /** @type {[Uint8Array, any, string][]} */ ([[raw, [keys.bob], "enc-ok"], [raw, null, "enc-locked"], [raw, [], "enc-no-key"], [damaged, [keys.bob], "enc-damaged"]])) {
    const { judged, parts } = await open(given.slice(), { keys: own, certificates: [keys.alice.certificate], pinOf: () => null, disposable: true });
    assert.equal(judged.enc, enc);
    assert.equal(parts.length > 0, enc === "enc-ok");
  }
});
