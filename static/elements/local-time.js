/**
 * <local-time datetime="2026-11-19T10:42:00Z" as="row">19 Nov</local-time>: the moment in the person's own zone.
 * The server does not know that zone; its text stays in the document as written, and the shadow shows ours. So a
 * refreshed row can be compared with the one the server sent before.
 */

import { day, dayTime, fullDate, rowDate } from "./format.js";

const ways = { row: rowDate, day, full: fullDate, "day-time": dayTime };

class LocalTime extends HTMLElement {
  static observedAttributes = ["datetime", "as"];

  connectedCallback() {
    if (!this.shadowRoot) this.attachShadow({ mode: "open" });
    this.#show();
  }

  attributeChangedCallback() {
    if (this.shadowRoot) this.#show();
  }

  #show() {
    const date = new Date(this.getAttribute("datetime") ?? "");
    const root = /** @type {ShadowRoot} */ (this.shadowRoot);
    if (Number.isNaN(date.getTime())) {
      root.replaceChildren(document.createElement("slot"));
      return;
    }
    const as = /** @type {keyof typeof ways} */ (this.getAttribute("as") ?? "day-time");
    const time = document.createElement("time");
    time.dateTime = date.toISOString();
    time.textContent = ways[as](date);
    if (as !== "full") time.title = fullDate(date);
    root.replaceChildren(time);
  }
}

customElements.define("local-time", LocalTime);
