/** An older certificate vouches for its successor: when that counts, and when it does not. */
import assert from "node:assert/strict";
import test, { before } from "node:test";
import { inspect, vouchedFor } from "../../static/crypto/openpgp-certificate.js";
import { pgp } from "../../static/crypto/openpgp-library.js";

const DAY = 86_400_000;
const now = new Date();
const ago = (/** @type {number} */ days) => new Date(now.getTime() - days * DAY);
const ADDRESS = "alice@example.test";
const { enums } = pgp;

/** @type {any} */
let old;
/** @type {any} */
let fresh;
const made = (/** @type {object} */ more) => pgp.generateKey({ userIDs: [{ name: "Alice", email: ADDRESS }], date: ago(100), format: "object", ...more });
before(async () => {
  [old, fresh] = await Promise.all([made({}), made({ date: ago(80) })]);
});

/**
 * `key` certifies the user ID of `fresh`, or takes that back.
 * @param {any} key
 * @param {Date} date
 * @param {number} [type]
 * @param {object} [more]
 */
async function certification(key, date, type = enums.signature.certGeneric, more = {}) {
  const [user] = fresh.publicKey.users;
  const packet = Object.assign(new pgp.SignaturePacket(), { signatureType: type, publicKeyAlgorithm: key.keyPacket.algorithm, hashAlgorithm: enums.hash.sha512, ...more });
  await packet.sign(key.keyPacket, { userID: user.userID, key: fresh.publicKey.keyPacket }, date, false, pgp.config);
  return packet;
}

/** @param {any[]} packets @param {any} [key] */
async function vouched(packets, key = old) {
  const list = new pgp.PacketList();
  const [primary, userId, self, ...rest] = fresh.publicKey.toPacketList();
  list.push(primary, userId, self, ...packets, ...rest);
  const newer = await pgp.readKey({ binaryKey: list.write() });
  return vouchedFor(await inspect(newer), await inspect(await pgp.readKey({ binaryKey: key.publicKey.write() })), ADDRESS, now);
}

test("a certification in the life of the older key counts", async () => {
  assert.equal(await vouched([await certification(old.privateKey, ago(10))]), true);
  assert.equal(await vouched([]), false);
  const stranger = await made({});
  assert.equal(await vouched([await certification(stranger.privateKey, ago(10))]), false);
});

test("a certification dated in the future or past its own end does not", async () => {
  assert.equal(await vouched([await certification(old.privateKey, ago(-2))]), false);
  assert.equal(await vouched([await certification(old.privateKey, ago(90))]), false, "before there was anything to certify");
  assert.equal(await vouched([await certification(old.privateKey, ago(10), undefined, { signatureExpirationTime: (5 * DAY) / 1000, signatureNeverExpires: false })]), false);
  assert.equal(await vouched([await certification(old.privateKey, ago(10), undefined, { signatureExpirationTime: (50 * DAY) / 1000, signatureNeverExpires: false })]), true);
});

test("a key that had expired then vouches for nobody", async () => {
  const short = await made({ keyExpirationTime: (50 * DAY) / 1000 });
  assert.equal(await vouched([await certification(short.privateKey, ago(10))], short), false);
  assert.equal(await vouched([await certification(short.privateKey, ago(60))], short), true);
});

test("what was taken back later does not count, unless it was given again", async () => {
  const given = await certification(old.privateKey, ago(10));
  const back = await certification(old.privateKey, ago(5), enums.signature.certRevocation);
  assert.equal(await vouched([given, back]), false);
  assert.equal(await vouched([given, back, await certification(old.privateKey, ago(3))]), true);
  // Nobody else can take it back.
  const stranger = await made({});
  assert.equal(await vouched([given, await certification(stranger.privateKey, ago(5), enums.signature.certRevocation)]), true);
});
