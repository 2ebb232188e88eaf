/** A scheduled message whose time came, and which waits only for its person: this page is theirs, so it goes. */
import { Refused, request } from "./http.js";

document.addEventListener("postern:outbox", (event) => {
  const { here } = /** @type {CustomEvent} */ (event).detail;
  if (typeof here !== "string") return;
  request(here, { method: "POST" }).catch((error) => {
    // Signed out meanwhile, or no connection: it goes at the next sign-in, as its line in the outbox says.
    if (!(error instanceof Refused) && !(error instanceof TypeError)) reportError(error);
  });
});
