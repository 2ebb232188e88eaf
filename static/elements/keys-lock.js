/**
 * What happens in the page when the keys lock: both halves of stay-1 go, the person is told, and after signing out
 * in another tab nothing readable stays on the screen. Loaded once by every page.
 */

import { crypto } from "../crypto/client.js";
import { IDLE } from "../crypto/idle.js";
import { stopAsking } from "./http.js";
import { keyAddress, reopened } from "./keys.js";
import * as stay from "./keys-stay.js";
import { toast } from "./toasts.js";
import { reportUnlessLocked } from "./unless-locked.js";
import { readyToSignOut } from "./unsaved.js";
import { say } from "./words.js";

/** @typedef {import("../crypto/client.js").LockReason} LockReason */

crypto.addEventListener("locked", (event) => {
  /** @type {LockReason} */
  const reason = /** @type {CustomEvent} */ (event).detail.reason;
  // Another tab that locked, or is signing out, deletes both halves itself.
  if (reason === "person" || reason === "idle") stay.drop(keyAddress("stayUrl")).catch(reportUnlessLocked);
  if (reason === "elsewhere") toast(say("lock-done"), undefined, "lock-done");
  if (reason === "idle") toast(say("lock-idle", { minutes: IDLE / 60_000 }), { label: say("ui-keys-unlock"), run: ask }, "lock-idle");
  if (reason === "failed") toast(say("ui-keys-failed"));
  // Nobody wants any more what the worker was stuck in; after a failure the same message might come again and again.
  if (reason === "stuck") reopened().then((open) => open || toast(say("ui-keys-failed")), reportUnlessLocked);
});

crypto.addEventListener("signed-out", leave);

function ask() {
  document.dispatchEvent(new CustomEvent("postern:unlock", { detail: {} }));
}

/** Signed out in another tab: what was readable here is taken out of the page. */
function leave() {
  stopAsking();
  const page = document.getElementById("page");
  const instead = /** @type {HTMLTemplateElement | null} */ (document.querySelector('template[data-unlock="elsewhere"]'));
  if (!page || !instead) return;
  page.replaceChildren(instead.content.cloneNode(true));
  document.getElementById("toasts")?.replaceChildren();
  document.title = say("lock-elsewhere");
  forgetPaths();
  /** @type {HTMLElement | null} */ (page.querySelector("main a"))?.focus();
}

/** htmx keeps the address last seen here; it names a mailbox. */
function forgetPaths() {
  sessionStorage.clear();
}

/**
 * The worker ends, every tab locks and this browser's half of stay-1 is deleted before the form goes.
 * What remains is the highest revision seen.
 * @param {HTMLFormElement} form
 */
function signOut(form) {
  forgetPaths();
  return crypto
    .signOut()
    // What had to be written is written; the session ends before anything else could be answered.
    .finally(stopAsking)
    .then(() => stay.forget())
    // Whatever happens here, the person wanted to sign out: the server's half ends with the session.
    .finally(() => HTMLFormElement.prototype.submit.call(form));
}

/** Signing out: drafts are saved first. */
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || !keyAddress("signOutUrl")) return;
  // Not form.action: buttons of that name hide it.
  if (new URL(form.getAttribute("action") ?? "", location.href).pathname !== keyAddress("signOutUrl")) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  void readyToSignOut(keyAddress("person"))
    .catch((error) => {
      reportError(error);
      return true;
    })
    .then((go) => (go ? signOut(form) : undefined));
}, { capture: true });

// A page that is loaded anew opens by itself what stayed open. The state is known before anybody asks.
if (keyAddress("person")) {
  crypto.ringKnown = keyAddress("hasRing") === "yes";
  reopened().catch(reportUnlessLocked);
}
