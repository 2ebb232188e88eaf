"""Every page under axe-core, at desktop and phone width, light and dark: nothing to find."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from .accessible import clean_everywhere
from .conftest import Visit
from .visitor import SLOW, Visitor
from .whole_site import Site

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.fixture
def newcomer(visit: Visit, embedded_site: Site) -> Visitor:
    return visit(embedded_site, "charlie")


def test_the_doors_are_accessible(newcomer: Visitor) -> None:
    page = newcomer.page
    page.goto(f"{newcomer.site.url}/sign-in/")
    clean_everywhere(page, "sign-in")
    page.get_by_label("Mail address").fill(newcomer.address)
    page.get_by_label("Mail password").fill("not the password")
    page.keyboard.press("Enter")
    expect(page.get_by_text("did not accept this address and mail password")).to_be_visible(timeout=SLOW)
    clean_everywhere(page, "sign-in, refused")
    newcomer.sign_in()
    page.goto(f"{newcomer.site.url}/keys/set-up/")
    expect(page.get_by_role("button", name="Continue")).to_be_visible()
    clean_everywhere(page, "set-up")


def mailbox(reader: Visitor) -> None:
    reader.open_mailbox()
    clean_everywhere(reader.page, "mailbox")


def select(reader: Visitor) -> None:
    reader.open_mailbox()
    reader.page.locator(".row-tick").nth(1).check()
    expect(reader.page.locator(".select-bar")).to_be_visible()
    clean_everywhere(reader.page, "mailbox, selecting")


def message(reader: Visitor) -> None:
    reader.open_mailbox()
    reader.open_message("The Slow Press")
    expect(reader.line).to_have_attribute("data-enc", "enc-none")
    clean_everywhere(reader.page, "message")


def answer(reader: Visitor) -> None:
    reader.open_mailbox()
    reader.open_message("The Slow Press")
    expect(reader.line).to_have_attribute("data-enc", "enc-none")
    reader.page.locator('[data-answer="reply"]').first.click()
    expect(reader.page.locator("textarea[data-text]")).to_be_visible()
    clean_everywhere(reader.page, "answer")


def composer(reader: Visitor) -> None:
    reader.open_mailbox()
    reader.page.goto(f"{reader.site.url}/compose/")
    # The first field is where one writes at once.
    expect(reader.page.locator("#compose-to")).to_be_focused()
    for address in (reader.address, "not an address"):
        reader.page.keyboard.type(address)
        reader.page.keyboard.press("Enter")
    expect(reader.page.locator(".chip").nth(1)).to_be_visible()
    clean_everywhere(reader.page, "composer")


def formatted(reader: Visitor) -> None:
    reader.open_mailbox()
    page = reader.page
    page.goto(f"{reader.site.url}/compose/")
    page.locator("[data-format]").click()
    page.locator("[data-rich]").click()
    page.keyboard.type("A line, and ")
    page.keyboard.press("Control+b")
    page.keyboard.type("a bold one")
    page.keyboard.press("Control+k")
    page.keyboard.type("nowhere at all")
    page.keyboard.press("Enter")
    expect(page.locator("#rich-link-trouble")).not_to_be_empty()
    clean_everywhere(page, "composer with formatting")


def page_of(path: str) -> Callable[[Visitor], None]:
    def look(reader: Visitor) -> None:
        reader.page.goto(f"{reader.site.url}{path}")
        expect(reader.page.locator("#main")).to_be_visible()
        clean_everywhere(reader.page, path)

    return look


def later(reader: Visitor) -> None:
    """The times beside Send."""
    reader.page.goto(f"{reader.site.url}/compose/")
    reader.page.locator("send-later summary").click()
    expect(reader.page.locator("send-later [data-choices] button").first).to_be_visible()
    clean_everywhere(reader.page, "send later")


PLACES = {
    "mailbox": mailbox,
    "select": select,
    "message": message,
    "answer": answer,
    "composer": composer,
    "formatted": formatted,
    "later": later,
    "outbox": page_of("/outbox/"),
    "settings": page_of("/settings/"),
    "writing": page_of("/settings/writing/"),
    "keys": page_of("/keys/"),
    "404": page_of("/nothing/is/here/"),
}


def test_the_pages_inside_are_accessible(newcomer: Visitor) -> None:
    newcomer.sign_in()
    found = []
    for place in PLACES.values():
        try:
            place(newcomer)
        except AssertionError as error:
            found.append(str(error))
    assert not found, "\n".join(found)


def test_a_letter_begins_where_it_is_addressed(visit: Visit, embedded_site: Site) -> None:
    alice = visit(embedded_site, "charlie")
    alice.sign_in()
    alice.open_mailbox()
    alice.page.keyboard.press("c")
    # Not a full load: the page is exchanged in place, and the focus goes to the first field all the same.
    expect(alice.page.locator("#compose-to")).to_be_focused()


def test_a_message_whose_signature_was_not_checked_has_no_visible_mark(visit: Visit, embedded_site: Site) -> None:
    alice = visit(embedded_site, "alice")
    alice.sign_in()
    alice.open_mailbox()
    row = alice.page.locator(".row", has_text="Signed, as promised").first
    expect(row.locator(".row-mark .icon")).to_be_visible()
    alice.open_message("Signed, as promised")
    expect(alice.line).to_have_attribute("data-sig", re.compile("sig-no-certificate"))
    # Said to those who listen and to the pointer; words.md section 10, point 2.
    expect(row).to_have_attribute("data-mark", "mark-not-encrypted")
    expect(row.locator(".mark")).to_have_attribute("title", "Not encrypted")
    expect(row.locator(".mark-words")).to_have_class(re.compile(r"\bunseen\b"))
    expect(row.locator(".row-mark .icon")).to_have_count(0)
