/** `<identity-list data-address data-name>`: under which names one writes, each with its signature and place for answers. */
import { isAddress, normalise } from "../crypto/addresses.js";
import { LONGEST } from "../crypto/compose-record.js";
import { changeSettings, identities, save, settings, takeAway } from "./compose-kept.js";
import { KeptSection, sure } from "./kept-section.js";
import { icon, make } from "./make.js";
import { say } from "./words.js";

/** @typedef {import("./compose-kept.js").Identity} Identity */

class IdentityList extends KeptSection {
  /** @type {string | null} id of the one that is being changed */
  #open = null;

  async content() {
    const [all, { identity }] = await Promise.all([identities(), settings()]);
    const chosen = all.find(({ id }) => id === identity) ?? all[0];
    const rows = all.map((one) => (one.id === this.#open ? this.#form(one) : this.#row(one, one === chosen, all.length > 1)));
    /** @type {Identity} */
    const fresh = { id: globalThis.crypto.randomUUID(), kind: "identity", at: 0, gone: false, name: "", replyTo: "", signature: "" };
    const add = make("button", { class: "button", type: "button", "data-new": true, click: () => {
      this.#open = fresh.id;
      list.append(this.#form(fresh));
      add.hidden = true;
      list.querySelector("input")?.focus();
    } }, icon("plus"), say("ui-identity-new"));
    const list = make("ul", { class: "settings-list" }, ...rows);
    return [make("p", { class: "note" }, say("ui-identities-detail", { address: this.dataset["address"] ?? "" })), list, make("div", { class: "actions" }, add)];
  }

  /** @param {Identity} one */
  #nameOf(one) {
    return one.name || this.dataset["name"] || this.dataset["address"] || "";
  }

  /** @param {Identity} one @param {boolean} chosen @param {boolean} several */
  #row(one, chosen, several) {
    const name = this.#nameOf(one);
    const trouble = make("p", { class: "note warned", role: "status" });
    const acts = make("div", { class: "actions" },
      several && !chosen && make("button", { class: "button button-plain", type: "button", click: () => void this.#do(one.id, () => changeSettings({ identity: one.id }), trouble) }, say("ui-identity-default")),
      make("button", { class: "button button-plain", type: "button", "aria-label": say("ui-edit-name", { name }), click: () => {
        this.#open = one.id;
        this.show("input");
      } }, say("ui-edit")),
      one.id !== "own" && make("button", { class: "button button-plain", type: "button", "aria-label": say("ui-delete-name", { name }), click: () =>
        sure(acts, name, { no: () => this.show(`[data-identity="${one.id}"] button`), yes: () => void this.#do(one.id, () => takeAway(one), trouble) }) }, say("ui-delete")));
    return make("li", { class: "setting setting-out", "data-identity": one.id }, icon("person"), make("div", {},
      make("p", { class: "subhead", dir: "auto", translate: "no" }, name),
      one.id === "own" && make("p", { class: "note" }, say("ui-identity-account")),
      one.replyTo !== "" && make("p", { class: "note" }, say("ui-identity-answers", { address: one.replyTo })),
      make("p", { class: "note kept-text", dir: "auto", translate: "no" }, one.signature || say("ui-identity-no-signature")),
      several && chosen && make("p", { class: "note" }, say("ui-identity-is-default")), trouble), acts);
  }

  /** @param {Identity} one */
  #form(one) {
    const field = (/** @type {"name" | "replyTo"} */ name, /** @type {string} */ words) => {
      const input = make("input", { class: "input", id: `identity-${name}`, type: "text", maxlength: String(LONGEST.line), autocomplete: "off", spellcheck: "false", translate: "no", dir: "auto", placeholder: name === "name" ? this.dataset["name"] || null : null });
      input.value = one[name];
      return { input, field: make("div", { class: "field" }, make("label", { for: input.id }, say(words)), input) };
    };
    const name = field("name", "ui-identity-name");
    const replyTo = field("replyTo", "ui-identity-reply-to");
    const signature = make("textarea", { class: "input", id: "identity-signature", maxlength: String(LONGEST.signature), rows: "4", autocomplete: "off", spellcheck: "false", translate: "no", dir: "auto" });
    signature.value = one.signature;
    const trouble = make("p", { class: "note warned", role: "status" });
    const keep = async () => {
      const answers = normalise(replyTo.input.value.trim());
      if (answers !== "" && !isAddress(answers)) {
        trouble.textContent = say("ui-identity-reply-wrong");
        replyTo.input.focus();
        return;
      }
      if (one.id !== "own" && name.input.value.trim() === "") {
        name.input.focus();
        return;
      }
      await this.#do(one.id, () => save({ ...one, name: name.input.value.trim(), replyTo: answers, signature: signature.value.replace(/\s+$/u, "") }), trouble);
    };
    return make("li", { class: "setting setting-out", "data-identity": one.id }, icon("person"), make("div", { class: "form setting-form" },
      name.field, make("div", { class: "field" }, make("label", { for: signature.id }, say("ui-identity-signature")), signature), replyTo.field, trouble),
    make("div", { class: "actions" },
      make("button", { class: "button", type: "button", click: () => void keep() }, say("ui-save")),
      make("button", { class: "button button-plain", type: "button", click: () => {
        this.#open = null;
        this.show(`[data-identity="${one.id}"] button`);
      } }, say("ui-cancel"))));
  }

  /** @param {string} id @param {() => Promise<void>} act @param {HTMLElement} trouble */
  #do(id, act, trouble) {
    const done = async () => {
      await act();
      this.#open = null;
    };
    return this.keep(done, trouble, `[data-identity="${id}"] button`);
  }
}

customElements.define("identity-list", IdentityList);
