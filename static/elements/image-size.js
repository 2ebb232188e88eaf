/**
 * What kind of picture bytes are and how large it will be, before anything decodes it: a few hundred bytes can ask for
 * gigabytes of pixels. Only kinds made of pixels; an SVG is none of them.
 */

/** @typedef {{ type: string, width: number, height: number }} Picture */

/**
 * @param {Uint8Array} bytes
 * @returns {Picture | null}
 */
export function pictureOf(bytes) {
  if (bytes.length < 30) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const four = (/** @type {number} */ at) => String.fromCharCode(...bytes.subarray(at, at + 4));
  if (view.getUint32(0) === 0x89504e47 && four(12) === "IHDR") return { type: "image/png", width: view.getUint32(16), height: view.getUint32(20) };
  if (four(0) === "GIF8") return { type: "image/gif", width: view.getUint16(6, true), height: view.getUint16(8, true) };
  if (four(0).startsWith("BM")) return { type: "image/bmp", width: Math.abs(view.getInt32(18, true)), height: Math.abs(view.getInt32(22, true)) };
  if (four(0) === "RIFF" && four(8) === "WEBP") return webp(view, four(12));
  if (view.getUint16(0) === 0xffd8) return jpeg(view);
  if (four(4) === "ftyp") return avif(view, bytes);
  return null;
}

/** @param {DataView} view @param {string} kind @returns {Picture | null} */
function webp(view, kind) {
  const type = "image/webp";
  if (kind === "VP8 ") return { type, width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
  if (kind === "VP8L") {
    const bits = view.getUint32(21, true);
    return { type, width: (bits & 0x3fff) + 1, height: ((bits >> 14) & 0x3fff) + 1 };
  }
  if (kind !== "VP8X") return null;
  return { type, width: (view.getUint32(24, true) & 0xffffff) + 1, height: (view.getUint32(26, true) >>> 8) + 1 };
}

/** The first frame header (ITU T.81 section B.2.2), behind whatever stands before it. @param {DataView} view @returns {Picture | null} */
function jpeg(view) {
  for (let at = 2; at + 9 < view.byteLength; ) {
    if (view.getUint8(at) !== 0xff) return null;
    const marker = view.getUint8(at + 1);
    if (marker === 0xff) at += 1;
    else if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) return { type: "image/jpeg", height: view.getUint16(at + 5), width: view.getUint16(at + 7) };
    else at += 2 + view.getUint16(at + 2);
  }
  return null;
}

/** The largest "ispe" property (ISO/IEC 23008-12 section 6.5.3) near the beginning. @param {DataView} view @param {Uint8Array} bytes @returns {Picture | null} */
function avif(view, bytes) {
  /** @type {Picture | null} */
  let found = null;
  const end = Math.min(bytes.length - 16, 16_384);
  for (let at = 8; at < end; at += 1) {
    if (view.getUint32(at) !== 0x69737065) continue;
    const [width, height] = [view.getUint32(at + 8), view.getUint32(at + 12)];
    if (!found || width * height > found.width * found.height) found = { type: "image/avif", width, height };
  }
  return found;
}
