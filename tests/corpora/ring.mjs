/**
 * Keys of a corpus as the sealed ring of the person who reads it, by the code of the page; and what certificates name.
 *
 *     {"keys": [{"path", "passphrases"}], "certificates": [path], "secret", "address"}
 *     → {"ring": base64 | null, "held": [fingerprint], "unread": [path], "certificates": [{"address", "fingerprint", "data"}]}
 */
import { readFileSync } from "node:fs";
import { text } from "node:stream/consumers";
import { packetsOf } from "../../static/crypto/armor.js";
import { copy, toBase64, utf8 } from "../../static/crypto/bytes.js";
import * as sealing from "../../static/crypto/keyring-seal.js";
import { pgp } from "../../static/crypto/openpgp-library.js";
import { examine } from "../../static/crypto/own-keys.js";
import * as ways from "../../static/crypto/ways.js";

const asked = JSON.parse(await text(process.stdin));
const unread = [];

/** Every key of a file by itself: one that the library does not know must not hide the others. */
async function each(path, read) {
  const packets = packetsOf(new Uint8Array(readFileSync(path)));
  if (packets === null) return unread.push(path), [];
  try {
    return await read(packets);
  } catch (error) {
    unread.push(`${path}: ${error.message}`);
    return [];
  }
}

async function unlocked(key, passphrases) {
  if (key.isDecrypted()) return key;
  for (const passphrase of passphrases) {
    try {
      return await pgp.decryptKey({ privateKey: key, passphrase });
    } catch {
      // The next one.
    }
  }
  unread.push(key.getFingerprint());
  return null;
}

const config = { enforceGrammar: false, minRSABits: 0 };
const keys = [];
for (const { path, passphrases } of asked.keys) {
  for (const locked of await each(path, (binaryKeys) => pgp.readPrivateKeys({ binaryKeys, config }))) {
    const key = await unlocked(locked, passphrases);
    if (key === null || keys.some(({ fingerprint }) => fingerprint === key.getFingerprint())) continue;
    const created = Math.floor(key.getCreationTime().getTime() / 1000);
    const entry = {
      kind: "openpgp", account: "1", address: key.users[0]?.userID?.email || asked.address, fingerprint: key.getFingerprint(), label: "", labelled: created, created,
      key: copy(key.write()), certificate: copy(key.toPublic().write()),
    };
    try {
      await examine(entry);
      keys.push(entry);
    } catch (error) {
      // What the ring refuses is in nobody's ring.
      unread.push(`${entry.fingerprint}: ${error.message}`);
    }
  }
}

let ring = null;
if (keys.length > 0) {
  const bare = sealing.empty();
  const way = await ways.make(bare.id, bare.epoch, bare.key, { kind: "passphrase", value: utf8(asked.secret) }, "");
  ring = toBase64((await sealing.seal({ ...bare, ways: [way], keys })).file);
}

const certificates = [];
for (const path of asked.certificates) {
  for (const key of await each(path, (binaryKeys) => pgp.readKeys({ binaryKeys, config }))) {
    const addresses = new Set(key.users.map(({ userID }) => /<?([^\s<>()]+@[^\s<>()]+?)>?$/.exec(userID?.userID ?? "")?.[1]?.toLowerCase()).filter(Boolean));
    for (const address of addresses) certificates.push({ address, fingerprint: key.getFingerprint(), data: toBase64(copy(key.toPublic().write())) });
  }
}
process.stdout.write(JSON.stringify({ ring, held: keys.map(({ fingerprint }) => fingerprint), unread, certificates }));
