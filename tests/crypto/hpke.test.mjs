/** HPKE base mode against the vectors of RFC 9180, X25519 against RFC 7748. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import test from "node:test";
import { fromHex, random, toHex, u32 } from "../../static/crypto/bytes.js";
import * as hpke from "../../static/crypto/hpke.js";
import { publicKey, shared } from "../../static/crypto/x25519.js";
import { refusedWith } from "./rings.mjs";

const vector = JSON.parse(await readFile(new URL("vectors/hpke.json", import.meta.url), "utf8"));
const at = (name) => fromHex(vector[name]);

test("seals what RFC 9180 says", async () => {
  const { enc, box } = await hpke.sealWith(at("skEm"), at("pkRm"), at("info"), at("aad"), at("pt"));
  assert.equal(toHex(enc), vector.enc);
  assert.equal(toHex(box), vector.ct);
});

test("opens what RFC 9180 says", async () => {
  assert.equal(toHex(await hpke.open(at("skRm"), at("enc"), at("info"), at("aad"), at("ct"))), vector.pt);
});

test("does not open with another key, info, aad, encapsulation or box", async () => {
  const flipped = (name) => at(name).map((byte, index) => (index === 3 ? byte ^ 1 : byte));
  const good = ["skRm", "enc", "info", "aad", "ct"].map(at);
  for (const [index, name] of ["skRm", "enc", "info", "aad", "ct"].entries()) {
    const changed = good.with(index, flipped(name));
    assert.equal(await hpke.open(...changed), null, name);
  }
});

test("seals with a fresh encapsulation each time", async () => {
  const first = await hpke.seal(at("pkRm"), u32(0), u32(0), random(32));
  const second = await hpke.seal(at("pkRm"), u32(0), u32(0), random(32));
  assert.notEqual(toHex(first.enc), toHex(second.enc));
});

test("multiplies as RFC 7748 section 5.2 says", async () => {
  for (const [scalar, u, product] of [
    [
      "a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
      "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c",
      "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552",
    ],
    [
      "4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d",
      "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493",
      "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957",
    ],
  ]) {
    assert.equal(toHex(await shared(fromHex(scalar), fromHex(u))), product);
  }
});

test("makes the public key of a raw private key", async () => {
  assert.equal(toHex(await publicKey(at("skRm"))), vector.pkRm);
  assert.equal(toHex(await publicKey(at("skEm"))), vector.pkEm);
});

test("refuses points of low order, whose secret everybody knows", async () => {
  for (const point of ["00".repeat(32), "01" + "00".repeat(31), "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"]) {
    await assert.rejects(shared(random(32), fromHex(point)), refusedWith("bad-input"), point);
    assert.equal(await hpke.open(random(32), fromHex(point), u32(0), u32(0), random(48)), null);
  }
});
