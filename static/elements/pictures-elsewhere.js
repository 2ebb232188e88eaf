/**
 * Pictures that a letter names elsewhere: held back until the person asks, then fetched by our server, so that their
 * sender learns that and when they were shown (an address may be made for one letter), and nothing of device or place.
 * The frame gets them as blob: addresses and loads nothing itself.
 *
 * Never for anything that was decrypted: the address of a picture can carry the text away (design D9).
 */
import { Refused, request } from "./http.js";
import { make } from "./make.js";
import { offer } from "./offer.js";
import { always, canChoose, choose } from "./pictures-chosen.js";
import { reportUnlessLocked } from "./unless-locked.js";
import { say } from "./words.js";

/** @typedef {import("./verdict-words.js").Read} Read */
/** @typedef {{ pictures: Map<string, string>, missing: number }} Fetched  blob: URLs by address, and how many did not come */
/**
 * @typedef {object} Options
 * @property {string} url  of our server, that fetches
 * @property {AbortSignal} signal  ends with what is shown
 * @property {number} missing  how many were asked for and did not come
 * @property {(fetched: Fetched) => Promise<void>} show
 */

/** What browsers draw without running anything; our server judges it by the bytes. */
const TYPES = new Set(["image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "image/bmp"]);
const AT_ONCE = 4;
/** A letter with more than this is no letter; what is beyond stays away. */
const MOST = 200;
const MOST_BYTES = 64 << 20;

/**
 * The line about pictures that were held back, with the act where there may be one; null where there are none.
 * @param {Read} opened
 * @param {{ remote: number, elsewhere: Set<string> }} letter
 * @param {Options} options
 */
export function heldBack(opened, { remote, elsewhere }, options) {
  if (options.missing > 0) return offer("image", counted("ui-pictures-missing", options.missing), "pictures-missing", again(elsewhere, options));
  if (remote === 0) return null;
  if (opened.protected) return offer("image", counted("ui-pictures-never", remote), "pictures-never");
  const sentence = counted("ui-pictures", remote);
  if (opened.judged.withheld.includes("images") || elsewhere.size === 0) return offer("image", sentence, "pictures");
  const acts = [again(elsewhere, options, "ui-pictures-show")];
  if (mayChoose(opened)) acts.push(fromNowOn(opened, elsewhere, options));
  return offer("image", sentence, "pictures", ...acts);
}

/**
 * Pictures of a sender for whom the person chose so; null where they are to be asked first. The From line is a claim like
 * any other: where anything speaks against it, nothing comes by itself.
 * @param {Read} opened
 * @param {{ elsewhere: Set<string> }} letter
 * @param {{ url: string, signal: AbortSignal }} options
 * @returns {Promise<Fetched | null>}
 */
export async function unasked(opened, { elsewhere }, options) {
  if (elsewhere.size === 0 || opened.protected || opened.judged.withheld.includes("images") || !mayChoose(opened)) return null;
  if (!(await always(opened.headers.from?.address ?? "").catch(unknown))) return null;
  return fetchAll([...elsewhere], options);
}

/** @param {unknown} error */
function unknown(error) {
  reportUnlessLocked(error);
  // What was chosen is not known, so the person is asked.
  return false;
}

/** @param {Read} opened */
function mayChoose({ headers, judged }) {
  return canChoose() && Boolean(headers.from?.address) && judged.level !== "warning" && judged.level !== "stop";
}

/**
 * @param {Read} opened
 * @param {Set<string>} elsewhere
 * @param {Options} options
 */
function fromNowOn({ headers }, elsewhere, options) {
  const address = headers.from?.address ?? "";
  const button = make("button", { class: "button button-plain", type: "button", click: async () => {
    button.disabled = true;
    // The pictures come also where the choice could not be kept; then the next letter asks again.
    void choose(address, true).catch(reportUnlessLocked);
    const fetched = await fetchAll([...elsewhere], options);
    if (!options.signal.aborted) await options.show(fetched);
  } }, say("ui-pictures-always", { address }));
  return button;
}

/** @param {string} id @param {number} count */
function counted(id, count) {
  return count === 1 ? say(`${id}-one`) : say(id, { count });
}

/**
 * @param {Set<string>} elsewhere
 * @param {Options} options
 * @param {string} [word]
 */
function again(elsewhere, options, word = "ui-try-again") {
  const button = make("button", { class: "button", type: "button", click: async () => {
    button.disabled = true;
    button.setAttribute("aria-busy", "true");
    const fetched = await fetchAll([...elsewhere], options);
    if (!options.signal.aborted) await options.show(fetched);
  } }, say(word));
  return button;
}

/**
 * @param {string[]} addresses
 * @param {Pick<Options, "url" | "signal">} options
 * @returns {Promise<Fetched>}
 */
export async function fetchAll(addresses, { url, signal }) {
  /** @type {Map<string, string>} */
  const pictures = new Map();
  const waiting = addresses.slice(0, MOST);
  let bytes = 0;
  const take = async () => {
    for (let address = waiting.shift(); address !== undefined && bytes < MOST_BYTES && !signal.aborted; address = waiting.shift()) {
      const blob = await fetchOne(url, address, signal);
      if (!blob || signal.aborted) continue;
      bytes += blob.size;
      const shown = URL.createObjectURL(blob);
      signal.addEventListener("abort", () => URL.revokeObjectURL(shown), { once: true });
      pictures.set(address, shown);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, take));
  return { pictures, missing: addresses.length - pictures.size };
}

/**
 * @param {string} url
 * @param {string} address
 * @param {AbortSignal} signal
 * @returns {Promise<Blob | null>} null where it did not come
 */
async function fetchOne(url, address, signal) {
  try {
    const answer = await request(url, { method: "POST", body: address, headers: { "Content-Type": "text/plain" }, signal });
    const type = answer.headers.get("Content-Type") ?? "";
    return TYPES.has(type) ? new Blob([await answer.arrayBuffer()], { type }) : null;
  } catch (error) {
    // Our server could not get it, or could not be reached: the line says how many are missing, and offers another try.
    if (error instanceof Refused || error instanceof TypeError || signal.aborted) return null;
    throw error;
  }
}
