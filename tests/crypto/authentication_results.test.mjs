/** What the own mail server claims, and what somebody else writes in its name. */
import assert from "node:assert/strict";
import test from "node:test";
import { claimsOf } from "../../static/crypto/authentication-results.js";
import { parseFields } from "../../static/crypto/header-fields.js";
import { open } from "../../static/crypto/message.js";

const bytes = (/** @type {string} */ text) => new TextEncoder().encode(text);
const claims = (/** @type {string[]} */ ...lines) => claimsOf(parseFields(bytes(`${lines.join("\r\n")}\r\n\r\n`)), "mx.example.test")?.results ?? null;
const BORDER = "Received: from sender.example.net (sender.example.net [192.0.2.1]) by mx.example.test (Postfix) with ESMTPS id 1; Thu, 1 Jan 2026 00:00:00 +0000";
const GOOD = "Authentication-Results: mx.example.test; spf=pass smtp.mailfrom=bob@example.org; dkim=pass (2048-bit key) header.d=example.org header.s=s1; dmarc=pass header.from=example.org";
const SAID = ["spf=pass (example.org)", "dkim=pass (example.org)", "dmarc=pass (example.org)"];

test("the own server's topmost fields are shown", () => {
  assert.deepEqual(claims(GOOD, BORDER), SAID);
  assert.deepEqual(claims(BORDER, GOOD, "Received: from x by sender.example.net; date"), SAID);
  assert.deepEqual(claims("Return-Path: <bob@example.org>", "Received: from mx.example.test by imap.example.test with LMTP; date", BORDER, GOOD), SAID);
  assert.deepEqual(claims("AUTHENTICATION-RESULTS: \"MX.example.test\" 1;\r\n\tspf = softfail smtp.mailfrom=example.org", BORDER), ["spf=softfail (example.org)"]);
  assert.deepEqual(claims("Authentication-Results: mx.example.test; dkim=none", "Authentication-Results: mx.example.test; dmarc=fail (p=none) header.from=example.org", BORDER), ["dkim=none", "dmarc=fail (example.org)"]);
});

const FORGED = "Authentication-Results: mx.example.test; spf=pass; dkim=pass header.d=paypal.example; dmarc=pass";
/** @type {[string, string[]][]} */
const SPOOFS = [
  ["another server's", [GOOD.replace("mx.example.test", "mx.example.net"), BORDER]],
  ["a name that begins like ours", [GOOD.replace("mx.example.test", "mx.example.test.evil.example"), BORDER]],
  ["a name that ends like ours", [GOOD.replace("mx.example.test", "evil-mx.example.test"), BORDER]],
  ["our name in a comment", [GOOD.replace("mx.example.test", "evil.example (mx.example.test)"), BORDER]],
  ["our name behind another", [GOOD.replace("mx.example.test", "evil.example mx.example.test"), BORDER]],
  ["below a foreign hop", [BORDER, "Received: from a by sender.example.net; date", FORGED]],
  ["below a foreign hop that says by whom twice", [BORDER, "Received: from by mx.example.test by sender.example.net; date", FORGED]],
  ["below a foreign hop that names us in a comment", [BORDER, "Received: from a by sender.example.net (by mx.example.test); date", FORGED]],
  ["below a hop with a name like ours", [BORDER, "Received: from a by evilmx.example.test; date", FORGED]],
  ["a quote that never ends", ['Authentication-Results: mx.example.test; spf=pass reason="', BORDER]],
  ["a comment that never ends", ["Authentication-Results: mx.example.test; spf=pass (", BORDER]],
  ["another version", ["Authentication-Results: mx.example.test 2; spf=pass", BORDER]],
  ["a method nobody knows", ["Authentication-Results: mx.example.test; trust=pass; __proto__=pass; constructor=pass", BORDER]],
  ["no result", ["Authentication-Results: mx.example.test; none", BORDER]],
  ["another field", ["X-Authentication-Results: mx.example.test; spf=pass", "ARC-Authentication-Results: i=1; mx.example.test; spf=pass", BORDER]],
];
for (const [name, lines] of SPOOFS) {
  test(`shown to nobody: ${name}`, () => assert.equal(claims(...lines), null));
}

test("a forged field never changes what the own server said", () => {
  const honest = "Authentication-Results: mx.example.test; spf=fail smtp.mailfrom=evil.example; dkim=none; dmarc=fail header.from=paypal.example";
  assert.deepEqual(claims(honest, BORDER, FORGED), ["spf=fail (evil.example)", "dkim=none", "dmarc=fail (paypal.example)"]);
  assert.deepEqual(claims(honest, "Subject: x", FORGED), ["spf=fail (evil.example)", "dkim=none", "dmarc=fail (paypal.example)"]);
  assert.deepEqual(claims(honest, FORGED)?.filter((one) => /^(?:spf|dmarc)/.test(one)), ["spf=fail (evil.example)", "dmarc=fail (paypal.example)"]);
});

test("what stands in quotes ends nothing, and what is no domain is left out", () => {
  assert.deepEqual(claims('Authentication-Results: mx.example.test; spf=fail reason="a; dkim=pass header.d=x" smtp.mailfrom="<b>@x y"', BORDER), ["spf=fail"]);
  const many = Array.from({ length: 50 }, (_, at) => `dkim=pass header.d=d${at}.example`).join("; ");
  assert.equal(claims(`Authentication-Results: mx.example.test; ${many}`, BORDER)?.length, 10);
});

test("nobody configured a server: nothing is shown; and nothing of it moves the line", async () => {
  assert.equal(claimsOf(parseFields(bytes(`${GOOD}\r\n\r\n`)), ""), null);
  const raw = bytes(`${GOOD}\r\n${BORDER}\r\nFrom: bob@example.org\r\nSubject: x\r\n\r\ntext\r\n`);
  const by = { keys: null, certificates: null, pinOf: () => null };
  const without = await open(raw, by);
  const configured = await open(raw, { ...by, authserv: "mx.example.test" });
  assert.equal(without.claimed, null);
  assert.deepEqual(configured.claimed, { authserv: "mx.example.test", results: SAID });
  assert.deepEqual(configured.judged, without.judged);
});
