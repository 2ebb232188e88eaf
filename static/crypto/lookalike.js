/** Addresses that look like one the person knows and are not it: skeletons of UTS #39 section 4, drawn from Unicode's table. */
import { addressKey } from "./address-key.js";
import { readableDomain } from "./punycode.js";

/** @typedef {{address: string, since: number, verified: boolean}} Correspondent `since` in Unix seconds */

/**
 * @typedef {object} Acquaintance
 * @property {readonly Correspondent[]} correspondents addresses for which a certificate is known
 * @property {readonly string[]} own the person's own addresses; their domains count, too
 */

/** The table sends the small one to i; every font draws it as an l. */
const PALOCHKA = "ӏ";
/** Nobody reads further than this, and skeletons grow. */
const LONGEST = 320;

/** @type {Promise<Readonly<Record<string, string>>> | null} loaded with the first address that is looked at */
let table = null;
/** @type {Map<string, readonly string[]>} the same correspondents come up with every message */
const drawn = new Map();
const MOST = 20_000;

/**
 * @param {string} address of the sender
 * @param {Acquaintance} acquaintance
 * @returns {Promise<string | null>} the address or domain it looks like
 */
export async function lookalikeOf(address, { correspondents, own }) {
  const key = addressKey(address);
  const domain = domainOf(key);
  if (domain === "" || own.some((one) => addressKey(one) === key)) return null;
  const itself = correspondents.find((one) => addressKey(one.address) === key);
  // Who was compared in person is nobody's double.
  if (itself?.verified) return null;
  const confusables = await loaded();
  const shapes = shapesOf(key, address, confusables);
  for (const one of own) if (meet(shapes, shapesOf(addressKey(one), one, confusables))) return one;
  for (const one of correspondents) {
    if (addressKey(one.address) === key) continue;
    // Of two that are both known, the later one is the double, unless the later was compared.
    if (itself !== undefined && itself.since <= one.since && !one.verified) continue;
    if (meet(shapes, shapesOf(addressKey(one.address), one.address, confusables))) return one.address;
  }
  const drawnDomain = shapesOf(domain, domain, confusables);
  for (const one of own) {
    const mine = domainOf(addressKey(one));
    if (mine !== "" && mine !== domain && meet(drawnDomain, shapesOf(mine, mine, confusables))) return readableDomain(mine);
  }
  return null;
}

function loaded() {
  table ??= import("../vendor/confusables.js").then(({ default: confusables }) => confusables);
  return table;
}

/** @param {string} address */
function domainOf(address) {
  return address.slice(address.lastIndexOf("@") + 1);
}

/** @param {readonly string[]} shapes @param {readonly string[]} others */
function meet(shapes, others) {
  return shapes.some((shape) => others.includes(shape));
}

/**
 * As it is written and in small letters: a capital I is drawn like l, and a small i is not.
 * @param {string} key in small letters, its domain in ASCII
 * @param {string} written
 * @param {Readonly<Record<string, string>>} confusables
 */
function shapesOf(key, written, confusables) {
  const name = `${key} ${written}`;
  let shapes = drawn.get(name);
  if (shapes === undefined) {
    shapes = [...new Set([key, written].map((text) => skeleton(readable(text), confusables)))];
    if (drawn.size >= MOST) drawn.clear();
    drawn.set(name, shapes);
  }
  return shapes;
}

/** @param {string} address or domain */
function readable(address) {
  const at = address.lastIndexOf("@");
  return address.slice(0, at + 1) + readableDomain(address.slice(at + 1));
}

/**
 * UTS #39 section 4; in small letters at the end, because a zero's skeleton is a capital O.
 * @param {string} text
 * @param {Readonly<Record<string, string>>} confusables
 */
function skeleton(text, confusables) {
  const decomposed = text.slice(0, LONGEST).normalize("NFD").replace(/\p{Default_Ignorable_Code_Point}/gu, "");
  const prototypes = Array.from(decomposed, (letter) => (letter === PALOCHKA ? "l" : Object.hasOwn(confusables, letter) ? confusables[letter] : letter)).join("");
  return prototypes.normalize("NFD").toLowerCase();
}
