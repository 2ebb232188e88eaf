/**
 * Contacts that come about by writing and reading: everybody who was written to, and people whose mail was read. Never a
 * list, a program, junk, or who was warned about; and nobody whom the person deleted.
 */
import { plain } from "../crypto/addresses.js";
import { addressKey } from "../crypto/address-key.js";
import { NAME_LONGEST } from "../crypto/contacts.js";
import { BookFull, canKeep, change, kept } from "./contact-book.js";
import { complete } from "./recipient-state.js";

/** @typedef {import("./answer.js").Mailbox} Mailbox */
/** @typedef {import("../crypto/contacts.js").Contact} Contact */

const DAY = 86_400;
/** Local parts of programs that nobody answers. */
const PROGRAM = /^(?:(?:.*[._+-])?(?:no|do[._-]?not|not)[._-]?reply(?:[._+-].*)?|mailer-daemon|postmaster|bounces?(?:[._+-].*)?|.*-bounces?|notifications?|newsletter|automailer|listserv|majordomo)$/iu;

/** @param {string} address whether a program writes from there, by its name */
export function isProgram(address) {
  return PROGRAM.test(address.slice(0, address.lastIndexOf("@")));
}

/**
 * A message was handed to the mail server.
 * @param {Mailbox[]} recipients
 * @param {string} self
 * @param {number} [now] Unix seconds
 */
export async function collectSent(recipients, self, now = Math.floor(Date.now() / 1000)) {
  const people = new Map(recipients.filter(({ address }) => takes(address, self)).map(({ name, address }) => [address, nameOf(name, address)]));
  await collected([...people.keys()], (known, address) => {
    const name = people.get(address) ?? "";
    if (!known) return { address, name, sent: 1, got: 0, last: now, edited: 0 };
    return { ...known, sent: known.sent + 1, last: Math.max(known.last, now), name: known.name || name };
  });
  // At once: after sending, people close the page.
  await kept();
}

/**
 * A message of somebody was read.
 * @param {Mailbox | null} from
 * @param {string} self
 * @param {number} arrived Unix seconds
 */
export async function collectRead(from, self, arrived) {
  if (!from || !takes(from.address, self) || isProgram(from.address) || !Number.isSafeInteger(arrived) || arrived <= 0) return;
  const name = nameOf(from.name, from.address);
  await collected([from.address], (known, address) => {
    if (!known) return { address, name, sent: 0, got: 1, last: arrived, edited: 0 };
    // Once a day, and no message twice: so each reading costs no write.
    if (arrived < known.last + DAY) return null;
    // The name in a From line is the sender's own word; it does not replace one under which the person wrote to them.
    return { ...known, got: known.got + 1, last: arrived, name: known.edited === 0 && known.sent === 0 ? name || known.name : known.name || name };
  });
}

/** @param {string[]} addresses @param {(known: Contact | null, address: string) => Contact | null} how */
async function collected(addresses, how) {
  if (!canKeep() || addresses.length === 0) return;
  try {
    await change(addresses, (known, address) => (known?.gone ? null : how(known, address)));
  } catch (error) {
    // Nobody asked for it; the page of contacts says that they are full.
    if (!(error instanceof BookFull)) throw error;
  }
}

/** @param {string} address @param {string} self */
function takes(address, self) {
  return complete(address) && addressKey(address) !== addressKey(self);
}

/** @param {string} name @param {string} address */
function nameOf(name, address) {
  const shown = plain(name).slice(0, NAME_LONGEST);
  return addressKey(shown) === addressKey(address) ? "" : shown;
}
