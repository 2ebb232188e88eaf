"""Writing with formatting: what is pasted, what is sent, and what is kept for the next message."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.crypto.conftest import gnupg

from . import attacks
from .conftest import Visit
from .visitor import SLOW, Visitor
from .whole_site import Site, demo

__all__ = ["gnupg"]

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

ALICES = "rotten gravel tinsel uncle sphinx"
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
PUBLISH = """async (bytes) => {
  const { put } = await import(document.querySelector('script[type=module]').src.replace(/elements\\/.*/, "elements/http.js"));
  await put("/keys/certificates/", Uint8Array.from(bytes));
}"""  # noqa: E501
FIND = """async (address) => {
  const { postJson } = await import(document.querySelector('script[type=module]').src.replace(/elements\\/.*/, "elements/http.js"));
  return (await postJson("/keys/recipients/", { addresses: [address] })).results[address].certificates[0].data;
}"""  # noqa: E501
PASTE = """([html, text, picture]) => {
  const data = new DataTransfer();
  if (html) data.setData("text/html", html);
  if (text) data.setData("text/plain", text);
  if (picture) data.items.add(new File([Uint8Array.from(picture)], "image.png", {type: "image/png"}));
  const event = new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true});
  return document.querySelector("[data-rich]").dispatchEvent(event);
}"""
#: What may stand in the editor.
OURS = re.compile(r"div|br|b|i|u|a|h2|ul|ol|li|blockquote|img", re.IGNORECASE)
LEFT = """() => [...document.querySelectorAll("[data-rich] *")].map((element) =>
  [element.localName, [...element.attributes].map(({name, value}) => [name, value])])"""


@pytest.fixture(scope="module")
def writing_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One of its own: Bob's certificate here is of gpg, which would surprise others."""
    site = demo(tmp_path_factory.mktemp("writing"))
    site.start()
    yield site
    site.stop()


@pytest.fixture
def alice(visit: Visit, writing_site: Site) -> Visitor:
    alice = visit(writing_site, "alice")
    alice.sign_in()
    alice.open_keys(ALICES)
    return alice


def settings(visitor: Visitor) -> Page:
    page = visitor.page
    page.goto(f"{visitor.site.url}/settings/writing/")
    names = page.locator("identity-list")
    expect(names.locator("button").first).to_be_visible()
    if names.get_by_role("button", name="Unlock").is_visible():
        names.get_by_role("button", name="Unlock").click()
        visitor.unlock(ALICES)
    expect(names.locator("[data-identity]").first).to_be_visible()
    return page


def write_rich(visitor: Visitor) -> Page:
    page = visitor.page
    visitor.open_mailbox()
    expect(page.locator("key-status button")).to_have_attribute("data-keys", "open")
    page.locator('a[data-key="c"]').click()
    expect(page.locator("message-composer")).to_be_visible()
    if not page.locator("[data-rich]").is_visible():
        page.locator("[data-format]").click()
    page.locator("[data-rich]").click()
    return page


def paste(page: Page, html: str = "", text: str = "", picture: bytes = b"") -> bool:
    """Whether the browser would have pasted by itself."""
    left_to_browser: bool = page.evaluate(PASTE, [html, text, list(picture) or None])
    return left_to_browser


def last_sent(visitor: Visitor) -> bytes:
    return visitor.site.mail.messages(visitor.name, "Sent")[-1]


