/**
 * Contacts and groups as they stand in state-1 records of the kind `contacts`: people in up to sixteen records, groups in
 * one (docs/crypto-inventory.md).
 */
import { addressKey } from "./address-key.js";
import * as shape from "./shape.js";

/**
 * @typedef {object} Contact  one address
 * @property {string} address  as it is written to
 * @property {string} name
 * @property {number} sent  messages to it
 * @property {number} got  days on which mail from it was read
 * @property {number} last  Unix seconds of the newest of both; 0 for none
 * @property {number} edited  Unix seconds when the person changed it by hand; 0: collected
 * @property {boolean} [gone]  deleted; kept, so that it is not collected again and no other device brings it back
 */
/** @typedef {{ address: string, at: number, gone?: boolean }} Member  `at`: when it came or went, in Unix seconds */
/**
 * @typedef {object} Group
 * @property {string} group  its id
 * @property {string} name
 * @property {Member[]} members
 * @property {number} edited  Unix seconds when it was named or deleted
 * @property {boolean} [gone]
 */

/** So many a record is filled with, and two that were united may hold more. */
export const PEOPLE_FULL = 500;
export const PEOPLE_MOST = 1000;
export const PEOPLE_RECORDS = 16;
export const GROUPS_MOST = 200;
/** Of all groups together: their record has to hold them. */
export const MEMBERS_MOST = 4000;
export const NAME_LONGEST = 200;
export const ADDRESS_LONGEST = 254;

/** @param {unknown} value @returns {Contact | Group} */
export function readContact(value) {
  return typeof value === "object" && value !== null && "group" in value ? readGroup(value) : readPerson(value);
}

/** @param {unknown} value @returns {Contact} */
function readPerson(value) {
  const { address, name, sent, got, last, edited, gone } = shape.fields(value, ["address", "name", "sent", "got", "last", "edited"], ["gone"]);
  return {
    address: addressOf(address), name: shape.text(name).slice(0, NAME_LONGEST),
    sent: shape.count(sent), got: shape.count(got), last: shape.count(last), edited: shape.count(edited), ...goneOf(gone),
  };
}

/** @param {unknown} value @returns {Group} */
function readGroup(value) {
  const { group, name, members, edited, gone } = shape.fields(value, ["group", "name", "members", "edited"], ["gone"]);
  if (typeof group !== "string" || !/^[0-9a-f-]{36}$/.test(group)) throw new shape.WrongShape("no id");
  return {
    group, name: shape.text(name).slice(0, NAME_LONGEST), edited: shape.count(edited), ...goneOf(gone),
    members: shape.list(members, MEMBERS_MOST, (one) => {
      const { address, at, gone } = shape.fields(one, ["address", "at"], ["gone"]);
      return { address: addressKey(addressOf(address)), at: shape.count(at), ...goneOf(gone) };
    }),
  };
}

/** @param {unknown} value */
function addressOf(value) {
  const address = shape.text(value);
  if (address === "" || address.length > ADDRESS_LONGEST) throw new shape.WrongShape("no address");
  return address;
}

/** @param {unknown} value @returns {{ gone?: true }} */
function goneOf(value) {
  if (value === undefined) return {};
  if (value !== true) throw new shape.WrongShape("gone is true or not there");
  return { gone: true };
}
