/**
 * keyring-1 sealed and opened: one value in memory, one file outside.
 *
 * A ring value is never changed. `revised` gives the next revision of it, `seal` the file of a value, and
 * `open`/`openWith` the value of a file, after everything that can be checked has been.
 */
import * as aead from "./aead.js";
import { concat, equal, random, toHex } from "./bytes.js";
import { CryptoError } from "./errors.js";
import { hkdf, sha256 } from "./kdf.js";
import * as file from "./keyring-file.js";
import * as ways from "./ways.js";

/** @typedef {import("./bytes.js").Bytes} Bytes */
/** @typedef {import("./keyring-file.js").OwnKey} OwnKey */
/** @typedef {import("./keyring-file.js").RingFile} RingFile */
/** @typedef {import("./ways.js").Way} Way */
/** @typedef {import("./ways.js").Secret} Secret */
/**
 * @typedef {object} Ring  an open key ring
 * @property {Bytes} id  16 bytes
 * @property {number} epoch  from 1; a new one has a new K
 * @property {number} rev  from 1; never goes back, over epochs too
 * @property {Bytes} key  K
 * @property {readonly Way[]} ways
 * @property {readonly OwnKey[]} keys
 * @property {readonly import("./keyring-file.js").Revocation[]} revocations
 * @property {Bytes} state  R
 * @property {Bytes} previous  SHA-256 of the file before this one
 */
/**
 * @typedef {object} Head  what a browser remembers of the newest file it saw; nothing secret
 * @property {string} ring  hexadecimal, as are the other byte strings here
 * @property {number} epoch
 * @property {number} rev
 * @property {string} hash  SHA-256 of the file
 */
/** @typedef {{ring: Ring, head: Head, file: Bytes}} Sealed */

/**
 * A ring with nothing in it and no way in yet.
 * @returns {Ring}
 */
export function empty() {
  const none = { ways: [], keys: [], revocations: [] };
  return { id: random(16), epoch: 1, rev: 1, key: random(32), ...none, state: random(32), previous: new Uint8Array(32) };
}

/**
 * The next revision.
 * @param {Sealed} last
 * @param {Partial<Pick<Ring, "epoch" | "key" | "ways" | "keys" | "revocations">>} changes
 * @returns {Promise<Sealed>}
 */
export async function revised(last, changes) {
  return seal({ ...last.ring, ...changes, rev: last.ring.rev + 1, previous: await sha256(last.file) });
}

/**
 * @param {Ring} ring
 * @returns {Promise<Sealed>}
 */
export async function seal(ring) {
  if (ring.ways.length === 0) throw new CryptoError("bad-input", "a key ring without a way in");
  // A fresh salt makes commitment and body key new for each revision, so that one nonce is enough.
  const salt = random(32);
  const { id, epoch, rev, keys, revocations, state, previous } = ring;
  const commit = await hkdf(ring.key, salt, "postern keyring-1 commit");
  const place = { ring: id, epoch, rev, ways: [...ring.ways] };
  const aad = file.head({ ...place, salt, commit });
  const body = file.writeBody({ ...place, keys: [...keys], revocations: [...revocations], state, previous });
  const bodyKey = await hkdf(ring.key, salt, "postern keyring-1 body");
  try {
    const whole = concat(aad, await aead.seal(bodyKey, aead.ZERO_NONCE, body, aad));
    readable(whole, body);
    return { ring, head: await headOf(ring, whole), file: whole };
  } finally {
    // Also of a ring that is refused: the body holds every private key.
    body.fill(0);
  }
}

/**
 * The reader has limits; a ring over one of them would be stored over the last that opens, and open for nobody.
 * @param {Bytes} whole
 * @param {Bytes} body
 */
function readable(whole, body) {
  try {
    file.split(whole);
    file.readBody(body);
  } catch (error) {
    if (!(error instanceof CryptoError)) throw error;
    throw new CryptoError("bad-input", `would not open again: ${error.message}`);
  }
}

/**
 * @param {Bytes} bytes  the file
 * @param {Secret} secret
 * @param {Head | null} highest  the newest head this browser has seen
 * @returns {Promise<Sealed>}
 * @throws {CryptoError} wrong-secret, ring-tampered, ring-rollback, unsupported
 */
