/** Drafts handed to the server as finished ciphertext, and thrown away there. */
import { csrfToken, postJson, Refused } from "./http.js";

/** @typedef {import("./draft-store.js").Place} Place */

/** Another device, or another page, saved the draft in the meantime, or took it away. */
export class Elsewhere extends Error {
  /** @param {(Place & {rev: number}) | null} now what lies there now */
  constructor(now) {
    super("the draft is another one now");
    this.now = now;
  }
}

/**
 * @param {string} url
 * @param {{id: string, rev: number, replaces: Place | null, bytes: Uint8Array<ArrayBuffer>}} draft
 * @param {AbortSignal} [signal]
 * @returns {Promise<Place>}
 * @throws {Elsewhere}
 * @throws {Refused} with the server's sentence; status 0 where it was not reached
 */
export async function upload(url, { id, rev, replaces, bytes }, signal) {
  const form = new FormData();
  form.set("draft", id);
  form.set("rev", String(rev));
  form.set("replaces", JSON.stringify(replaces));
  form.set("bytes", new Blob([bytes]), "draft");
  const headers = { "X-CSRFToken": csrfToken(), "X-Requested-With": "fetch", Accept: "application/json" };
  /** @type {Response} */
  let answer;
  try {
    answer = await fetch(url, { method: "POST", body: form, headers, credentials: "same-origin", redirect: "error", ...(signal ? { signal } : {}) });
  } catch (error) {
    if (error instanceof TypeError) throw new Refused(0, "offline", "");
    throw error;
  }
  const told = answer.headers.get("Content-Type")?.startsWith("application/json") ? await answer.json() : {};
  if (answer.status === 409) throw new Elsewhere(told.now ?? null);
  if (!answer.ok) throw new Refused(answer.status, told.error ?? "", told.sentence ?? "");
  return { mailbox: told.mailbox, uidvalidity: told.uidvalidity, uid: told.uid };
}

/** @param {string} url @param {Place} place @param {string} draft */
export function discard(url, { mailbox, uidvalidity, uid }, draft) {
  return postJson(url, { mailbox, uidvalidity, uid, draft });
}
