/** Pictures that stand in the text of a message: held in this page, drawn from memory, sent beside the HTML. */
import { pictureOf } from "./image-size.js";

/** Kinds that programs which read mail can draw; an SVG is a document, not a picture. */
export const KINDS = new Set(["image/png", "image/jpeg", "image/gif", "image/webp"]);
/** How far into a photograph its size may stand, behind what the camera wrote. */
const HEAD = 1024 * 1024;

export class InlinePictures {
  /** @type {Map<string, { file: File, url: string, width: number }>} */
  #held = new Map();

  /**
   * @param {File} file
   * @returns {Promise<{ picture: string, alt: string } | null>} null where it is no picture for a text, whatever it says it is
   */
  async add(file) {
    const found = pictureOf(new Uint8Array(await file.slice(0, HEAD).arrayBuffer()));
    if (!found || !KINDS.has(found.type)) return null;
    const ending = found.type.slice("image/".length);
    const named = file.name || `picture.${ending}`;
    const id = `${globalThis.crypto.randomUUID()}@postern`;
    this.hold(id, new File([file], named, { type: found.type }), found.width);
    return { picture: id, alt: named };
  }

  /** One that has its Content-ID already, in a draft. @param {string} id @param {File} file @param {number} [width] */
  hold(id, file, width = 0) {
    this.#held.set(id, { file, url: URL.createObjectURL(file), width });
  }

  /** @param {string} id */
  has(id) {
    return this.#held.has(id);
  }

  /** @param {string} id */
  address(id) {
    return this.#held.get(id)?.url ?? "";
  }

  /** blob: URLs by Content-ID, as the sanitiser takes them. */
  get addresses() {
    return new Map([...this.#held].map(([id, { url }]) => [id, url]));
  }

  get sizes() {
    return new Map([...this.#held].map(([id, { width }]) => [id, { width }]));
  }

  /** @param {Set<string>} ids @returns {{ id: string, file: File }[]} */
  files(ids) {
    return [...this.#held].filter(([id]) => ids.has(id)).map(([id, { file }]) => ({ id, file }));
  }

  /** Nothing of them stays in memory. */
  forget() {
    for (const { url } of this.#held.values()) URL.revokeObjectURL(url);
    this.#held.clear();
  }
}
