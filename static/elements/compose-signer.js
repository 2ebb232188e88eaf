/** Whether an own key may sign for the address one writes from: words.md section 3.3, `write-unsigned`. */
import { addressKey } from "../crypto/address-key.js";
import { crypto } from "../crypto/client.js";
import { CryptoError } from "../crypto/errors.js";

/** @typedef {Pick<import("../crypto/own-keys.js").KeyFacts, "address" | "purpose" | "revoked" | "expires">} KeyFacts */

/**
 * @param {readonly KeyFacts[]} keys
 * @param {string} address
 */
export function signsFor(keys, address) {
  const wanted = addressKey(address);
  return keys.some((key) => addressKey(key.address) === wanted && key.purpose !== "decrypt" && !key.revoked && (key.expires === null || key.expires * 1000 > Date.now()));
}

export class ComposeSigner {
  /** null: not known, because the keys were not open yet. @type {readonly KeyFacts[] | null} */
  #keys = null;

  /** While they are locked nobody can tell, and nothing is said: they are opened before anything is signed. @param {string} address */
  signs(address) {
    if (crypto.state === "none") return false;
    return this.#keys === null || signsFor(this.#keys, address);
  }

  /** @param {() => void} changed */
  async learn(changed) {
    if (crypto.state !== "unlocked") return;
    try {
      this.#keys = await crypto.request("ring.facts");
    } catch (error) {
      // Locked in between: it stays as it was, and the next unlocking asks again.
      if (!(error instanceof CryptoError && error.code === "locked")) throw error;
      return;
    }
    changed();
  }
}
