/** The composer and time: what the chosen time adds to Send, and the question that stands before it the first time. */
import { ask } from "./compose-question.js";
import { request } from "./http.js";
import { laterWords, SendLater } from "./send-later.js";
import { say } from "./words.js";

export class ComposeLater {
  /** @param {HTMLElement} composer */
  constructor(composer) {
    this.composer = composer;
  }

  /** @returns {SendLater | null} */
  get #menu() {
    const menu = this.composer.querySelector("send-later");
    return menu instanceof SendLater ? menu : null;
  }

  /** @returns {Date | null} */
  get at() {
    return this.#menu?.at ?? null;
  }

  /** @param {string} button what it says without a time */
  words(button) {
    const { at } = this;
    return at ? say("send-later", { button, time: laterWords(at).short }) : button;
  }

  /** What `/send/` is told of time. @returns {{ send_at: string } | { undo: number }} */
  get meta() {
    const { at } = this;
    return at ? { send_at: at.toISOString() } : { undo: Number(this.composer.dataset["undo"] ?? 0) };
  }

  /** Whether the chosen time came while the message was written; then there is none any more. */
  passed() {
    const menu = this.#menu;
    if (!menu?.at || menu.at.getTime() > Date.now()) return false;
    menu.at = null;
    return true;
  }

  /**
   * Asks, before something is scheduled for the first time, whether mail may go while the person is away.
   * @param {HTMLElement} place
   * @param {() => void} go when they decided, either way
   * @param {(error: unknown) => void} failed
   * @returns {boolean} whether it asked
   */
  asks(place, go, failed) {
    const { dataset } = this.composer;
    if (!this.at || dataset["away"] !== "ask") return false;
    /** @param {"yes" | "no"} allow */
    const answer = (allow) => () => {
      request(dataset["awayUrl"] ?? "", { method: "POST", body: new URLSearchParams({ allow }) }).then(() => {
        dataset["away"] = allow;
        go();
      }, failed);
    };
    ask(place, {
      id: "away", question: say("ui-away-question"), text: say("ui-away-meaning"), warn: false,
      choices: [{ label: say("ui-away-not"), act: answer("no") }, { label: say("ui-away-yes"), act: answer("yes") }],
    });
    return true;
  }
}
