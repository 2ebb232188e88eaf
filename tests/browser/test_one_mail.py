"""However often Send is pressed, one message arrives (fault F8): in the page, on Dovecot and Postfix."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from itertools import count

import pytest
from playwright.sync_api import Page, Route, expect

from .conftest import Visit
from .test_later_page import outbox, waits
from .visitor import SLOW, Visitor
from .whole_site import Site

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]

_numbers = count(140)


@pytest.fixture
def dana(visit: Visit, dovecot_site: Site) -> Iterator[Visitor]:
    """Somebody without keys, who writes to themselves in the clear: what is counted is their inbox."""
    dana = visit(dovecot_site, f"person{next(_numbers)}")
    dana.sign_in()
    dana.open_mailbox()
    yield dana
    assert dana.trouble == []


def written(dana: Visitor, page: Page | None = None) -> None:
    mine, dana.page = dana.page, page or dana.page
    dana.write([dana.address], "Once", "Only once.")
    expect(dana.page.locator("send-button")).to_have_attribute("data-state", "send-clear", timeout=SLOW)
    dana.page = mine


def once(dana: Visitor, rows: int = 1) -> None:
    """One message, one copy, and some time later still."""
    mail = dana.site.mail
    assert waits(lambda: len(mail.messages(dana.name, "Sent")) == 1)
    assert waits(lambda: outbox(dana.site, states, dana.address) == [("done",)] * rows)
    time.sleep(2)
    assert len(mail.messages(dana.name, "INBOX")) == len(mail.messages(dana.name, "Sent")) == 1


states = "select state from webmail_outboxmessage where sender = ?"


def test_a_double_click(dana: Visitor) -> None:
    written(dana)
    dana.page.locator("send-button button").dblclick()
    expect(dana.page.locator('[data-outbox="done"]')).to_be_visible(timeout=SLOW)
    once(dana)


def test_click_and_key_and_key(dana: Visitor) -> None:
    written(dana)
    dana.page.evaluate("for (let n = 0; n < 20; n++) document.querySelector('send-button button').click()")
    dana.page.keyboard.press("Control+Enter")
    expect(dana.page.locator('[data-outbox="done"]')).to_be_visible(timeout=SLOW)
    once(dana)


def test_five_tabs_with_one_key(dana: Visitor) -> None:
    """As five copies of one composer would post it, all at the same moment."""
    key = "0b5c9f0e-6a53-4a0c-9b7e-1f6d2a3c4b5d"
    dana.context.add_init_script(f"globalThis.crypto.randomUUID = () => '{key}';")
    tabs = []
    for _tab in range(5):
        tab = dana.context.new_page()
        tab.goto(f"{dana.site.url}/mailbox/INBOX/")
        written(dana, tab)
        tabs.append(tab)
    for tab in tabs:
        tab.evaluate("setTimeout(() => document.querySelector('send-button button').click(), 300)")
    for tab in tabs:
        # Each is told of the one that goes.
        expect(tab.locator('[data-outbox="done"]')).to_be_visible(timeout=SLOW)
    once(dana)


def test_the_back_button(dana: Visitor) -> None:
    written(dana)
    dana.page.locator("send-button button").click()
    expect(dana.page.locator('[data-outbox="done"]')).to_be_visible(timeout=SLOW)
    for _time in range(2):
        dana.page.go_back()
        dana.page.wait_for_timeout(500)
        dana.page.go_forward()
        dana.page.wait_for_timeout(500)
    dana.page.reload()
    once(dana)


@pytest.mark.parametrize("failure", ["timedout", "connectionreset"])
def test_the_answer_gets_lost_and_it_is_pressed_again(dana: Visitor, failure: str) -> None:
    """The server has it, the browser does not know: tried again by itself, then by hand, it is the same message."""
    taken: list[int] = []
    # As often as the page tries by itself (static/elements/upload.js).
    tries = 4

    def answer_lost(route: Route) -> None:
        if len(taken) >= tries:
            route.continue_()
            return
        taken.append(route.fetch().status)
        route.abort(failure)

    dana.page.route("**/send/", answer_lost)
    written(dana)
    button = dana.page.locator("send-button button")
    button.click()
    expect(dana.page.locator("#send-says")).to_contain_text(re.compile("connection|answer|clear"), timeout=2 * SLOW)
    assert taken == [201, 200, 200, 200]
    # What was written is still there; pressed again it is told of the same message.
    expect(dana.page.locator("textarea[data-text]")).to_have_value("Only once.")
    button.click()
    expect(dana.page.locator('[data-outbox="done"]')).to_be_visible(timeout=SLOW)
    once(dana)


def test_the_same_post_again_and_again(dana: Visitor) -> None:
    """A browser that repeats a request whose connection broke, and htmx that asks twice, send the same bytes again."""
    repeated: list[int] = []

    def repeat(route: Route) -> None:
        repeated.extend(route.fetch().status for _time in range(3))
        route.continue_()

    dana.page.route("**/send/", repeat)
    written(dana)
    dana.page.locator("send-button button").click()
    expect(dana.page.locator('[data-outbox="done"]')).to_be_visible(timeout=SLOW)
    assert repeated == [201, 200, 200]
    once(dana)


def test_send_now_pressed_in_many_places(dana: Visitor) -> None:
    """A scheduled message that is sent now from the outbox page of five tabs at once goes once."""
    written(dana)
    page = dana.page
    page.locator("send-later summary").click()
    page.locator("send-later").get_by_role("button", name="Tomorrow morning").click()
    page.locator("send-button button").click()
    page.locator("[data-question=away] button").first.click()
    expect(page.locator('[data-word="out-grant"]')).to_be_visible(timeout=SLOW)
    tabs = [dana.context.new_page() for _tab in range(5)]
    for tab in tabs:
        tab.goto(f"{dana.site.url}/outbox/")
        expect(tab.get_by_role("button", name="Send now")).to_be_visible()
    for tab in tabs:
        tab.evaluate("setTimeout(() => document.querySelector('form[action$=\"/now/\"] button').click(), 300)")
    for tab in tabs:
        expect(tab.locator('[data-word="out-done"]')).to_be_visible(timeout=SLOW)
    once(dana)
