/** What the composer says of its draft: quietly in its bar, and in the page where the person is to decide something. */
import { dayTime } from "./format.js";
import { icon, make } from "./make.js";
import { offer } from "./offer.js";
import { say } from "./words.js";

/** @typedef {{label: string, act: () => void}} Act */

/** Not in the mailbox: said in the page, since the bar of a phone has no room for words. */
const TROUBLE = ["write-draft-local", "ui-draft-browser", "ui-draft-refused", "ui-draft-here", "ui-draft-not-kept"];

/** @param {Act} act */
const button = ({ label, act }) => make("button", { class: "button button-plain", type: "button", click: act }, label);

export class DraftSays {
  /**
   * @param {HTMLElement} bar
   * @param {HTMLElement} notes
   */
  constructor(bar, notes) {
    this.bar = bar;
    this.notes = notes;
  }

  /**
   * @param {"write-draft-saved" | "write-draft-local" | "ui-draft-browser" | "ui-draft-refused" | "ui-draft-here" | "ui-draft-not-kept" | ""} id
   * @param {{sentence?: string, savedAt?: number}} [about] the server's, where it refused; and when it was saved last, 0 where that is not known
   */
  state(id, { sentence = "", savedAt = 0 } = {}) {
    this.bar.title = id === "write-draft-saved" && savedAt > 0 ? dayTime(new Date(savedAt)) : "";
    if (this.bar.dataset["draft"] === id) return;
    this.bar.dataset["draft"] = id;
    for (const other of TROUBLE) if (other !== id) this.noNote(other);
    if (id === "write-draft-saved") {
      this.bar.replaceChildren(icon("check", "icon-small"), make("span", {}, say(id)));
    } else this.bar.replaceChildren();
    if (TROUBLE.includes(id)) this.#tell(id, id === "ui-draft-refused" ? `${sentence} ${say("ui-draft-here")}` : say(id));
  }

  /**
   * @param {string} id of the words
   * @param {...Act} acts
   */
  note(id, ...acts) {
    if (this.notes.querySelector(`[data-notice="${id}"]`)) return;
    this.#tell(id, say(id), ...acts);
  }

  /** @param {string} id @param {string} sentence @param {...Act} acts */
  #tell(id, sentence, ...acts) {
    this.notes.append(offer(id === "write-draft-locked" ? "lock" : "info", sentence, id, ...acts.map(button)));
  }

  /** @param {string} id */
  noNote(id) {
    this.notes.querySelector(`[data-notice="${id}"]`)?.remove();
  }
}
