/** `<contacts-page>`: own contacts and groups, shown while the keys are open: searched, added, edited, deleted, written to. */
import { addressKey } from "../crypto/address-key.js";
import { crypto } from "../crypto/client.js";
import { CryptoError } from "../crypto/errors.js";
import { removeContact, removeGroup, saveContact, saveGroup } from "./contact-acts.js";
import { BookFull, canKeep, contacts, groups } from "./contact-book.js";
import { fits } from "./contact-rank.js";
import { exportFile, importFile } from "./contacts-files.js";
import { groupRow, personRow } from "./contacts-rows.js";
import { ensureUnlocked, reopened } from "./keys.js";
import { prepare } from "./prepared.js";
import { complete } from "./recipient-state.js";
import { toast } from "./toasts.js";
import { reportUnlessLocked } from "./unless-locked.js";
import { say } from "./words.js";

/** @typedef {import("./answer.js").Mailbox} Mailbox */
/** @typedef {import("../crypto/contacts.js").Contact} Contact */
/** @typedef {import("../crypto/contacts.js").Group} Group */
/** @typedef {import("./recipient-field.js").RecipientField} RecipientField */

/** So many rows are drawn at a time. */
const PAGE = 100;

class ContactsPage extends HTMLElement {
  #ended = new AbortController();
  /** @type {Contact[]} */
  #people = [];
  /** @type {Group[]} */
  #groups = [];
  #most = PAGE;
  /** What the open form is about; "" for something new. */
  #edited = "";

