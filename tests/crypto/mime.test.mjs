/** Reading and writing MIME: structures, encodings, names, and the limits that keep a tab usable. */
import assert from "node:assert/strict";
import test from "node:test";
import { addressOfUserId, parseAddresses, sameAddress } from "../../static/crypto/addresses.js";
import { addressKey } from "../../static/crypto/address-key.js";
import { decodeBase64, encodeBase64 } from "../../static/crypto/base64.js";
import { decodeText } from "../../static/crypto/charset.js";
import { decodeWords, encodeWords } from "../../static/crypto/encoded-words.js";
import { unflow } from "../../static/crypto/flowed.js";
import { formatField, formatParameter, parseFields, parseStructured } from "../../static/crypto/header-fields.js";
import { attachmentPart, decodeBody, multipart, parse, textPart, transportable, write } from "../../static/crypto/mime.js";
import { withCrlf } from "../../static/crypto/octets.js";
import { decodeQuotedPrintable, encodeQuotedPrintable } from "../../static/crypto/quoted-printable.js";
import { addressInName, senderOf } from "../../static/crypto/sender.js";

const bytes = (/** @type {string} */ text) => new TextEncoder().encode(text);
const string = (/** @type {Uint8Array} */ data) => new TextDecoder().decode(data);
const binary = (/** @type {string} */ text) => Buffer.from(text).toString("latin1");

test("base64 goes there and back at every length, in lines and in one", () => {
  for (let length = 0; length < 200; length++) {
    const data = crypto.getRandomValues(new Uint8Array(length));
    assert.equal(string(encodeBase64(data, 0)), Buffer.from(data).toString("base64"));
    assert.deepEqual(decodeBase64(encodeBase64(data)), data);
    assert.ok(string(encodeBase64(data)).split("\r\n").every((line) => line.length <= 76));
  }
});

test("base64 skips what does not belong and reads several encodings in a row", () => {
  assert.equal(string(decodeBase64(bytes("aGFs\r\n!bG8=\r\n"))), "hallo");
  assert.equal(string(decodeBase64(bytes("aGFsbG8=aGFsbG8="))), "hallohallo");
  assert.equal(string(decodeBase64(bytes("aGFsbG8"))), "hallo");
});

test("quoted-printable keeps everything that transport would change", () => {
  const text = `From here\r\n.\r\ntrailing \t\r\nÄ=${"x".repeat(200)}\r\nend `;
  const encoded = encodeQuotedPrintable(bytes(text));
  for (const line of string(encoded).split("\r\n")) {
    assert.ok(line.length <= 76, line);
    assert.ok(!/[ \t]$|^\.|^From /.test(line), line);
  }
  assert.equal(string(decodeQuotedPrintable(encoded)), text);
  assert.equal(string(decodeQuotedPrintable(bytes("a=\r\nb= \nc=zz=4"))), "abc=zz=4");
});

test("a character that was split over two encoded words is whole again", () => {
  assert.equal(decodeWords("=?utf-8?B?5qC45qE=?= =?utf-8?B?g+agkQ==?="), "核桃树");
  assert.equal(decodeWords("=?iso-8859-1?Q?Gr=FC=DFe?= an =?UTF-8?Q?J=C3=B6rg?="), "Grüße an Jörg");
  assert.equal(decodeWords(binary("rohes Ü")), "rohes Ü");
  for (const text of ["plain", "Walnuß 核桃树 ".repeat(20), "=?utf-8?B?eA==?=", ""]) {
    const words = encodeWords(text);
    assert.match(words, /^[\x20-\x7e]*$/);
    assert.ok(words.split(" ").every((word) => word.length <= 75));
    assert.equal(decodeWords(words), text);
  }
});

