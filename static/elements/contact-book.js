/**
 * The person's own contacts and groups: sealed on the server, open in the page only as long as the keys are.
 * The document hears `postern:contacts` whenever they changed.
 */
import { addressKey } from "../crypto/address-key.js";
import { crypto } from "../crypto/client.js";
import { CryptoError } from "../crypto/errors.js";
import { GROUPS_MOST, MEMBERS_MOST, PEOPLE_FULL, PEOPLE_MOST, PEOPLE_RECORDS } from "../crypto/contacts.js";
import { uniteGroups, unitePeople } from "./contact-merge.js";
import { keyAddress } from "./keys.js";
import { SealedList } from "./sealed-list.js";

/** @typedef {import("../crypto/contacts.js").Contact} Contact */
/** @typedef {import("../crypto/contacts.js").Group} Group */

/** There is no room for more. */
export class BookFull extends Error {}

/** @type {SealedList<Contact>[]} in the order in which they were filled */
let records = [];
/** @type {SealedList<Group> | null} */
let groupList = null;
/** @type {Promise<void> | null} */
let opening = null;
/** Counts how often the keys were locked. */
let locks = 0;
/** Changes are made one after the other: each looks where there is room. */
/** @type {Promise<void>} */
let turn = Promise.resolve();

crypto.addEventListener("locked", () => {
  for (const list of [...records, groupList]) list?.forget();
  records = [];
  groupList = opening = null;
  locks += 1;
  turn = Promise.resolve();
});

/** Whether contacts can be kept at all: there is a key ring, and it is open. */
export function canKeep() {
  return crypto.state === "unlocked" && keyAddress("hasRing") === "yes";
}

/** @param {string} which */
const urlOf = (which) => () => keyAddress("contactsUrl").replace("/which/", `/${which}/`);

/** @param {number} number @returns {SealedList<Contact>} */
function newRecord(number) {
  return new SealedList({
    kind: "contacts", name: `people-${number}`, url: urlOf(`people-${number}`),
    key: (/** @type {Contact} */ { address }) => addressKey(address),
    unite: unitePeople,
    bound: (all) => [...all].sort((a, b) => Math.max(b.last, b.edited) - Math.max(a.last, a.edited)).slice(0, PEOPLE_MOST),
  });
}

/** @returns {SealedList<Group>} */
function groupRecord() {
  groupList ??= new SealedList({
    kind: "contacts", name: "groups", url: urlOf("groups"), key: (/** @type {Group} */ { group }) => group, unite: uniteGroups,
    bound: (all) => [...all].sort((a, b) => Number(a.gone ?? false) - Number(b.gone ?? false) || b.edited - a.edited).slice(0, GROUPS_MOST),
  });
  return groupList;
}

function opened() {
  opening ??= open().catch((error) => {
    opening = null;
    throw error;
  });
  return opening;
}

async function open() {
  const before = locks;
  const found = [newRecord(0)];
  // Records are filled one after the other, so most people have one.
  if (((await found[0]?.all()) ?? []).length >= PEOPLE_FULL) {
    for (let number = 1; number < PEOPLE_RECORDS; number++) found.push(newRecord(number));
  }
  await Promise.all(found.map((list) => list.all()));
  // Locked meanwhile: what was opened for another time of open keys is not kept.
  if (locks !== before) {
    for (const list of found) list.forget();
    throw new CryptoError("locked");
  }
  records = found;
}

/** Everybody with their record, deleted ones too. @returns {Promise<Map<string, { contact: Contact, list: SealedList<Contact> }>>} */
async function index() {
  await opened();
  /** @type {Map<string, { contact: Contact, list: SealedList<Contact> }>} */
  const found = new Map();
  for (const list of records) {
    for (const contact of await list.all()) {
      const name = addressKey(contact.address);
      const known = found.get(name);
      // Two devices that met somebody at once may have put them into two records.
      found.set(name, known ? { contact: unitePeople(known.contact, contact), list: known.list } : { contact, list });
    }
  }
  return found;
}

/** Needs open keys. @returns {Promise<Contact[]>} */
export async function contacts() {
  return [...(await index()).values()].map(({ contact }) => contact).filter(({ gone }) => !gone);
}

/** Needs open keys. @returns {Promise<Group[]>} with those members alone that are in it */
export async function groups() {
  return (await groupRecord().all()).filter(({ gone }) => !gone).map((group) => ({ ...group, members: group.members.filter(({ gone }) => !gone) }));
}

/**
 * Changes what is known of some addresses, all in one step.
 * @param {string[]} addresses
 * @param {(known: Contact | null, address: string) => Contact | null} change  null: nothing to change
 * @returns {Promise<number>} how many were changed
 * @throws {BookFull}
 */
export function change(addresses, change) {
  return inTurn(async () => {
    const known = await index();
    let changed = 0;
    try {
      for (const address of addresses) {
        const name = addressKey(address);
        const at = known.get(name);
        const next = change(at?.contact ?? null, address);
        if (!next) continue;
        const list = at?.list ?? (await withRoom());
        await list.set(next);
        known.set(name, { contact: next, list });
        changed += 1;
      }
    } finally {
      if (changed > 0) document.dispatchEvent(new CustomEvent("postern:contacts"));
    }
    return changed;
  });
}

/** @returns {Promise<SealedList<Contact>>} */
async function withRoom() {
  for (const list of records) if ((await list.all()).length < PEOPLE_FULL) return list;
  if (records.length >= PEOPLE_RECORDS) throw new BookFull();
  const list = newRecord(records.length);
  records.push(list);
  return list;
}

/**
 * @param {string} id
 * @param {(known: Group | null) => Group} change  with all members, those that left too
 * @throws {BookFull}
 */
export function changeGroup(id, change) {
  return inTurn(async () => {
    const list = groupRecord();
    const all = await list.all();
    const next = change(all.find(({ group }) => group === id) ?? null);
    const others = all.filter(({ group }) => group !== id);
    const members = [...others, next].reduce((sum, { members }) => sum + members.length, 0);
    if (others.length >= GROUPS_MOST || members > MEMBERS_MOST) throw new BookFull();
    await list.set(next);
    document.dispatchEvent(new CustomEvent("postern:contacts"));
  });
}

/** Everything is kept on the server when it resolves. */
export async function kept() {
  await Promise.all([...records, groupList].map((list) => list?.flush()));
}

/** @template Result @param {() => Promise<Result>} work @returns {Promise<Result>} */
function inTurn(work) {
  const result = turn.then(work);
  turn = result.then(() => {}, () => {});
  return result;
}
