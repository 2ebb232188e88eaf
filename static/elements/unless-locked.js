/** Work beside the person's own that ends when the keys lock or the session does: that it did not come to its end is no trouble. */
import { CryptoError } from "../crypto/errors.js";
import { isSignedOut } from "./http.js";

/** @param {unknown} error */
export function reportUnlessLocked(error) {
  if (!(error instanceof CryptoError && error.code === "locked") && !isSignedOut(error)) reportError(error);
}
