/** Files that are looked at in the page: what they are taken for, and what is said beside them. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { pictureOf } from "../../static/elements/image-size.js";
import { fileNote, previewKind } from "../../static/elements/preview-kind.js";
import { readable } from "../../static/elements/preview-text.js";

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
