"""Pictures from elsewhere: nothing before the click, then through our server, and never for what was decrypted."""

from __future__ import annotations

import sqlite3
from typing import Any

import pytest
from playwright.sync_api import Page, Request, expect

from . import attacks
from .attacks import Attack, head
from .cage import open_one
from .canary import Canary
from .elsewhere import HOST, Elsewhere
from .test_hostile_html import sealer
from .under_attack import quiet
from .visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

LETTER = Attack(
    "pictures",
    (
        f'<p>Look: <img src="http://{HOST}/door.png" alt="a door" width="40" height="30">'
        f'<img src="http://{HOST}/door.png#again" alt="the same"> <img src="//{HOST}/tls.png" alt="over TLS">'
        f'<img src="http://{HOST}/drawing.svg" alt="a drawing"> <img src="http://{HOST}/missing.png" alt="missing"></p>'
        f'<p style="background-image: url(http://{HOST}/style.png)">and <a href="http://{HOST}/link">a link</a></p>'
    ).encode(),
)
NOTICE = "[data-slot=notices] [data-notice]"


@pytest.fixture
def watched(elsewhere: Elsewhere, listener: Canary) -> Elsewhere:
    elsewhere.heard.clear()
    listener.forget()
    return elsewhere


def asked(page: Page) -> list[Request]:
    """Requests from now on for anything but our own pages and files."""
    found: list[Request] = []
    page.on("request", lambda request: found.append(request) if "/picture/" in request.url else None)
    return found


def shown(page: Page) -> list[dict[str, Any]]:
    frame = page.frame_locator("[data-slot=letter] iframe")
    return frame.locator("img").evaluate_all(
        "all => all.map(({ src, alt, naturalWidth, width }) => ({ src: src.slice(0, 5), alt, naturalWidth, width }))"
    )


def test_pictures_wait_for_a_click_and_come_through_our_server(
    victim: Visitor, watched: Elsewhere, listener: Canary
) -> None:
    page = open_one(victim, head(victim.address, "Pictures") + attacks.body(LETTER))
    expect(page.locator(NOTICE)).to_have_attribute("data-notice", "pictures")
    assert shown(page) == []
    assert quiet(listener) == [] and watched.heard == []
    requests = asked(page)
    page.get_by_role("button", name="Show pictures").click()
    expect(page.locator(NOTICE)).to_have_attribute("data-notice", "pictures-missing")
    assert shown(page) == [
        {"src": "blob:", "alt": "a door", "naturalWidth": 40, "width": 40},
        {"src": "blob:", "alt": "the same", "naturalWidth": 40, "width": 40},
    ]
    # What is left: the one that the server has not, the drawing that is no raster picture, and the one that wants TLS.
    expect(page.locator(NOTICE)).to_contain_text("3 pictures could not be loaded.")
    assert watched.paths == ["/door.png", "/drawing.svg", "/missing.png"]
    for _, headers in watched.heard:
        assert set(headers) == {"host", "user-agent", "accept", "accept-encoding"}
        assert headers["user-agent"] == "Postern"
    assert {request.method for request in requests} == {"POST"}
    assert not any(HOST in request.url for request in requests), "the address is no part of ours"
    assert quiet(listener) == [], "the browser itself called nobody"
    expect(page.frame_locator("[data-slot=letter] iframe").locator("body")).to_contain_text("over TLS")


def test_they_are_gone_with_the_message(victim: Visitor, watched: Elsewhere) -> None:
    page = open_one(victim, head(victim.address, "Pictures again") + attacks.body(LETTER))
    page.get_by_role("button", name="Show pictures").click()
    expect(page.locator(NOTICE)).to_have_attribute("data-notice", "pictures-missing")
    source = page.frame_locator("[data-slot=letter] iframe").locator("img").first.get_attribute("src")
    page.reload()
    expect(page.locator(NOTICE)).to_have_attribute("data-notice", "pictures")
    gone = "source => fetch(source).then(() => 'still there', () => 'gone')"
    assert page.evaluate(gone, source) == "gone"


