/**
 * Messages of 25 MB for bench/bulk.py, made once: `node bench/bulk-make.mjs FOLDER`. Random bytes, signed and encrypted to
 * a key of their own, in each form; and the same as a letter, for the whole way through the reader.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "../static/crypto/message.js";
import { pgp } from "../static/crypto/openpgp-library.js";
import { generateKey } from "../static/crypto/openpgp.js";

const SIZE = 25_000_000;
const LETTER = 40_000_000;
const LARGE = 100_000_000;
const [, , folder] = process.argv;
// The library asks what it runs in, and Node.js 20 has nobody to say so.
if (!("navigator" in globalThis)) Object.assign(globalThis, { navigator: { hardwareConcurrency: 2, userAgent: "Node.js" } });

const keep = (/** @type {string} */ name, /** @type {Uint8Array} */ bytes) => writeFileSync(join(folder, name), bytes);
const alice = await generateKey({ name: "Alice", address: "alice@example.test" });
keep("key", alice.key);
keep("certificate", alice.certificate);
const secret = await pgp.readPrivateKey({ binaryKey: alice.key });
const payload = random(SIZE);
keep("payload", payload);
const { aead } = pgp.enums;
for (const [name, mode] of /** @type {[string, number | null][]} */ ([["mdc", null], ["gcm", aead.gcm], ["ocb", aead.ocb]])) {
  const algorithms = { algorithm: "aes256", ...(mode === null ? {} : { aeadAlgorithm: pgp.enums.read(aead, mode) }) };
  const config = { aeadProtect: mode !== null, preferredAEADAlgorithm: mode ?? aead.gcm };
  const message = await pgp.createMessage({ binary: payload });
  const sessionKey = /** @type {any} */ ({ data: random(32), ...algorithms });
  keep(name, /** @type {Uint8Array} */ (await pgp.encrypt({ message, encryptionKeys: [secret.toPublic()], signingKeys: [secret], sessionKey, format: "binary", config })));
}
for (const [name, size] of /** @type {[string, number][]} */ ([["letter", LETTER], ["large", LARGE]])) {
  const built = await build(/** @type {any} */ ({
    from: { name: "Alice", address: "alice@example.test" }, to: [{ name: "Alice", address: "alice@example.test" }], subject: "large", text: "here\n",
    attachments: [new File([random(size)], "large.bin")], protection: "encrypted", certificates: { "alice@example.test": [alice.certificate] },
  }), { signer: alice });
  keep(name, new Uint8Array(await built.deliveries[0].bytes.arrayBuffer()));
}

/** @param {number} length */
function random(length) {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += 65536) globalThis.crypto.getRandomValues(bytes.subarray(at, at + 65536));
  return bytes;
}