test("names of files come in all the forms that mail programs write", () => {
  for (const [header, name] of [
    ['attachment; filename="a b;c.pdf"', "a b;c.pdf"],
    ["attachment; filename*=utf-8''%C3%9C.pdf", "Ü.pdf"],
    ["attachment; filename*0*=utf-8''%C3; filename*1*=%9C; filename*2=\".pdf\"", "Ü.pdf"],
    ['attachment; filename="=?utf-8?Q?=C3=9C.pdf?="', "Ü.pdf"],
    ['attachment; filename="a\\"b"', 'a"b'],
    ['attachment; filename="unclosed.pdf', "unclosed.pdf"],
  ]) {
    assert.equal(parseStructured(header).params["filename"], name, header);
  }
  for (const name of ["plain.pdf", 'a "b"\\.pdf', "Ü".repeat(100), "x".repeat(150)]) {
    const folded = formatField("Content-Disposition", `attachment${formatParameter("filename", name)}`);
    const [field] = parseFields(bytes(folded));
    assert.equal(parseStructured(field.value).params["filename"], name);
  }
  const { root } = parse(bytes('Content-Disposition: attachment; filename="../../etc/pass\u202ewd"\r\n\r\n'));
  assert.equal(root.name, "passwd");
});

test("charsets: what is named, what is not, and what is wrong", () => {
  assert.equal(decodeText(Uint8Array.of(0xe4), "iso-8859-1"), "ä");
  assert.equal(decodeText(bytes("ä"), null), "ä");
  assert.equal(decodeText(Uint8Array.of(0xe4), "us-ascii"), "ä");
  assert.equal(decodeText(bytes("ä"), "no-such-charset"), "ä");
  assert.equal(decodeText(bytes("Hi +AOQ- +- x"), "utf-7"), "Hi ä + x");
  assert.equal(decodeText(Uint8Array.of(0xd6, 0xd0), "gb2312"), "中");
});

test("a multipart is split at its own boundary alone", () => {
  const { root } = parse(
    bytes(
      'Content-Type: multipart/mixed; boundary="b"\n\npreamble\n--b\nContent-Type: multipart/alternative; boundary=bb\n\n--bb\n\none\n--bb\n\ntwo\n--bb--\n--b  \nContent-Type: message/rfc822\n\nSubject: inner\n\nbody\n--b--\nepilogue\n--b\nnot a part\n',
    ),
  );
  assert.deepEqual(root.parts.map((part) => part.type), ["multipart/alternative", "message/rfc822"]);
  assert.deepEqual(root.parts[0].parts.map((part) => string(part.body)), ["one", "two"]);
  assert.equal(root.parts[1].parts[0].fields[0].value, "inner");
  assert.equal(root.parts[1].parts[0].id, "2.1");
});

test("a cut-off multipart shows what there is", () => {
  const { root } = parse(bytes("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nhalf a let"));
  assert.equal(string(root.parts[0].body), "half a let");
});

test("depth, parts and headers have limits", () => {
  let nested = "\r\n\r\nx";
  for (let depth = 0; depth < 1000; depth++) nested = `Content-Type: multipart/mixed; boundary=b${depth}\r\n\r\n--b${depth}\r\n${nested}\r\n--b${depth}--`;
  assert.equal(parse(bytes(nested)).limited, true);
  const many = parse(bytes(`Content-Type: multipart/mixed; boundary=b\r\n\r\n${"--b\r\n\r\nx\r\n".repeat(10_000)}--b--`));
  assert.equal(many.limited, true);
  assert.equal(many.root.parts.length, 500);
  assert.equal(parse(bytes(`X: ${"y".repeat(300_000)}\r\n\r\nbody`)).limited, true);
  assert.equal(parse(bytes(`${"Content-Type: message/rfc822\r\n\r\n".repeat(100)}x`)).limited, true);
});

test("what is written is 7-bit, short-lined, and reads back the same", () => {
  const file = crypto.getRandomValues(new Uint8Array(1000));
  const body = multipart("mixed", [
    write(textPart("Grüße\n\nFrom: x\n", "plain")),
    write(textPart("核桃树".repeat(50), "plain")),
    write(attachmentPart({ name: "Ü.eml", type: "message/rfc822", data: file })),
  ]);
  const raw = transportable(write(body, [["Subject", "x"]]));
  const { root } = parse(raw);
  assert.equal(string(decodeBody(root.parts[0])), "Grüße\r\n\r\nFrom: x\r\n");
  assert.equal(root.parts[1].encoding, "base64");
  assert.equal(string(decodeBody(root.parts[1])), `${"核桃树".repeat(50)}\r\n`);
  assert.equal(root.parts[2].name, "Ü.eml");
  assert.equal(root.parts[2].type, "application/octet-stream");
  assert.deepEqual(new Uint8Array(decodeBody(root.parts[2])), file);
});

