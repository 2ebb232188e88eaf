/** Look-alikes of people one knows are told, and nobody else's address is. */
import assert from "node:assert/strict";
import test from "node:test";
import { lookalikeOf } from "../../static/crypto/lookalike.js";
import { readableDomain } from "../../static/crypto/punycode.js";
import confusables from "../../static/vendor/confusables.js";

const known = (/** @type {string} */ address, more = {}) => ({ address, since: 1_700_000_000, verified: false, ...more });
const PEOPLE = ["alice@example.test", "bob.miller@example.test", "service@paypal.example", "accounts@icloud.example", "rosa@wallpaper.example", "mona@zoom.example", "kim@modern.example", "info@bücher.example"].map((one) => known(one));
const OWN = ["charlie@company.example"];
const asked = (/** @type {string} */ address, correspondents = PEOPLE) => lookalikeOf(address, { correspondents, own: OWN });
const ascii = (/** @type {string} */ domain) => new URL(`http://${domain}`).hostname;

/** Cyrillic, Greek, Armenian, digits, two letters for one, capitals. @type {[string, string][]} */
const LETTERS = [["a", "а"], ["a", "α"], ["c", "с"], ["e", "е"], ["i", "і"], ["i", "ı"], ["j", "ј"], ["o", "о"], ["o", "ο"], ["o", "օ"], ["o", "0"], ["p", "р"], ["s", "ѕ"], ["x", "х"], ["y", "у"], ["l", "1"], ["l", "I"], ["l", "ӏ"], ["m", "rn"], ["rn", "m"], ["n", "ո"], ["v", "ν"], ["d", "ԁ"], ["h", "һ"], ["u", "υ"]];

function doubles() {
  const made = new Set();
  for (const { address } of PEOPLE) {
    for (const [letter, other] of LETTERS) {
      const at = address.indexOf("@");
      for (const [from, to] of [[0, at], [at + 1, address.lastIndexOf(".")]]) {
        const found = address.indexOf(letter, from);
        if (found >= 0 && found < to) made.add([address, address.slice(0, found) + other + address.slice(found + letter.length)].join(" "));
      }
    }
  }
  return [...made].map((pair) => pair.split(" "));
}

test("every double of a correspondent is told, in both spellings of its domain", async () => {
  const all = doubles();
  assert.ok(all.length >= 40, String(all.length));
  for (const [address, double] of all) {
    assert.equal(await asked(double), address, double);
    const at = double.indexOf("@");
    // In capitals and digits a domain has one spelling; a name there cannot have a capital I.
    if (/[^\x00-\x7f]/.test(double.slice(at))) assert.equal(await asked(double.slice(0, at + 1) + ascii(double.slice(at + 1))), address, double);
  }
});

test("two hundred internationalised addresses of strangers are told of nobody", async () => {
  const names = ["info", "kontakt", "post", "mail", "müller", "josé", "пётр", "ελένη", "山田", "شركة"];
  const domains = ["bücher.example.org", "müller.example.net", "straße.example", "président.example", "niño.example", "łódź.example", "smørrebrød.example", "почта.рф", "пример.испытание", "яндекс.рф", "παράδειγμα.δοκιμή", "例え.テスト", "例子.测试", "उदाहरण.परीक्षा", "مثال.إختبار", "דוגמה.טעסט", "실례.테스트", "எடுத்துக்காட்டு.பரிட்சை", "đà-nẵng.example", "çiçek.example"];
  const strangers = names.flatMap((name) => domains.map((domain) => `${name}@${domain}`));
  assert.equal(strangers.length, 200);
  for (const stranger of strangers) {
    assert.equal(await asked(stranger), null, stranger);
    const [name, domain] = stranger.split("@");
    assert.equal(await asked(`${name}@${ascii(domain)}`), null, stranger);
  }
});

test("correspondents themselves are no doubles, however their domain is spelt", async () => {
  for (const { address } of PEOPLE) assert.equal(await asked(address), null, address);
  assert.equal(await asked(`info@${ascii("bücher.example")}`), null);
  assert.equal(await asked("Alice@Example.Test"), null);
});

test("the own address and the own domain count, too", async () => {
  assert.equal(await asked("char1ie@company.example"), "charlie@company.example");
  assert.equal(await asked("boss@cornpany.example"), "company.example");
  assert.equal(await asked(`boss@${ascii("соmpany.example")}`), "company.example");
  assert.equal(await asked("boss@company.example"), null);
  assert.equal(await asked("charlie@company.example"), null);
});

test("of two who look alike the one known first is the person", async () => {
  const pair = (/** @type {object} */ double) => [known("paul@example.test"), known("pau1@example.test", { since: 1_700_000_500, ...double })];
  assert.equal(await asked("pau1@example.test", pair({})), "paul@example.test");
  assert.equal(await asked("paul@example.test", pair({})), null);
  assert.equal(await asked("pau1@example.test", pair({ verified: true })), null, "compared in person");
  assert.equal(await asked("paul@example.test", pair({ verified: true })), "pau1@example.test");
});

test("Unicode's table is the one we think it is", () => {
  assert.ok(Object.keys(confusables).length > 6000);
  assert.deepEqual([confusables["а"], confusables["m"], confusables["1"], confusables["0"]], ["a", "rn", "l", "O"]);
});

test("Punycode is undone, and what is none stays", () => {
  for (const domain of ["bücher.example", "例え.テスト", "почта.рф", "実例.com", "ไทย.example", "a-ü-b.example"]) assert.equal(readableDomain(ascii(domain)), domain);
  for (const domain of ["example.test", "xn--.example", "xn--a_b.example", "xn--99999999999999.example", "xn--ü.example", ""]) assert.equal(typeof readableDomain(domain), "string");
  assert.equal(readableDomain("xn--99999999999999.example"), "xn--99999999999999.example");
});
