/** AES on eight blocks as bits, written as WebAssembly for aes.js. */
import { add, and, arranged, get, left, load, loop, moduleOf, number, octets, right, set, store, xor } from "./wasm-code.js";

/** @typedef {import("./wasm-code.js").Code} Code */

const BLOCKS = 8;
const BLOCK = 16;
/** Octets of one round's key, spread. */
export const KEY = 8 * BLOCK;

// The state is four columns of four rows: octet 4c + r (FIPS 197 section 3.4).
/** @param {(column: number, row: number) => number} place @returns {number[]} */
const order = (place) => Array.from({ length: BLOCK }, (_, at) => place(at >> 2, at & 3));
const SHIFTED = order((column, row) => 4 * ((column + row) % 4) + row);
const UNSHIFTED = order((column, row) => 4 * ((column + 4 - row) % 4) + row);
const NEXT_ROW = order((column, row) => 4 * column + ((row + 1) % 4));
const ROW_AFTER = order((column, row) => 4 * column + ((row + 2) % 4));

/**
 * "encrypt" and "decrypt" of (from, mask, to, groups of eight blocks, rounds, place of the key that is used first).
 * @param {number} pages of its memory
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function aesCode(pages) {
  return moduleOf({ encrypt: body(encryption), decrypt: body(decryption) }, pages);
}

/** Locals of a function, and what it does with them, in order. */
class Writer {
  /** @param {number} first local of its own */
  constructor(first) {
    this.next = first;
    /** @type {Code[]} */
    this.code = [];
  }

  /** @param {Code} value @returns {Code} the local that holds it */
  keep(value) {
    this.code.push(set(this.next, value));
    return get(this.next++);
  }

  /** @param {Code} a @param {Code} b */
  xor(a, b) {
    return this.keep(xor(a, b));
  }

  /** @param {Code} a @param {Code} b */
  and(a, b) {
    return this.keep(and(a, b));
  }
}

/**
 * Groups of eight blocks one after another. The caller gives from, mask, to, groups, rounds and the place of the key that
 * is used first; the last two numbers are the function's own.
 * @param {(writer: Writer, state: readonly number[], use: Numbers) => void} rounds
 * @returns {import("./wasm-code.js").Body}
 */
function body(rounds) {
  const [from, mask, to, groups, count, first, key, left] = [0, 1, 2, 3, 4, 5, 6, 7];
  const parameters = 8;
  const state = Array.from({ length: 8 }, (_, bit) => parameters + bit);
  const writer = new Writer(parameters + 8);
  const { code } = writer;
  code.push(...state.map((local, block) => set(local, load(get(from), BLOCK * block))));
  transpose(writer, state);
  code.push(set(key, get(first)), set(left, add(get(count), number(-1))));
  rounds(writer, state, { key, left });
  transpose(writer, state);
  code.push(...state.map((local, block) => store(get(to), BLOCK * block, xor(get(local), load(get(mask), BLOCK * block)))));
  code.push(...[from, mask, to].map((pointer) => set(pointer, add(get(pointer), number(BLOCK * BLOCKS)))));
  code.push(set(groups, add(get(groups), number(-1))));
  return { parameters, vectors: writer.next - parameters, code: loop(code.flat(), get(groups)) };
}

/** Locals: where the next round's key is, and how many rounds are left before the last. @typedef {{key: number, left: number}} Numbers */

/** @param {Writer} writer @param {readonly number[]} state @param {Numbers} use */
function encryption(writer, state, use) {
  addKey(writer, state, use.key, KEY);
  repeat(writer, use.left, () => {
    substitute(writer, state);
    mix(writer, state, SHIFTED);
    addKey(writer, state, use.key, KEY);
  });
  substitute(writer, state);
  arrange(writer, state, SHIFTED);
  addKey(writer, state, use.key, KEY);
}

