/** The one form in which addresses are compared: pins, recipients, certificates and the page's lists all use it. */
import { asciiLower } from "./octets.js";

/**
 * Equal for what reaches the same person. RFC 5321 section 2.4 leaves the local part's case to its server, and none is
 * known to use it; an internationalised domain is one domain in both of its spellings (RFC 5890 section 2.3.2.1).
 * @param {string} address
 * @returns {string}
 */
export function addressKey(address) {
  const at = address.lastIndexOf("@");
  if (at < 0) return asciiLower(address);
  const domain = address.slice(at + 1);
  const ascii = isAscii(domain) ? null : asciiDomain(domain);
  // A sign that only looks like a letter (U+212A, full width) would turn a domain into another, plain one.
  const written = ascii !== null && ascii.split(".").some((label) => label.startsWith("xn--")) ? ascii : domain;
  return asciiLower(`${address.slice(0, at)}@${written}`);
}

/**
 * @param {string} domain
 * @returns {string | null} by the URL Standard's domain to ASCII; null when it is no domain
 */
export function asciiDomain(domain) {
  // In a URL these end the host, or are decoded into something else.
  if (/[\s/?#@:%\\[\]|^<>]/.test(domain)) return null;
  try {
    return new URL(`http://${domain}`).hostname;
  } catch {
    return null;
  }
}

/** @param {string} text */
export function isAscii(text) {
  // eslint-disable-next-line no-control-regex
  return /^[\x00-\x7f]*$/.test(text);
}
