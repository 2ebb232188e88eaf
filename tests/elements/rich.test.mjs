/** The rich text of the composer: what is read from elements, and the text and HTML that are written from it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { speaksOfFile } from "../../static/elements/attachment-words.js";
import { toHtml, within } from "../../static/elements/rich-html.js";
import { read } from "../../static/elements/rich-read.js";
import { fromText, looks, pictures, replaced, target, toText } from "../../static/elements/rich-tree.js";
import { signed, withSignature } from "../../static/elements/signature.js";

/** As much of a DOM as is read. @param {string} name @param {Record<string, any>} attributes @param {...any} children @returns {any} */
const e = (name, attributes = {}, ...children) => ({
  nodeType: 1, nodeName: name.toUpperCase(), style: attributes.style ?? {}, getAttribute: (/** @type {string} */ key) => attributes[key] ?? null,
  childNodes: children.map((child) => (typeof child === "string" ? { nodeType: 3, nodeName: "#text", nodeValue: child } : child)),
});
const pictureOf = (/** @type {any} */ image) => (image.getAttribute("data-picture") ? { picture: image.getAttribute("data-picture"), alt: image.getAttribute("alt") } : null);
const written = (/** @type {any[]} */ ...children) => read(e("div", {}, ...children), { pictureOf });
const pasted = (/** @type {any[]} */ ...children) => read(e("div", {}, ...children), { pictureOf, pasted: true });

test("lines of the editor are lines of the text", () => {
  const blocks = written("first", e("div", {}, "second  wide"), e("div", {}, e("br")), e("div", {}, "third", e("br")), e("div", {}, "a", e("br"), "b"));
  assert.equal(toText(blocks), "first\nsecond  wide\n\nthird\na\nb");
});

test("lists, links and quotations read as text", () => {
  const blocks = written(
    e("ul", {}, e("li", {}, "one"), e("li", {}, "two", e("ol", {}, e("li", {}, "in"), e("li", {}, "side"))), e("ul", {}, e("li", {}, "beside"))),
    e("div", {}, "See ", e("a", { href: "https://postern.test/a" }, e("b", {}, "the"), " page"), " or ", e("a", { href: "https://postern.test/" }, "postern.test"), "."),
    e("blockquote", {}, e("div", {}, "said"), e("blockquote", {}, e("div", {}, "before"))));
  assert.equal(toText(blocks), "- one\n- two\n  1. in\n  2. side\n  - beside\nSee the page <https://postern.test/a> or postern.test.\n> said\n>> before");
});

test("text becomes lines and quotations, and the same text again", () => {
  for (const text of ["", "a\n\nb", "On Friday, Bob wrote:\n> one\n>\n>> two\n> three\n\nend", "  indented\n- not a list\n-- \nBob"]) {
    assert.equal(toText(fromText(text)), text);
  }
  assert.equal(toText(fromText(">close")), "> close");
});

test("the HTML has our elements and nothing of theirs", () => {
  const html = toHtml(written(
    e("h1", {}, "Head"), e("div", { class: "site", onclick: "x()" }, "a < b & ", e("b", {}, e("i", {}, e("u", {}, "all"))), e("span", { style: { fontWeight: "700" } }, "!")),
    e("div", {}, e("img", { src: "blob:x", "data-picture": "p@postern", alt: 'a "door"' })), e("div", {}, e("br")), e("ol", {}, e("li", {}, "x"))), new Map([["p@postern", { width: 2000 }]]));
  assert.equal(html, `<!DOCTYPE html>
<html><head><meta charset="utf-8"></head><body>
<h2>Head</h2>
<div>a &#60; b &#38;&nbsp;<b><i><u>all</u></i></b><b>!</b></div>
<div><img src="cid:p@postern" alt="a &#34;door&#34;" width="640"></div>
<div><br></div>
<ol>
<li>x</li>
</ol>
</body></html>
`);
});

test("a link leads to the web or to a letter, nowhere else", () => {
  for (const href of ["javascript:alert(1)", " data:text/html,x", "vbscript:x", "//postern.test", "/compose/", "java\nscript:x", "blob:https://postern.test/1", "http://"]) {
    assert.equal(target(href), null, href);
    assert.equal(within(written(e("div", {}, e("a", { href }, "x")))), "<div>x</div>");
  }
  assert.equal(target("HTTPS://Postern.test"), "https://postern.test/");
  assert.equal(within([{ kind: "line", runs: [{ text: "x", link: "javascript:alert(1)" }] }]), "<div>x</div>", "also from a tree that was kept");
  assert.equal(within(written(e("a", { href: 'https://postern.test/"><script>' }, "x"))), '<div><a href="https://postern.test/%22%3E%3Cscript%3E">x</a></div>');
});

