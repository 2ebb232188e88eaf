/**
 * The few words of WebAssembly that aes.js speaks, as arrays of octets (WebAssembly Core Specification 2.0, section 5).
 *
 * The module is written by this code when it is first needed: no compiler, and no binary that nobody can read.
 */

/** @typedef {readonly number[]} Code  instructions; one that leaves a value on the stack is an expression */

const NUMBER = 0x7f;
const VECTOR = 0x7b;
const LOOP = [0x03, 0x40];
const END = 0x0b;

/** An unsigned number (LEB128). @param {number} value @returns {number[]} */
function unsigned(value) {
  const octets = [];
  for (; value > 0x7f; value >>>= 7) octets.push((value & 0x7f) | 0x80);
  return [...octets, value];
}

/** A signed number (LEB128). @param {number} value @returns {number[]} */
function signed(value) {
  const octets = [];
  for (; value > 0x3f || value < -0x40; value >>= 7) octets.push((value & 0x7f) | 0x80);
  return [...octets, value & 0x7f];
}

/** @param {number} code of an instruction on vectors @returns {number[]} */
const onVectors = (code) => [0xfd, ...unsigned(code)];

/** @param {number} local @returns {Code} */
export const get = (local) => [0x20, ...unsigned(local)];
/** @param {number} local @param {Code} value @returns {Code} */
export const set = (local, value) => [...value, 0x21, ...unsigned(local)];
/** @param {number} value @returns {Code} */
export const number = (value) => [0x41, ...signed(value)];
/** @param {Code} a @param {Code} b @returns {Code} numbers */
export const add = (a, b) => [...a, ...b, 0x6a];
/** Again as long as `condition` is not 0; at least once. @param {Code} body @param {Code} condition @returns {Code} */
export const loop = (body, condition) => [...LOOP, ...body, ...condition, 0x0d, 0, END];

/** Sixteen octets. @param {Code} address @param {number} [offset] @returns {Code} */
export const load = (address, offset = 0) => [...address, ...onVectors(0), 0, ...unsigned(offset)];
/** @param {Code} address @param {number} offset @param {Code} value @returns {Code} */
export const store = (address, offset, value) => [...address, ...value, ...onVectors(11), 0, ...unsigned(offset)];
/** All octets the same. @param {number} octet @returns {Code} */
export const octets = (octet) => [...onVectors(12), ...new Array(16).fill(octet)];
/** Octet n of the result is octet order[n] of the value. @param {Code} value @param {readonly number[]} order @returns {Code} */
export const arranged = (value, order) => [...value, ...value, ...onVectors(13), ...order];
/** @param {Code} a @param {Code} b @returns {Code} */
export const and = (a, b) => [...a, ...b, ...onVectors(78)];
/** @param {Code} a @param {Code} b @returns {Code} */
export const xor = (a, b) => [...a, ...b, ...onVectors(81)];
/** Both halves, of 64 bits each. @param {Code} value @param {number} bits @returns {Code} */
export const left = (value, bits) => [...value, ...number(bits), ...onVectors(203)];
/** @param {Code} value @param {number} bits @returns {Code} */
export const right = (value, bits) => [...value, ...number(bits), ...onVectors(205)];

/**
 * What a function does: its parameters are numbers, its other locals are vectors.
 * @typedef {object} Body
 * @property {number} parameters
 * @property {number} vectors
 * @property {Code} code
 */

/** @param {number} id @param {Code} content @returns {number[]} */
const section = (id, content) => [id, ...unsigned(content.length), ...content];
/** @param {readonly Code[]} items @returns {number[]} */
const list = (items) => [...unsigned(items.length), ...items.flat()];
/** @param {string} text @returns {Code} */
const name = (text) => [text.length, ...Array.from(text, (letter) => letter.charCodeAt(0))];

/**
 * A module with one memory, exported as "memory", and functions of numbers that return nothing.
 * @param {Record<string, Body>} functions
 * @param {number} pages of 64 KiB
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function moduleOf(functions, pages) {
  const all = Object.entries(functions);
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, list(all.map(([, { parameters }]) => [0x60, ...list(Array.from({ length: parameters }, () => [NUMBER])), 0]))),
    ...section(3, list(all.map((_, index) => unsigned(index)))),
    ...section(5, [1, 1, ...unsigned(pages), ...unsigned(pages)]),
    ...section(7, list([[...name("memory"), 2, 0], ...all.map(([called], index) => [...name(called), 0, ...unsigned(index)])])),
    ...section(10, list(all.map(([, { vectors, code }]) => {
      const whole = [1, ...unsigned(vectors), VECTOR, ...code, END];
      return [...unsigned(whole.length), ...whole];
    }))),
  ]);
}
