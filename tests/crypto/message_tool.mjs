/**
 * Our message code for tests in other languages: one JSON job on stdin, one JSON answer on stdout.
 *
 *     {"op": "generate", "name", "address", "folder"}          writes key.pgp, certificate.pgp, revocation.pgp
 *     {"op": "build", "letter", "signer": folder, "out": folder}
 *     {"op": "encrypt", "texts": [path], "signer": folder, "recipients": [path], "out": folder}   writes 0.asc, 1.asc, …
 *     {"op": "open", "messages": [{"path", "keys": [path], "certificates": [path], "pins", "now"}]}
 *     {"op": "judge", "asked": [{"address", "paths", "now"}]}
 *     {"op": "inspect", "paths": [path]}
 *
 * Bytes come and go as files; text parts and headers are in the answer.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { armor, packetsOf } from "../../static/crypto/armor.js";
import { open } from "../../static/crypto/message.js";
import { decodeBody } from "../../static/crypto/mime.js";
import { encryptionKey, expiredAt, inspect, readCertificates, revokedAt } from "../../static/crypto/openpgp-certificate.js";
import { pgp } from "../../static/crypto/openpgp-library.js";
import * as openpgp from "../../static/crypto/openpgp.js";
import { build } from "./built.mjs";

const operations = {
  async generate({ name, address, folder, date }) {
    const made = await openpgp.generateKey({ name, address, ...(date ? { date: new Date(date) } : {}) });
    mkdirSync(folder, { recursive: true });
    for (const part of ["key", "certificate", "revocation"]) writeFileSync(join(folder, `${part}.pgp`), made[part]);
    return { fingerprint: made.fingerprint };
  },

  async build({ letter, signer, out, now }) {
    const certificates = Object.fromEntries(Object.entries(letter.certificates ?? {}).map(([address, paths]) => [address, paths.map((path) => new Uint8Array(readFileSync(path)))]));
    const attachments = (letter.attachments ?? []).map(({ path, name, type }) => new File([readFileSync(path)], name, { type }));
    const built = await build({ ...letter, certificates, attachments }, { signer: signer ? owner(signer) : null, ...(now ? { now: new Date(now) } : {}) });
    mkdirSync(out, { recursive: true });
    built.deliveries.forEach(({ bytes }, at) => writeFileSync(join(out, `${at}.eml`), bytes));
    return { messageId: built.messageId, own: built.own !== null, deliveries: built.deliveries.map(({ recipients }, at) => ({ recipients, path: join(out, `${at}.eml`) })) };
  },

  async encrypt({ texts, signer, recipients, out }) {
    const certificates = await Promise.all(recipients.map(async (path) => inspect((await readCertificates(new Uint8Array(readFileSync(path))))[0])));
    for (const [at, path] of texts.entries()) {
      const packets = await openpgp.encrypt(new Uint8Array(readFileSync(path)), { recipients: certificates, signer: owner(signer), now: new Date() });
      writeFileSync(join(out, `${at}.asc`), armor(packets, "MESSAGE"));
    }
    return {};
  },

  async open({ messages }) {
    const keys = new Map();
    const answers = [];
    for (const message of messages) {
      const started = process.cpuUsage();
      try {
        answers.push({ ...(await opened(message, keys)), ms: milliseconds(started) });
      } catch (error) {
        answers.push({ crashed: `${error.name}: ${error.message}`, stack: error.stack, ms: milliseconds(started) });
      }
    }
    return answers;
  },

  async judge({ asked }) {
    const answers = [];
    for (const { address, paths, now } of asked) {
      const certificates = paths.map((path) => new Uint8Array(readFileSync(path)));
      const { certificate, ...judgement } = await openpgp.judge({ address, certificates, ...(now ? { now: new Date(now) } : {}) });
      answers.push(judgement);
    }
    return answers;
  },

  async inspect({ paths, now = new Date().toISOString() }) {
    const answers = [];
    for (const path of paths) {
      const keys = await readCertificates(new Uint8Array(readFileSync(path)));
      const found = [];
      for (const certificate of await Promise.all(keys.map(inspect))) {
        const at = new Date(now);
        found.push({
          fingerprint: certificate.fingerprint,
          userIds: certificate.userIds.map((id) => id.text),
          keys: certificate.keys.length,
          encryption: encryptionKey(certificate, at) !== null && !revokedAt(certificate, at) && !expiredAt(certificate, at),
          signing: certificate.keys.filter((key) => key.canSign).map((key) => key.keyId),
          revoked: revokedAt(certificate, at),
        });
      }
      answers.push(found);
    }
    return answers;
  },
};

/** Of this process alone, so that a busy machine fails no test. @param {NodeJS.CpuUsage} since */
function milliseconds(since) {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1000;
}

/** @param {string} folder made by "generate" */
function owner(folder) {
  const certificate = new Uint8Array(readFileSync(join(folder, "certificate.pgp")));
  return { key: new Uint8Array(readFileSync(join(folder, "key.pgp"))), certificate };
}

/** Own keys from a file of unprotected secret keys, or protected by the passphrase behind "#". */
async function ownKeys(path) {
  const [file, passphrase] = path.split("#");
  const privateKeys = await pgp.readPrivateKeys({ binaryKeys: packetsOf(new Uint8Array(readFileSync(file))) });
  return Promise.all(
    privateKeys.map(async (locked) => {
      const privateKey = passphrase === undefined ? locked : await pgp.decryptKey({ privateKey: locked, passphrase });
      return { key: privateKey.write(), certificate: privateKey.toPublic().write(), fingerprint: privateKey.getFingerprint() };
    }),
  );
}

async function opened({ path, keys = [], certificates = [], pins = {}, now, locked = false, wrap = false }, cache) {
  const own = [];
  for (const key of keys) {
    if (!cache.has(key)) cache.set(key, await ownKeys(key));
    own.push(...cache.get(key));
  }
  const file = new Uint8Array(readFileSync(path));
  const raw = wrap ? Buffer.concat([Buffer.from("From: nobody@example.test\r\nContent-Type: text/plain\r\n\r\n"), file]) : file;
  const { stored, values, ...result } = await open(new Uint8Array(raw), {
    keys: locked ? null : own,
    certificates: certificates.map((certificate) => new Uint8Array(readFileSync(certificate))),
    pinOf: (address) => pins[address] ?? null,
    ...(now ? { now: new Date(now) } : {}),
  });
  for (const part of result.parts) {
    const kept = stored.get(part.id);
    const bytes = "bytes" in kept ? kept.bytes : decodeBody(kept.entity);
    part.sha256 = createHash("sha256").update(bytes).digest("hex");
    part.bytes = bytes.length;
  }
  return { ...result, certificates: result.certificates.map(({ data, ...rest }) => rest), values };
}

const job = JSON.parse(await text(process.stdin));
process.stdout.write(JSON.stringify(await operations[job.op](job)));
