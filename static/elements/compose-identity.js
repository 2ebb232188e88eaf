/** As whom one writes: the name, the place for answers and the signature, chosen in the From line where there is a choice. */
import { make } from "./make.js";
import { say } from "./words.js";

/** @typedef {import("./answer.js").Mailbox} Mailbox */
/** @typedef {import("./compose-kept.js").Identity} Identity */

/** @param {Mailbox} account @returns {Identity} */
export function ownOf({ name }) {
  return { id: "own", kind: "identity", at: 0, gone: false, name, replyTo: "", signature: "" };
}

export class ComposeIdentity {
  /** @type {Identity} */
  #chosen;

  /**
   * @param {HTMLElement} place  in the From line
   * @param {Mailbox} account
   * @param {(before: Identity, after: Identity) => void} onchange
   */
  constructor(place, account, onchange) {
    this.place = place;
    this.account = account;
    this.onchange = onchange;
    this.#chosen = ownOf(account);
  }

  get chosen() {
    return this.#chosen;
  }

  /** @returns {Mailbox} */
  get from() {
    return { name: this.#nameOf(this.#chosen), address: this.account.address };
  }

  /** @returns {Mailbox | null} */
  get replyTo() {
    return this.#chosen.replyTo ? { name: "", address: this.#chosen.replyTo } : null;
  }

  /** @param {Identity[]} identities @param {string} id */
  show(identities, id) {
    this.#chosen = identities.find((one) => one.id === id) ?? identities[0] ?? this.#chosen;
    const line = (/** @type {Identity} */ one) => {
      const name = this.#nameOf(one);
      const from = name && name !== this.account.address ? `${name}, ${this.account.address}` : this.account.address;
      return one.replyTo ? `${from} (${say("ui-identity-answers", { address: one.replyTo })})` : from;
    };
    if (identities.length < 2) {
      this.place.textContent = line(this.#chosen);
      return;
    }
    const select = make("select", { class: "line-input", "aria-label": say("ui-identity"), translate: "no", "data-identity": true, change: () => {
      const before = this.#chosen;
      this.#chosen = identities.find((one) => one.id === select.value) ?? before;
      this.onchange(before, this.#chosen);
    } }, ...identities.map((one) => make("option", { value: one.id, selected: one.id === this.#chosen.id }, line(one))));
    this.place.replaceChildren(select);
  }

  /** @param {Identity} identity */
  #nameOf(identity) {
    return identity.name || this.account.name;
  }
}
