/** Certificates with which a message can be checked: what the directory answered, one's own, and what came along. */
import { sameAddress } from "./addresses.js";
import { packetsOf } from "./armor.js";
import { decodeBase64 } from "./base64.js";
import { utf8 } from "./bytes.js";
import { all, parseStructured } from "./header-fields.js";
import { hasBlocks } from "./inline-pgp.js";
import { decodeBody } from "./mime-read.js";

/** @typedef {import("./header-fields.js").Field} Field */
/** @typedef {import("./mime-read.js").Entity} Entity */
/** @typedef {import("./openpgp-certificate.js").Certificate} Certificate */
/** @typedef {{data: Uint8Array, source: string}} Offered a certificate and the id of its source (words.md section 2.9) */

/** Armor in a text longer than this is not looked for: it is shown as a file. */
const TEXT_LIMIT = 7 * 1024 * 1024;

/** A stranger's certificate costs a verification for every signature in it, before anybody asked for it. */
export const ATTACHED_LIMIT = 128 * 1024;
export const ATTACHED_MOST = 3;
const ATTACHED_BYTES = 256 * 1024;

/** What the certificates that came with one message may cost together. */
export function attachedBudget() {
  return { certificates: ATTACHED_MOST, bytes: ATTACHED_BYTES };
}

/** Whether OpenPGP.js is needed at all: most mail has nothing for it. @param {Entity} root */
export function mayHoldOpenPgp(root) {
  return /multipart\/(?:signed|encrypted)|application\/pgp|-----BEGIN PGP |autocrypt/i.test(headText(root));
}

/** Types of all parts, header names, and whether texts hold armor. @param {Entity} entity @returns {string} */
function headText(entity) {
  const armored = entity.parts.length === 0 && entity.type.startsWith("text/") && entity.body.length < TEXT_LIMIT && hasBlocks(decodeBody(entity));
  return `${entity.type} ${entity.fields.map((field) => field.key).join(" ")} ${armored ? "-----BEGIN PGP " : ""} ${entity.parts.map(headText).join(" ")}`;
}

/**
 * @param {readonly (Uint8Array | Offered)[]} offered
 * @param {readonly {certificate: Uint8Array}[]} own
 * @returns {Promise<{certificate: Certificate, source: string}[]>}
 */
export async function readOffered(offered, own) {
  const { inspect, readCertificates } = await import("./openpgp-certificate.js");
  const found = [];
  const all = [...offered.map((one) => (one instanceof Uint8Array ? { data: one, source: "source-here" } : one)), ...own.map((key) => ({ data: key.certificate, source: "" }))];
  for (const { data, source } of all) {
    for (const key of await readCertificates(data)) found.push({ certificate: await inspect(key), source });
  }
  return found;
}

/**
 * @param {Uint8Array} bytes
 * @param {string} address
 * @param {ReturnType<typeof attachedBudget>} budget of the whole message; what is read here is taken from it
 * @returns {Promise<{certificate: Certificate}[]>} only those for the sender
 */
export async function readAlong(bytes, address, budget) {
  if (bytes.length > ATTACHED_LIMIT || bytes.length > budget.bytes || budget.certificates === 0) return [];
  budget.bytes -= bytes.length;
  const { inspect, names, readCertificates } = await import("./openpgp-certificate.js");
  const found = [];
  const keys = (await readCertificates(packetsOf(bytes) ?? new Uint8Array())).slice(0, budget.certificates);
  budget.certificates -= keys.length;
  for (const key of keys) {
    const certificate = await inspect(key);
    if (names(certificate, address)) found.push({ certificate });
  }
  return found;
}

/**
 * The Autocrypt field: exactly one, for exactly the sender (Autocrypt Level 1 section 2.1).
 * @param {readonly Field[]} fields
 * @param {string} address
 * @param {ReturnType<typeof attachedBudget>} budget
 */
export async function autocrypt(fields, address, budget) {
  const found = all(fields, "autocrypt");
  if (found.length !== 1 || found[0].value.length > 64 * 1024) return [];
  const { params } = parseStructured(`;${found[0].value}`);
  if (!sameAddress(params["addr"] ?? "", address)) return [];
  return readAlong(decodeBase64(utf8(params["keydata"] ?? "")), address, budget);
}

/** @param {readonly Certificate[]} certificates @param {string} address */
export async function namesAddress(certificates, address) {
  if (certificates.length === 0) return false;
  const { names } = await import("./openpgp-certificate.js");
  return certificates.some((certificate) => names(certificate, address));
}
