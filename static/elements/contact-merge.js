/** Two tabs or devices that changed the same contacts: what each did stays (docs/decisions/0120-contacts.md). */

/** @typedef {import("../crypto/contacts.js").Contact} Contact */
/** @typedef {import("../crypto/contacts.js").Group} Group */
/** @typedef {import("../crypto/contacts.js").Member} Member */

/**
 * What the person did last stands; counts are those of the device that counted more. Deleting and editing in the same
 * second deletes, on both devices alike.
 * @param {Contact} mine
 * @param {Contact} theirs
 * @returns {Contact}
 */
export function unitePeople(mine, theirs) {
  const later = newer(mine, theirs);
  const other = later === mine ? theirs : mine;
  const { gone, ...rest } = later;
  return {
    ...rest, name: later.name || (later.edited === 0 ? other.name : ""), ...(gone ? { gone } : {}),
    sent: Math.max(mine.sent, theirs.sent), got: Math.max(mine.got, theirs.got), last: Math.max(mine.last, theirs.last),
  };
}

/**
 * @param {Group} mine
 * @param {Group} theirs
 * @returns {Group}
 */
export function uniteGroups(mine, theirs) {
  /** @type {Map<string, Member>} */
  const members = new Map();
  for (const member of [...mine.members, ...theirs.members]) {
    const known = members.get(member.address);
    if (!known || member.at > known.at || (member.at === known.at && member.gone)) members.set(member.address, member);
  }
  return { ...newer(mine, theirs), members: [...members.values()] };
}

/**
 * @template {{ edited: number, last?: number, name: string, gone?: boolean }} Kind
 * @param {Kind} mine
 * @param {Kind} theirs
 */
function newer(mine, theirs) {
  if (mine.edited !== theirs.edited) return mine.edited > theirs.edited ? mine : theirs;
  if (Boolean(mine.gone) !== Boolean(theirs.gone)) return mine.gone ? mine : theirs;
  const [here, there] = [mine.last ?? 0, theirs.last ?? 0];
  if (here !== there) return here > there ? mine : theirs;
  // Nothing tells which was later, so both devices take the same one.
  return mine.name >= theirs.name ? mine : theirs;
}
