/** What is known of a signer's certificate from before, and what a signature therefore means (words.md section 2.1). */
import { sameAddress } from "./addresses.js";
import { names, vouchedFor } from "./openpgp-certificate.js";
import { judgeSignature, NO_SIGNATURE } from "./verdict.js";

/** @typedef {import("./openpgp-certificate.js").Certificate} Certificate */
/** @typedef {import("./openpgp-signature.js").SignatureFacts} SignatureFacts */
/** @typedef {import("./verdict.js").Signature} Signature */
/** @typedef {{fingerprint: string, since: number, source: string, count: number, verified?: number, rejected?: Readonly<Record<string, number>>}} Pin times in Unix seconds; `rejected` by fingerprint */

/**
 * @typedef {object} Known
 * @property {(address: string) => Pin | null} pinOf
 * @property {readonly string[]} own fingerprints of the person's own keys
 * @property {readonly Certificate[]} certificates all that are at hand
 * @property {Date} now
 * @property {boolean} locked what was seen for an address is kept, and cannot be asked now
 */

/**
 * @typedef {object} Judged
 * @property {Signature} signature
 * @property {string} id of words.md
 * @property {SignatureFacts} facts
 * @property {Pin | null} pin for the From address
 * @property {boolean} renewed the holder of the certificate known before vouches for this one
 */

/**
 * @param {SignatureFacts} facts
 * @param {import("./sender.js").Sender} sender
 * @param {Known} known
 * @returns {Promise<Judged>}
 */
export async function judgeOne(facts, sender, known) {
  const pin = sender.address === "" ? null : known.pinOf(sender.address);
  const matches = facts.certificate !== null && sender.clear && names(facts.certificate, sender.address);
  const found = facts.certificate === null ? { evidence: /** @type {const} */ ("first"), renewed: false } : await evidence(facts.certificate, sender.address, pin, known);
  /** @type {Signature} */
  const signature = {
    ...NO_SIGNATURE,
    state: facts.state,
    weak: facts.weak,
    path: facts.path,
    when: facts.when,
    status: facts.status,
    expiredNow: facts.expiredNow,
    from: !sender.clear ? "unclear" : matches ? "match" : "differs",
    evidence: found.evidence,
    coverage: "whole",
    pinned: pin !== null,
  };
  const id = judgeSignature(signature);
  // Another certificate may be pinned, or this one rejected: until the list is open, nothing good is said of it.
  if (known.locked && id.startsWith("sig-good-") && signature.evidence !== "own") {
    return { signature: { ...signature, state: "checking", locked: true }, id: "sig-checking", facts, pin, renewed: false };
  }
  return { signature, id, facts, pin, renewed: found.renewed };
}

/**
 * @param {Certificate} certificate
 * @param {string} address
 * @param {Pin | null} pin
 * @param {Known} known
 * @returns {Promise<{evidence: Signature["evidence"], renewed: boolean}>}
 */
async function evidence(certificate, address, pin, known) {
  const as = (/** @type {Signature["evidence"]} */ found, renewed = false) => ({ evidence: found, renewed });
  if (known.own.includes(certificate.fingerprint)) return as("own");
  if (pin === null) return as("first");
  if (isRejected(pin, certificate)) return as("rejected");
  if (pin.fingerprint === certificate.fingerprint) return as(pin.verified ? "verified" : "known");
  const before = known.certificates.find((one) => one.fingerprint === pin.fingerprint);
  if (before !== undefined && (await vouchedFor(certificate, before, address, known.now))) return as("known", true);
  return as("changed");
}

/** The person looked at this certificate and did not take it for the sender's. @param {Pin} pin @param {Certificate} certificate */
function isRejected({ rejected }, { fingerprint }) {
  return rejected !== undefined && Object.hasOwn(rejected, fingerprint);
}

/**
 * Of several signatures the one that speaks for From (words.md section 2.4).
 * @param {readonly Judged[]} judged
 * @returns {Judged | null}
 */
export function telling(judged) {
  return judged.find((one) => one.id.startsWith("sig-good-")) ?? judged.find((one) => one.signature.locked) ?? judged.find((one) => one.signature.state === "good" && one.signature.from === "match") ?? judged.find((one) => one.signature.state === "good") ?? judged[0] ?? null;
}

/**
 * An address of the certificate that more than itself vouches for: it is the person's own, or pinned for that address.
 * @param {Certificate | null} certificate
 * @param {Known} known
 * @returns {string | null}
 */
export function provedAddress(certificate, { own, pinOf }) {
  if (certificate === null) return null;
  const addresses = addressesOf(certificate);
  if (own.includes(certificate.fingerprint)) return addresses[0] ?? null;
  const pinned = addresses.slice(0, 100).find((address) => {
    const pin = pinOf(address);
    return pin?.fingerprint === certificate.fingerprint && !isRejected(pin, certificate);
  });
  return pinned ?? null;
}

/** The addresses a certificate speaks for. @param {Certificate | null} certificate @returns {string[]} */
export function addressesOf(certificate) {
  const found = (certificate?.userIds ?? []).flatMap((id) => (id.address === null ? [] : [id.address]));
  return found.filter((address, at) => found.findIndex((other) => sameAddress(other, address)) === at);
}
