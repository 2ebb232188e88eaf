/** <live-updates src>: the page's websocket. What it is told becomes events on the document; it draws nothing. */

import { crypto } from "../crypto/client.js";

const FIRST_WAIT = 1000;
const LONGEST_WAIT = 60_000;
/** The server's close code for a session that ended (webmail/consumers.py). */
const SIGNED_OUT = 4401;
const EVENTS = new Map([
  ["mailbox-changed", "postern:mailbox-changed"],
  ["outbox", "postern:outbox"],
  ["signed-out", "postern:signed-out"],
]);

class LiveUpdates extends HTMLElement {
  /** @type {WebSocket | undefined} */
  #socket;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #wait = FIRST_WAIT;
  #missed = false;

  connectedCallback() {
    this.#open();
  }

  disconnectedCallback() {
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close();
  }

  #open() {
    const url = new URL(this.getAttribute("src") ?? "", location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(url);
    this.#socket = socket;
    socket.addEventListener("open", () => {
      this.#wait = FIRST_WAIT;
      // What happened while there was no socket was told to nobody.
      if (this.#missed) tell("postern:mailbox-changed", {});
      this.#missed = false;
    });
    socket.addEventListener("message", (event) => {
      const message = JSON.parse(event.data);
      const name = EVENTS.get(message.type);
      if (name) tell(name, message);
      if (message.type === "signed-out") void signedOut();
    });
    socket.addEventListener("close", (event) => {
      if (this.#socket !== socket || event.code === SIGNED_OUT) return;
      this.#missed = true;
      // Jitter: after a restart of the server not all pages come back in the same instant.
      this.#timer = setTimeout(() => this.#open(), this.#wait * (0.5 + Math.random()));
      this.#wait = Math.min(this.#wait * 2, LONGEST_WAIT);
    });
  }
}

/** The session ended, here or in another tab, or by its limits: the keys lock, and nothing readable stays. */
async function signedOut() {
  await crypto.signOut();
  crypto.dispatchEvent(new CustomEvent("signed-out"));
}

/**
 * @param {string} name
 * @param {object} detail
 */
function tell(name, detail) {
  document.dispatchEvent(new CustomEvent(name, { detail }));
}

customElements.define("live-updates", LiveUpdates);