def test_never_for_what_was_decrypted(victim: Visitor, watched: Elsewhere, listener: Canary) -> None:
    page = open_one(victim, attacks.encrypted(victim.address, sealer(victim)(attacks.body(LETTER))))
    expect(page.locator(NOTICE)).to_have_attribute("data-notice", "pictures-never")
    expect(page.get_by_role("button", name="Show pictures")).to_have_count(0)
    assert shown(page) == []
    assert quiet(listener) == [] and watched.heard == []


def test_a_sender_chosen_once_is_not_asked_about_again(victim: Visitor, watched: Elsewhere) -> None:
    page = open_one(victim, head(victim.address, "Chosen") + attacks.body(LETTER))
    page.get_by_role("button", name="Always from mallory@example.test").click()
    expect(page.locator(NOTICE)).to_have_attribute("data-notice", "pictures-missing")
    page = open_one(victim, head(victim.address, "Chosen before") + attacks.body(LETTER))
    expect(page.locator(NOTICE)).to_have_attribute("data-notice", "pictures-missing")
    assert len(shown(page)) == 2
    watched.heard.clear()
    page = open_one(victim, head(victim.address, "Another").replace(b"mallory@", b"mallory2@") + attacks.body(LETTER))
    expect(page.locator(NOTICE)).to_have_attribute("data-notice", "pictures")
    page = open_one(victim, attacks.encrypted(victim.address, sealer(victim)(attacks.body(LETTER))))
    expect(page.locator(NOTICE)).to_have_attribute("data-notice", "pictures-never")
    assert watched.heard == []
    with sqlite3.connect(victim.site.database) as database:
        (sealed,) = database.execute("SELECT sealed FROM keys_staterecord WHERE kind = 'pictures'").fetchone()
    assert b"mallory" not in sealed
    page.goto(f"{victim.site.url}/settings/")
    row = page.locator("picture-senders li")
    expect(row).to_contain_text("mallory@example.test")
    row.get_by_role("button", name="Ask again").click()
    expect(page.locator("picture-senders")).to_contain_text("Nobody yet.")
    page = open_one(victim, head(victim.address, "Asked again") + attacks.body(LETTER))
    expect(page.locator(NOTICE)).to_have_attribute("data-notice", "pictures")


def test_no_button_where_the_sender_may_be_another(victim: Visitor, watched: Elsewhere) -> None:
    forged = head(victim.address, "Account").replace(b"Mallory <", b'"service@bank.example" <')
    page = open_one(victim, forged + attacks.body(LETTER))
    expect(victim.line).to_have_attribute("data-notes", "note-name-address")
    expect(page.locator(NOTICE)).to_have_attribute("data-notice", "pictures")
    expect(page.get_by_role("button", name="Show pictures")).to_have_count(0)


def test_what_else_loads_does_not_come_along(victim: Visitor, watched: Elsewhere, listener: Canary) -> None:
    """HTTPLeaks with pictures on (A2): pictures alone, asked for by our server."""
    leaks = [one for one in attacks.collected() if one.name.startswith("html-httpleaks")]
    assert len(leaks) > 50
    together = Attack("all", b"<hr>".join(one.html for one in [LETTER, *leaks]))
    page = open_one(victim, head(victim.address, "Leaks") + attacks.body(LETTER, together))
    requests = asked(page)
    page.get_by_role("button", name="Show pictures").click()
    expect(page.locator(NOTICE).first).to_have_attribute("data-notice", "pictures-missing")
    places = ("http://%s/door.png", "https://%s/tls.png", "http://%s/drawing.svg", "http://%s/missing.png")
    assert {request.post_data for request in requests} == {place % HOST for place in places}
    assert quiet(listener) == []
    assert page.evaluate("window.ran ?? null") is None
