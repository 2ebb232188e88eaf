/** `<template-list>`: texts kept for answers, to be read, renamed, changed and deleted. They are kept from the composer. */
import { LONGEST } from "../crypto/compose-record.js";
import { save, takeAway, templates } from "./compose-kept.js";
import { KeptSection, sure } from "./kept-section.js";
import { icon, make } from "./make.js";
import { say } from "./words.js";

/** @typedef {import("./compose-kept.js").Template} Template */

class TemplateList extends KeptSection {
  /** @type {string | null} id of the one that is being changed */
  #open = null;

  async content() {
    const all = await templates();
    const list = all.length > 0 ? make("ul", { class: "settings-list" }, ...all.map((one) => (one.id === this.#open ? this.#form(one) : this.#row(one)))) : make("p", { class: "note" }, say("ui-templates-none"));
    return [make("p", { class: "note" }, say("ui-templates-detail")), list];
  }

  /** @param {Template} one */
  #row(one) {
    const { name } = one;
    const trouble = make("p", { class: "note warned", role: "status" });
    const acts = make("div", { class: "actions" },
      make("button", { class: "button button-plain", type: "button", "aria-label": say("ui-edit-name", { name }), click: () => {
        this.#open = one.id;
        this.show("input");
      } }, say("ui-edit")),
      make("button", { class: "button button-plain", type: "button", "aria-label": say("ui-delete-name", { name }), click: () =>
        sure(acts, name, { no: () => this.show(`[data-template="${one.id}"] button`), yes: () => void this.#do(one.id, () => takeAway(one), trouble) }) }, say("ui-delete")));
    return make("li", { class: "setting setting-out", "data-template": one.id }, icon("paper"), make("div", {},
      make("p", { class: "subhead", dir: "auto", translate: "no" }, name), make("p", { class: "note kept-text", dir: "auto", translate: "no" }, one.text), trouble), acts);
  }

  /** @param {Template} one */
  #form(one) {
    const name = make("input", { class: "input", id: "template-name", type: "text", maxlength: String(LONGEST.line), autocomplete: "off", spellcheck: "false", translate: "no", dir: "auto" });
    name.value = one.name;
    const text = make("textarea", { class: "input", id: "template-text", maxlength: String(LONGEST.template), rows: "8", autocomplete: "off", spellcheck: "false", translate: "no", dir: "auto" });
    text.value = one.text;
    const trouble = make("p", { class: "note warned", role: "status" });
    const keep = async () => {
      if (name.value.trim() === "") {
        name.focus();
        return;
      }
      // Changed here, its words are all it has; only renamed, it keeps its looks.
      const html = text.value === one.text ? one.html : null;
      await this.#do(one.id, () => save({ ...one, name: name.value.trim(), text: text.value, html }), trouble);
    };
    return make("li", { class: "setting setting-out", "data-template": one.id }, icon("paper"), make("div", { class: "form setting-form" },
      make("div", { class: "field" }, make("label", { for: name.id }, say("ui-template-name")), name),
      make("div", { class: "field" }, make("label", { for: text.id }, say("ui-template-text")), text),
      one.html !== null && make("p", { class: "note" }, say("ui-template-looks")), trouble),
    make("div", { class: "actions" },
      make("button", { class: "button", type: "button", click: () => void keep() }, say("ui-save")),
      make("button", { class: "button button-plain", type: "button", click: () => {
        this.#open = null;
        this.show(`[data-template="${one.id}"] button`);
      } }, say("ui-cancel"))));
  }

  /** @param {string} id @param {() => Promise<void>} act @param {HTMLElement} trouble */
  #do(id, act, trouble) {
    const done = async () => {
      await act();
      this.#open = null;
    };
    return this.keep(done, trouble, `[data-template="${id}"] button`);
  }
}

customElements.define("template-list", TemplateList);
