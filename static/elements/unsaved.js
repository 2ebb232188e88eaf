/**
 * Signing out saves what is not saved yet, first. Where that does not work, the person is asked: the text stays sealed in this
 * browser, and comes back here after the next sign-in.
 */
import { claimed } from "./draft-claim.js";
import * as store from "./draft-store.js";
import { make } from "./make.js";
import { say } from "./words.js";

/** How long other tabs may take to save theirs, in milliseconds, and how often that is looked at. */
const [PATIENCE, LOOK] = [6_000, 300];

/** @typedef {{id: () => string, save: () => Promise<void>}} Saver of a draft; `save` resolves when it did what it could */

/** @type {Set<Saver>} */
const savers = new Set();
/** @type {BroadcastChannel | undefined} */
let tabs;

/** The channel to the other tabs, from when there is something to say or to hear. */
function channel() {
  if (tabs) return tabs;
  tabs = new BroadcastChannel("postern-drafts");
  tabs.addEventListener("message", ({ data }) => {
    if (data === "save") for (const { save } of savers) void save();
  });
  return tabs;
}

/** @param {Saver} saver @param {AbortSignal} signal */
export function onSignOut(saver, signal) {
  channel();
  savers.add(saver);
  signal.addEventListener("abort", () => savers.delete(saver));
}

/**
 * @param {string} person
 * @returns {Promise<boolean>} false where the person would rather stay
 */
export async function readyToSignOut(person) {
  await Promise.allSettled([...savers].map(({ save }) => save()));
  const go = (await unsaved(person)).length === 0 || (await saveElsewhere(person)) || (await ask());
  // What the mailbox has is not left behind in this browser.
  if (go) for (const { id, rev, uploaded } of await store.all(person)) if (uploaded >= rev) await store.remove(person, id, (now) => now.uploaded >= now.rev);
  return go;
}

/** @param {string} person @returns {Promise<boolean>} whether all is saved now */
async function saveElsewhere(person) {
  channel().postMessage("save");
  for (const end = Date.now() + PATIENCE; Date.now() < end && navigator.onLine && (await othersSave(person)); ) await new Promise((resolve) => setTimeout(resolve, LOOK));
  return (await unsaved(person)).length === 0;
}

/** @param {string} person @returns {Promise<string[]>} */
async function unsaved(person) {
  return (await store.all(person)).filter(({ rev, uploaded, discarded }) => !discarded && rev > uploaded).map(({ id }) => id);
}

/** Whether other tabs have drafts that they may still save. @param {string} person */
async function othersSave(person) {
  const busy = await claimed();
  const own = [...savers].map(({ id }) => id());
  return (await unsaved(person)).some((id) => busy.has(id) && !own.includes(id));
}

/** @returns {Promise<boolean>} */
function ask() {
  return new Promise((resolve) => {
    const answer = (/** @type {boolean} */ go) => () => {
      resolve(go);
      dialog.close();
    };
    const stay = make("button", { class: "button button-main", type: "button", "data-sign-out": "stay", click: answer(false) }, say("ui-stay"));
    const go = make("button", { class: "button button-plain", type: "button", "data-sign-out": "go", click: answer(true) }, say("ui-sign-out-all-the-same"));
    const dialog = make("dialog", { class: "unlock", "aria-labelledby": "sign-out-title" },
      make("h2", { class: "head", id: "sign-out-title" }, say("ui-draft-unsaved")),
      make("p", { class: "note" }, say("ui-draft-unsaved-detail")),
      make("div", { class: "actions" }, stay, go));
    dialog.addEventListener("close", () => {
      resolve(false);
      dialog.remove();
    });
    document.body.append(dialog);
    dialog.showModal();
    stay.focus();
  });
}
