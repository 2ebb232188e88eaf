/**
 * What the send button says and does: words.md section 3.2, for the ways of sending there are so far.
 *
 * The first line that fits stands. The button names the outcome before it happens, so its state is computed from
 * the chips alone and never from what was pressed.
 */

/** @typedef {import("./recipient-state.js").Chip} Chip */
/** @typedef {{ address: string, chip: Chip }} Recipient */
/**
 * @typedef {object} Situation
 * @property {Recipient[]} recipients  over To, Cc and Bcc
 * @property {boolean} keys  whether there is an own key to sign with
 * @property {boolean} signs  whether one of them may sign for the address one writes from, as far as is known
 * @property {boolean} locked
 * @property {number} size  bytes of the message, near enough
 * @property {number} limit  the submission server's SIZE, 0 where it states none
 * @property {"encrypted" | "clear" | null} answering  how the answered or forwarded message was protected
 * @property {boolean} forwarding
 */
/** @typedef {"off" | "decide" | "unlock" | "on" | "ask"} Act */
/**
 * @typedef {object} SendState
 * @property {string} id
 * @property {Act} act
 * @property {string | null} question  id of the question that stands before sending
 * @property {"encrypted" | "signed" | "clear" | null} protection
 * @property {string[]} who  addresses the sentence is about
 */

/**
 * @param {Situation} situation
 * @returns {SendState}
 */
export function sendState(situation) {
  const { recipients, keys, signs, locked, size, limit } = situation;
  /** @param {string} effect */
  const having = (effect) => recipients.filter(({ chip }) => chip.effect === effect).map(({ address }) => address);
  const enc = having("enc");
  const bare = having("bare");
  const wait = having("wait");
  const held = having("held");
  const invalid = recipients.filter(({ chip }) => chip.id === "to-invalid").map(({ address }) => address);
  /**
   * @param {string} id
   * @param {Act} act
   * @param {string[]} who
   * @param {SendState["protection"]} protection
   * @param {string | null} question
   * @returns {SendState}
   */
  const state = (id, act, who = [], protection = null, question = null) => ({ id, act, who, protection, question });

  if (recipients.length === 0) return state("send-none", "off");
  if (invalid.length > 0) return state("send-invalid", "off", invalid);
  if (limit > 0 && size > limit) return state("send-too-large", "off");
  const blocked = having("blocked");
  if (blocked.length > 0) return state("send-blocked", "off", blocked);
  if (held.length > 0) return state("send-held", "decide", held);
  if (wait.length > 0) return state("send-waiting", "on", wait);
  if (locked && keys) return state("send-locked", "unlock", enc);
  // Encrypted, the own copy would open for nobody, and nothing would show who wrote it. So keys are offered first.
  if (!keys && enc.length > 0 && bare.length === 0) return state("send-clear", "ask", enc, "clear", "confirm-no-keys");
  if (enc.length > 0 && bare.length === 0) return state("send-encrypted", "on", enc, "encrypted");
  // Somebody would read it in the clear, so for all of them it is in the clear (D11); asked first.
  const protection = signs ? "signed" : "clear";
  if (enc.length > 0) return state("send-partly", "ask", bare, protection, "confirm-partly");
  const question = situation.answering === "encrypted" ? (situation.forwarding ? "confirm-clear-forward" : "confirm-clear-reply") : null;
  return state(signs ? "send-clear-signed" : "send-clear", question ? "ask" : "on", bare, protection, question);
}

/**
 * Whether a message that waited for answers may go by itself: only if everyone can get it encrypted.
 * @param {SendState} state
 */
export function goesByItself(state) {
  return state.id === "send-encrypted" || state.id === "send-locked";
}

/**
 * Whether two states promise the same: outcome, question and people.
 * @param {SendState} one
 * @param {SendState} other
 */
export function same(one, other) {
  return one.id === other.id && one.protection === other.protection && one.question === other.question && one.who.join("\n") === other.who.join("\n");
}
