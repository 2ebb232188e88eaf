/** What every page loads: htmx for the chrome, and the elements that may stand on any page. */

import "./trust.js";
import htmx from "../vendor/htmx.js";
import { csrfToken } from "./http.js";
import "./live-updates.js";
import "./print.js";
import { applyTextSize } from "./text-size.js";
import "./page-keys.js";
import "./mail-list.js";
import "./mail-message.js";
import "./message-composer.js";
import "./local-time.js";
import "./keys-lock.js";
import "./drafts-left.js";
import "./key-unlock.js";
import "./key-status.js";
import "./key-setup.js";
import "./key-passphrase.js";
import "./key-ledger.js";
import "./picture-senders.js";
import "./outbox-here.js";
import "./send-later.js";
import "./contacts-page.js";
import "./identity-list.js";
import "./template-list.js";
import "./writing-format.js";

applyTextSize();
document.addEventListener("htmx:configRequest", (event) => {
  /** @type {CustomEvent} */ (event).detail.headers["X-CSRFToken"] = csrfToken();
});

export { htmx };
