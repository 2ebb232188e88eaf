/** Whose letters are shown with their pictures from elsewhere: one state-1 record, chosen sender by sender. */
import { addressKey } from "./address-key.js";
import * as shape from "./shape.js";

/**
 * @typedef {object} PictureSender
 * @property {string} address
 * @property {boolean} always  false: taken back; kept, so that another device does not bring it in again
 * @property {number} at  Unix seconds of the choice
 */

export const PICTURE_SENDERS_MOST = 2000;

/** @param {unknown} value @returns {PictureSender} */
export function readPictureSender(value) {
  const { address, always, at } = shape.fields(value, ["address", "always", "at"]);
  if (typeof always !== "boolean") throw new shape.WrongShape("not yes or no");
  return { address: addressKey(shape.text(address)), always, at: shape.count(at) };
}
