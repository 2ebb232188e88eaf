/**
 * Ways into the key ring: from what a person knows to an X25519 key, and the ring key wrapped to it.
 *
 * This first form opens with a passphrase or the recovery code. The other kinds of keyring-1 stay in the file
 * untouched, and are wrapped again on a new epoch, for which their public key is enough.
 */
import { concat, copy, random, u32, utf8, wipe } from "./bytes.js";
import { CryptoError } from "./errors.js";
import * as hpke from "./hpke.js";
import { argon2, hkdf } from "./kdf.js";
import { prepare } from "./passphrase.js";
import * as recovery from "./recovery.js";
import { publicKey } from "./x25519.js";

/** @typedef {import("./bytes.js").Bytes} Bytes */
/** @typedef {import("./keyring-file.js").HeaderWay} HeaderWay */
/** @typedef {import("./keyring-file.js").WayKind} WayKind */
/** @typedef {HeaderWay & {pk: Bytes}} Way  with the public key that only the sealed body tells */
/** @typedef {{kind: "passphrase" | "code", value: Bytes}} Secret  `value`: what was typed, UTF-8; filled with 0 after use */

const WRAP = utf8("postern keyring-1 wrap");

/**
 * What the secret becomes before a way's own salt comes in. Refuses before any slow derivation.
 * @param {Secret} secret
 * @returns {Bytes}
 */
export function readSecret({ kind, value }) {
  if (kind === "passphrase") return prepare(value);
  if (kind === "code") return recovery.read(value);
  throw new CryptoError("unsupported", `way ${String(kind)}`);
}

/**
 * @param {Bytes} ring  id
 * @param {Pick<HeaderWay, "id" | "kind" | "salt">} way
 * @param {Bytes} prepared  as `readSecret` gave it; left as it is, for there may be another way to try
 * @returns {Promise<Bytes>} X25519 private key
 */
async function wayKey(ring, way, prepared) {
  const secret = way.kind === "passphrase" ? await argon2(copy(prepared), way.salt) : copy(prepared);
  try {
    return await hkdf(secret, concat(ring, way.id), `postern keyring-1 way ${way.kind}`);
  } finally {
    wipe(secret);
  }
}

/**
 * Wraps the ring key to a way's public key.
 * @param {Bytes} ring  id
 * @param {number} epoch
 * @param {Pick<Way, "id" | "pk">} way
 * @param {Bytes} key  K
 */
export function wrap(ring, epoch, way, key) {
  return hpke.seal(way.pk, concat(WRAP, ring, way.id), u32(epoch), key);
}

/**
 * Makes a new way in.
 * @param {Bytes} ring  id
 * @param {number} epoch
 * @param {Bytes} key  K
 * @param {Secret} secret
 * @param {string} label
 * @returns {Promise<Way>}
 */
export async function make(ring, epoch, key, secret, label) {
  const prepared = readSecret(secret);
  const salt = random(secret.kind === "passphrase" ? 16 : 0);
  const bare = { id: random(16), kind: /** @type {WayKind} */ (secret.kind), label, salt };
  const sk = await wayKey(ring, bare, prepared);
  try {
    const way = { ...bare, pk: await publicKey(sk) };
    return { ...way, ...(await wrap(ring, epoch, way, key)) };
  } finally {
    wipe(sk, prepared);
  }
}

/**
 * Tries a secret on every way of its kind.
 * @param {Bytes} ring  id
 * @param {number} epoch
 * @param {readonly HeaderWay[]} ways
 * @param {Secret} secret
 * @returns {Promise<{key: Bytes, id: Bytes, pk: Bytes}>}
 * @throws {CryptoError} wrong-secret, the same for a wrong secret and for a damaged box
 */
export async function open(ring, epoch, ways, secret) {
  const prepared = readSecret(secret);
  try {
    for (const way of ways) {
      if (way.kind !== secret.kind) continue;
      const sk = await wayKey(ring, way, prepared);
      try {
        const key = await hpke.open(sk, way.enc, concat(WRAP, ring, way.id), u32(epoch), way.box);
        if (key) return { key, id: way.id, pk: await publicKey(sk) };
      } finally {
        wipe(sk);
      }
    }
  } finally {
    wipe(prepared);
  }
  throw new CryptoError("wrong-secret");
}
