/**
 * Drafts that are only in this browser: the connection was lost, the tab ended, the keys were locked. Whenever the site opens
 * with open keys they go to the mailbox, and whoever wrote one is told. And drafts that were thrown away a moment ago, which
 * wait until nobody wants them back.
 */
import { crypto } from "../crypto/client.js";
import { CryptoError } from "../crypto/errors.js";
import { claimed } from "./draft-claim.js";
import { open } from "./draft-seal.js";
import * as session from "./draft-session.js";
import * as store from "./draft-store.js";
import { discard, Elsewhere, upload } from "./draft-upload.js";
import { Refused } from "./http.js";
import { keyAddress, person } from "./keys.js";
import { toast } from "./toasts.js";
import { reportUnlessLocked } from "./unless-locked.js";
import { say } from "./words.js";

/** @typedef {import("./draft-store.js").Kept} Kept */
/** @typedef {import("./draft-store.js").Place} Place */

/** How long a draft is kept here that the mailbox has, in milliseconds. */
const RELOADING = 10 * 60_000;

/** How long a thrown away draft can be had back at least, and how long no other tab sees to it, in milliseconds. */
const [UNDO, OTHERS] = [10_000, 60_000];

/** Opens the composer with a draft. @param {session.Chosen} draft */
export function reopen(draft) {
  const write = document.querySelector('a[data-key="c"]');
  session.choose(draft);
  if (write instanceof HTMLElement) return write.click();
  location.assign(keyAddress("writeUrl"));
}

/**
 * Throws a draft away when nobody takes that back.
 * @param {string} url
 * @param {string} id
 * @param {Place | null} at
 */
export function discardSoon(url, id, at) {
  void store.note(person(), id, { discarded: true, discardedAt: Date.now() }).catch(reportError);
  const ended = new AbortController();
  const since = Date.now();
  const go = () => {
    if (ended.signal.aborted) return;
    ended.abort();
    void throwAway(url, id, at).catch(reportError);
  };
  window.addEventListener("pagehide", go, { signal: ended.signal });
  toast(say("ui-draft-discarded"), {
    label: say("ui-undo"),
    run: () => {
      ended.abort();
      void store.note(person(), id, { discarded: false }).then(() => reopen({ id, at }), reportError);
    },
  // Another toast only hides the offer.
  }, "ui-draft-discarded", () => setTimeout(go, since + UNDO - Date.now()));
}

/** @param {string} url @param {string} id @param {Place | null} at */
async function throwAway(url, id, at) {
  try {
    if (at) await discard(url, at, id);
  } catch (error) {
    // Without a connection it stays marked, and goes when the site opens next.
    if (error instanceof Refused || error instanceof TypeError) return;
    throw error;
  }
  // Whoever wrote on meanwhile did not throw that away.
  await store.remove(person(), id, ({ discarded }) => discarded);
  document.dispatchEvent(new CustomEvent("postern:mailbox-changed", { detail: {} }));
}

/** What this browser has and the mailbox has not, newest first; what is open in a tab is that tab's. @returns {Promise<Kept[]>} */
export async function left() {
  if (!person()) return [];
  const [kept, busy] = await Promise.all([store.all(person()), claimed()]);
  const mine = kept.filter(({ id }) => !busy.has(id));
  for (const { id, discarded, discardedAt = 0, at } of mine) if (discarded && discardedAt < Date.now() - OTHERS) await throwAway(keyAddress("draftDiscard"), id, at);
  // What the mailbox has is nothing that is only here; a tab that is being loaded anew still looks for its own.
  for (const { id, rev, uploaded, discarded, saved } of mine) if (!discarded && uploaded >= rev && saved < Date.now() - RELOADING) await store.remove(person(), id, (now) => now.uploaded >= now.rev);
  return mine.filter(({ rev, uploaded, discarded }) => !discarded && uploaded < rev);
}

/** @param {Kept} kept @returns {Promise<Place | null>} where it is now; null where it stays here */
async function bringIn(kept) {
  if (kept.by !== "ring" || crypto.state !== "unlocked") return null;
  const { id, rev } = kept;
  try {
    const content = await open(kept, await store.filesOf(kept));
    const from = { name: keyAddress("name"), address: person() };
    const { bytes, mac } = await crypto.request("draft.seal", { content: { ...content, from }, id, rev });
    await store.note(person(), id, { tried: [...kept.tried, mac].slice(-8) });
    const at = await upload(keyAddress("draftSave"), { id, rev, replaces: kept.at, bytes });
    await store.remove(person(), id, (now) => now.rev <= rev);
    return at;
  } catch (error) {
    // Someone decides in the composer, or the connection comes back.
    if (error instanceof Elsewhere || error instanceof Refused) return null;
    if (error instanceof CryptoError && error.code === "locked") return null;
    throw error;
  }
}

let looking = false;

async function look() {
  if (looking || crypto.state === "locked") return;
  looking = true;
  try {
    const drafts = await left();
    // A page that was loaded anew goes on where it was; a composer does so by itself.
    if (document.querySelector("message-composer")) return;
    const before = session.takeInterrupted();
    const here = before && (await store.get(person(), before.id));
    if (here && !here.discarded && !(await claimed()).has(here.id)) return reopen({ id: here.id, at: here.at });
    for (const kept of drafts) {
      const at = await bringIn(kept);
      const words = at ? "ui-draft-brought-in" : "ui-draft-left";
      toast(say(words), { label: say("ui-draft-go-on"), run: () => reopen({ id: kept.id, at }) }, words);
    }
  } finally {
    looking = false;
  }
}

const start = () => void look().catch(reportUnlessLocked);
crypto.addEventListener("unlocked", start);
if (typeof window !== "undefined") window.addEventListener("online", () => crypto.state === "unlocked" && start());
if (typeof document !== "undefined" && keyAddress("person") && keyAddress("hasRing") !== "yes") start();