  connectedCallback() {
    customElements.upgrade(this);
    this.#ended = new AbortController();
    const { signal } = this.#ended;
    for (const name of ["locked", "unlocked"]) crypto.addEventListener(name, () => this.#load(), { signal });
    document.addEventListener("postern:contacts", () => this.#load(), { signal });
    this.addEventListener("click", (event) => this.#clicked(event), { signal });
    this.addEventListener("submit", (event) => this.#submitted(event), { signal });
    this.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !event.defaultPrevented && /** @type {Element} */ (event.target).closest("form")) this.#close();
    }, { signal });
    this.#input("contacts-find").addEventListener("input", () => {
      this.#most = PAGE;
      this.#draw();
    }, { signal });
    this.querySelector('[data-do="import"]')?.addEventListener("change", (event) => void this.#takeIn(/** @type {HTMLInputElement} */ (event.target)), { signal });
    void reopened().catch(() => false).then(() => this.#load());
  }

  disconnectedCallback() {
    this.#ended.abort();
  }

  #load() {
    this.#read().catch((error) => {
      reportUnlessLocked(error);
      if (!canKeep()) return;
      // No list is another thing than an empty one.
      this.#part("open").hidden = false;
      this.#part("empty").hidden = true;
      this.#tell(say("ui-contacts-unread"));
    });
  }

  async #read() {
    [this.#people, this.#groups] = canKeep() ? await Promise.all([contacts(), groups()]) : [[], []];
    if (!this.isConnected) return;
    const open = canKeep();
    this.#part("open").hidden = !open;
    this.#part("locked")?.toggleAttribute("hidden", open);
    // Nothing of a contact stays in the page of somebody who locked their keys.
    if (!open) {
      this.#close();
      this.#input("contacts-find").value = this.#part("told").textContent = "";
    }
    const name = (/** @type {{ name: string, address?: string }} */ one) => one.name || (one.address ?? "");
    for (const list of [this.#people, this.#groups]) list.sort((/** @type {any} */ a, /** @type {any} */ b) => name(a).localeCompare(name(b)));
    this.#draw();
  }

  #draw() {
    const typed = this.#input("contacts-find").value.trim();
    const named = new Map(this.#people.map((one) => [addressKey(one.address), one]));
    const people = typed ? this.#people.filter((one) => fits(typed, one)) : this.#people;
    const together = typed ? this.#groups.filter(({ name }) => fits(typed, { name, address: "" })) : this.#groups;
    const mailboxes = (/** @type {Group} */ { members }) => members.map(({ address }) => ({ name: named.get(address)?.name ?? "", address: named.get(address)?.address ?? address }));
    this.#list("groups", together.map((group) => groupRow(group, mailboxes(group).map((one) => one.name || one.address), {
      write: () => this.#write(mailboxes(group)), edit: () => this.#editGroup(group.group, group.name, mailboxes(group)),
      remove: () => void this.#remove(say("ui-group-gone", { name: group.name }), () => removeGroup(group)),
    })));
    this.#list("people", people.slice(0, this.#most).map((contact) => personRow(contact, {
      write: () => this.#write([contact]), edit: () => this.#editPerson(contact.address, contact.name),
      remove: () => void this.#remove(say("ui-contact-gone", { name: contact.name || contact.address }), () => removeContact(contact)),
    })));
    this.#part("count").textContent = say("ui-group-count", { count: people.length });
    /** @type {HTMLElement} */ (this.querySelector('[data-do="more"]')).hidden = people.length <= this.#most;
    const nothing = people.length + together.length === 0;
    this.#part("empty").hidden = !nothing || typed !== "";
    this.#part("nothing").hidden = !nothing || typed === "";
  }

  /** @param {string} part @param {HTMLElement[]} rows */
  #list(part, rows) {
    this.#part(part).hidden = rows.length === 0;
    const list = this.#part(part).querySelector("ul");
    const focused = list?.contains(document.activeElement) ? /** @type {HTMLElement} */ (document.activeElement).closest("li") : null;
    const at = focused && list ? [...list.children].indexOf(focused) : -1;
    list?.replaceChildren(...rows);
    // The row that took the place of the one that went away, so that the keyboard does not begin anew.
    const button = at >= 0 ? (rows[at] ?? rows.at(-1))?.querySelector(".tool:last-child") : null;
    if (button instanceof HTMLElement) button.focus();
  }

  /** @param {Mailbox[]} to */
  #write(to) {
    prepare({ to: to.map(({ name, address }) => ({ name, address })), cc: [], subject: "", text: "" });
    this.#part("write").click();
  }

  /** @param {string} sentence @param {() => Promise<() => Promise<void>>} remove */
  async #remove(sentence, remove) {
    await this.#act(async () => {
      const back = await remove();
      toast(sentence, { label: say("ui-undo"), run: () => void this.#act(back) });
    });
  }

  /** @param {Event} event */
  #clicked(event) {
    const button = /** @type {Element} */ (event.target).closest("button[data-do]");
    if (!(button instanceof HTMLButtonElement)) return;
    const does = button.dataset["do"];
    if (does === "unlock") void this.#unlock();
    else if (does === "new") this.#editPerson("", "");
    else if (does === "new-group") this.#editGroup("", "", []);
    else if (does === "cancel") this.#close();
    else if (does === "more") {
      this.#most += PAGE;
      this.#draw();
    } else if (does === "export") {
      button.closest("details")?.removeAttribute("open");
      void this.#act(() => exportFile(button.value === "3.0" ? "3.0" : "4.0"));
    }
  }

  /** @param {HTMLInputElement} input */
  async #takeIn(input) {
    const file = input.files?.[0];
    input.value = "";
    input.closest("details")?.removeAttribute("open");
    if (file) await this.#act(async () => this.#tell(await importFile(file)));
  }

  /** @param {string} address @param {string} name */
  #editPerson(address, name) {
    this.#close();
    this.#edited = address;
    this.#open("person", say(address ? "ui-contact-edit-head" : "ui-contact-new-head"));
    this.#input("contact-name").value = name;
    this.#input("contact-address").value = address;
    this.#input("contact-name").focus();
  }

  /** @param {string} id @param {string} name @param {Mailbox[]} members */
  #editGroup(id, name, members) {
    this.#close();
    this.#edited = id;
    this.#open("group", say(id ? "ui-group-edit-head" : "ui-group-new-head"));
    this.#input("group-name").value = name;
    this.#members.add(members);
    this.#input("group-name").focus();
  }

  /** @param {string} part @param {string} head */
  #open(part, head) {
    const form = this.#part(part);
    form.hidden = false;
    form.scrollIntoView({ block: "nearest" });
    const place = form.querySelector("h2");
    if (place) place.textContent = head;
    this.#tell("");
  }

  #close() {
    for (const part of ["person", "group"]) {
      const form = /** @type {HTMLFormElement} */ (this.#part(part));
      form.hidden = true;
      form.reset();
      for (const trouble of form.querySelectorAll("[role=alert]")) trouble.textContent = "";
    }
    for (const { address } of this.#members.recipients) this.#members.takeOut(address);
    this.#edited = "";
  }

  /** @param {SubmitEvent} event */
  #submitted(event) {
    event.preventDefault();
    if (event.target === this.#part("person")) void this.#act(() => this.#savePerson());
    else void this.#act(() => this.#saveGroup());
  }

  async #savePerson() {
    const [name, address] = [this.#input("contact-name").value, this.#input("contact-address").value.trim()];
    if (!complete(address)) this.#refuse("contact-trouble", "contact-address", say("to-invalid"));
    else if (await saveContact({ name, address, was: this.#edited })) this.#saved(say("ui-contact-saved", { name: name.trim() || address }));
    else this.#refuse("contact-trouble", "contact-address", say("ui-contact-twice"));
  }

  async #saveGroup() {
    this.#members.commit();
    const name = this.#input("group-name").value.trim();
    const members = this.#members.recipients;
    const wrong = members.find(({ address }) => !complete(address));
    if (name === "") this.#refuse("group-trouble", "group-name", say("ui-group-nameless"));
    else if (wrong) this.#refuse("group-trouble", "group-members", say("ui-group-invalid", { address: wrong.address }));
    else {
      await saveGroup({ id: this.#edited, name, members });
      this.#saved(say("ui-contact-saved", { name }));
    }
  }

  /** @param {string} place @param {string} field @param {string} sentence */
  #refuse(place, field, sentence) {
    const told = this.querySelector(`#${place}`);
    if (told) told.textContent = sentence;
    this.#input(field).focus();
  }

  /** @param {string} sentence */
  #saved(sentence) {
    this.#close();
    this.#tell(sentence);
    /** @type {HTMLElement} */ (this.querySelector('[data-do="new"]')).focus();
  }

  /** What does not come to its end says so; what was typed stays. @param {() => Promise<unknown>} work */
  async #act(work) {
    try {
      await work();
    } catch (error) {
      if (error instanceof CryptoError && error.code === "locked") return;
      this.#tell(error instanceof BookFull ? say("ui-contacts-full") : say("ui-contacts-unsaved"));
      if (!(error instanceof BookFull)) reportError(error);
    }
  }

  async #unlock() {
    try {
      await ensureUnlocked("ui-action-read");
    } catch (error) {
      if (!(error instanceof CryptoError && error.code === "cancelled")) throw error;
    }
  }

  /** @param {string} sentence */
  #tell(sentence) {
    this.#part("told").textContent = sentence;
  }

  /** @returns {RecipientField} */
  get #members() {
    return /** @type {RecipientField} */ (this.querySelector("recipient-field"));
  }

  /** @param {string} id */
  #input(id) {
    return /** @type {HTMLInputElement} */ (this.querySelector(`#${id}`));
  }

  /** @param {string} name @returns {HTMLElement} */
  #part(name) {
    return /** @type {HTMLElement} */ (this.querySelector(`[data-contacts="${name}"]`));
  }
}

customElements.define("contacts-page", ContactsPage);
