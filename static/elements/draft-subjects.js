/**
 * What the rows of drafts are called: the mailbox has their subjects only as ciphertext. Once the keys are open the drafts
 * that were written here or on another device are opened for it, one after the other, and their subjects remembered sealed.
 * What somebody else left among the drafts stays closed, as it does in the composer.
 */
import { crypto } from "../crypto/client.js";
import { CryptoError } from "../crypto/errors.js";
import { Refused, request } from "./http.js";
import { keep, kept } from "./judged-rows.js";
import { remember } from "./remembered.js";
import { say } from "./words.js";

/** A draft with more in it is called by its subject once it was opened. */
const LARGEST = 512 * 1024;

/** Opened or asked for in this page. @type {Set<string>} by message address */
const tried = new Set();

crypto.addEventListener("locked", () => tried.clear());

/** @param {string} subject @returns {import("./judged-rows.js").Judged & {level: "calm"}} */
function called(subject) {
  return { mark: "mark-encrypted", level: "calm", subject: subject || say("ui-no-subject") };
}

/** The draft at this address stands open in the page, with this subject. @param {string} message @param {string} subject */
export function keepSubject(message, subject) {
  if (crypto.state === "unlocked") keep(message, called(subject));
}

/**
 * @param {{ message: string, trace: string }[]} drafts rows that nothing is known of yet
 * @param {() => void} ontold after each that can be named now
 */
export async function openSubjects(drafts, ontold) {
  for (const { message, trace } of drafts) {
    if (crypto.state !== "unlocked") return;
    if (tried.has(message) || kept(message)) continue;
    tried.add(message);
    const subject = await subjectOf(`${message}raw/`);
    if (subject === null || crypto.state !== "unlocked") continue;
    const found = called(subject);
    keep(message, found);
    ontold();
    await remember(trace, found);
  }
}

/** @param {string} url @returns {Promise<string | null>} null where it is not the person's own draft, or a large one, or gone */
async function subjectOf(url) {
  const cancelled = new AbortController();
  try {
    const answer = await request(url, { signal: cancelled.signal });
    if (!(Number(answer.headers.get("Content-Length")) <= LARGEST)) {
      cancelled.abort();
      return null;
    }
    const raw = new Uint8Array(await answer.arrayBuffer());
    const { own, content } = await crypto.request("draft.open", { raw }, { transfer: [raw.buffer] });
    return own ? content.subject : null;
  } catch (error) {
    if (error instanceof Refused || error instanceof CryptoError || error instanceof TypeError) return null;
    throw error;
  }
}
