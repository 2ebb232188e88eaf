/**
 * Who may be meant by what is typed: own contacts and groups, matched in this page, and people of the own domain, of whom
 * the server names a few from three letters on. It hears those letters, and nothing of what contacts say to them.
 */
import { addressKey } from "../crypto/address-key.js";
import { crypto } from "../crypto/client.js";
import { canKeep, contacts, groups } from "./contact-book.js";
import { fits, plainly, ranked } from "./contact-rank.js";
import { list } from "./format.js";
import { postJson, Refused } from "./http.js";
import { keyAddress, reopened } from "./keys.js";
import { say } from "./words.js";

/** @typedef {import("./recipient-suggestions.js").Suggestion} Suggestion */
/** @typedef {{ name: string, address: string }} Person */

/** As many as are read at one glance. */
const MOST = 8;
const LEAST = 3;
/** The server is asked once the person pauses for so long (ms). */
const PAUSE = 150;

/**
 * @param {{ url: string, self: string, taken: () => string[] }} options  `taken`: addresses that stand there already
 * @returns {import("./recipient-suggestions.js").Source}
 */
export function recipientSource({ url, self, taken }) {
  /** What the server answered in this page. @type {Map<string, Person[]>} */
  const answers = new Map();
  /** Keys that stay open are opened again after a reload, which takes a moment. @type {Promise<boolean> | null} */
  let opening = null;
  return async (typed, show, signal) => {
    const wanted = typed.trim();
    const out = new Set([...taken(), self].map(addressKey));
    const letters = plainly(wanted);
    /** @type {Suggestion[]} */
    let own = [];
    let [note, trouble] = ["", ""];
    const draw = () => {
      const known = new Set(own.flatMap(({ mailboxes }) => (mailboxes.length === 1 ? mailboxes.map(({ address }) => addressKey(address)) : [])));
      const here = (answers.get(letters) ?? []).filter(({ address }) => !known.has(addressKey(address)) && !out.has(addressKey(address)));
      show({ suggestions: [...own, ...here.map((person) => suggestion(person, say("ui-suggest-here")))].slice(0, MOST), note: trouble || note });
    };
    const ofOwn = async () => {
      if (!canKeep()) await (opening ??= reopened().catch(() => false));
      if (signal.aborted) return;
      [own, note] = [await ownSuggestions(wanted, out), sealed()];
      if (!signal.aborted) draw();
    };
    const ofDomain = async () => {
      if (!mayAsk(letters, self) || answers.has(letters)) return;
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
      if (signal.aborted) return;
      try {
        answers.set(letters, (await postJson(url, { prefix: wanted })).people);
      } catch (error) {
        // Contacts are complete without; whoever types a whole address needs neither.
        trouble = error instanceof Refused && error.sentence ? error.sentence : say("ui-suggest-unasked");
      }
      if (!signal.aborted) draw();
    };
    await Promise.all([ofOwn(), ofDomain()]);
  };
}

/** Whether anybody of the own domain can be meant. @param {string} letters @param {string} self */
function mayAsk(letters, self) {
  const at = letters.indexOf("@");
  const domain = self.slice(self.lastIndexOf("@") + 1).toLowerCase();
  // Also two letters of a script in which a name has no more; the server counts them the same way.
  const weight = [...letters].reduce((sum, letter) => sum + (/[\p{L}\p{N}]/u.test(letter) ? (letter >= "\u2e80" ? 2 : 1) : 0), 0);
  return weight >= LEAST && letters.length <= 100 && (at < 0 || domain.startsWith(letters.slice(at + 1)));
}

/** @param {string} wanted @param {Set<string>} out addresses that are not offered */
async function ownSuggestions(wanted, out) {
  if (!canKeep()) return [];
  const [people, all] = await Promise.all([contacts(), groups()]);
  const now = Date.now() / 1000;
  const free = people.filter(({ address }) => !out.has(addressKey(address)));
  const found = ranked(wanted === "" ? free : free.filter((person) => fits(wanted, person)), now).slice(0, MOST);
  const named = new Map(people.map(({ name, address }) => [addressKey(address), { name, address }]));
  /** @type {Suggestion[]} */
  const together = all.filter(({ name, members }) => members.length > 0 && wanted !== "" && fits(wanted, { name, address: "" })).slice(0, 3).map(({ group, name, members }) => {
    const mailboxes = members.map(({ address }) => named.get(address) ?? { name: "", address });
    const few = mailboxes.slice(0, 3).map((one) => one.name || one.address);
    return { id: group, name, detail: list(few), note: say("ui-group-count", { count: members.length }), mailboxes };
  });
  return [...together, ...found.map((person) => suggestion(person, ""))].slice(0, MOST);
}

/** @param {Person} person @param {string} note @returns {Suggestion} */
function suggestion({ name, address }, note) {
  return { id: addressKey(address), name: name || address, detail: name ? address : "", note, mailboxes: [{ name, address }] };
}

/** Why own contacts are not among them, where they are not. */
function sealed() {
  return crypto.state === "locked" && keyAddress("hasRing") === "yes" ? say("ui-suggest-locked") : "";
}