/** The inverse cipher (FIPS 197 section 5.3). @param {Writer} writer @param {readonly number[]} state @param {Numbers} use */
function decryption(writer, state, use) {
  addKey(writer, state, use.key, -KEY);
  repeat(writer, use.left, () => {
    arrange(writer, state, UNSHIFTED);
    substituteBack(writer, state);
    addKey(writer, state, use.key, -KEY);
    unmix(writer, state);
  });
  arrange(writer, state, UNSHIFTED);
  substituteBack(writer, state);
  addKey(writer, state, use.key, -KEY);
}

/** @param {Writer} writer @param {number} times a local @param {() => void} act */
function repeat(writer, times, act) {
  const { code } = writer;
  writer.code = [];
  act();
  writer.code.push(set(times, add(get(times), number(-1))));
  code.push(loop(writer.code.flat(), get(times)));
  writer.code = code;
}

/**
 * Octet by octet, bit b of vector n becomes bit n of vector b; done twice, it is undone.
 * @param {Writer} writer
 * @param {readonly number[]} state
 */
function transpose(writer, state) {
  for (const [bits, kept] of [[1, 0x55], [2, 0x33], [4, 0x0f]]) {
    for (let low = 0; low < 8; low++) {
      if ((low & bits) !== 0) continue;
      const [a, b] = [state[low], state[low + bits]];
      const swapped = writer.keep(and(xor(right(get(a), bits), get(b)), octets(kept)));
      writer.code.push(set(b, xor(get(b), swapped)), set(a, xor(get(a), left(swapped, bits))));
    }
  }
}

/** @param {Writer} writer @param {readonly number[]} state @param {number} key @param {number} step to the next key */
function addKey(writer, state, key, step) {
  state.forEach((local, bit) => writer.code.push(set(local, xor(get(local), load(get(key), BLOCK * bit)))));
  writer.code.push(set(key, add(get(key), number(step))));
}

/** @param {Writer} writer @param {readonly number[]} state @param {readonly number[]} places */
function arrange(writer, state, places) {
  for (const local of state) writer.code.push(set(local, arranged(get(local), places)));
}

/**
 * MixColumns (section 5.1.3), the rows shifted before: 2a + 3b + c + d is 2(a + b) + b + (c + d).
 * @param {Writer} writer
 * @param {readonly number[]} state
 * @param {readonly number[] | null} places
 */
function mix(writer, state, places) {
  if (places !== null) arrange(writer, state, places);
  const next = state.map((local) => writer.keep(arranged(get(local), NEXT_ROW)));
  const pair = state.map((local, bit) => writer.xor(get(local), next[bit]));
  const twice = doubled(writer, pair);
  state.forEach((local, bit) => writer.code.push(set(local, xor(xor(twice[bit], next[bit]), arranged(pair[bit], ROW_AFTER)))));
}

/** InvMixColumns (section 5.3.3) is MixColumns after a + 4(a + c). @param {Writer} writer @param {readonly number[]} state */
function unmix(writer, state) {
  const pair = state.map((local) => writer.xor(get(local), arranged(get(local), ROW_AFTER)));
  const fourfold = doubled(writer, doubled(writer, pair));
  state.forEach((local, bit) => writer.code.push(set(local, xor(get(local), fourfold[bit]))));
  mix(writer, state, null);
}

/** Times x in GF(2^8) (section 4.2.1): x^8 is x^4 + x^3 + x + 1. @param {Writer} writer @param {readonly Code[]} bits @returns {Code[]} */
function doubled(writer, bits) {
  return bits.map((_, bit) => (bit === 0 ? bits[7] : bit === 1 || bit === 3 || bit === 4 ? writer.xor(bits[bit - 1], bits[7]) : bits[bit - 1]));
}

/** The inverse S-box by way of the S-box, between two inverses of its last, linear step. @param {Writer} writer @param {readonly number[]} state */
function substituteBack(writer, state) {
  unaffine(writer, state);
  substitute(writer, state);
  unaffine(writer, state);
}

/** @param {Writer} writer @param {readonly number[]} state */
function unaffine(writer, state) {
  const bits = state.map((_, bit) => writer.xor(xor(get(state[(bit + 2) % 8]), get(state[(bit + 5) % 8])), get(state[(bit + 7) % 8])));
  state.forEach((local, bit) => writer.code.push(set(local, bits[bit])));
}