test("what is pasted keeps its words and order, not its white space or looks beyond ours", () => {
  const blocks = pasted(
    "\n  ", e("p", {}, "One\n   two ", e("font", { color: "red" }, "red"), " ", e("span", { style: { fontStyle: "italic" } }, "slanted")), "\n", e("p", {}, "Three"),
    e("b", { style: { fontWeight: "normal" } }, e("p", {}, "not bold")), e("pre", {}, "  x\n y"),
    e("table", {}, e("tbody", {}, e("tr", {}, e("td", {}, "a"), e("td", {}, e("p", {}, "b"), e("p", {}, "c"))), e("tr", {}, e("td", {}, "d"), e("td", {}, "e")))),
    e("script", {}), e("img", { src: "https://elsewhere.example/x.png", alt: "a view" }));
  assert.equal(toText(blocks), "One two red slanted\n\nThree\n\nnot bold\n\n  x\n y\n\na\tb c\nd\te\n\na view");
  assert.deepEqual(looks(blocks), ["italic"]);
});

test("only what a plain text cannot show counts as lost", () => {
  assert.deepEqual(looks(written(e("ul", {}, e("li", {}, e("a", { href: "https://x.test/" }, "x"))), e("blockquote", {}, "y"))), []);
  const all = written(e("h2", {}, "h"), e("li", {}, e("b", {}, "b"), e("em", {}, "i"), e("u", {}, "u")), e("blockquote", {}, e("img", { "data-picture": "p@x", alt: "" })));
  assert.deepEqual(looks(all), ["bold", "italic", "underline", "heading", "picture"]);
  assert.deepEqual([...pictures(all)], ["p@x"]);
});

test("a passage is exchanged where it stands, and only there", () => {
  const quote = "On Friday, Bob wrote:\n> one\n>\n> two";
  const blocks = fromText(`mine\n\n-- \nAlice\nPress\n\n${quote}\n`);
  assert.equal(toText(replaced(blocks, signed("Alice\nPress"), fromText(signed("Bob"))) ?? []), `mine\n\n-- \nBob\n\n${quote}\n`);
  assert.equal(toText(replaced(blocks, quote, []) ?? []).trimEnd(), "mine\n\n-- \nAlice\nPress");
  assert.equal(replaced(blocks, "-- \nAlice", [])?.length, blocks.length - 2);
  assert.equal(replaced(blocks, "-- \nCharlie", []), null);
  assert.equal(replaced(blocks, "", []), null);
});

test("the signature stands above what is quoted", () => {
  const quote = "\n\nOn Friday, Bob wrote:\n> one\n";
  assert.equal(withSignature(quote, quote, "Alice\n"), "\n\n-- \nAlice\n\nOn Friday, Bob wrote:\n> one\n");
  assert.equal(withSignature("", "", "Alice"), "\n\n-- \nAlice\n");
  assert.equal(withSignature("Hi", "", " \n"), "Hi");
});

test("a promised file is noticed in the new text alone", () => {
  for (const text of ["I attached it.", "See the attachment", "anbei die Skizze", "Im Anhang findest du sie", "hänge ich an", "请查收附件", "Invoice enclosed."]) assert.ok(speaksOfFile(text), text);
  for (const text of ["No file here.", "Die Anlage im Park", "I am detached", "> see the attachment", "附近有什么", "-- \nBitte Anhang beachten"]) assert.ok(!speaksOfFile(text), text);
  assert.ok(!speaksOfFile("Hi\n-------- Forwarded\nsee attachment", ["-------- Forwarded\nsee attachment"]));
});

test("our own HTML becomes the same text again", () => {
  // As much of a parser as our HTML needs.
  const parsed = (/** @type {string} */ html) => {
    const root = e("body");
    const stack = [root];
    for (const [, close, name, rest, text] of html.matchAll(/<(\/?)(\w+)([^>]*)>|([^<]+)/gu)) {
      const top = stack.at(-1);
      if (text !== undefined) top.childNodes.push({ nodeType: 3, nodeName: "#text", nodeValue: text.replaceAll("&nbsp;", "\u00a0").replace(/&#(\d+);/gu, (_, code) => String.fromCodePoint(Number(code))) });
      else if (close) stack.pop();
      else {
        const made = e(name, Object.fromEntries([...rest.matchAll(/([\w-]+)="([^"]*)"/gu)].map(([, key, value]) => [key, value])));
        top.childNodes.push(made);
        if (name !== "br" && name !== "img") stack.push(made);
      }
    }
    return root;
  };
  /** @type {import("../../static/elements/rich-tree.js").Block[]} */
  const blocks = [
    { kind: "heading", runs: [{ text: "Head" }] }, { kind: "line", runs: [] },
    { kind: "line", runs: [{ text: "  two  spaces " }, { text: "bold ", bold: true }, { text: "link", link: "https://postern.test/" }, { text: " <&> end " }] },
    { kind: "list", ordered: false, items: [[{ kind: "line", runs: [{ text: "one" }] }, { kind: "list", ordered: true, items: [[{ kind: "line", runs: [{ text: "in" }] }]] }], [{ kind: "line", runs: [] }]] },
    { kind: "quote", blocks: [{ kind: "line", runs: [{ text: "said" }] }, { kind: "line", runs: [] }, { kind: "quote", blocks: [{ kind: "line", runs: [{ text: "before" }] }] }] },
    { kind: "line", runs: [] },
  ];
  const again = read(parsed(within(blocks)), { pictureOf, pasted: true, ours: true });
  assert.deepEqual(again, blocks);
});
