import assert from "node:assert/strict";
import { test } from "node:test";

import { words } from "../../static/elements/html-words.js";
import { worked } from "../processor.mjs";

test("markup goes, words stay, lines stay lines", () => {
  const html = "<style>p{}</style><h1>Hello&nbsp;Bob</h1><p>one &lt;two&gt; &#8222;three&#x201C;<br>four</p><!-- five --><script>six()</script>";
  assert.equal(words(html, 1000), "Hello Bob\none <two> „three“\nfour");
});

test("what is no tag stays as it is", () => {
  assert.equal(words("1 < 2 & 3 > 2 <3 &unknown; &#0; &#xd800;", 1000), "1 < 2 & 3 > 2 <3 &unknown; &#0; &#xd800;");
});

test("a bomb takes no time and what is behind the limit is not looked at", () => {
  const began = worked();
  assert.equal(words(`${"<div>".repeat(500_000)}the end`, 1000), "the end");
  assert.equal(words("<".repeat(3_000_000), 100).length, 100);
  assert.equal(words("&".repeat(2_000_000), 1e7).length, 2_000_000);
  assert.equal(words(`<a title="${">".repeat(2_000_000)}`, 1000), "");
  assert.ok(worked() - began < 3000);
});