def test_gpg_and_python_read_a_rich_message(
    alice: Visitor, visit: Visit, writing_site: Site, gnupg: Callable[..., Any], tmp_path: Path
) -> None:
    gpg = gnupg(tmp_path / "bob")
    bob = visit(writing_site, "bob")
    gpg("--quick-generate-key", f"Bob <{bob.address}>", "default", "default", "never")
    bob.sign_in()
    bob.page.evaluate(PUBLISH, list(gpg("--export", bob.address)))

    gpg("--import", data=base64.b64decode(bob.page.evaluate(FIND, alice.address)))

    page = write_rich(alice)
    keys = page.keyboard
    keys.type("Dear Bob, ")
    keys.press("Control+b")
    keys.type("come")
    keys.press("Control+b")
    keys.type(" on Sunday.")
    keys.press("Enter")
    keys.press("Control+Shift+Digit8")
    keys.type("the key")
    keys.press("Enter")
    keys.type("the pot")
    keys.press("Enter")
    keys.press("Enter")
    keys.type("See ")
    keys.press("Control+k")
    keys.type("postern.test/door")
    keys.press("Enter")
    keys.press("Enter")
    assert not paste(page, picture=PNG)
    expect(page.locator("[data-rich] img")).to_have_count(1)
    page.locator("#compose-to").fill(bob.address)
    keys.press("Enter")
    page.locator("#compose-subject").fill("The blue door")
    page.locator("[data-rich]").focus()
    expect(page.locator("send-button")).to_have_attribute("data-state", "send-encrypted", timeout=SLOW)
    keys.press("Control+Enter")
    expect(page.locator('[data-outbox="done"]')).to_be_visible(timeout=SLOW)
    expect(page.locator("message-composer h1")).to_have_text("Outbox")
    assert alice.trouble == []

    sent = BytesParser(policy=policy.default).parsebytes(writing_site.mail.messages("bob", "INBOX")[-1])
    armored = list(sent.iter_parts())[1].get_payload(decode=True)
    inner = BytesParser(policy=policy.default).parsebytes(gpg("--decrypt", data=armored))
    assert "GOODSIG" in gpg.said
    assert isinstance(inner, EmailMessage) and inner["Subject"] == "The blue door"
    assert inner.get_content_type() == "multipart/alternative"
    plain, related = inner.iter_parts()
    assert plain.get_content().replace("\r\n", "\n") == (
        "Dear Bob, come on Sunday.\n- the key\n- the pot\nSee postern.test/door\n[image.png]\n"
    )
    html, picture = related.iter_parts()
    assert picture.get_content() == PNG and picture.get_content_disposition() == "inline"
    cid = picture["Content-ID"].strip("<>")
    assert html.get_content().splitlines() == [
        "<!DOCTYPE html>",
        '<html><head><meta charset="utf-8"></head><body>',
        "<div>Dear Bob,&nbsp;<b>come</b>&nbsp;on Sunday.</div>",
        *("<ul>", "<li>the key</li>", "<li>the pot</li>", "</ul>"),
        '<div>See&nbsp;<a href="https://postern.test/door">postern.test/door</a></div>',
        f'<div><img src="cid:{cid}" alt="image.png" width="1"></div>',
        "</body></html>",
    ]


def test_no_paste_runs_loads_or_stays(alice: Visitor) -> None:
    page = write_rich(alice)
    page.locator("[data-rich]").focus()
    paste(page, "<p>first</p>")
    expect(page.locator("[data-rich]")).to_have_text("first")
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    hostile = [*attacks.ours(), *attacks.collected()]
    assert len(hostile) > 100
    alice.requests.clear()
    for attack in hostile:
        page.evaluate("document.querySelector('rich-text').begin([])")
        page.locator("[data-rich]").focus()
        assert not paste(page, attack.html.decode("utf-8", "replace") or "x", "x"), attack.name
        page.evaluate("new Promise((done) => setTimeout(done, 5))")
        for name, attributes in page.evaluate(LEFT):
            assert OURS.fullmatch(name), (attack.name, name)
            for attribute, value in attributes:
                allowed = {
                    "href": r"https?://.*|mailto:.*",
                    "src": r"blob:.*",
                    "alt": r"[^\n]*",
                    "data-picture": r"[\w-]+@postern",
                }
                allowed |= {"draggable": "false"}
                assert attribute in allowed and re.fullmatch(allowed[attribute], value, re.DOTALL), (
                    attack.name,
                    attribute,
                )
    page.wait_for_timeout(500)
    assert page.evaluate("[typeof window.ran, document.querySelector('dialog[open]:not(key-unlock *)')]") == [
        "undefined",
        None,
    ]
    assert dialogs == [] and alice.trouble == []
    # The page saves a draft of it meanwhile, and that is all it does.
    own = tuple(f"{alice.site.url}{path}" for path in ("/static/", "/drafts/"))
    assert [url for url in alice.requests if not url.startswith(("blob:", *own))] == []
    assert page.url.startswith(alice.site.url)