test("what a server could trip over is refused, not repaired", () => {
  for (const bad of ["a\nb", "a\rb", "a\0b", "ä", `${"x".repeat(999)}\r\n`]) assert.throws(() => transportable(bytes(bad)), { code: "bad-input" });
  assert.doesNotThrow(() => transportable(bytes(`${"x".repeat(998)}\r\n`)));
  assert.deepEqual(string(withCrlf(bytes("a\nb\r\nc\n"))), "a\r\nb\r\nc\r\n");
});

test("format=flowed paragraphs come back whole", () => {
  assert.equal(unflow("one \ntwo\n> quoted \n> more\n-- \nsig \n", false), "one two\n> quoted more\n-- \nsig ");
  assert.equal(unflow(" From me\n", false), "From me\n");
});

test("a From line names one person or nobody", () => {
  const sender = (/** @type {string} */ header) => senderOf(parseFields(bytes(header)));
  assert.deepEqual(sender('From: "Bob, B." <bob@Example.org>'), { clear: true, address: "bob@example.org", name: "Bob, B.", raw: '"Bob, B." <bob@Example.org>' });
  assert.equal(sender("From: bob@example.org (Bob)").clear, true);
  for (const header of [
    "From: a@example.org, b@example.org",
    "From: a@example.org\r\nFrom: a@example.org",
    "From: friends: a@example.org;",
    "From: Bob",
    "From:",
    "Subject: none",
    "From: a@example.org <>",
    "From: <a@b@example.org>",
    "From: a@example.org b@example.org",
  ]) {
    assert.equal(sender(header).clear, false, header);
  }
  assert.equal(addressInName(sender('From: "alice@example.org" <eve@example.net>')), "alice@example.org");
  assert.equal(addressInName(sender('From: "Eve" <eve@example.net>')), null);
  assert.deepEqual(parseAddresses("A <a@x.org>, friends: b@x.org, c@x.org;, d@x.org").addresses.map((one) => one.address), ["a@x.org", "b@x.org", "c@x.org", "d@x.org"]);
});

test("addresses are compared in one form, and a sign that looks like a letter is another one", () => {
  assert.equal(addressKey("Bob@Example.TEST"), "bob@example.test");
  assert.equal(addressKey("Bob@B\u00fccher.Example"), "bob@xn--bcher-kva.example");
  assert.ok(sameAddress("bob@b\u00fccher.example", "BOB@XN--BCHER-KVA.example"));
  // U+212A KELVIN SIGN, and U+FF45 full width e.
  for (const one of ["\u212aate@bank.test", "kate@ban\u212a.test", "kate@\uff45xample.test", "kate@b\u00fccher.test/x", "kate@b\u00fccher%2etest", "kate@b\u00fccher.test:80"]) {
    assert.ok(!["kate@bank.test", "kate@example.test", "kate@xn--bcher-kva.test"].includes(addressKey(one)), one);
  }
  assert.equal(addressKey("nobody"), "nobody");
});

test("a user ID names an address only when nothing else could be meant", () => {
  assert.equal(addressOfUserId("Alice <alice@Example.org>"), "alice@example.org");
  assert.equal(addressOfUserId("alice@example.org"), "alice@example.org");
  for (const id of ["Alice", "Alice <a@x.org> <b@x.org>", "a@x.org <b@x.org", "<a@x.org> b", "a@x.org b@x.org", "\u212a@x.org <>"]) assert.equal(addressOfUserId(id), null, id);
});

test("without one header field everything is the text", () => {
  const { root } = parse(bytes("Nobody wrote a header.\r\n\r\nSecond paragraph."));
  assert.equal(root.type, "text/plain");
  assert.equal(string(root.body), "Nobody wrote a header.\r\n\r\nSecond paragraph.");
  assert.equal(string(parse(bytes("\r\nbody")).root.body), "body");
});

