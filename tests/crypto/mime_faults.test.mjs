/** Structures, charsets and encodings that are wrong: something is shown, nothing throws, and the original stays whole. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import test from "node:test";
import { open } from "../../static/crypto/message.js";
import { parse } from "../../static/crypto/mime.js";
import { bytes, joined } from "./tampered.mjs";

/** Milliseconds of work; what is not linear needs minutes. */
const SOON = 10_000;
const HEAD = "From: alice@example.test\r\nSubject: x\r\n";

/** @param {string | Uint8Array} raw */
async function shown(raw) {
  const begun = process.cpuUsage();
  const message = typeof raw === "string" ? bytes(HEAD + raw) : joined(bytes(HEAD), raw);
  const before = message.slice();
  const opened = await open(message, { keys: [], certificates: [], pinOf: () => null });
  const { user } = process.cpuUsage(begun);
  assert.ok(user < 1000 * SOON, `${user} µs`);
  assert.deepEqual(message, before, "the original is as it was");
  return opened;
}
const texts = (/** @type {Awaited<ReturnType<typeof shown>>} */ { parts }) => parts.map((part) => part.text?.trim());

// --- B26: structure ---

test("a thousand levels, ten thousand parts, and a card that says that there is more", async () => {
  let nested = "\r\n\r\nx";
  for (let depth = 0; depth < 1000; depth++) nested = `Content-Type: multipart/mixed; boundary=b${depth}\r\n\r\n--b${depth}\r\n${nested}\r\n--b${depth}--`;
  const deep = await shown(nested);
  assert.deepEqual([deep.limited, deep.cards.map(({ id }) => id)], [true, ["part-limit"]]);
  const many = await shown(`Content-Type: multipart/mixed; boundary=b\r\n\r\n${"--b\r\n\r\nx\r\n".repeat(10_000)}--b--`);
  assert.deepEqual([many.limited, many.parts.length, many.cards[0]?.values["limit"]], [true, 500, { parts: 500, depth: 50 }]);
});

/** Content-Type, body, what is read. @type {[string, string, string, (string | undefined)[]][]} */
const BOUNDARIES = [
  ["no boundary", "multipart/mixed", "--b\r\n\r\none\r\n--b--\r\n", [undefined]],
  ["an empty boundary", 'multipart/mixed; boundary=""', "--\r\n\r\none\r\n----\r\n", [undefined]],
  ["a boundary of blanks", 'multipart/mixed; boundary="   "', "--   \r\n\r\none\r\n--   --\r\n", ["one"]],
  ["longer than seventy", `multipart/mixed; boundary="${"b".repeat(500)}"`, `--${"b".repeat(500)}\r\n\r\none\r\n--${"b".repeat(500)}--\r\n`, ["one"]],
  ["two parameters, of which the first counts", "multipart/mixed; boundary=a; boundary=b", "--a\r\n\r\none\r\n--b\r\n\r\ntwo\r\n--a--\r\n", ["one\n--b\n\ntwo"]],
  ["no end", "multipart/mixed; boundary=b", "--b\r\n\r\none\r\n--b\r\n\r\ntwo", ["one", "two"]],
  ["an end at the beginning", "multipart/mixed; boundary=b", "--b--\r\n\r\n--b\r\n\r\none\r\n", [undefined]],
  ["the same for the inner one", "multipart/mixed; boundary=b", "--b\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\none\r\n--b--\r\n", [undefined, "one"]],
  ["of which the inner one is the beginning", "multipart/mixed; boundary=bb", "--bb\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\none\r\n--b--\r\n--bb\r\n\r\ntwo\r\n--bb--\r\n", ["one", "two"]],
  ["signs of patterns", 'multipart/mixed; boundary="(.*)+[b"', "--(.*)+[b\r\n\r\none\r\n--(.*)+[b--\r\n", ["one"]],
  ["line ends of LF alone", "multipart/mixed; boundary=b", "--b\n\none\n--b\n\ntwo\n--b--\n", ["one", "two"]],
  ["a part without a header's end", "multipart/mixed; boundary=b", "--b\r\nContent-Type: text/plain\r\n--b\r\n\r\ntwo\r\n--b--\r\n", ["", "two"]],
  ["an unknown kind", "multipart/x-strange; boundary=b", "--b\r\n\r\none\r\n--b\r\n\r\ntwo\r\n--b--\r\n", ["one", "two"]],
  ["a multipart that says it is base64", "multipart/mixed; boundary=b\r\nContent-Transfer-Encoding: base64", "--b\r\n\r\none\r\n--b--\r\n", ["one"]],
];
for (const [name, type, body, expected] of BOUNDARIES) {
  test(`boundary, ${name}`, async () => {
    assert.deepEqual(texts(await shown(`Content-Type: ${type}\r\n\r\n${body}`)), expected);
  });
}

