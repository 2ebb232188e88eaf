/** The questions of words.md section 3.4 that can be asked so far, with their actions in the order given there. */
import { ask } from "./compose-question.js";
import { day } from "./format.js";
import { notePin, pinOf } from "./pins.js";
import { say } from "./words.js";

/** @typedef {import("./recipient-lookup.js").RecipientLookup} RecipientLookup */
/** @typedef {import("./send-state.js").SendState} SendState */
/** @typedef {Record<string, string | number>} Values */

/** Fingerprints as people compare them: the last sixteen digits in fours. @param {string} fingerprint */
export function shortFingerprint(fingerprint) {
  return (fingerprint.toUpperCase().slice(-16).match(/.{1,4}/gu) ?? []).join(" ");
}

/**
 * A held chip: something about the certificate has to be decided before sending.
 * @param {HTMLElement} place
 * @param {string} address
 * @param {RecipientLookup} lookup
 * @param {{ remove: () => void }} acts
 */
export function decide(place, address, lookup, { remove }) {
  const { id } = lookup.chip(address);
  const pin = pinOf(address);
  const judged = lookup.judged(address);
  const date = pin ? day(new Date(pin.since * 1000)) : say("ui-not-known");
  const leave = { label: say("ui-remove", { name: address }), act: remove };
  const clear = { label: say("ui-send-clear"), act: () => lookup.decideClear(address) };
  const again = { label: say("ui-try-again"), act: () => lookup.again(address) };
  if ((id === "to-changed" || id === "to-changed-verified") && pin && judged?.fingerprint) {
    const { fingerprint } = judged;
    const change = async () => {
      await notePin({ address, fingerprint, source: "source-here", replace: true });
      lookup.refresh();
    };
    ask(place, {
      id: "confirm-changed",
      question: say("confirm-changed", { address }),
      text: say("confirm-changed.detail", { address, date, words_old: shortFingerprint(pin.fingerprint), words_new: shortFingerprint(fingerprint), source: say("source-here") }),
      choices: [leave, ...(judged.usable ? [{ label: say("ui-use-new"), act: () => void change() }] : [])],
    });
  } else if (id === "to-lost") {
    ask(place, { id: "confirm-lost", question: say("confirm-lost", { address }), text: say("confirm-lost.detail", { date }), choices: [again, leave, clear] });
  } else {
    // Gone, expired, withdrawn or unusable, where there was a good one before.
    const { values } = lookup.chip(address);
    const question = id === "to-gone" ? say("confirm-gone", { address }) : say(id, values);
    ask(place, { id: "confirm-gone", question, text: say("confirm-gone.detail", { address, date }), choices: [leave, clear] });
  }
}

/**
 * @param {HTMLElement} place
 * @param {SendState} state
 * @param {Values} values
 * @param {{ remove: () => void, withoutQuote: (() => void) | null, keepWriting: () => void, makeKeys: () => void, send: (() => void) | null }} acts
 *   `send` is null where a rule forbids it in the clear
 */
export function question(place, state, values, { remove, withoutQuote, keepWriting, makeKeys, send: allowed }) {
  const id = state.question ?? "";
  const keep = { label: say("ui-keep-writing"), act: keepWriting };
  const send = allowed ?? keepWriting;
  if (id === "confirm-no-keys") {
    ask(place, {
      id, question: say(id), text: say("confirm-no-keys.detail"),
      choices: [{ label: say("ui-make-keys"), act: makeKeys }, keep, ...(allowed ? [{ label: say("ui-send-clear"), act: allowed }] : [])],
    });
  } else if (id === "confirm-partly") {
    // The text of words.md would say that some get it encrypted; with design D11 nobody does, so the button's sentence stands.
    const names = state.who.join(", ");
    ask(place, {
      id, question: say(id, { address: values["address"] ?? "" }), text: say("send-partly.detail", values),
      choices: [{ label: say("ui-remove", { name: names }), act: remove }, keep, { label: say("send-partly", values), act: send }],
    });
  } else if (id === "confirm-clear-forward") {
    ask(place, {
      id, question: say(id), text: say("confirm-clear-forward.detail", { ...values, address: state.who.join(", ") }),
      choices: [keep, { label: say("ui-forward-clear"), act: send }],
    });
  } else {
    ask(place, {
      id, question: say(id), text: say(`${id}.detail`),
      choices: [...(withoutQuote ? [{ label: say("ui-without-quote"), act: withoutQuote }] : []), keep, { label: say("ui-send-clear"), act: send }],
    });
  }
}