export async function open(bytes, secret, highest) {
  const parts = file.split(bytes);
  const { ring, epoch, ways: headerWays } = parts.header;
  await refuseOlder(parts, bytes, highest);
  const way = await ways.open(ring, epoch, headerWays, secret);
  const opened = await openParts(parts, bytes, way.key);
  const sealedWay = opened.ring.ways.find(({ id }) => equal(id, way.id));
  if (!sealedWay || !equal(sealedWay.pk, way.pk)) throw file.tampered("way of another key");
  return opened;
}

/**
 * Opens with the ring key itself: after a reload (stay-1), and for a merge within one epoch.
 * @param {Bytes} bytes  the file
 * @param {Bytes} key  K
 * @param {Head | null} highest
 * @returns {Promise<Sealed>}
 */
export async function openWith(bytes, key, highest) {
  const parts = file.split(bytes);
  await refuseOlder(parts, bytes, highest);
  return openParts(parts, bytes, key);
}

/**
 * Does the file belong to this ring key? False as well for a file of a later epoch.
 * @param {Bytes} bytes
 * @param {Bytes} key
 */
export async function fits(bytes, key) {
  const { header } = file.split(bytes);
  return equal(await hkdf(key, header.salt, "postern keyring-1 commit"), header.commit);
}

/**
 * @param {RingFile} parts
 * @param {Bytes} bytes
 * @param {Bytes} key
 * @returns {Promise<Sealed>}
 */
async function openParts({ header, aad, body: sealed }, bytes, key) {
  // GCM alone would let one file open to two contents under two keys; the commitment does not.
  if (!equal(await hkdf(key, header.salt, "postern keyring-1 commit"), header.commit)) throw file.tampered("commitment");
  const padded = await aead.open(await hkdf(key, header.salt, "postern keyring-1 body"), aead.ZERO_NONCE, sealed, aad);
  if (!padded) throw file.tampered("body");
  const body = readAndWipe(padded);
  if (!equal(body.ring, header.ring) || body.epoch !== header.epoch || body.rev !== header.rev) {
    throw file.tampered("header and body differ");
  }
  if (body.ways.length !== header.ways.length) throw file.tampered("ways differ");
  const joined = header.ways.map((way, index) => {
    const { id, kind, pk } = body.ways[index];
    if (!equal(id, way.id) || kind !== way.kind) throw file.tampered("ways differ");
    return { ...way, pk };
  });
  const { epoch, rev, keys, revocations, state, previous } = body;
  /** @type {Ring} */
  const ring = { id: body.ring, epoch, rev, key, ways: joined, keys, revocations, state, previous };
  return { ring, head: await headOf(ring, bytes), file: bytes };
}

/** @param {Bytes} padded */
function readAndWipe(padded) {
  try {
    return file.readBody(padded);
  } finally {
    padded.fill(0);
  }
}

/**
 * The server could hand out an older file, so that a removed way opens it again or a key is missing. It could also
 * hand out two files of one number to two browsers; each browser then refuses the other's.
 * @param {RingFile} parts
 * @param {Bytes} bytes
 * @param {Head | null} highest
 */
async function refuseOlder({ header: { ring, epoch, rev } }, bytes, highest) {
  if (!highest) return;
  const older = epoch < highest.epoch || (epoch === highest.epoch && rev < highest.rev) || rev < highest.rev;
  const other = toHex(ring) !== highest.ring;
  const fork = !older && epoch === highest.epoch && rev === highest.rev && toHex(await sha256(bytes)) !== highest.hash;
  if (older || other || fork) {
    throw new CryptoError("ring-rollback", "not the newest key ring", { seen: highest.rev, offered: rev, other, fork });
  }
}

/**
 * @param {Ring} ring
 * @param {Bytes} bytes
 * @returns {Promise<Head>}
 */
async function headOf({ id, epoch, rev }, bytes) {
  return { ring: toHex(id), epoch, rev, hash: toHex(await sha256(bytes)) };
}
