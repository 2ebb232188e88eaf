/**
 * keyring-1 as bytes: "postern-keyring-1\n" ‖ u32 n ‖ header[n] ‖ body (docs/crypto-inventory.md).
 *
 * Nothing here is secret or believed: the header is what the server stores, and only the body, once it has
 * opened, says whether the header is the one that was sealed with it.
 */
import { concat, fromUtf8, readU32, toBase64, u32, utf8 } from "./bytes.js";
import { CryptoError } from "./errors.js";
import * as shape from "./shape.js";

/** @typedef {import("./bytes.js").Bytes} Bytes */
/** @typedef {"passphrase" | "prf" | "code" | "transfer" | "organisation"} WayKind */
/**
 * @typedef {object} HeaderWay  one way in, as the server stores it
 * @property {Bytes} id
 * @property {WayKind} kind
 * @property {string} label  shown in the list of ways; the server can read it
 * @property {Bytes} salt
 * @property {Bytes} enc
 * @property {Bytes} box
 * @property {Bytes} [cred]  credential id, prf only
 * @property {string} [rp]  relying party, prf only
 */
/**
 * @typedef {object} Header
 * @property {Bytes} ring
 * @property {number} epoch
 * @property {number} rev
 * @property {Bytes} salt
 * @property {Bytes} commit
 * @property {HeaderWay[]} ways
 */
/**
 * @typedef {object} RingFile
 * @property {Header} header
 * @property {Bytes} aad  everything before the body, as stored
 * @property {Bytes} body
 */
/**
 * @typedef {object} OwnKey  a private key; it never leaves the worker except sealed
 * @property {"openpgp"} kind
 * @property {string} account  whose mail it is for
 * @property {string} address
 * @property {string} fingerprint  hexadecimal, lower case
 * @property {string} label
 * @property {number} labelled  when the label was given, Unix seconds: the newest wins a merge
 * @property {number} created  Unix seconds
 * @property {Bytes} key  transferable secret key, binary, without a passphrase of its own
 * @property {Bytes} certificate  transferable public key, binary
 */
/** @typedef {{fingerprint: string, data: Bytes}} Revocation */
/**
 * @typedef {object} Body
 * @property {Bytes} ring
 * @property {number} epoch
 * @property {number} rev
 * @property {{id: Bytes, kind: WayKind, pk: Bytes}[]} ways
 * @property {OwnKey[]} keys
 * @property {Revocation[]} revocations
 * @property {Bytes} state  R, the root of the state records
 * @property {Bytes} previous  SHA-256 of the file this one was made from; zeros for the first
 */

const MAGIC = utf8("postern-keyring-1\n");
const PREFIX = "postern-keyring-";
const MOST_HEADER = 0x10000;
export const MOST_FILE = 8 * 0x100000;
/** The body is padded so that its size does not tell how many keys there are. */
const BLOCK = 4096;
const MOST_WAYS = 32;
/** Each costs a derivation to try, and the file is not believed before one has opened. */
const MOST_PASSPHRASES = 4;

/** @type {readonly WayKind[]} */
const KINDS = ["passphrase", "prf", "code", "transfer", "organisation"];
/** A code, transfer code or X25519 key has all its strength by itself; ring and way id already tell them apart. */
const SALTS = { passphrase: 16, prf: 32, code: 0, transfer: 0, organisation: 0 };

/**
 * @param {Header} header
 * @returns {Bytes} everything before the body
 */
export function head(header) {
  const json = utf8(
    JSON.stringify({
      ring: toBase64(header.ring),
      epoch: header.epoch,
      rev: header.rev,
      salt: toBase64(header.salt),
      commit: toBase64(header.commit),
      ways: header.ways.map(({ id, kind, label, salt, cred, rp, enc, box }) => ({
        id: toBase64(id),
        kind,
        label,
        salt: toBase64(salt),
        ...(kind === "prf" && cred && rp !== undefined ? { cred: toBase64(cred), rp } : {}),
        enc: toBase64(enc),
        box: toBase64(box),
      })),
    }),
  );
  return concat(MAGIC, u32(json.length), json);
}

/**
 * @param {Bytes} file
 * @returns {RingFile}
 * @throws {CryptoError} unsupported for another version, ring-tampered for anything that is none
 */
export function split(file) {
  if (file.length > MOST_FILE) throw new CryptoError("too-large", "key ring");
  const start = new TextDecoder("latin1").decode(file.subarray(0, MAGIC.length));
  if (start !== "postern-keyring-1\n") {
    if (start.startsWith(PREFIX)) throw new CryptoError("unsupported", "key ring version");
    throw tampered("not a key ring");
  }
  const from = MAGIC.length + 4;
  if (file.length < from) throw tampered("cut short");
  const length = readU32(file, MAGIC.length);
  const to = from + length;
  if (length > MOST_HEADER || file.length < to) throw tampered("cut short");
  return {
    header: reading(() => header(JSON.parse(fromUtf8(file.subarray(from, to))))),
    aad: file.slice(0, to),
    body: file.slice(to),
  };
}

