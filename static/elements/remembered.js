/**
 * What the reader found out about messages, for the list and for the next message of the same sender: sealed on the
 * server, open in the page only as long as the keys are.
 */
import { addressKey } from "../crypto/address-key.js";
import { crypto } from "../crypto/client.js";
import { LAST, SEEN_MOST, SIGNERS_MOST, SUBJECT_LONGEST } from "../crypto/seen-limits.js";
import { keyAddress } from "./keys.js";
import { SealedList } from "./sealed-list.js";

/** @typedef {import("../crypto/seen.js").Seen} Seen */
/** @typedef {import("../crypto/seen.js").Signer} Signer */
/** @typedef {{ id: string, at: number, good: boolean }} Said */

/** A record is at most 512 KiB; letters of other scripts take up to four bytes. */
const BYTES = 400_000;
/** So many messages in a row make a habit (words.md section 2.6). */
const HABIT = 5;

/** @type {Map<string, SealedList<Seen>>} by month */
const months = new Map();
/** @type {SealedList<Signer> | null} */
let signers = null;

crypto.addEventListener("locked", () => {
  for (const list of months.values()) list.forget();
  months.clear();
  signers?.forget();
  signers = null;
});

/** Whether anything can be remembered: there is a key ring, and it is open. */
function possible() {
  return crypto.state === "unlocked" && keyAddress("hasRing") === "yes";
}

/** @param {string} month */
function ofMonth(month) {
  let list = months.get(month);
  if (!list) {
    list = new SealedList({
      kind: "seen",
      name: month,
      url: () => keyAddress("seenUrl").replace("/month/", `/${month}/`),
      key: (/** @type {Seen} */ { id }) => id,
      unite: (mine, theirs) => (theirs.at > mine.at ? theirs : mine),
      bound: newest,
    });
    months.set(month, list);
  }
  return list;
}

/** @param {Seen[]} all @returns {Seen[]} */
function newest(all) {
  const sorted = [...all].sort((a, b) => b.at - a.at).slice(0, SEEN_MOST);
  let bytes = 0;
  return sorted.filter(({ subject = "" }) => (bytes += 120 + 4 * subject.length) <= BYTES);
}

function whoSigns() {
  signers ??= new SealedList({
    kind: "signers",
    name: "signers",
    url: () => keyAddress("signersUrl"),
    key: (/** @type {Signer} */ { address }) => address,
    unite: (mine, theirs) => ({ address: mine.address, last: latest([...theirs.last, ...mine.last]) }),
    bound: (all) => [...all].sort((a, b) => (b.last[0]?.at ?? 0) - (a.last[0]?.at ?? 0)).slice(0, SIGNERS_MOST),
  });
  return signers;
}

/** Each message once, as it was said last; the newest arrivals first. @param {Said[]} all */
export function latest(all) {
  return [...new Map(all.map((one) => [one.id, one])).values()].sort((a, b) => b.at - a.at).slice(0, LAST);
}

/** @param {string} trace as the server writes it: month and id @returns {[string, string] | null} */
function parsed(trace) {
  const found = /^(\d{4}-\d{2})\/([0-9a-f]{32})$/u.exec(trace);
  return found ? [found[1] ?? "", found[2] ?? ""] : null;
}

/**
 * What was found out about a message before, here or on another device.
 * @param {string} trace
 * @returns {Promise<Seen | null>}
 */
export async function recalled(trace) {
  const at = parsed(trace);
  return at && possible() ? ofMonth(at[0]).get(at[1]) : null;
}

/**
 * @param {string} trace
 * @param {{ mark: string, level: Seen["level"], subject?: string }} found
 */
export async function remember(trace, { mark, level, subject }) {
  const at = parsed(trace);
  if (!at || !possible()) return;
  const [month, id] = at;
  const before = await recalled(trace);
  const plain = mark === "mark-not-encrypted" && subject === undefined;
  // An ordinary message is what the list says of it anyway.
  if ((plain && !before) || (before?.mark === mark && before.level === level && before.subject === subject?.slice(0, SUBJECT_LONGEST))) return;
  await ofMonth(month).set({ id, mark, level, at: Math.floor(Date.now() / 1000), ...(subject === undefined ? {} : { subject: subject.slice(0, SUBJECT_LONGEST) }) });
}

/**
 * Whether the five messages of an address before this one were all signed, and the signatures counted.
 * @param {string} address
 * @param {string} trace of this message
 * @param {number} arrived Unix seconds
 */
export async function usuallySigns(address, trace, arrived) {
  const at = parsed(trace);
  if (!at || !possible() || !address) return false;
  return isHabit((await whoSigns().get(addressKey(address)))?.last ?? [], at[1], arrived);
}

/** @param {readonly Said[]} last @param {string} id @param {number} arrived */
export function isHabit(last, id, arrived) {
  const before = last.filter((one) => one.id !== id && one.at <= arrived).slice(0, HABIT);
  return before.length === HABIT && before.every(({ good }) => good);
}

/**
 * Notes whether a message of the address carried a signature that counts. Who never signed is not written down.
 * @param {string} address
 * @param {string} trace
 * @param {number} arrived
 * @param {boolean} good
 */
export async function noteSigned(address, trace, arrived, good) {
  const at = parsed(trace);
  if (!at || !possible() || !address || !Number.isSafeInteger(arrived) || arrived < 0) return;
  const key = addressKey(address);
  const known = (await whoSigns().get(key))?.last ?? [];
  const same = known.find(({ id }) => id === at[1]);
  if (same?.good === good || (known.length === 0 && !good)) return;
  const last = latest([...known, { id: at[1], at: arrived, good }]);
  // Older than all that are kept: it changes nothing.
  if (last.some(({ id }) => id === at[1])) await whoSigns().set({ address: key, last });
}
