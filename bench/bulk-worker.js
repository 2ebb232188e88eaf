/** The reader's own modules in a worker of Chromium, against WebCrypto alone on the same bytes: turns in one run, the quickest of each. */
import { ArmorWriter } from "/static/crypto/armor-writer.js";
import { encodeBase64 } from "/static/crypto/base64.js";
import { BlobSink } from "/static/crypto/blob-sink.js";
import { build, open } from "/static/crypto/message.js";
import { decodeBody, parse } from "/static/crypto/mime.js";
import { inspect, readCertificates } from "/static/crypto/openpgp-certificate.js";
import { decrypt, encrypt, encryptPieces } from "/static/crypto/openpgp.js";
import { blobOf } from "/static/crypto/part-blob.js";
import { showable } from "/static/elements/html-limits.js";
import { words } from "/static/elements/html-words.js";

/** Work beside it on the machine can only add to a time, so the least of them is the nearest to what the code needs. */
const TURNS = 9;
const { subtle } = globalThis.crypto;
/** @type {Map<string, Uint8Array>} */
const files = new Map();
const now = new Date();

/** @type {Record<string, (given: any) => Promise<unknown>>} */
const acts = {
  async load({ name, bytes }) {
    files.set(name, bytes);
  },

  async ratios() {
    const payload = file("payload");
    const key = { key: file("key") };
    const certificates = await Promise.all((await readCertificates(file("certificate"))).map(inspect));
    const raw = await subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
    const iv = new Uint8Array(12);
    const sealed = await subtle.encrypt({ name: "AES-GCM", iv }, raw, payload);
    const letters = encodeBase64(payload);
    const text = new TextDecoder().decode(letters);
    const head = new TextEncoder().encode("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Transfer-Encoding: base64\r\n\r\n");
    const mail = new Uint8Array(await new Blob([head, letters, "\r\n--b--\r\n"]).arrayBuffer());
    const bomb = "<div>".repeat(100_000);
    // Each takes a copy, as base64 would have given it and nobody else's; that is made before.
    const through = (name) => async (packets) => {
      const { data, signatures } = await decrypt(packets, { keys: [key], certificates, now, disposable: true });
      if (data.length !== payload.length || signatures[0].state !== "good") throw new Error(`${name} was not opened`);
    };
    // Signed, too.
    const write = (says) => () => encrypt(payload, { recipients: saying(says), signer: key, now });
    // Into what a Blob takes, as it is sent, and the same in armor.
    const toSink = (says, armored) => async () => {
      const sink = new BlobSink();
      const writer = armored ? new ArmorWriter("MESSAGE", (bytes) => sink.add(bytes), { checksum: !("seipdv2" in says) }) : null;
      const out = (bytes) => (writer ? writer.write(bytes) : sink.add(bytes));
      await encryptPieces([payload], [{ recipients: saying(says), out }], { signer: key, now });
      writer?.end();
      sink.finish();
    };
    const GCM = { seipdv2: true, suites: [[9, 3]] };
    const saying = (says) => certificates.map((one) => ({ ...one, ...says }));
    const work = {
      raw: () => subtle.decrypt({ name: "AES-GCM", iv }, raw, sealed),
      rawEncrypt: () => subtle.encrypt({ name: "AES-GCM", iv }, raw, payload),
      gcm: through("gcm"), mdc: through("mdc"), ocb: through("ocb"),
      writeGcm: write(GCM), writeMdc: write({}), writeOcb: write({ seipdv2: true, suites: [[9, 2]] }),
      sinkGcm: toSink(GCM, false), sinkMdc: toSink({}, false), armorGcm: toSink(GCM, true), armorMdc: toSink({}, true),
      fromBase64: async () => Uint8Array.fromBase64(text),
      mime: async () => decodeBody(parse(mail).root.parts[0]),
      bomb: async () => [showable(bomb), words(bomb, 100_000)],
    };
    const times = Object.fromEntries(Object.keys(work).map((name) => [name, []]));
    for (let turn = 0; turn <= TURNS; turn++) {
      for (const [name, act] of Object.entries(work)) {
        const packets = files.get(name)?.slice();
        const begun = performance.now();
        await act(packets);
        // The first turn warms up.
        if (turn > 0) times[name].push(performance.now() - begun);
      }
    }
    return Object.fromEntries(Object.entries(times).map(([name, all]) => [name, Math.min(...all)]));
  },

  async letter({ bytes, key, certificate }) {
    const begun = performance.now();
    const opened = await open(bytes, { keys: [{ key, certificate, fingerprint: "" }], certificates: [certificate], pinOf: () => null, disposable: true });
    const stored = [...opened.stored.values()].at(-1);
    const blob = blobOf(stored);
    // The file is nearly all of what was encrypted.
    return { line: opened.judged.line, size: blob.size, inner: stored.entity.raw.length, milliseconds: performance.now() - begun };
  },

  /** A letter with the page's file, as the composer's worker makes it. */
  async write({ file, key, certificate }) {
    const address = (name) => ({ name, address: `${name}@example.test` });
    const progress = [];
    const begun = performance.now();
    const built = await build({
      from: address("alice"), to: [address("alice")], subject: "large", text: "here\n", attachments: [file], protection: "encrypted", certificates: {},
    }, { signer: { key, certificate }, progress: ({ done, total }) => progress.push(done / total) });
    return { size: built.size, steps: progress.length, forward: progress.every((share, at) => share >= (progress[at - 1] ?? 0)), milliseconds: performance.now() - begun };
  },
};

/** @param {string} name */
function file(name) {
  const bytes = files.get(name);
  if (bytes === undefined) throw new Error(`no ${name}`);
  return bytes;
}

addEventListener("message", ({ data: { act, given } }) => {
  acts[act](given).then((result) => postMessage({ result }), (error) => postMessage({ error: `${error.stack ?? error}` }));
});
