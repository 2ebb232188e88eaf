/** Makes rings for the tests without the cost of making keys: one key pair, used by all. */
import { copy, utf8 } from "../../static/crypto/bytes.js";
import * as sealing from "../../static/crypto/keyring-seal.js";
import { generateKey } from "../../static/crypto/openpgp.js";
import * as ways from "../../static/crypto/ways.js";

export const PASSPHRASE = "unicorn gravel dwindle passport mosaic";
export const CODE = "7KQF-MX2P-W9TD-HC4R-3NVJ-Y8MA-5GZE-RB6SV";

/** Secrets are wiped by use, so each use gets its own. */
export const passphrase = (text = PASSPHRASE) => ({ kind: "passphrase", value: utf8(text) });
export const code = (text = CODE) => ({ kind: "code", value: utf8(text) });

export async function ownKey({ name = "Alice", address = "alice@example.test", created = 1_790_000_000, label = "" } = {}) {
  const made = await generateKey({ name, address });
  return {
    entry: {
      kind: "openpgp",
      account: "1",
      address,
      fingerprint: made.fingerprint,
      label,
      labelled: created,
      created,
      key: copy(made.key),
      certificate: copy(made.certificate),
    },
    revocation: { fingerprint: made.fingerprint, data: copy(made.revocation) },
  };
}

/** A sealed first revision. `open` takes what to begin with: { kinds, keys, revocations }. */
export async function newRing({ kinds = ["code"], keys = [], revocations = [], codeText = CODE } = {}) {
  const bare = sealing.empty();
  const made = [];
  for (const kind of kinds) {
    made.push(await ways.make(bare.id, bare.epoch, bare.key, kind === "code" ? code(codeText) : passphrase(), ""));
  }
  return sealing.seal({ ...bare, ways: made, keys, revocations });
}

export const refusedWith = (...codes) => (error) => error.name === "CryptoError" && codes.includes(error.code);
