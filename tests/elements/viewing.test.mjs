/** The parts of showing a message that need no page: files, entries, reports, links, quotations, colours. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { calendar, moment } from "../../static/elements/calendar-parse.js";
import { pictureOf } from "../../static/elements/image-size.js";
import { outcomes } from "../../static/elements/mail-report.js";
import { mailto } from "../../static/elements/mailto.js";
import { contrast, over, parsed } from "../../static/elements/paper.js";
import { fileNote, previewKind } from "../../static/elements/preview-kind.js";
import { readable } from "../../static/elements/preview-text.js";
import { quotedParts } from "../../static/elements/quoted-parts.js";

test("pictures, texts and PDFs are looked at; what draws itself is not", () => {
  const kinds = [["image/png", "a", "image"], ["application/pdf", "a", "pdf"], ["application/octet-stream", "Scan.PDF", "pdf"], ["text/csv", "a.csv", "text"],
    ["application/json", "a", "text"], ["application/octet-stream", "x.log", "text"], ["image/svg+xml", "a.svg", null], ["text/html", "a.html", null],
    ["text/plain", "page.html", null], ["application/zip", "a.txt", null], ["application/octet-stream", "a.bin", null], ["text/rtf", "a.rtf", null]];
  for (const [type, name, kind] of kinds) assert.equal(previewKind({ type, name }), kind, `${type} ${name}`);
});

test("a file that is more than it looks has a word beside it", () => {
  const notes = [["application/pdf", "invoice.pdf", null], ["application/octet-stream", "invoice.pdf.exe", "ui-file-program-hidden"], ["application/octet-stream", "photo.jpg   .scr", "ui-file-program-hidden"],
    ["application/octet-stream", "setup.msi", "ui-file-program"], ["application/x-msdownload", "readme", "ui-file-program"], ["application/octet-stream", "a.docm", "ui-file-macros"], ["text/html", "a", "ui-file-page"],
    ["application/octet-stream", "a.pdf.qqq", "ui-file-double"], ["application/octet-stream", "a.pdf.gpg", null], ["application/octet-stream", "a.tar.gz", null], ["application/pdf", "v1.2.pdf", null],
    ["application/octet-stream", "WINMAIL.DAT", "ui-file-tnef"], ["application/vnd.ms-tnef", "x", "ui-file-tnef"], ["text/x-vcard", "x", "ui-file-contact"]];
  for (const [type, name, note] of notes) assert.equal(fileNote({ type, name }), note, `${type} ${name}`);
});

/** @param {string} hex */
const bytes = (hex) => Uint8Array.from([...Buffer.from(hex.replaceAll(" ", ""), "hex"), ...new Uint8Array(40)]);

test("a picture's size is known before it is decoded", () => {
  assert.deepEqual(pictureOf(bytes("89504e470d0a1a0a 0000000d49484452 00000280 00000140")), { type: "image/png", width: 640, height: 320 });
  assert.deepEqual(pictureOf(bytes("474946383961 8002 4001")), { type: "image/gif", width: 640, height: 320 });
  assert.deepEqual(pictureOf(bytes("ffd8 ffe0 0004 0000 ffc0 0011 08 0140 0280")), { type: "image/jpeg", width: 640, height: 320 });
  assert.deepEqual(pictureOf(bytes("52494646 00000000 57454250 56503858 0a000000 00000000 7f0200 3f0100")), { type: "image/webp", width: 640, height: 320 });
  assert.equal(pictureOf(new TextEncoder().encode("<svg xmlns='http://www.w3.org/2000/svg'></svg>   ")), null);
  assert.equal(pictureOf(bytes("ffd8 0000")), null);
});

test("the charset of a text is guessed, and what is no text says so", () => {
  assert.equal(readable(new TextEncoder().encode("\ufeffGrüße\r\nan"))?.text, "Grüße\nan");
  assert.equal(readable(Uint8Array.from(Buffer.from("Grüße", "latin1")))?.text, "Grüße");
  assert.equal(readable(Uint8Array.from(Buffer.from("\ufeffGrüße", "utf16le")))?.text, "Grüße");
  assert.equal(readable(Uint8Array.from([0xc4, 0xe3, 0xba, 0xc3]), "zh-hans")?.text, "你好");
  assert.equal(readable(Uint8Array.from([77, 90, 0, 1])), null);
  const long = readable(new Uint8Array(3_000_000).fill(97));
  assert.equal(long?.cut, true);
  assert.equal(long?.text.length, 500_000);
});

test("a mailto: link asks for recipients, a subject and a text, and for nothing else", () => {
  assert.deepEqual(mailto("mailto:a@x.example,b%2Bc@x.example?cc=d@x.example&bcc=e@x.example&subject=a%0D%0Ab&attach=%2Fetc%2Fpasswd&from=f@x.example&body=1%0D%0A%002%"), {
    to: [{ name: "", address: "a@x.example" }, { name: "", address: "b+c@x.example" }], cc: [{ name: "", address: "d@x.example" }], subject: "a b", text: "1%0D%0A%002%",
  });
  assert.equal(mailto("mailto:?body=1%0D%0A%002")?.text, "1\n2");
  assert.equal(mailto("https://x.example/mailto:a@x.example"), null);
});

