/** stay-1 from the page's side: the server's half fetched, kept alive while somebody works, and dropped. */

import { crypto } from "../crypto/client.js";
import { IDLE } from "../crypto/idle.js";
import { isSignedOut, Refused, request } from "./http.js";

/** Shorter than the server's idle time by far, so that its half never ends before the page would lock. */
const LOOK = 2 * 60_000;

/** @type {ReturnType<typeof setInterval> | undefined} */
let alive;

/**
 * @param {string} url
 * @param {"new" | "fetch" | "touch" | "drop"} action
 */
function ask(url, action) {
  return request(url, { method: "POST", body: JSON.stringify({ action }), headers: { "Content-Type": "application/json" } });
}

/**
 * From now on a reload or a second tab opens the ring without asking.
 * @param {string} url
 * @param {string} person
 */
export async function begin(url, person) {
  const half = new Uint8Array(await (await ask(url, "new")).arrayBuffer());
  await crypto.request("stay.seal", { half, person }, { transfer: [half.buffer] });
  keepAlive(url);
}

/**
 * The server's half of this session, or null where nothing stays open.
 * @param {string} url
 * @returns {Promise<Uint8Array<ArrayBuffer> | null>}
 */
export async function fetchHalf(url) {
  const answer = await ask(url, "fetch");
  return answer.status === 204 ? null : new Uint8Array(await answer.arrayBuffer());
}

/**
 * While somebody works in any tab, the server's half does not run out.
 * @param {string} url
 */
export function keepAlive(url) {
  clearInterval(alive);
  alive = setInterval(() => {
    if (crypto.state === "unlocked" && crypto.lockIn > IDLE - LOOK - 30_000) ask(url, "touch").catch(ended);
  }, LOOK);
}

/** @param {unknown} error */
function ended(error) {
  clearInterval(alive);
  // 410: the twelve hours are over. Open keys stay open; the next reload asks.
  if (!(error instanceof Refused && error.status === 410) && !isSignedOut(error)) throw error;
}

/**
 * Both halves go: this browser's at once, the server's as soon as it answers.
 * @param {string} url
 */
export async function drop(url) {
  await forget();
  await ask(url, "drop");
}

/**
 * This browser's half. The worker, which made it, has just been ended, so the page deletes its database.
 * @returns {Promise<void>}
 */
export function forget() {
  clearInterval(alive);
  return new Promise((resolve, reject) => {
    const request = indexedDB.deleteDatabase("postern-stay");
    request.onsuccess = () => resolve();
    request.onerror = () => reject(request.error);
  });
}
