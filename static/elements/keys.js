/**
 * The page's side of the key ring: fetch it, open it, keep it open over a reload, lock it, store it again.
 *
 * Unlocked keys live in the worker alone; what passes through here is sealed, or a secret on its way into the worker.
 * The addresses stand on <key-unlock>, which is once in every page of somebody signed in.
 */

import { crypto } from "../crypto/client.js";
import { CryptoError } from "../crypto/errors.js";
import { Refused, put, request } from "./http.js";
import * as memory from "./keys-memory.js";
import { publishOwn } from "./keys-publish.js";
import * as stay from "./keys-stay.js";
import { reportUnlessLocked } from "./unless-locked.js";

/** @typedef {{kind: "passphrase" | "code", value: Uint8Array<ArrayBuffer>}} Secret */
/** @typedef {{bytes: Uint8Array<ArrayBuffer>, hash: string}} SealedRing */

const host = () => /** @type {HTMLElement | null} */ (document.querySelector("key-unlock"));

/** Hash of the revision on the server that the open ring follows. */
let stored = "";
let byCode = false;

/** @param {string} name  of the data attribute */
export function keyAddress(name) {
  return host()?.dataset[name] ?? "";
}

/** Who is signed in here, as this browser remembers them. */
export function person() {
  return keyAddress("person");
}

/**
 * Has open keys when it resolves: at once, after a reload by what stays open, else by asking the person.
 * @param {string} action  what for: an id of the words, or words in the person's language
 * @returns {Promise<void>}
 * @throws {CryptoError} cancelled when the person does not want to; no-key when they have no key ring yet
 */
export async function ensureUnlocked(action) {
  if (crypto.state === "unlocked") return;
  // Where reopening met trouble, the question meets it again and says what it is.
  if (await reopened().catch(() => false)) return;
  if (keyAddress("hasRing") !== "yes") throw new CryptoError("no-key", "no key ring yet");
  await asked(action);
}

/** @type {Promise<boolean> | null} */
let reopening = null;

/**
 * Opens the ring by stay-1 if it stayed open. Once a page load; everybody who asks waits for the same answer.
 * @returns {Promise<boolean>}
 */
export function reopened() {
  if (crypto.state === "unlocked") return Promise.resolve(true);
  reopening ??= reopen().finally(() => {
    reopening = null;
  });
  return reopening;
}

async function reopen() {
  if (!host() || keyAddress("hasRing") !== "yes") return false;
  try {
    const half = await stay.fetchHalf(keyAddress("stayUrl"));
    if (!half) return false;
    const kept = await sealedRing();
    if (!kept) return false;
    const { head } = await crypto.request("stay.open", { half, person: person(), ring: kept.bytes, highest: await memory.highest(person()) }, { transfer: [half.buffer] });
    stay.keepAlive(keyAddress("stayUrl"));
    await opened(head);
    return true;
  } catch (error) {
    if (error instanceof CryptoError && error.code === "stay-ended") return false;
    throw error;
  }
}

/** @type {Set<() => void>} */
const waiting = new Set();

/** @param {string} action @returns {Promise<void>} */
function asked(action) {
  return new Promise((resolve, reject) => {
    const done = () => {
      waiting.delete(done);
      crypto.removeEventListener("unlocked", done);
      if (crypto.state === "unlocked") resolve();
      else reject(new CryptoError("cancelled"));
    };
    waiting.add(done);
    crypto.addEventListener("unlocked", done);
    document.dispatchEvent(new CustomEvent("postern:unlock", { detail: { action } }));
  });
}

/** The person closed the question. */
export function cancelled() {
  for (const done of [...waiting]) done();
}

/**
 * Opens the ring with what the person typed.
 * @param {Secret} secret  filled with 0 in the worker; the buffer is gone from the page
 * @param {boolean} stays  stay unlocked in this browser until signing out
 * @throws {CryptoError} wrong-secret, ring-tampered, ring-rollback, bad-input
 */
export async function openWith(secret, stays) {
  const highest = await memory.highest(person());
  const kept = await sealedRing();
  if (!kept) {
    if (highest) throw new CryptoError("ring-rollback", "the ring is gone", { seen: highest.rev, offered: 0 });
    throw new CryptoError("no-key", "no key ring yet");
  }
  // Before the answer: whoever hears that the keys are open may ask how.
  byCode = secret.kind === "code";
  const { head } = await crypto.request("ring.unlock", { ring: kept.bytes, secret, highest }, { transfer: [secret.value.buffer] });
  await opened(head);
  await memory.chooseStay(person(), stays);
  if (stays) await stay.begin(keyAddress("stayUrl"), person());
}

/**
 * Takes a new ring into use: stored, remembered, its certificate published, and open until the person locks it.
 * @param {{ring: Uint8Array<ArrayBuffer>, certificate: Uint8Array<ArrayBuffer>, head: memory.Head}} made
 * @throws {import("./http.js").Refused} ring-conflict where another tab was first
 */
export async function adopt({ ring, head }) {
  const place = host();
  // A second try after the connection broke behind the first: the ring is there already.
  if (place?.dataset.hasRing !== "yes") await put(keyAddress("ringUrl"), ring, { "If-None-Match": "*" });
  if (place) place.dataset.hasRing = "yes";
  await opened(head);
  if (await memory.staysOpen(person())) await stay.begin(keyAddress("stayUrl"), person());
}

/** Whether the recovery code opened the keys in this page, so that a new passphrase is due. */
export function openedByCode() {
  return byCode && crypto.state === "unlocked";
}

/**
 * Stores a changed ring over the revision it was made from. Where another tab or device was quicker, both changes are
 * united first.
 * @param {{ring: Uint8Array<ArrayBuffer>, head: memory.Head}} changed  as the worker gave it
 * @throws {CryptoError} wrong-secret with the fact `epoch` when the other change replaced the ring's key
 */
export async function saveRing(changed) {
  let next = changed;
  try {
    await put(keyAddress("ringUrl"), next.ring, { "If-Match": `"${stored}"` });
  } catch (error) {
    if (!(error instanceof Refused && error.status === 412)) throw error;
    const kept = await sealedRing();
    if (!kept) throw error;
    next = await crypto.request("ring.merge", { ring: kept.bytes });
    await put(keyAddress("ringUrl"), next.ring, { "If-Match": `"${kept.hash}"` });
  }
  byCode = false;
  await opened(next.head);
  // A new epoch ended what stayed open; where the person wanted it, it begins again.
  if (await memory.staysOpen(person())) await stay.begin(keyAddress("stayUrl"), person());
}

/** @param {memory.Head} head */
async function opened(head) {
  stored = head.hash;
  await memory.remember(person(), head);
  // Not awaited: opening a message must not wait for the directory. What fails is tried at the next unlock.
  publishOwn({ certificatesUrl: keyAddress("certificatesUrl"), recipientsUrl: keyAddress("recipientsUrl"), address: person() }).catch(reportUnlessLocked);
}

/** @returns {Promise<SealedRing | null>} */
export async function sealedRing() {
  const answer = await request(keyAddress("ringUrl"));
  if (answer.status === 204) return null;
  return { bytes: new Uint8Array(await answer.arrayBuffer()), hash: (answer.headers.get("ETag") ?? "").replace(/^W\/|"/g, "") };
}

/** What this browser remembers of a ring that the server does not have any more, or null. @returns {Promise<memory.Head | null>} */
export async function forgottenHead() {
  const head = await memory.highest(person());
  return head && !(await sealedRing()) ? head : null;
}

/** Locks in every tab; nothing reopens by itself. */
export async function lockKeys() {
  await crypto.lock("person");
}
