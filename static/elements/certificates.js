/** Certificates for addresses, as our server knows them: of recipients to encrypt to, of signers to check. */
import { postJson } from "./http.js";

/** @typedef {{ state: "found" | "none", source: string | null, certificates: Uint8Array[] }} Answer */

/**
 * @param {string} url
 * @param {string[]} addresses
 * @returns {Promise<Map<string, Answer>>} by the address as it was asked
 */
export async function certificatesOf(url, addresses) {
  const { results } = await postJson(url, { addresses });
  /** @type {Map<string, Answer>} */
  const answers = new Map();
  for (const address of addresses) {
    const result = results[address];
    if (!result) continue;
    const certificates = result.certificates.map((/** @type {{ data: string }} */ { data }) =>
      Uint8Array.from(atob(data), (character) => character.charCodeAt(0)));
    answers.set(address, { state: result.state, source: result.source, certificates });
  }
  return answers;
}