test("a message that came encoded is read from its own bytes, within the same limits", () => {
  const inner = "Subject: inside\r\nContent-Type: multipart/mixed; boundary=i\r\n\r\n--i\r\n\r\none\r\n--i\r\n\r\ntwo\r\n--i--\r\n";
  const outer = bytes(`Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n${Buffer.from(inner).toString("base64")}`);
  const [message] = parse(outer).root.parts;
  assert.deepEqual(message.parts.map((part) => [part.id, string(part.body)]), [["1.1", "one"], ["1.2", "two"]]);
  const cut = parse(outer, { parts: 2 });
  assert.ok(cut.limited);
  assert.equal(cut.root.parts[0].parts.length, 1);
});

test("words behind a delimiter are allowed where nothing else divides the body", () => {
  const divided = (/** @type {string} */ body) => parse(bytes(`Content-Type: multipart/mixed; boundary=b\r\n\r\n${body}`)).root.parts.map((part) => string(part.body));
  assert.deepEqual(divided("--b and more\r\n\r\none\r\n--b-- the end\r\n--b--\r\n"), ["one"]);
  assert.deepEqual(divided("--b\r\n\r\none\r\n--b2\r\nof it\r\n--b--\r\n"), ["one\r\n--b2\r\nof it"]);
});

test("text without a charset, or with a wrong one, is read as what it is", () => {
  for (const [form, text] of [
    ["82b182f182c982bf82cd814193fa967b8cea82cc8381815b838b82c582b78142", "こんにちは、日本語のメールです。"],
    ["a4b3a4f3a4cba4c1a4cfa1a2c6fccbdcb8eca4cea5e1a1bca5eba4c7a4b9a1a3", "こんにちは、日本語のメールです。"],
    ["c4e3bac3a3acd5e2cac7d2bbb7e2d6d0cec4d3cabcfea3acd0bbd0bba3a1", "你好，这是一封中文邮件，谢谢！"],
    ["a741a66ea141b36fac4fa440abcaa4a4a4e5b66ca5f3a141c1c2c1c2a149", "你好，這是一封中文郵件，謝謝！"],
    ["bec8b3e7c7cfbcbcbfe42e20c7d1b1b9beee20b8dec0cfc0d4b4cfb4d92e", "안녕하세요. 한국어 메일입니다."],
    ["f0d2c9d7c5d42c20dcd4cf20d0c9d3d8cdcf20cec120d2d5d3d3cbcfcd20d1dad9cbc52e", "Привет, это письмо на русском языке."],
    ["cff0e8e2e5f22c20fdf2ee20efe8f1fcecee20ede020f0f3f1f1eaeeec20ffe7fbeae52e", "Привет, это письмо на русском языке."],
    ["4772fcdf6520617573204dfc6e6368656e2c20e761207661", "Grüße aus München, ça va"],
  ]) {
    for (const label of [null, "us-ascii", "x-nobody-knows"]) assert.equal(decodeText(Buffer.from(form, "hex"), label), text, `${label} ${form}`);
    // A few broken letters are broken letters; a whole text of them is another charset.
    assert.equal(decodeText(Buffer.from(form.repeat(2), "hex"), "utf-8"), text.repeat(2), form);
  }
  assert.equal(decodeText(bytes("Grüße"), "iso-8859-1"), "Grüße");
  assert.equal(decodeText(bytes("Grüße, Gr").subarray(0, 8), "utf-8"), "Grüße,");
});

test("the seven-bit charsets of East Asia are read by their shifts", () => {
  assert.equal(decodeText(bytes("~{Dc:C~} world"), "HZ-GB-2312"), "你好 world");
  assert.equal(decodeText(bytes("\u001b$)C\u000e>H3gGO<<?d\u000f hi"), "iso-2022-kr"), "안녕하세요 hi");
  for (const label of ["ISO-2022-JP", "iso-2022-jp-2", "us-ascii", null]) assert.equal(decodeText(bytes("\u001b$B$3$s$K$A$O!\"@$3&!#\u001b(B abc"), label), "こんにちは、世界。 abc");
});
