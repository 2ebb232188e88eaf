/** Senders whose pictures are shown without a question: a list that is sealed on the server and open while the keys are. */
import { addressKey } from "../crypto/address-key.js";
import { crypto } from "../crypto/client.js";
import { PICTURE_SENDERS_MOST } from "../crypto/picture-senders.js";
import { keyAddress } from "./keys.js";
import { SealedList } from "./sealed-list.js";

/** @typedef {import("../crypto/picture-senders.js").PictureSender} PictureSender */

/** @type {SealedList<PictureSender> | null} */
let list = null;

crypto.addEventListener("locked", () => {
  list?.forget();
  list = null;
});

function chosen() {
  list ??= new SealedList({
    kind: "pictures",
    name: "pictures",
    url: () => keyAddress("picturesUrl"),
    key: (/** @type {PictureSender} */ { address }) => address,
    unite: (mine, theirs) => (theirs.at > mine.at ? theirs : mine),
    bound: (all) => [...all].sort((a, b) => b.at - a.at).slice(0, PICTURE_SENDERS_MOST),
  });
  return list;
}

/** Whether a choice can be known and kept: there is a key ring, and it is open. */
export function canChoose() {
  return crypto.state === "unlocked" && keyAddress("hasRing") === "yes";
}

/** @param {string} address */
export async function always(address) {
  return canChoose() && address !== "" && (await chosen().get(addressKey(address)))?.always === true;
}

/**
 * Kept on the server when it resolves.
 * @param {string} address
 * @param {boolean} yes
 */
export async function choose(address, yes) {
  await chosen().set({ address: addressKey(address), always: yes, at: Math.floor(Date.now() / 1000) });
  await chosen().flush();
}

/** Everybody chosen, by name. Needs open keys. */
export async function everybody() {
  return (await chosen().all()).filter((one) => one.always).map(({ address }) => address).sort((a, b) => a.localeCompare(b));
}
