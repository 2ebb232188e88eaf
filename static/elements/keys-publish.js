/** The own certificate in this server's directory: there at set-up, put there again if it is missing. */

import { addressKey } from "../crypto/address-key.js";
import { crypto } from "../crypto/client.js";
import { postJson, put } from "./http.js";

/** @typedef {{certificatesUrl: string, recipientsUrl: string, address: string}} Where */
/** @typedef {import("../crypto/own-keys.js").KeyFacts} KeyFacts */

/**
 * Which of the own keys others find here.
 * @param {Where} where
 * @returns {Promise<Set<string>>} fingerprints
 */
export async function published({ recipientsUrl, address }) {
  const { results } = await postJson(recipientsUrl, { addresses: [address] });
  /** @type {{fingerprint: string}[]} */
  const found = results[address]?.certificates ?? [];
  return new Set(found.map(({ fingerprint }) => fingerprint.toLowerCase()));
}

/**
 * Publishes the key that others should encrypt to, unless they find it already.
 * @param {Where} where
 */
export async function publishOwn(where) {
  /** @type {KeyFacts[]} */
  const facts = await crypto.request("ring.facts");
  const current = facts.find((key) => addressKey(key.address) === addressKey(where.address) && inUse(key));
  if (!current || (await published(where)).has(current.fingerprint.toLowerCase())) return;
  await put(where.certificatesUrl, /** @type {Uint8Array<ArrayBuffer>} */ (current.certificate));
}

/** @param {Pick<KeyFacts, "purpose" | "revoked" | "expires">} key */
export function inUse({ purpose, revoked, expires }) {
  return purpose === "sign-encrypt" && !revoked && (expires === null || expires * 1000 > Date.now());
}