test("nothing, headers alone, and octets without any header", async () => {
  for (const raw of ["", "\r\n", "\r\n\r\n", "Content-Type: text/plain", "Content-Type: ;;;=\r\n\r\nx", "Content-Type: /\r\n\r\nx", ":\r\n\r\nx", `${"x".repeat(10_000)}\r\n\r\ny`]) await shown(raw);
  for (let run = 0; run < 500; run++) await shown(new Uint8Array(randomBytes(run)));
  const { root } = parse(new Uint8Array());
  assert.deepEqual([root.type, root.parts], ["text/plain", []]);
});

// --- B27: charsets and header words ---

/** Charset, octets, text. @type {[string, number[], string][]} */
const CHARSETS = [
  ["no-such", [0x68, 0xe4], "hä"],
  ["constructor", [0x68, 0x69], "hi"],
  ["__proto__", [0x68, 0x69], "hi"],
  ['"utf-8', [0xc3, 0xa4], "ä"],
  ["utf-8", [0x68, 0xe4], "h\ufffd"],
  ["utf-8", [0xed, 0xa0, 0x80, 0x78], "\ufffd\ufffd\ufffdx"],
  ["us-ascii", [0xe4], "ä"],
  ["iso-2022-jp", [0x1b, 0x24, 0x42, 0x46, 0x7c, 0x1b, 0x28, 0x42], "日"],
  ["iso-2022-kr", [0x68, 0x69], "hi"],
  ["hz-gb-2312", [0x68, 0x69], "hi"],
  ["replacement", [0x68, 0x69], "hi"],
  ["utf-16le", [0x68, 0x00, 0x69, 0x00], "hi"],
  ["big5", [0xa4, 0xa4], "中"],
  ["gb18030", [0x81, 0x30, 0x81], "\ufffd"],
  ["utf-7", [..."Hi +AOQ-+2D3cAA-x"].map((letter) => letter.charCodeAt(0)), "Hi ä\ud83d\udc00x"],
  ["utf-7", [..."+"].map((letter) => letter.charCodeAt(0)), "+"],
  ["utf-7", [..."+ADw-script+AD4-"].map((letter) => letter.charCodeAt(0)), "<script>"],
];
for (const [charset, octets, expected] of CHARSETS) {
  test(`charset ${charset}: ${JSON.stringify(expected)}`, async () => {
    const opened = await shown(joined(bytes(`Content-Type: text/plain; charset=${charset}\r\n\r\n`), octets));
    assert.deepEqual(texts(opened), [expected.trim()]);
    assert.equal(opened.parts[0]?.kind, "text");
  });
}

test("NULs and 8-bit octets in text and header are shown, or left out where they would deceive", async () => {
  const opened = await open(joined(bytes("From: alice@example.test\r\nSubject: a\0b "), [0xe4], bytes("\r\nX"), [0xff], bytes(": y\r\nContent-Type: text/plain\0; charset=utf-8\r\n\r\na\0b")), { keys: [], certificates: [], pinOf: () => null });
  assert.equal(opened.parts[0]?.text, "a\0b");
  assert.doesNotMatch(opened.headers.subject, /\0/);
  assert.match(opened.headers.subject, /ä$/);
});