/**
 * @param {Body} body
 * @returns {Bytes} padded with spaces, which JSON allows after the value
 */
export function writeBody(body) {
  const json = utf8(
    JSON.stringify({
      ring: toBase64(body.ring),
      epoch: body.epoch,
      rev: body.rev,
      ways: body.ways.map(({ id, kind, pk }) => ({ id: toBase64(id), kind, pk: toBase64(pk) })),
      keys: body.keys.map((key) => ({ ...key, key: toBase64(key.key), certificate: toBase64(key.certificate) })),
      revocations: body.revocations.map(({ fingerprint, data }) => ({ fingerprint, data: toBase64(data) })),
      state: toBase64(body.state),
      previous: toBase64(body.previous),
    }),
  );
  const padded = new Uint8Array(Math.ceil(json.length / BLOCK) * BLOCK).fill(0x20);
  padded.set(json);
  json.fill(0);
  return padded;
}

/**
 * @param {Bytes} padded
 * @returns {Body}
 */
export function readBody(padded) {
  return reading(() => {
    const found = shape.fields(JSON.parse(fromUtf8(padded)), ["ring", "epoch", "rev", "ways", "keys", "revocations", "state", "previous"]);
    return {
      ring: shape.bytes(found.ring, 16),
      epoch: shape.count(found.epoch, 0xffffffff),
      rev: shape.count(found.rev),
      ways: shape.list(found.ways, MOST_WAYS, bodyWay),
      keys: shape.list(found.keys, 1000, ownKey),
      revocations: shape.list(found.revocations, 1000, revocation),
      state: shape.bytes(found.state, 32),
      previous: shape.bytes(found.previous, 32),
    };
  });
}

/**
 * @param {unknown} value
 * @returns {Header}
 */
function header(value) {
  const found = shape.fields(value, ["ring", "epoch", "rev", "salt", "commit", "ways"]);
  const ways = shape.list(found.ways, MOST_WAYS, headerWay);
  if (ways.filter(({ kind }) => kind === "passphrase").length > MOST_PASSPHRASES) throw new shape.WrongShape("too many ways");
  return {
    ring: shape.bytes(found.ring, 16),
    epoch: shape.count(found.epoch, 0xffffffff),
    rev: shape.count(found.rev),
    salt: shape.bytes(found.salt, 32),
    commit: shape.bytes(found.commit, 32),
    ways,
  };
}

/**
 * @param {unknown} value
 * @returns {HeaderWay}
 */
function headerWay(value) {
  const kind = shape.oneOf(shape.fields(value, ["kind"], ["id", "label", "salt", "enc", "box", "cred", "rp"]).kind, KINDS);
  const names = ["id", "kind", "label", "salt", "enc", "box"];
  const found = shape.fields(value, kind === "prf" ? [...names, "cred", "rp"] : names);
  return {
    id: shape.bytes(found.id, 16),
    kind,
    label: shape.text(found.label),
    salt: shape.bytes(found.salt, SALTS[kind]),
    enc: shape.bytes(found.enc, 32),
    box: shape.bytes(found.box, 48),
    ...(kind === "prf" ? { cred: shape.bytes(found.cred), rp: shape.text(found.rp) } : {}),
  };
}

/** @param {unknown} value */
function bodyWay(value) {
  const found = shape.fields(value, ["id", "kind", "pk"]);
  return { id: shape.bytes(found.id, 16), kind: shape.oneOf(found.kind, KINDS), pk: shape.bytes(found.pk, 32) };
}

/**
 * @param {unknown} value
 * @returns {OwnKey}
 */
function ownKey(value) {
  const names = ["kind", "account", "address", "fingerprint", "label", "labelled", "created", "key", "certificate"];
  const found = shape.fields(value, names);
  return {
    kind: shape.oneOf(found.kind, /** @type {const} */ (["openpgp"])),
    account: shape.text(found.account),
    address: shape.text(found.address),
    fingerprint: shape.fingerprint(found.fingerprint),
    label: shape.text(found.label),
    labelled: shape.count(found.labelled),
    created: shape.count(found.created),
    key: shape.bytes(found.key),
    certificate: shape.bytes(found.certificate),
  };
}

/** @param {unknown} value */
function revocation(value) {
  const found = shape.fields(value, ["fingerprint", "data"]);
  return { fingerprint: shape.fingerprint(found.fingerprint), data: shape.bytes(found.data) };
}

/**
 * @template T
 * @param {() => T} read
 * @returns {T}
 */
function reading(read) {
  try {
    return read();
  } catch (error) {
    // The engine's own words about JSON quote it, and a body is secret.
    if (error instanceof SyntaxError) throw tampered("not JSON");
    if (error instanceof shape.WrongShape || error instanceof CryptoError) throw tampered(error.message);
    throw error;
  }
}

/** @param {string} reason */
export function tampered(reason) {
  return new CryptoError("ring-tampered", reason);
}
