/** vCard files in and out of the page of contacts. They are read and written here; nothing of them is uploaded. */
import { addressKey } from "../crypto/address-key.js";
import { importCards } from "./contact-acts.js";
import { contacts, groups } from "./contact-book.js";
import { readCards } from "./vcard-read.js";
import { writeCards } from "./vcard-write.js";
import { say } from "./words.js";

/** Photos make files large; a file of contacts that is larger than this is something else. */
const LARGEST = 50 * 1024 * 1024;

/** @param {File} file @returns {Promise<string>} what came of it, as sentences */
export async function importFile(file) {
  if (file.size > LARGEST) return say("ui-import-too-large");
  const cards = readCards(new Uint8Array(await file.arrayBuffer()));
  if (cards.length === 0) return say("ui-import-none");
  const { added, changed, left, without, full } = await importCards(cards);
  return [say("ui-import-done", { added, changed, left }), without > 0 ? say("ui-import-without", { count: without }) : "", full ? say("ui-contacts-full") : "", say("ui-import-what")].filter(Boolean).join(" ");
}

/** @param {"3.0" | "4.0"} version */
export async function exportFile(version) {
  const together = await groups();
  const people = new Map((await contacts()).map(({ name, address }) => [addressKey(address), { name, address }]));
  // Who is in a group alone is written down as well, or the group would be smaller where the file is read.
  for (const { members } of together) for (const { address } of members) if (!people.has(address)) people.set(address, { name: "", address });
  const entries = [...people].map(([key, one]) => ({ ...one, groups: together.filter(({ members }) => members.some(({ address }) => address === key)).map(({ name }) => name) }));
  const url = URL.createObjectURL(new Blob([writeCards(entries, version)], { type: "text/vcard" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = `${say("ui-contacts-file")}.vcf`;
  link.click();
  // Not at once: some browsers begin to read it later.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
