/** What a person can do about a signature, as words.md section 2.4 has it; where nothing can be done there is no button. */
import { crypto } from "../crypto/client.js";
import { compare } from "./compare-certificates.js";
import { keyAddress } from "./keys.js";
import { notePin, rejectPin } from "./pins.js";
import { say } from "./words.js";

/** @typedef {import("./protection-line.js").Act} Act */
/** @typedef {import("./protection-line.js").ProtectionLine} ProtectionLine */
/** @typedef {import("./verdict-words.js").Read} Read */

/**
 * @param {Read} opened
 * @param {ProtectionLine} line where a question is asked
 * @param {() => void} again opens the message anew
 * @returns {Act[]}
 */
export function protectionActs(opened, line, again) {
  const { judged: { sig }, signer, headers } = opened;
  if (sig === "sig-no-certificate") return [{ label: say("ui-look-again"), button: again }];
  const address = headers.from?.address ?? "";
  // What somebody compared is kept in the key ring's own list: without one, or while it is locked, nothing could be kept.
  if (!signer?.fingerprint || address === "" || keyAddress("hasRing") !== "yes" || crypto.state !== "unlocked") return [];
  const { fingerprint, source, before } = signer;
  const settle = (/** @type {Promise<unknown>} */ saved) => void saved.then(again, reportError);
  const verify = () => settle(notePin({ address, fingerprint, source, verified: Math.floor(Date.now() / 1000), replace: true, again: true }));
  const reject = () => settle(rejectPin({ address, fingerprint }));
  const ask = () => compare(line, { address, fingerprint, before, same: verify, differs: sig === "sig-rejected" ? null : reject });
  if (sig === "sig-changed") return [{ label: say("ui-compare"), button: ask }, { label: say("ui-keep-old"), button: reject }];
  if (sig === "sig-rejected") return [{ label: say("ui-look-again"), button: ask }];
  if (sig === "sig-good-first" || sig === "sig-good-known") return [{ label: say("ui-verify-with", { address }), button: ask, plain: true }];
  return [];
}
