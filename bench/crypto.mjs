/**
 * Opening a message of 1 MB, as a ratio to what WebCrypto alone needs for the same bytes, turns taken in one run.
 * Prints a list of {name, value, unit, goal} for bench/crypto.py.
 */
import { encodeBase64, decodeBase64 } from "../static/crypto/base64.js";
import { build, open } from "../static/crypto/message.js";
import { decodeBody, parse } from "../static/crypto/mime.js";
import { inspect, readCertificates } from "../static/crypto/openpgp-certificate.js";
import { decrypt, encrypt, generateKey } from "../static/crypto/openpgp.js";

const TURNS = 15;
const WARM_UP = 3;
const { subtle } = globalThis.crypto;

const payload = random(1_000_000);
const alice = { ...(await generateKey({ name: "Alice", address: "alice@example.test" })) };
const bob = { ...(await generateKey({ name: "Bob", address: "bob@example.test" })) };
const [certificate] = await Promise.all((await readCertificates(alice.certificate)).map(inspect));
const now = new Date();
const packets = await encrypt(payload, { recipients: [certificate], signer: alice, now });
const letter = {
  from: { name: "Bob", address: "bob@example.test" }, to: [{ name: "Alice", address: "alice@example.test" }], subject: "1 MB", text: "here\n",
  attachments: [new File([payload], "one.bin")], protection: /** @type {const} */ ("encrypted"), certificates: { "alice@example.test": [alice.certificate] },
};
const built = await build(letter, { signer: bob });
const mail = new Uint8Array(await built.deliveries[0].bytes.arrayBuffer());
const large = encodeBase64(random(24_000_000));
const parts = Buffer.concat([Buffer.from("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Transfer-Encoding: base64\r\n\r\n"), large, Buffer.from("\r\n--b--\r\n")]);

const key = await subtle.generateKey({ name: "AES-CBC", length: 256 }, false, ["encrypt", "decrypt"]);
const gcm = await subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
const iv = new Uint8Array(16);
const cbcText = await subtle.encrypt({ name: "AES-CBC", iv }, key, payload);
const gcmText = await subtle.encrypt({ name: "AES-GCM", iv }, gcm, payload);

/** The same bytes through a 256-bit cipher, the MDC's hash and the signature's: what nobody can do without. */
async function rawOpen() {
  await subtle.decrypt({ name: "AES-CBC", iv }, key, cbcText);
  await subtle.digest("SHA-1", payload);
  await subtle.digest("SHA-512", payload);
}

/** @type {Record<string, () => Promise<unknown>>} */
const work = {
  raw: rawOpen,
  gcm: () => subtle.decrypt({ name: "AES-GCM", iv }, gcm, gcmText),
  decrypt: () => decrypt(packets, { keys: [alice], certificates: [certificate], now }),
  open: () => open(mail, { keys: [{ ...alice }], certificates: [bob.certificate], pinOf: () => null }),
  encrypt: () => encrypt(payload, { recipients: [certificate], signer: alice, now }),
  base64: async () => decodeBase64(large),
  parts: async () => decodeBody(parse(parts).root.parts[0]),
};

const times = Object.fromEntries(Object.keys(work).map((name) => [name, /** @type {number[]} */ ([])]));
for (let turn = 0; turn < TURNS + WARM_UP; turn++) {
  for (const [name, run] of Object.entries(work)) {
    const started = performance.now();
    await run();
    if (turn >= WARM_UP) times[name].push(performance.now() - started);
  }
}
const median = (/** @type {string} */ name) => times[name].sort((a, b) => a - b)[times[name].length >> 1];

process.stdout.write(
  JSON.stringify([
    { name: "crypto 1 MB: raw cipher and both hashes", value: median("raw"), unit: "ms", goal: null },
    { name: "crypto 1 MB: raw AES-GCM", value: median("gcm"), unit: "ms", goal: null },
    { name: "crypto decrypt and verify 1 MB", value: median("decrypt"), unit: "ms", goal: null },
    { name: "crypto decrypt and verify 1 MB / raw", value: median("decrypt") / median("raw"), unit: "x", goal: 7 },
    { name: "crypto decrypt and verify 1 MB / raw AES-GCM alone", value: median("decrypt") / median("gcm"), unit: "x", goal: null },
    { name: "crypto open a mail of 1 MB / raw", value: median("open") / median("raw"), unit: "x", goal: 12 },
    { name: "crypto sign and encrypt 1 MB / raw", value: median("encrypt") / median("raw"), unit: "x", goal: 4 },
    { name: "crypto find and decode a 24 MB part / decode alone", value: median("parts") / median("base64"), unit: "x", goal: 2 },
  ]),
);

/** @param {number} length */
function random(length) {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += 65536) globalThis.crypto.getRandomValues(bytes.subarray(at, at + 65536));
  return bytes;
}
