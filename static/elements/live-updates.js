/** <live-updates src sign-in sign-out>: the page's websocket. What it is told becomes events on the document. */

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
  #leaving = false;
  /** @type {BroadcastChannel | undefined} */
  #tabs;

  connectedCallback() {
    // A tab without a socket just now learns from its neighbours that the person signed out.
    this.#tabs = new BroadcastChannel("postern-session");
    this.#tabs.addEventListener("message", (event) => {
      if (event.data === "signed-out") this.#tell("postern:signed-out", { type: "signed-out" });
    });
    document.addEventListener("submit", this.#submitted, true);
    this.#open();
  }

  disconnectedCallback() {
    document.removeEventListener("submit", this.#submitted, true);
    this.#tabs?.close();
    this.#stop();
  }

  #open() {
    const url = new URL(this.getAttribute("src") ?? "", location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(url);
    this.#socket = socket;
    socket.addEventListener("open", () => {
      this.#wait = FIRST_WAIT;
      // What happened while there was no socket was told to nobody.
      if (this.#missed) this.#tell("postern:mailbox-changed", {});
      this.#missed = false;
    });
    socket.addEventListener("message", (event) => {
      const message = JSON.parse(event.data);
      const name = EVENTS.get(message.type);
      if (name) this.#tell(name, message);
    });
    socket.addEventListener("close", (event) => {
      if (this.#socket !== socket) return;
      if (event.code === SIGNED_OUT) {
        // The tab that asked for it is on its way already; going elsewhere would break off its answer.
        if (!this.#leaving) location.replace(this.getAttribute("sign-in") ?? "/");
        return;
      }
      this.#missed = true;
      // Jitter: after a restart of the server not all pages come back in the same instant.
      this.#timer = setTimeout(() => this.#open(), this.#wait * (0.5 + Math.random()));
      this.#wait = Math.min(this.#wait * 2, LONGEST_WAIT);
    });
  }

  #stop() {
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close();
  }

  /** Every tab locks at once when this one signs out, before the server has heard of it. */
  #submitted = (/** @type {Event} */ event) => {
    const form = /** @type {HTMLFormElement} */ (event.target);
    if (form.action === new URL(this.getAttribute("sign-out") ?? "", location.href).href) {
      this.#leaving = true;
      this.#tabs?.postMessage("signed-out");
      this.#tell("postern:signed-out", { type: "signed-out" });
    }
  };

  /**
   * @param {string} name
   * @param {object} detail
   */
  #tell(name, detail) {
    document.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

customElements.define("live-updates", LiveUpdates);