/**
 * SubBytes without its constant, as the circuit of Boyar and Peralta, "A New Combinational Logic Minimization Technique
 * with Applications to Cryptology" (2010), names of its gates as there. x0 is the highest bit.
 * @param {Writer} writer
 * @param {readonly number[]} state
 */
function substitute(writer, state) {
  const [x7, x6, x5, x4, x3, x2, x1, x0] = state.map(get);
  const add = (/** @type {Code} */ a, /** @type {Code} */ b) => writer.xor(a, b);
  const both = (/** @type {Code} */ a, /** @type {Code} */ b) => writer.and(a, b);
  // Linear, before.
  const y14 = add(x3, x5), y13 = add(x0, x6), y9 = add(x0, x3), y8 = add(x0, x5), t0 = add(x1, x2);
  const y1 = add(t0, x7), y4 = add(y1, x3), y12 = add(y13, y14), y2 = add(y1, x0), y5 = add(y1, x6), y3 = add(y5, y8);
  const t1 = add(x4, y12), y15 = add(t1, x5), y20 = add(t1, x1), y6 = add(y15, x7), y10 = add(y15, t0), y11 = add(y20, y9);
  const y7 = add(x7, y11), y17 = add(y10, y11), y19 = add(y10, y8), y16 = add(t0, y11), y21 = add(y13, y16), y18 = add(x0, y16);
  // The inverse in GF(2^8).
  const t2 = both(y12, y15), t4 = add(both(y3, y6), t2), t6 = add(both(y4, x7), t2), t7 = both(y13, y16);
  const t9 = add(both(y5, y1), t7), t11 = add(both(y2, y7), t7), t12 = both(y9, y11), t14 = add(both(y14, y17), t12), t16 = add(both(y8, y10), t12);
  const t21 = add(add(t4, t14), y20), t22 = add(add(t6, t16), y19), t23 = add(add(t9, t14), y21), t24 = add(add(t11, t16), y18);
  const t25 = add(t21, t22), t26 = both(t21, t23), t27 = add(t24, t26), t29 = add(both(t25, t27), t22);
  const t33 = add(both(add(t22, t26), add(t23, t24)), t24), t36 = both(t24, add(t27, t33)), t37 = add(t36, add(t23, t33));
  const t40 = add(t25, both(t29, add(t27, t36))), t41 = add(t40, t37), t42 = add(t29, t33), t43 = add(t29, t40), t44 = add(t33, t37), t45 = add(t42, t41);
  const z0 = both(t44, y15), z1 = both(t37, y6), z2 = both(t33, x7), z3 = both(t43, y16), z4 = both(t40, y1), z5 = both(t29, y7);
  const z6 = both(t42, y11), z7 = both(t45, y17), z8 = both(t41, y10), z9 = both(t44, y12), z10 = both(t37, y3), z11 = both(t33, y4);
  const z12 = both(t43, y13), z13 = both(t40, y5), z14 = both(t29, y2), z15 = both(t42, y9), z16 = both(t45, y14), z17 = both(t41, y8);
  // Linear, behind.
  const t46 = add(z15, z16), t48 = add(z5, z13), t53 = add(z0, z3), t57 = add(add(z2, z12), t53), t58 = add(z4, t46), t59 = add(z3, add(z6, z7));
  const t60 = add(t46, t57), t62 = add(add(z7, z8), t58), t63 = add(add(z9, z10), t58), t64 = add(z4, t59), t65 = add(add(z14, t57), t62), t66 = add(z1, t63);
  const s3 = add(t53, t66);
  const outcome = [
    add(t59, t63), add(t64, s3), add(add(z16, z17), add(t64, t65)), s3, add(add(z2, z5), t66), add(add(z10, z11), t65), add(add(z12, t48), t62), add(t48, t60),
  ];
  outcome.forEach((value, bit) => writer.code.push(set(state[7 - bit], value)));
}
