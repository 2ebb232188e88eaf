"""Recipients by keyboard alone: completion from contacts, groups and the domain, and chips edited and moved."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from .accessible import clean
from .conftest import Visit
from .visitor import Visitor
from .whole_site import Site

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
PASSPHRASE = "brimzorvax gravel tinsel uncle sphinx"


def compose(person: Visitor) -> Page:
    person.open_mailbox()
    person.page.keyboard.press("c")
    expect(person.page.locator("#compose-to")).to_be_focused()
    return person.page


def chips(page: Page, field: str = "to") -> list[str]:
    return page.locator(f'[data-field="{field}"] li.chip').evaluate_all(
        "all => all.map((each) => each.dataset.address)"
    )


def test_recipients_by_keyboard_alone(visit: Visit, dovecot_site: Site) -> None:
    writer = visit(dovecot_site, "person870")
    writer.sign_in()
    writer.make_keys(PASSPHRASE)
    for name in ("person871", "person872"):
        visit(dovecot_site, name).sign_in()
    page = compose(writer)
    keys = page.keyboard
    options = page.locator('[data-field="to"] [role=option]')
    entry = page.locator("#compose-to")

    # Of the own domain, from three letters on.
    keys.type("pe")
    page.wait_for_timeout(400)
    expect(options).to_have_count(0)
    keys.type("rson87")
    expect(options).to_have_count(2)
    expect(entry).to_have_attribute("aria-expanded", "true")
    first = entry.get_attribute("aria-activedescendant")
    assert first
    expect(page.locator(f"#{first}")).to_have_attribute("aria-selected", "true")
    clean(page, "suggestions")
    keys.press("Escape")
    expect(options).to_have_count(0)
    expect(entry).to_have_value("person87")
    keys.press("ArrowDown")
    keys.press("ArrowDown")
    keys.press("Enter")
    assert chips(page) == ["person872@example.test"]
    # What stands there is not offered again.
    keys.type("person87")
    expect(options).to_have_count(1)
    keys.press("Tab")
    assert chips(page) == ["person872@example.test", "person871@example.test"]

    # A whole address is what it says, whoever is suggested; a name may hold a comma in its quotes.
    keys.type('"Miller, Bob" <bob@elsewhere.example>')
    keys.press(";")
    keys.type("dana@bücher.example,")
    assert chips(page)[2:] == ["bob@elsewhere.example", "dana@bücher.example"]
    expect(page.locator(".chip-name").nth(2)).to_have_text("Miller, Bob")

    # The first Backspace chooses, the second removes.
    keys.press("Backspace")
    expect(page.locator(".chip-name").nth(3)).to_be_focused()
    assert len(chips(page)) == 4
    keys.press("Backspace")
    assert len(chips(page)) == 3
    # Edited, it keeps its place; given up, it is as it was.
    keys.press("ArrowLeft")
    keys.press("Enter")
    expect(entry).to_have_value("person871@example.test")
    keys.press("Escape")
    assert chips(page)[1] == "person871@example.test"
    keys.press("ArrowLeft")
    keys.press("ArrowLeft")
    keys.press("Enter")
    keys.type("ann@elsewhere.example")
    keys.press("Enter")
    assert chips(page) == ["person872@example.test", "ann@elsewhere.example", "bob@elsewhere.example"]
    # To Cc, to Bcc, and back.
    keys.press("ArrowLeft")
    keys.press("Alt+ArrowDown")
    expect(page.locator('[data-field="cc"] .chip-name')).to_be_focused()
    keys.press("Alt+ArrowDown")
    assert (chips(page), chips(page, "cc"), chips(page, "bcc")) == (
        ["person872@example.test", "ann@elsewhere.example"], [], ["bob@elsewhere.example"],
    )  # fmt: skip
    expect(page.locator('[data-field="bcc"] .chip-name')).to_have_text("Miller, Bob")
    clean(page, "moved chips")
    assert writer.trouble == []


def test_chips_are_dragged_between_lines(visit: Visit, dovecot_site: Site) -> None:
    writer = visit(dovecot_site, "person873")
    writer.sign_in()
    page = compose(writer)
    page.keyboard.type("ann@elsewhere.example, bob@elsewhere.example, dana@elsewhere.example,")
    page.locator('[data-field="to"] .chip-name').nth(1).drag_to(page.locator('[data-show="bcc"]'))
    assert (chips(page), chips(page, "bcc")) == (
        ["ann@elsewhere.example", "dana@elsewhere.example"], ["bob@elsewhere.example"],
    )  # fmt: skip
    page.locator('[data-field="to"] .chip-name').first.drag_to(page.locator('[data-field="bcc"]'))
    assert (chips(page), chips(page, "bcc")) == (
        ["dana@elsewhere.example"], ["bob@elsewhere.example", "ann@elsewhere.example"],
    )  # fmt: skip
    page.locator('[data-field="to"] .chip-name').dblclick()
    expect(page.locator("#compose-to")).to_have_value("dana@elsewhere.example")
    assert writer.trouble == []


def test_a_column_of_a_table_is_pasted(visit: Visit, dovecot_site: Site) -> None:
    writer = visit(dovecot_site, "person874")
    writer.sign_in()
    page = compose(writer)
    page.evaluate(
        """text => { const data = new DataTransfer(); data.setData("text/plain", text);
        document.querySelector("#compose-to").dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true })); }""",  # noqa: E501
        ", ".join(f'"Miller, P{number}" <p{number}@elsewhere.example>' for number in range(60)),
    )
    expect(page.locator('[data-field="to"] li.chip')).to_have_count(60)
    assert writer.trouble == []
