/** Handing finished bytes to the server: fetch tells nothing of how much has gone, so this is an XMLHttpRequest. */
import { csrfToken, Refused } from "./http.js";

/**
 * @param {string} url
 * @param {FormData} form
 * @param {{ onprogress: (share: number) => void, signal: AbortSignal }} options
 * @returns {Promise<{ id: string, state: string, word: string, sentence: string, url: string }>}
 * @throws {Refused} with the server's sentence; status 0 where it was not reached
 */
export function upload(url, form, { onprogress, signal }) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", url);
    request.responseType = "json";
    request.setRequestHeader("X-CSRFToken", csrfToken());
    request.setRequestHeader("X-Requested-With", "fetch");
    request.setRequestHeader("Accept", "application/json");
    request.upload.addEventListener("progress", ({ loaded, total }) => onprogress(total ? loaded / total : 0));
    request.addEventListener("load", () => {
      const answer = request.response;
      if (request.status >= 200 && request.status < 300 && answer) resolve(answer);
      else reject(new Refused(request.status, answer?.error ?? "", answer?.sentence ?? ""));
    });
    request.addEventListener("error", () => reject(new Refused(0, "offline", "")));
    request.addEventListener("abort", () => reject(new DOMException("cancelled", "AbortError")));
    signal.addEventListener("abort", () => request.abort(), { once: true });
    request.send(form);
  });
}
