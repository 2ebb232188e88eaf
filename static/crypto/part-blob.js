/** The content of a part as a file of the browser's, without the bulk of it being held here beside what it is decoded from. */
import { decodedPieces } from "./base64.js";
import { decodeBody } from "./mime-read.js";

/**
 * @param {import("./display-parts.js").Stored} stored
 * @returns {Blob} type octet-stream: what a stranger calls it must not decide what a browser does with it
 */
export function blobOf(stored) {
  const type = "application/octet-stream";
  if ("bytes" in stored) return new Blob([bytes(stored.bytes)], { type });
  const { entity } = stored;
  if (entity.encoding !== "base64") return new Blob([bytes(decodeBody(entity))], { type });
  // A Blob takes a copy, so that the next piece may stand where this one stood.
  const pieces = Array.from(decodedPieces(entity.body), (piece) => new Blob([bytes(piece)]));
  return new Blob(pieces, { type });
}

/** What a Blob takes. @param {Uint8Array} given */
function bytes(given) {
  return /** @type {Uint8Array<ArrayBuffer>} */ (given);
}
