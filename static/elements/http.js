/**
 * Requests to our own server: the CSRF token, and answers as the caller wants them.
 * What the server refuses comes back as `Refused`, with the sentence it gave.
 */

export class Refused extends Error {
  /** @param {number} status @param {string} id @param {string} sentence */
  constructor(status, id, sentence) {
    super(sentence || `HTTP ${status}`);
    this.name = "Refused";
    this.status = status;
    /** The words' id where the server named one. */
    this.id = id;
    this.sentence = sentence;
  }
}

/** What a page may still hear of a session that it ended itself comes within this time (ms). */
const ENDING = 15_000;
let ending = 0;

/**
 * This page is signing out, or was signed out: from now on it asks for nothing, and a 401 for what it asked before is no trouble.
 * Whoever waits for an answer waits until the page is gone. Where the person stays after all, what waited is asked then.
 */
export function stopAsking() {
  ending = Date.now() + ENDING;
}

/** Until the page is gone, or it is clear that the person stayed. @returns {Promise<void>} */
async function ended() {
  const left = ending - Date.now();
  if (left > 0) await new Promise((resolve) => setTimeout(resolve, left));
}

/** Whether the server no longer knows the session. The page is told so by its socket, and says it. @param {unknown} error */
export function isSignedOut(error) {
  return error instanceof Refused && error.status === 401;
}

/** @returns {string} */
export function csrfToken() {
  return document.querySelector('meta[name="csrf-token"]')?.getAttribute("content") ?? "";
}

/**
 * @param {string} url
 * @param {RequestInit} [init]
 * @returns {Promise<Response>} any 2xx answer, and 304; everything else throws Refused
 */
export async function request(url, init = {}) {
  if (Date.now() < ending) await ended();
  const headers = new Headers(init.headers);
  if (init.method && init.method !== "GET") headers.set("X-CSRFToken", csrfToken());
  headers.set("X-Requested-With", "fetch");
  const answer = await fetch(url, { ...init, headers, credentials: "same-origin", redirect: "error", referrerPolicy: "same-origin" });
  if (answer.ok || answer.status === 304) return answer;
  if (answer.status === 401) await ended();
  let said = { error: "", sentence: "" };
  if (answer.headers.get("Content-Type")?.startsWith("application/json")) said = { ...said, ...(await answer.json()) };
  throw new Refused(answer.status, said.error, said.sentence);
}

/** @param {string} url @param {unknown} value @returns {Promise<any>} */
export async function postJson(url, value) {
  const answer = await request(url, { method: "POST", body: JSON.stringify(value), headers: { "Content-Type": "application/json" } });
  return answer.status === 204 ? null : answer.json();
}

/** @param {string} url @param {Uint8Array<ArrayBuffer>} bytes @param {Record<string, string>} [headers] @returns {Promise<Response>} */
export function put(url, bytes, headers = {}) {
  return request(url, { method: "PUT", body: bytes, headers: { "Content-Type": "application/octet-stream", ...headers } });
}

/**
 * The whole body as bytes, with progress where the server says how long it is.
 * @param {string} url
 * @param {{ onprogress?: (done: number, total: number) => void, signal?: AbortSignal }} [options]
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 */
export async function getBytes(url, { onprogress, signal } = {}) {
  const answer = await request(url, { signal });
  const total = Number(answer.headers.get("Content-Length") ?? 0);
  if (!answer.body || !onprogress) return new Uint8Array(await answer.arrayBuffer());
  // Written where it is to stand: pieces that are joined at the end would be there twice. What the server says of the length
  // is only believed that far, and a compressed answer is longer.
  let whole = new Uint8Array(total);
  let done = 0;
  for (const reader = answer.body.getReader(); ; ) {
    const { value, done: ended } = await reader.read();
    if (ended) break;
    if (done + value.length > whole.length) {
      const longer = new Uint8Array(2 * (done + value.length));
      longer.set(whole.subarray(0, done));
      whole = longer;
    }
    whole.set(value, done);
    done += value.length;
    onprogress(done, Math.max(total, done));
  }
  return done === whole.length ? whole : whole.slice(0, done);
}
