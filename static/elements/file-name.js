/**
 * Names for files that came with a message, made fit for a download and for showing.
 *
 * The sender chose the name. A right-to-left override turns "fdp.exe" round on the screen, a slash leaves the
 * folder, a leading dot hides the file; none of that survives (docs/threat-model.md, hostile attachment names).
 */

const INVISIBLE = /[\u0000-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\ufff9-\ufffb]/gu;
const FORBIDDEN = /[<>:"/\\|?*]/gu;
/** Device names that Windows keeps for itself, with or without an ending. */
const DEVICE = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/iu;
const LONGEST = 200;

/**
 * @param {string | null | undefined} name as the sender gave it
 * @param {string} fallback
 */
export function safeName(name, fallback) {
  let safe = (name ?? "").normalize("NFC").replace(INVISIBLE, "").replace(FORBIDDEN, "_").trim();
  safe = safe.replace(/^[.\s]+/u, "").replace(/[.\s]+$/u, "");
  if (DEVICE.test(safe)) safe = `_${safe}`;
  if (safe.length > LONGEST) {
    const { stem, ending } = split(safe);
    safe = Array.from(stem).slice(0, LONGEST - ending.length).join("") + ending;
  }
  return safe || fallback;
}

/**
 * The stem may be shortened on the screen; the ending, which says what the file does, never is.
 * @param {string} name
 * @returns {{ stem: string, ending: string }}
 */
export function split(name) {
  const dot = name.lastIndexOf(".");
  if (dot <= 0 || name.length - dot > 12) return { stem: name, ending: "" };
  return { stem: name.slice(0, dot), ending: name.slice(dot) };
}

/** @type {[RegExp, string][]} */
const DRAWINGS = [
  [/^image\//u, "image"],
  [/spreadsheet|excel|csv/u, "sheet"],
  [/pgp-keys|pkix-cert|x509/u, "certificate"],
];

/**
 * The drawing for a kind of file.
 * @param {string} type media type
 */
export function drawing(type) {
  return DRAWINGS.find(([pattern]) => pattern.test(type))?.[1] ?? "file";
}