def test_what_is_written_can_be_undone_and_made_plain(alice: Visitor) -> None:
    page = write_rich(alice)
    keys, editor = page.keyboard, page.locator("[data-rich]")
    keys.type("one")
    paste(page, "<h1>Head</h1><p>para <i>slanted</i></p>")
    expect(editor).to_have_text("oneHeadpara slanted")
    keys.press("Control+z")
    expect(editor).to_have_text("one")
    keys.press("Control+y")
    expect(editor).to_have_text("oneHeadpara slanted")
    # Copied and pasted inside, it is the same again.
    keys.press("Control+a")
    copied = page.evaluate("""() => { const data = new DataTransfer();
      document.querySelector("[data-rich]").dispatchEvent(new ClipboardEvent("copy", {clipboardData: data, bubbles: true, cancelable: true}));
      return [data.getData("text/html"), data.getData("text/plain")]; }""")  # noqa: E501
    assert "style" not in copied[0] and "<i>slanted</i>" in copied[0] and copied[1].startswith("one")

    page.locator("[data-format]").click()
    question = page.locator('[data-question="plain"]')
    expect(question).to_contain_text("Heading")
    expect(question).to_contain_text("Italic")
    expect(question).not_to_contain_text("Bold")
    question.get_by_role("button", name="Make it plain").click()
    text = page.locator("textarea[data-text]")
    expect(text).to_be_visible()
    assert text.input_value().split() == ["one", "Head", "para", "slanted"]
    # Nothing would be lost now, so nobody is asked.
    page.locator("[data-format]").click()
    expect(editor).to_be_visible()
    page.locator("[data-format]").click()
    expect(text).to_be_visible()
    expect(question).to_have_count(0)


def test_a_forgotten_file_is_asked_after_once(alice: Visitor) -> None:
    alice.open_mailbox()
    alice.write([alice.address], "Plans", "The sketch is attached.")
    page = alice.page
    button = page.locator("send-button button")
    expect(page.locator("send-button")).to_have_attribute("data-state", "send-encrypted", timeout=SLOW)
    page.locator("textarea[data-text]").press("Control+Enter")
    question = page.locator('[data-question="forgot-file"]')
    expect(question).to_be_visible()
    expect(question.get_by_role("button").first).to_be_focused()
    question.get_by_role("button", name="Keep writing").click()
    expect(page.locator("textarea[data-text]")).to_be_focused()
    button.click()
    expect(page.locator('[data-outbox="done"]')).to_be_visible(timeout=SLOW)


