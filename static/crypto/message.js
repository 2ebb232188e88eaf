/** Messages: opened, their parts handed out, and built. */

/** What the page gets of an open message. @typedef {Omit<import("./message-open.js").Opened, "stored"> & {handle: number}} Opened */

export { build } from "./message-build.js";
export { open } from "./message-open.js";
export { headersOf } from "./shown-headers.js";
