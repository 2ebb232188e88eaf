"""The mailbox page in a real browser: by keyboard alone, while mail arrives, at every width, and for axe-core."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.webmail.mailbox_people import message

from .accessible import clean_everywhere
from .visitor import Visitor
from .whole_site import Site

pytestmark = pytest.mark.browser

SLOW = 30_000
Visit = Callable[..., Visitor]


@pytest.fixture
def charlie(visit: Visit, dovecot_site: Site) -> Visitor:
    """Charlie in an inbox of sixty messages, "number 60" the newest."""
    with dovecot_site.mail.connection("charlie") as server:
        for mailbox in ("Archive", "Trash", "INBOX"):
            answer, count = server.select(mailbox)
            if answer == "OK" and count != [b"0"]:
                server.store("1:*", "+FLAGS", "\\Deleted")
                server.expunge()
    dovecot_site.mail.append("charlie", "INBOX", *(message(f"number {n}", number=n) for n in range(1, 61)))
    visitor = visit(dovecot_site, "charlie")
    visitor.sign_in()
    visitor.page.goto(f"{dovecot_site.url}/?later=keys")
    expect(visitor.page.locator(".row")).to_have_count(50)
    # Live from here on: what arrives now is told.
    visitor.page.wait_for_timeout(500)
    return visitor


def subject(page: Page) -> str:
    """Of the row with the focus."""
    return str(page.evaluate("document.activeElement.closest('.row')?.querySelector('.row-subject-text')?.textContent"))


def test_new_mail_leaves_focus_ticks_and_place(charlie: Visitor) -> None:
    page = charlie.page
    for key in ["j", "j", "j", "x", "Shift+J"]:
        page.keyboard.press(key)
    expect(page.locator(".select-count")).to_have_text("2 selected")
    assert subject(page) == "number 57"
    before = page.locator("#rows").evaluate("rows => rows.children[20].id")
    page.locator("#rows").evaluate("rows => { rows.scrollTop = rows.children[20].offsetTop - rows.offsetTop; }")
    charlie.site.mail.append("charlie", "INBOX", message("just in", number=99))
    expect(page.locator(".row").first).to_contain_text("just in", timeout=SLOW)
    expect(page.locator(".select-count")).to_have_text("2 selected")
    assert subject(page) == "number 57"
    top = page.evaluate(
        "id => document.getElementById(id).getBoundingClientRect().top - rows.getBoundingClientRect().top", before
    )
    assert abs(top) < 3
    expect(page).to_have_title(re.compile(r"Inbox \(61\)"))
    assert charlie.trouble == []


def test_archive_by_key_and_take_it_back(charlie: Visitor) -> None:
    page = charlie.page
    for key in ["j", "j", "e"]:
        page.keyboard.press(key)
    expect(page.locator(".row").filter(has_text="number 59")).to_have_count(0, timeout=SLOW)
    assert len(charlie.site.mail.messages("charlie", "Archive")) == 1
    assert subject(page).startswith("number ")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".row").first).to_contain_text("number 59", timeout=SLOW)
    assert charlie.site.mail.messages("charlie", "Archive") == []


def test_open_next_back_and_to_the_list(charlie: Visitor) -> None:
    page = charlie.page
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator("#reader h2").first).to_contain_text("number 60", timeout=SLOW)
    expect(page.locator(".row[data-here]")).to_contain_text("number 60")
    page.keyboard.press("n")
    expect(page.locator(".row[data-here]")).to_contain_text("number 59", timeout=SLOW)
    page.go_back()
    expect(page.locator(".row[data-here]")).to_contain_text("number 60", timeout=SLOW)
    page.keyboard.press("u")
    expect(page.locator(".row[data-here]")).to_have_count(0)
    expect(page).to_have_url(re.compile(r"/mailbox/INBOX/$"))
    assert subject(page) == "number 60"


def test_keys_go_on_beyond_what_a_search_found(charlie: Visitor) -> None:
    page = charlie.page
    page.get_by_role("searchbox").fill('subject:"number 60"')
    page.keyboard.press("Enter")
    expect(page.locator(".row")).to_have_count(1, timeout=SLOW)
    page.locator("a.row-link").click()
    title = page.locator("#reader .letter-head .title")
    expect(title).to_have_text("number 60", timeout=SLOW)
    for key, found in (("n", "number 59"), ("n", "number 58"), ("p", "number 59")):
        page.keyboard.press(key)
        expect(title).to_have_text(found, timeout=SLOW)
    page.reload()
    expect(title).to_have_text("number 59", timeout=SLOW)
    expect(page.locator(".row")).to_have_count(1)
    page.get_by_role("link", name="Older", exact=True).and_(page.locator("#reader a")).click()
    expect(title).to_have_text("number 58", timeout=SLOW)


def test_on_a_phone_choosing_begins_with_a_word(visit: Visit, charlie: Visitor) -> None:
    page = charlie.page
    page.set_viewport_size({"width": 390, "height": 844})
    page.locator(".choose").click()
    page.locator(".row-tick").nth(1).click()
    expect(page.locator(".select-bar")).to_be_visible()
    page.locator("[data-clear]").click()
    page.locator(".row-link").first.click()
    expect(page.locator("section.list")).to_be_hidden(timeout=SLOW)
    page.locator("[data-back]").click()
    expect(page.locator("section.list")).to_be_visible()
    expect(page.locator("#reader")).to_be_hidden()


def test_axe_finds_nothing(charlie: Visitor) -> None:
    page, widths = charlie.page, ("phone", "tablet", "desktop")
    clean_everywhere(page, "mailbox", *widths)
    page.locator(".row-tick").first.check()
    page.locator('.select-bar summary[aria-label="More"]').click()
    clean_everywhere(page, "choosing", *widths)
    page.goto(f"{charlie.site.url}/mailbox/INBOX/?q=nowhere")
    clean_everywhere(page, "nothing found", *widths)
    page.goto(f"{charlie.site.url}/settings/")
    clean_everywhere(page, "settings", *widths)
