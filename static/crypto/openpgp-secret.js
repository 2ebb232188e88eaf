/** Own secret keys, read once. */
import { pgp } from "./openpgp-library.js";

/** @typedef {{key: Uint8Array}} OwnKey as the key ring holds it: an unprotected secret key, binary */

/** @type {WeakMap<OwnKey, Promise<import("../vendor/openpgp.js").PrivateKey>>} */
const parsed = new WeakMap();

/** @param {OwnKey} own */
export function secretKey(own) {
  let key = parsed.get(own);
  if (key === undefined) {
    key = pgp.readPrivateKey({ binaryKey: own.key });
    parsed.set(own, key);
  }
  return key;
}
