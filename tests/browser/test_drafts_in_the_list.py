"""From the list of drafts to the composer and back: by click, by key, and from the reader."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.webmail.mailbox_people import message

from .visitor import Visitor
from .whole_site import Site

pytestmark = pytest.mark.browser

Visit = Callable[..., Visitor]


@pytest.fixture
def person(visit: Visit, dovecot_site: Site) -> Visitor:
    """Somebody without keys, with two drafts that another program left."""
    name = "person901"
    with dovecot_site.mail.connection(name) as server:
        if server.select("Drafts")[1] != [b"0"]:
            server.store("1:*", "+FLAGS", "\\Deleted")
            server.expunge()
        for subject in ("the older draft", "the newer draft"):
            server.append("Drafts", "(\\Draft \\Seen)", None, message(subject, sender=f"{name}@example.test"))  # type: ignore[arg-type]
    visitor = visit(dovecot_site, name)
    visitor.sign_in()
    visitor.page.goto(f"{dovecot_site.url}/?later=keys")
    visitor.open_mailbox("Drafts")
    expect(visitor.page.locator(".row")).to_have_count(2)
    return visitor


def test_a_row_opens_the_composer_beside_the_list(person: Visitor) -> None:
    page = person.page
    row = page.locator(".row").filter(has_text="the older draft")
    row.locator("a.row-link").click()
    composer = page.locator("#reader message-composer")
    expect(composer).to_be_visible()
    expect(page).to_have_url(re.compile(r"/compose/\?draft=Drafts/\d+/\d+$"))
    expect(row).to_have_attribute("data-here", "")
    expect(page.locator(".row[data-here]")).to_have_count(1)
    raw = composer.get_attribute("data-draft-raw-url")
    assert raw is not None
    assert b"the older draft" in page.request.get(person.site.url + raw).body()
    composer.locator("[data-leave]").click()
    expect(page.locator("message-composer")).to_have_count(0)
    assert person.trouble == []


def test_by_key_and_from_the_reader(person: Visitor) -> None:
    page = person.page
    for key in ("j", "j", "o"):
        page.keyboard.press(key)
    composer = page.locator("#reader message-composer")
    expect(composer).to_be_visible()
    there = composer.get_attribute("data-draft-message-url")
    assert there is not None
    page.goto(person.site.url + there)
    expect(page.locator("mail-message")).to_be_visible()
    page.get_by_role("link", name="Continue writing").click()
    expect(page.locator("message-composer")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/compose/\?draft=Drafts/"))
    assert person.trouble == []
