/**
 * What somebody writes with, kept for them: settings, identities and templates of answers. One list that is sealed on the
 * server and open while the keys are; without open keys a message begins as the account alone says.
 */
import { crypto } from "../crypto/client.js";
import { COMPOSE_MOST, COMPOSE_ROOM } from "../crypto/compose-record.js";
import { keyAddress } from "./keys.js";
import { SealedList } from "./sealed-list.js";

/** @typedef {import("../crypto/compose-record.js").ComposeItem} ComposeItem */
/** @typedef {import("../crypto/compose-record.js").Identity} Identity */
/** @typedef {import("../crypto/compose-record.js").Settings} Settings */
/** @typedef {import("../crypto/compose-record.js").Template} Template */

/** @type {Settings} */
export const BEGINNING = { id: "settings", kind: "settings", at: 0, format: "plain", identity: "" };

/** No more fits into the record; nothing was changed. */
export class NoRoom extends Error {}

/** @type {SealedList<ComposeItem> | null} */
let list = null;

crypto.addEventListener("locked", () => {
  list?.forget();
  list = null;
});

function items() {
  list ??= new SealedList({
    kind: "compose",
    name: "compose",
    url: () => keyAddress("composeUrl"),
    key: (/** @type {ComposeItem} */ { id }) => id,
    unite: (mine, theirs) => (theirs.at > mine.at ? theirs : mine),
    bound: withinRoom,
  });
  return list;
}

/**
 * What was taken away goes first, the oldest before the others. `save` sees to it that this is enough.
 * @param {ComposeItem[]} all
 */
function withinRoom(all) {
  const gone = all.filter((item) => item.kind !== "settings" && item.gone).sort((a, b) => a.at - b.at);
  let left = all;
  for (const item of gone) {
    if (fits(left)) break;
    left = left.filter((other) => other !== item);
  }
  return left;
}

/** @param {ComposeItem[]} all */
function fits(all) {
  return all.length <= COMPOSE_MOST && new TextEncoder().encode(JSON.stringify(all)).length <= COMPOSE_ROOM;
}

/** Whether it can be known and kept: there is a key ring, and it is open. */
export function canKeep() {
  return crypto.state === "unlocked" && keyAddress("hasRing") === "yes";
}

/** Needs open keys. @returns {Promise<Settings>} */
export async function settings() {
  const found = await items().get("settings");
  return found?.kind === "settings" ? found : BEGINNING;
}

/** Needs open keys. @param {Partial<Pick<Settings, "format" | "identity">>} changes */
export async function changeSettings(changes) {
  await save({ ...(await settings()), ...changes });
}

/** Needs open keys. The account's own comes first, whether it was changed or not. @returns {Promise<Identity[]>} */
export async function identities() {
  const all = (await items().all()).filter((item) => item.kind === "identity" && !item.gone);
  const found = /** @type {Identity[]} */ (all).sort((a, b) => a.name.localeCompare(b.name));
  const own = found.find(({ id }) => id === "own") ?? { id: "own", kind: /** @type {const} */ ("identity"), at: 0, gone: false, name: "", replyTo: "", signature: "" };
  return [own, ...found.filter(({ id }) => id !== "own")];
}

/** Needs open keys. By name. @returns {Promise<Template[]>} */
export async function templates() {
  const all = (await items().all()).filter((item) => item.kind === "template" && !item.gone);
  return /** @type {Template[]} */ (all).sort((a, b) => a.name.localeCompare(b.name));
}

/**
 * Kept on the server when it resolves. Needs open keys.
 * @param {ComposeItem} item  its time is set here
 * @throws {NoRoom}
 */
export async function save(item) {
  const before = await items().all();
  const made = { ...item, at: Math.floor(Date.now() / 1000) };
  if (!fits(withinRoom([...before.filter(({ id }) => id !== item.id), made]))) throw new NoRoom();
  await items().set(made);
  await items().flush();
}

/** @param {Identity | Template} item */
export async function takeAway(item) {
  await save(item.kind === "identity" ? { ...item, gone: true, name: "", replyTo: "", signature: "" } : { ...item, gone: true, name: "", text: "", html: null });
}
