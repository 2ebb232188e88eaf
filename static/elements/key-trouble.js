/** The sentence for what went wrong with keys, by the error's code. */

import { CryptoError } from "../crypto/errors.js";
import { Refused } from "./http.js";
import { tell } from "./sentence.js";
import { say } from "./words.js";

/** @type {Readonly<Record<string, string>>} */
const BAD_INPUT = { length: "ui-keys-code-length", symbol: "ui-keys-code-symbol", check: "ui-keys-code-check", character: "ui-keys-character" };

/**
 * Says in `host` what went wrong. What nobody foresaw is said as "did not work" and thrown on to the console.
 * @param {HTMLElement} host
 * @param {unknown} error
 */
export function trouble(host, error) {
  if (error instanceof CryptoError) return ofKeys(host, error);
  if (error instanceof Refused) return tell(host, "ui-keys-not-loaded");
  if (error instanceof TypeError && /fetch|network/i.test(error.message)) return tell(host, "ui-offline");
  tell(host, "ui-keys-failed");
  reportError(error);
}

/**
 * @param {HTMLElement} host
 * @param {CryptoError} error
 */
function ofKeys(host, { code, facts, message }) {
  if (code === "cancelled" || code === "locked") return tell(host, null);
  if (code === "bad-input") return tell(host, BAD_INPUT[String(facts.why)] ?? "ui-keys-failed");
  if (code === "ring-tampered") return tell(host, "ring-tampered", { level: "stop" });
  if (code === "key-refused") return tell(host, "ring-tampered", { level: "stop" });
  if (code === "ring-rollback") {
    const { seen, offered } = facts;
    const told = seen !== undefined && offered !== undefined;
    return tell(host, "ring-rollback", { level: "stop", detail: told ? say("ring-rollback.detail", { a: String(seen), b: String(offered) }) : "" });
  }
  if (code === "wrong-secret" && facts.epoch) return tell(host, "ui-keys-changed-elsewhere");
  tell(host, "ui-keys-failed");
  console.error(code, message);
}
