/** What is done with contacts and groups by hand. Each act is kept on the server when it resolves. */
import { plain } from "../crypto/addresses.js";
import { addressKey } from "../crypto/address-key.js";
import { NAME_LONGEST } from "../crypto/contacts.js";
import { BookFull, change, changeGroup, contacts, groups, kept } from "./contact-book.js";
import { complete } from "./recipient-state.js";
import { uidOf } from "./vcard-read.js";

/** @typedef {import("./answer.js").Mailbox} Mailbox */
/** @typedef {import("../crypto/contacts.js").Contact} Contact */
/** @typedef {import("../crypto/contacts.js").Group} Group */
/** @typedef {import("./vcard-read.js").Card} Card */
/** @typedef {{ added: number, changed: number, left: number, without: number, full: boolean }} Imported  `without`: cards that name no address */

/** Later than whatever is kept: an act after another one in the same second counts as later. @param {number} [known] */
const later = (known = 0) => Math.max(Math.floor(Date.now() / 1000), known + 1);
const nameIn = (/** @type {string} */ text) => plain(text).slice(0, NAME_LONGEST);

/**
 * @param {{ name: string, address: string, was: string }} contact  `was`: the address that is edited; "" for a new one
 * @returns {Promise<boolean>} whether it could be kept: a new address must not be somebody else's already
 */
export async function saveContact({ name, address, was }) {
  const [now, before] = [addressKey(address), addressKey(was)];
  const all = await contacts();
  const old = all.find((one) => addressKey(one.address) === before);
  if (now !== before && all.some((one) => addressKey(one.address) === now)) return false;
  await change([address], (known) => ({
    ...(known ?? old ?? { sent: 0, got: 0, last: 0 }), address, name: nameIn(name), edited: later(known?.edited), gone: undefined,
  }));
  if (was && now !== before) {
    await change([was], (known) => known && { ...known, gone: true, edited: later(known.edited) });
    for (const { group, members } of await groups()) {
      if (members.some((one) => one.address === before)) await setMembers(group, [...members.map((one) => one.address).filter((one) => one !== before), now]);
    }
  }
  await kept();
  return true;
}

/**
 * @param {Contact} contact
 * @returns {Promise<() => Promise<void>>} brings it back, into its groups too
 */
export async function removeContact({ address }) {
  const name = addressKey(address);
  const inside = (await groups()).filter(({ members }) => members.some((one) => one.address === name));
  await change([address], (known) => known && { ...known, gone: true, edited: later(known.edited) });
  for (const { group, members } of inside) await setMembers(group, members.map((one) => one.address).filter((one) => one !== name));
  await kept();
  return async () => {
    await change([address], (known) => known && { ...known, gone: undefined, edited: later(known.edited) });
    for (const { group } of inside) {
      const now = (await groups()).find((one) => one.group === group);
      if (now) await setMembers(group, [...now.members.map((one) => one.address), name]);
    }
    await kept();
  };
}

/**
 * @param {{ id: string, name: string, members: Mailbox[] }} group  `id`: "" for a new one
 */
export async function saveGroup({ id, name, members }) {
  const addresses = members.map(({ address }) => address);
  const names = new Map(members.map((one) => [one.address, one.name]));
  // Who is in a group is a contact, too: that is where a name stands.
  await change(addresses, (known, address) => (known && !known.gone ? null : { ...(known ?? { sent: 0, got: 0, last: 0 }), address, name: nameIn(names.get(address) ?? ""), edited: later(known?.edited), gone: undefined }));
  await setMembers(id || crypto.randomUUID(), addresses.map(addressKey), nameIn(name));
  await kept();
}

/** @param {Group} group @returns {Promise<() => Promise<void>>} brings it back */
export async function removeGroup({ group }) {
  const set = (/** @type {true | undefined} */ gone) => changeGroup(group, (known) => {
    if (!known) throw new Error("no such group");
    return { ...known, gone, edited: later(known.edited) };
  });
  await set(true);
  await kept();
  return async () => {
    await set(undefined);
    await kept();
  };
}

/** @param {string} id @param {string[]} addresses keys @param {string} [name]  as before without it */
function setMembers(id, addresses, name) {
  return changeGroup(id, (known) => {
    const inside = new Set(addresses);
    const before = new Map((known?.members ?? []).map((member) => [member.address, member]));
    const members = [...before.values()].map((member) => (Boolean(member.gone) === inside.has(member.address)
      ? { address: member.address, at: later(member.at), ...(member.gone ? {} : { gone: true }) } : member));
    for (const address of inside) if (!before.has(address)) members.push({ address, at: later() });
    return { group: id, name: name ?? known?.name ?? "", members, edited: name === undefined || name === known?.name ? (known?.edited ?? later()) : later(known?.edited) };
  });
}

/**
 * @param {Card[]} cards
 * @returns {Promise<Imported>}
 */
export async function importCards(cards) {
  const counts = { added: 0, changed: 0, left: 0, without: 0, full: false };
  /** @type {Map<string, string>} */
  const people = new Map();
  /** @type {Map<string, Set<string>>} */
  const together = new Map();
  const join = (/** @type {string} */ name, /** @type {string[]} */ addresses) => {
    const group = nameIn(name);
    if (group && addresses.length > 0) together.set(group, new Set([...(together.get(group) ?? []), ...addresses]));
  };
  const byUid = new Map(cards.filter(({ uid }) => uid).map((card) => [card.uid, card]));
  for (const card of cards) {
    const addresses = (card.group ? card.members.flatMap((member) => (/^mailto:/iu.test(member) ? [member.slice(7)] : (byUid.get(uidOf(member))?.addresses ?? []))) : card.addresses).filter(complete);
    for (const address of addresses) if (!people.get(address)) people.set(address, card.group ? "" : nameIn(card.name));
    if (addresses.length === 0) counts.without += 1;
    if (card.group) join(card.name, addresses);
    for (const name of card.groups) join(name, addresses);
  }
  /** @type {"added" | "changed" | null} the one that may find no room */
  let last = null;
  try {
    await change([...people.keys()], (known, address) => {
      const name = people.get(address) ?? "";
      if (known && !known.gone && (known.edited > 0 || !name || known.name === name)) {
        counts.left += 1;
        return null;
      }
      last = known && !known.gone ? "changed" : "added";
      counts[last] += 1;
      return { ...(known ?? { sent: 0, got: 0, last: 0 }), address, name: name === address ? "" : name || known?.name || "", edited: later(known?.edited), gone: undefined };
    });
    last = null;
    const there = await groups();
    for (const [name, addresses] of together) {
      const same = there.find((group) => group.name === name);
      await setMembers(same?.group ?? crypto.randomUUID(), [...new Set([...(same?.members ?? []).map((one) => one.address), ...[...addresses].map(addressKey)])], name);
    }
  } catch (error) {
    if (!(error instanceof BookFull)) throw error;
    counts.full = true;
    const refused = /** @type {"added" | "changed" | null} */ (last);
    if (refused) counts[refused] -= 1;
  }
  await kept();
  return counts;
}