def test_names_signatures_and_templates_are_kept(alice: Visitor) -> None:
    page = settings(alice)
    names = page.locator("identity-list")
    names.locator('[data-identity="own"]').get_by_role("button", name="Change").click()
    page.get_by_label("Signature").fill("Alice\nAt home")
    names.get_by_role("button", name="Save").click()
    expect(names.locator('[data-identity="own"]')).to_contain_text("At home")
    names.get_by_role("button", name="Add a name").click()
    page.get_by_label("Name that others see").fill("The Slow Press")
    page.get_by_label("Signature").fill("Printed slowly")
    page.get_by_label("Answers go to").fill("nowhere")
    names.get_by_role("button", name="Save").click()
    expect(names).to_contain_text("not a complete address")
    page.get_by_label("Answers go to").fill("press@example.test")
    names.get_by_role("button", name="Save").click()
    expect(names).to_contain_text("answers to press@example.test")

    alice.open_mailbox()
    page.locator('a[data-key="c"]').click()
    text = page.locator("textarea[data-text]")
    expect(text).to_have_value("\n\n-- \nAlice\nAt home\n")
    page.keyboard.type(alice.address)
    page.keyboard.press("Enter")
    text.press("Control+Home")
    page.keyboard.type("Thank you for your letter.")
    page.locator("select[data-identity]").select_option(index=1)
    expect(text).to_have_value("Thank you for your letter.\n\n-- \nPrinted slowly\n")

    page.locator("[data-slot=templates] summary").click()
    page.get_by_role("button", name="Keep this text as a template").click()
    page.locator("#template-name").fill("Thanks")
    page.keyboard.press("Enter")
    expect(page.locator("message-composer")).to_contain_text("Kept as Thanks.")
    text.press("Control+End")
    page.locator("[data-slot=templates] summary").click()
    page.get_by_role("button", name="Thanks").click()
    expect(text).to_have_value("Thank you for your letter.\n\n-- \nPrinted slowly\nThank you for your letter.")
    page.locator("#compose-subject").fill("Thanks")
    alice.send("send-encrypted")
    alice.open_mailbox()
    alice.open_message()
    expect(page.locator("mail-message")).to_contain_text("The Slow Press", timeout=SLOW)

    # The server keeps them sealed, and they go when they are deleted.
    assert b"Printed slowly" not in alice.site.database.read_bytes()
    settings(alice)
    kept = page.locator("template-list")
    kept.get_by_role("button", name="Delete Thanks").click()
    kept.get_by_role("button", name="Delete", exact=True).click()
    expect(kept).to_contain_text("No templates yet")
    page.locator("writing-format").get_by_label("Text with formatting").check()
    expect(page.locator("writing-format")).to_contain_text("Saved.")
    alice.open_mailbox()
    page.locator('a[data-key="c"]').click()
    expect(page.locator("[data-rich]")).to_be_visible()
    expect(page.locator("[data-rich]")).to_contain_text("At home")
    assert alice.trouble == []


def test_a_draft_comes_back_with_its_looks_and_pictures(alice: Visitor) -> None:
    page = write_rich(alice)
    keys, editor = page.keyboard, page.locator("[data-rich]")
    page.locator("#compose-subject").fill("Half written")
    editor.focus()
    keys.press("Control+Home")
    keys.press("Control+b")
    keys.type("Bold")
    keys.press("Control+b")
    keys.press("Enter")
    keys.press("Control+Shift+Digit7")
    keys.type("first  of  all")
    keys.press("Enter")
    keys.press("Enter")
    # The text of a link is the person's own, and nothing is added to it however often the draft is opened.
    paste(page, html='<a href="https://shop.example/x">bank.example</a>')
    expect(editor.locator("a")).to_have_text("bank.example")
    paste(page, picture=PNG)
    expect(editor.locator("img")).to_have_count(1)
    expect(page.locator("message-composer")).to_contain_text("Draft saved", timeout=SLOW)
    before = page.locator("textarea[data-text]").input_value()
    assert before.startswith("Bold\n1. first  of  all\nbank.example <https://shop.example/x>[image.png]")
    alice.open_mailbox("Drafts")
    page.locator(".row").first.locator(".row-link").click()
    expect(editor.locator("img")).to_have_count(1, timeout=SLOW)
    expect(editor.locator("b").first).to_have_text("Bold")
    expect(editor.locator("ol li")).to_have_text("first  of  all")
    expect(editor.locator("a")).to_have_text("bank.example")
    assert page.locator("textarea[data-text]").input_value() == before
    assert page.evaluate("document.querySelector('[data-rich] img').decode().then(() => true)")
    assert alice.trouble == []


def test_an_answer_in_rich_text_quotes_and_can_leave_out(alice: Visitor) -> None:
    alice.open_mailbox()
    alice.open_message("The Slow Press")
    page = alice.page
    page.locator('[data-answer="reply"]').first.click()
    text = page.locator("textarea[data-text]")
    expect(page.locator("message-composer")).to_be_visible(timeout=SLOW)
    if text.is_visible():
        page.locator("[data-format]").click()
    expect(page.locator("[data-rich] blockquote")).to_have_count(1)
    plain = text.input_value()
    page.locator("[data-rich]").focus()
    page.keyboard.press("Control+Home")
    page.keyboard.type("Yes.")
    assert text.input_value().split("\n")[0] == "Yes."
    assert text.input_value().replace("Yes.", "").split() == plain.split()
