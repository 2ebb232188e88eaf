/**
 * Handing finished bytes to the server: fetch tells nothing of how much has gone, so this is an XMLHttpRequest.
 *
 * A try that got no answer is made again by itself. The key in the form makes that safe: the server takes it once, and
 * gives the same answer to every further try.
 */
import { csrfToken, Refused } from "./http.js";

/** @typedef {{ id: string, state: string, word: string, sentence: string, url: string, message_id: string, seconds: number, undo: string }} Accepted */
/**
 * @typedef {object} Options
 * @property {(share: number) => void} onprogress
 * @property {() => void} [onhanded]  all of it is on its way: from here on nothing can be called back by cancelling
 * @property {AbortSignal} signal
 * @property {readonly number[]} [pauses]  milliseconds before each further try
 */

const PAUSES = [1000, 3000, 8000];
/** Nobody answered, or whoever did stands in front of the server, or the server is short of something for a moment. */
const LOST = new Set([0, 502, 503, 504]);

/**
 * @param {string} url
 * @param {FormData} form
 * @param {Options} options
 * @returns {Promise<Accepted>}
 * @throws {Refused} with the server's sentence. Status 0 where it was not reached: `offline` where nothing can have been
 * taken, `unclear` where all of it had gone and the answer is what is missing
 */
export async function upload(url, form, { onprogress, onhanded, signal, pauses = PAUSES }) {
  let handed = false;
  let unclear = false;
  const all = () => {
    handed = true;
    onhanded?.();
  };
  for (let tries = 0; ; tries += 1) {
    try {
      return await once(url, form, { onprogress, onhanded: all, signal });
    } catch (error) {
      if (!(error instanceof Refused) || !LOST.has(error.status)) throw error;
      // A 503 is the server's own word that it took nothing, unless it says that it does not know.
      unclear ||= error.id === "unclear" || (handed && error.status !== 503);
      const pause = pauses[tries];
      if (pause === undefined) throw unclear ? new Refused(0, "unclear", "") : error;
      await wait(pause, handed ? undefined : signal);
    }
  }
}

/**
 * @param {string} url
 * @param {FormData} form
 * @param {{ onprogress: (share: number) => void, onhanded: () => void, signal: AbortSignal }} options
 * @returns {Promise<Accepted>}
 */
function once(url, form, { onprogress, onhanded, signal }) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const ended = new AbortController();
    /** @param {unknown} error */
    const fail = (error) => {
      ended.abort();
      reject(error);
    };
    request.open("POST", url);
    request.responseType = "json";
    request.setRequestHeader("X-CSRFToken", csrfToken());
    request.setRequestHeader("X-Requested-With", "fetch");
    request.setRequestHeader("Accept", "application/json");
    request.upload.addEventListener("progress", ({ loaded, total }) => onprogress(total ? loaded / total : 0));
    request.upload.addEventListener("load", () => {
      // The server may have taken it from now on; who cancels would be told something else than what happens.
      ended.abort();
      onhanded();
    });
    request.addEventListener("load", () => {
      const answer = request.response;
      if (request.status >= 200 && request.status < 300 && answer) resolve(answer);
      else fail(new Refused(request.status, answer?.error ?? "", answer?.sentence ?? ""));
    });
    // What the network gave up on by itself is told as a timeout, though none is set here.
    for (const lost of ["error", "timeout"]) request.addEventListener(lost, () => fail(new Refused(0, "offline", "")));
    request.addEventListener("abort", () => fail(new DOMException("cancelled", "AbortError")));
    signal.addEventListener("abort", () => request.abort(), { once: true, signal: ended.signal });
    request.send(form);
  });
}

/**
 * @param {number} milliseconds
 * @param {AbortSignal} [signal]
 * @returns {Promise<void>}
 */
function wait(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(new DOMException("cancelled", "AbortError"));
      return;
    }
    const timer = setTimeout(resolve, milliseconds);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(new DOMException("cancelled", "AbortError"));
    }, { once: true });
  });
}