const ICS = (/** @type {string[]} */ ...lines) => ["BEGIN:VCALENDAR", "BEGIN:VEVENT", ...lines, "END:VEVENT", "END:VCALENDAR"].join("\r\n");

test("a calendar's lines are unfolded, its words unescaped, its dates understood", () => {
  const [entry] = calendar(ICS("SUMMARY:One\\, two\\;", " three\\nfour", "DTSTART;TZID=America/New_York:20261101T013000", "DURATION:P1DT2H", "RRULE:FREQ=DAILY", 'ORGANIZER;CN="A: B":mailto:a@x.example'))?.entries ?? [];
  assert.equal(entry?.summary, "One, two;three\nfour");
  assert.equal(entry?.organiser, "A: B <a@x.example>");
  assert.deepEqual(entry?.end?.parts, [2026, 11, 2, 3, 30]);
  assert.equal(entry?.repeats, true);
  // The hour of the change comes twice; the first is meant, or the second, but never another.
  assert.match(moment(/** @type {any} */ (entry?.start))?.toISOString() ?? "", /^2026-11-01T0[56]:30/u);
  const at = (/** @type {string} */ line) => calendar(ICS(line))?.entries[0]?.start ?? null;
  assert.equal(moment(/** @type {any} */ (at("DTSTART;TZID=Europe/Oslo:20260701T120000")))?.toISOString(), "2026-07-01T10:00:00.000Z");
  assert.equal(moment(/** @type {any} */ (at("DTSTART:20260701T120000Z")))?.toISOString(), "2026-07-01T12:00:00.000Z");
  assert.equal(moment(/** @type {any} */ (at("DTSTART;TZID=My own zone:20260701T120000"))), null);
  assert.equal(at("DTSTART;VALUE=DATE:20260701")?.kind, "day");
  for (const wrong of ["DTSTART:20261332", "DTSTART:2026-07-01", "DTSTART:20260701T250000Z", "DTSTART:"]) assert.equal(at(wrong), null, wrong);
  assert.equal(calendar("BEGIN:VCARD\r\nEND:VCARD"), null);
});

test("a hostile calendar is quick and bounded", () => {
  const began = performance.now();
  assert.equal(calendar(ICS(`SUMMARY:${"a".repeat(900_000)}`))?.entries[0]?.summary.length, 2000);
  for (const unit of [";X=1", ";X=\"", ",", "\n ", "BEGIN:VEVENT\n"]) calendar(`BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART${unit.repeat(200_000)}`);
  assert.ok(performance.now() - began < 2000);
});

test("a report says for each address what became of it", () => {
  const text = "Reporting-MTA: dns; mx\r\n\r\nFinal-Recipient: rfc822; <a@x.example>\r\nAction: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 no\r\n such user\r\n\r\nFinal-Recipient: rfc822;b@x.example\r\nAction: delayed\r\n\r\nAction: dancing\r\nFinal-Recipient: rfc822;c@x.example";
  assert.deepEqual(outcomes("message/delivery-status", text), [{ id: "ui-report-failed", address: "a@x.example", said: "550 no such user" }, { id: "ui-report-delayed", address: "b@x.example", said: "" }]);
  assert.deepEqual(outcomes("message/disposition-notification", "Final-Recipient: rfc822;a@x.example\nDisposition: manual-action/MDN-sent-manually; displayed"), [{ id: "ui-report-displayed", address: "a@x.example", said: "" }]);
  assert.deepEqual(outcomes("message/disposition-notification", "hello"), []);
});

test("an answer quotes one voice", () => {
  const told = (/** @type {[number | null, string][]} */ ...texts) => texts.map(([card, text]) => ({ card, text: () => text }));
  assert.equal(quotedParts(told([null, "own"], [0, "card"], [null, "more"]), "sig-part"), "own\n\nmore");
  assert.equal(quotedParts(told([null, " "], [0, "card"], [1, "other"]), "sig-part"), "card");
  assert.equal(quotedParts(told([0, "letter"], [null, "footer"]), "sig-list-footer"), "letter");
  assert.equal(quotedParts(told([null, "above"], [0, "lines"]), "sig-inline"), "lines");
  assert.equal(quotedParts([], "sig-none"), "");
});

test("contrast is counted over what lies behind", () => {
  assert.equal(Math.round(contrast([255, 255, 255, 1], [0, 0, 0, 1])), 21);
  assert.deepEqual(over(parsed("rgba(0, 0, 0, 0.5)"), [255, 255, 255, 1]).map(Math.round), [128, 128, 128, 1]);
  assert.deepEqual(parsed("color(srgb 1 1 1)"), [0, 0, 0, 0]);
});
