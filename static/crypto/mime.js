/** The MIME door: what is read is never trusted, what is written needs no repair. */
export { parse, decodeBody } from "./mime-read.js";
export { attachmentPart, multipart, pieces, textPart, transportable, write } from "./mime-write.js";