/** Subject as it stands, as it is shown. @type {[string, string][]} */
const WORDS = [
  ["=?utf-8?B?5qC4uw?= =?utf-8?Q?=E4?=", "\ufffd"],
  ["=?utf-8?Q?=E6=A0?= =?utf-8?B?uA==?=", "核"],
  ["=?utf-8?Q?=C3?= =?iso-8859-1?Q?=E4?=", "\ufffdä"],
  ["=?utf-8?X?abc?=", "=?utf-8?X?abc?="],
  ["=?utf-8?B?", "=?utf-8?B?"],
  ["=??Q?a?=", "=??Q?a?="],
  ["=?no-such?Q?=E4?=", "ä"],
  ["=?utf-8*de?Q?Gr=C3=BCn?=", "Grün"],
  ["=?UTF-8?q?a_b?=c", "a bc"],
  ["=?utf-8?Q?=0D=0ABcc:_eve?=", "Bcc: eve"],
];
for (const [word, expected] of WORDS) {
  test(`header words ${word}`, async () => {
    const opened = await open(bytes(`From: alice@example.test\r\nSubject: ${word}\r\n\r\nx`), { keys: [], certificates: [], pinOf: () => null });
    assert.ok(opened.headers.subject.includes(expected), JSON.stringify(opened.headers.subject));
    assert.doesNotMatch(opened.headers.subject, /[\r\n]/);
  });
}

/** Content-Disposition, name. @type {[string, string][]} */
const NAMES = [
  ["attachment; filename*1*=%BC.pdf; filename*0*=utf-8''%C3", "ü.pdf"],
  ["attachment; filename*0=a; filename*2=c", "ac"],
  ["attachment; filename*=no-such'de'%E4.pdf", "ä.pdf"],
  ["attachment; filename*=%zz.pdf", "%zz.pdf"],
  ["attachment; filename*=utf-8''%E2%80%AEgpj.exe", "gpj.exe"],
  ["attachment; filename*=utf-8''..%2F..%2Fetc%2Fpasswd", "passwd"],
  ["attachment; filename=plain.pdf; filename*=utf-8''other.pdf", "other.pdf"],
  ["attachment; filename*99999999*=x; filename=y", "y"],
  ["attachment; __proto__=x; constructor=y; filename=z", "z"],
];
for (const [header, name] of NAMES) {
  test(`a file's name: ${header}`, async () => {
    const opened = await shown(`Content-Type: application/pdf\r\nContent-Disposition: ${header}\r\n\r\nx`);
    assert.deepEqual(opened.parts.map((part) => [part.kind, part.name]), [["attachment", name]]);
  });
}

// --- B28: encodings ---

/** Encoding, body, text. @type {[string, string, string][]} */
const ENCODINGS = [
  ["base64", "aGFs\r\n--!*bG8=\r\nnot base64 at all ü", "hallo"],
  ["base64", "====", ""],
  ["base64", "a", ""],
  ["base64", "aGFsbG8=\r\naGFsbG8=", "hallohallo"],
  ["BASE64 (so it says)", "aGFsbG8=", "hallo"],
  ["quoted-printable", "hallo=", "hallo"],
  ["quoted-printable", "hal=\r\nlo=3", "hallo=3"],
  ["quoted-printable", "a=zz=C3=A4=\r", "a=zzä"],
  ["quoted-printable", "=", ""],
  ["x-uuencode", "begin 644 x.txt\r\n%:&%L;&\\\r\n`\r\nend\r\n", "begin 644 x.txt\n%:&%L;&\\\n`\nend"],
  ["no-such", "hallo", "hallo"],
  ["", "hallo", "hallo"],
];
for (const [encoding, body, expected] of ENCODINGS) {
  test(`encoding ${encoding}: ${JSON.stringify(body)}`, async () => {
    const [said] = texts(await shown(`Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n${body}`));
    assert.ok(expected === "" ? said === "" : said?.startsWith(expected), JSON.stringify(said));
  });
}

test("megabytes of what encodes nothing are read soon", async () => {
  const size = 5 * 1024 * 1024;
  for (const [encoding, unit] of /** @type {const} */ ([["base64", "!"], ["base64", "="], ["quoted-printable", "="], ["quoted-printable", "=\r\n"], ["quoted-printable", " \t"], ["x-uuencode", "`\r\n"]])) {
    const raw = `Content-Type: text/plain\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n${unit.repeat(size / unit.length)}`;
    await shown(raw);
  }
});
