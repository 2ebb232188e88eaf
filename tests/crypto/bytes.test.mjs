/** The byte tools that our formats stand on. */
import assert from "node:assert/strict";
import test from "node:test";
import * as bytes from "../../static/crypto/bytes.js";
import { refusedWith } from "./rings.mjs";

test("base64 has one spelling for each value", () => {
  for (let length = 0; length < 70; length++) {
    const value = bytes.random(length);
    const text = bytes.toBase64(value);
    assert.equal(text, Buffer.from(value).toString("base64"));
    assert.deepEqual(bytes.fromBase64(text), value);
  }
  for (const wrong of ["A", "AA", "AAA", "AB==", "AAB=", "AA=A", "====", "AAA=AAAA", "AA A", "AA\n=", "-_AA", "AAAA="]) {
    assert.throws(() => bytes.fromBase64(wrong), refusedWith("bad-input"), wrong);
  }
  const large = bytes.concat(...Array.from({ length: 40 }, () => bytes.random(65_000)));
  assert.deepEqual(bytes.fromBase64(bytes.toBase64(large)), large);
});

test("numbers are big-endian and never cut", () => {
  assert.equal(bytes.toHex(bytes.u32(0xfffefdfc)), "fffefdfc");
  assert.equal(bytes.toHex(bytes.u64(2 ** 53 - 1)), "001fffffffffffff");
  assert.equal(bytes.readU32(bytes.fromHex("00fffefdfc").subarray(1)), 0xfffefdfc);
  for (const wrong of [-1, 1.5, NaN, 2 ** 32]) assert.throws(() => bytes.u32(wrong), refusedWith("bad-input"));
  for (const wrong of [-1, 1.5, NaN, 2 ** 53]) assert.throws(() => bytes.u64(wrong), refusedWith("bad-input"));
});

test("equal compares every byte and the lengths", () => {
  const value = bytes.random(32);
  assert.ok(bytes.equal(value, bytes.copy(value)));
  for (let at = 0; at < 32; at++) assert.ok(!bytes.equal(value, value.with(at, value[at] ^ 1)));
  assert.ok(!bytes.equal(value, value.slice(0, 31)));
  assert.ok(!bytes.equal(new Uint8Array(0), new Uint8Array(1)));
  assert.ok(!bytes.equal(new Uint8Array(1), new Uint8Array(0)));
  assert.ok(bytes.equal(new Uint8Array(0), new Uint8Array(0)));
});

test("text that is no UTF-8 is refused, and a byte order mark is kept", () => {
  assert.throws(() => bytes.fromUtf8(new Uint8Array([0xc0, 0x80])), refusedWith("bad-input"));
  assert.equal(bytes.fromUtf8(bytes.utf8("\ufeffx")), "\ufeffx");
});
