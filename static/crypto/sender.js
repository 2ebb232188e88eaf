/** Who a message says it is from, and whether that is one person at all. */
import { clean, parseAddresses, sameAddress } from "./addresses.js";
import { decodeWords } from "./encoded-words.js";
import { all } from "./header-fields.js";

/** @typedef {import("./header-fields.js").Field} Field */

/**
 * @typedef {object} Sender
 * @property {boolean} clear exactly one From field with exactly one address, in no group, and all of the header was read
 * @property {string} address "" when there is none
 * @property {string} name
 * @property {string} raw all From fields as they read, for the sentence that shows them
 */

/**
 * Programs disagree about which of two From fields or addresses they show; a signature then names nobody
 * (facts/security.md M13).
 * @param {readonly Field[]} fields
 * @param {boolean} [cut] the header is longer than was read: behind the limit may stand another From
 * @returns {Sender}
 */
export function senderOf(fields, cut = false) {
  const found = all(fields, "from");
  const { addresses, clear } = parseAddresses(found[0]?.value ?? null);
  const [one] = addresses;
  return {
    clear: found.length === 1 && addresses.length === 1 && clear && !cut,
    address: one?.address ?? "",
    name: one?.name ?? "",
    raw: clean(found.slice(0, 10).map((field) => decodeWords(field.value)).join(" / ")),
  };
}

/**
 * An address in the display name that is not the sender's, or null.
 * @param {Sender} sender
 * @returns {string | null}
 */
export function addressInName(sender) {
  // Without an address there is nothing that the name's could be another than.
  if (sender.address === "") return null;
  const shown = sender.name.normalize("NFKC").match(/[^\s<>()"',;:@]+@[^\s<>()"',;:@]+\.[^\s<>()"',;:@]+/g) ?? [];
  // Any of them: the sender's own in front would hide the one that deceives.
  return shown.find((address) => !sameAddress(address, sender.address)) ?? null;
}
