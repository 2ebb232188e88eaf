/** `<writing-format>`: what a new message begins as. */
import { changeSettings, settings } from "./compose-kept.js";
import { KeptSection } from "./kept-section.js";
import { make } from "./make.js";
import { say } from "./words.js";

class WritingFormat extends KeptSection {
  async content() {
    const { format } = await settings();
    const told = make("p", { class: "note", role: "status" });
    const choice = (/** @type {"plain" | "rich"} */ value) => make("label", { class: "choice" },
      make("input", { class: "tick", type: "radio", name: "format", value, checked: value === format, change: async () => {
        told.textContent = "";
        if (await this.keep(() => changeSettings({ format: value }), told)) told.textContent = say("ui-writing-kept");
      } }), make("span", { class: "choice-name" }, say(`ui-writing-${value}`)));
    return [make("fieldset", { class: "plain-set" }, make("legend", { class: "note" }, say("ui-writing-format")), choice("plain"), choice("rich")), told];
  }
}

customElements.define("writing-format", WritingFormat);
