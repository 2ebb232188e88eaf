/**
 * How large a message may be: what Postern takes, or the account's own mail server where that is less. The server asks it
 * while the person writes, and nothing is handed over before the answer is there.
 */
import { size } from "./format.js";
import { Refused, request } from "./http.js";
import { say } from "./words.js";

/**
 * What becomes of a file: base64 in lines, and once more as armour where it is encrypted. A little less than that: what
 * would fit is not refused by an estimate, and the finished bytes are measured before they are handed over.
 */
const GROWTH = { open: 1.36, encrypted: 1.86 };

/**
 * @param {number} files  bytes of the attached files
 * @param {number} text  signs of the text
 * @param {boolean} encrypted
 */
export function estimate(files, text, encrypted) {
  return Math.round(files * (encrypted ? GROWTH.encrypted : GROWTH.open) + text * 2);
}

export class SendLimit {
  octets = 0;
  #theirs = false;
  /** @type {Promise<void>} */
  known = Promise.resolve();

  /**
   * @param {DOMStringMap} data  of the composer: what was known when the page was made, and where to ask
   * @param {AbortSignal} signal
   */
  learn(data, signal) {
    this.octets = Number(data["limit"]);
    this.#theirs = data["limitTheirs"] === "true";
    this.known = this.#ask(data["limitUrl"] ?? "", signal);
    return this.known;
  }

  /** @param {string} url @param {AbortSignal} signal */
  async #ask(url, signal) {
    try {
      const answer = await (await request(url, { method: "POST", signal })).json();
      this.octets = answer.limit;
      this.#theirs = answer.theirs;
    } catch (error) {
      // What was known stands; a letter that is too large is refused by the server, with the same words.
      if (!(error instanceof Refused || error instanceof TypeError || (error instanceof DOMException && error.name === "AbortError"))) throw error;
    }
  }

  /** @param {number} bytes */
  sentence(bytes) {
    return say(this.#theirs ? "send-too-large.detail" : "ui-too-large-here", { limit: size(this.octets), size: size(bytes) });
  }

  /**
   * @param {number} bytes  of the largest delivery, as it would be handed over
   * @throws {Refused} where nobody would take it
   */
  async check(bytes) {
    await this.known;
    if (this.octets > 0 && bytes > this.octets) throw new Refused(413, "too-large", this.sentence(bytes));
  }
}
