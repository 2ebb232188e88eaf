"""Undo and send later as a person does them: with keys, files and blind copies, on Dovecot and Postfix."""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from .accessible import clean
from .conftest import Visit
from .visitor import SLOW, Visitor
from .whole_site import Site

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]

PASSPHRASE = "rotten gravel tinsel uncle sphinx"


def waits(condition: Callable[[], bool], seconds: float = 60.0) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.5)
    return False


def outbox(site: Site, question: str, *values: object) -> list[tuple[object, ...]]:
    """Past the site, into its database."""
    with sqlite3.connect(site.database, timeout=20) as database:
        return list(database.execute(question, values))


def undo_for(visitor: Visitor, seconds: str) -> None:
    visitor.page.goto(f"{visitor.site.url}/settings/")
    visitor.page.locator("#id_undo").select_option(seconds)
    visitor.page.locator("#sending").get_by_role("button", name="Save").click()
    expect(visitor.page.locator("#id_undo")).to_have_value(seconds)
    visitor.open_mailbox()


def sent(site: Site, name: str) -> int:
    return len(site.mail.messages(name, "Sent"))


def test_undo_brings_everything_back(visit: Visit, dovecot_site: Site, attachment: Path) -> None:
    site = dovecot_site
    dana = visit(site, "person91")
    dana.sign_in()
    dana.make_keys(PASSPHRASE)
    undo_for(dana, "30")
    page = dana.page
    dana.write([dana.address], "The red door", "Come on Monday.", [attachment], bcc=["carol@example.test"])
    # Nobody has Carol's certificate, so this one is asked about.
    expect(page.locator("send-button")).to_have_attribute("data-state", re.compile("send-(partly|waiting)"))
    page.locator('[data-field="bcc"] .chip-off').click()
    expect(page.locator("send-button")).to_have_attribute("data-state", "send-encrypted")
    page.locator("send-button button").click()
    expect(page.locator("[data-undoing]")).to_contain_text(re.compile(r"Sending in \d+ s"), timeout=SLOW)
    expect(page.locator("textarea[data-text]")).to_be_hidden()
    page.locator("button[data-undo]").click()

    expect(page.locator("textarea[data-text]")).to_have_value("Come on Monday.")
    expect(page.locator("[data-undoing]")).to_have_count(0)
    expect(page.locator("#compose-subject")).to_have_value("The red door")
    expect(page.locator('[data-field="to"] .chip')).to_contain_text(dana.address)
    expect(page.locator("[data-slot=files]")).to_contain_text(attachment.name)
    assert outbox(site, "select state from webmail_outboxmessage where sender = ?", dana.address) == [("undone",)]

    # It can be changed and sent like any other; only that one goes.
    page.locator("message-composer").evaluate("(composer) => { composer.dataset.undo = '0'; }")
    dana.fill("Come on Tuesday.")
    dana.send("send-encrypted")
    assert len(site.mail.messages("person91", "INBOX")) == sent(site, "person91") == 1
    dana.open_mailbox()
    dana.open_message()
    expect(page.locator("[data-slot=letter]")).to_contain_text("Come on Tuesday.")
    assert dana.trouble == []


def test_without_undo_it_goes_when_the_seconds_are_over(visit: Visit, dovecot_site: Site) -> None:
    dana = visit(dovecot_site, "person92")
    dana.sign_in()
    undo_for(dana, "5")
    dana.write([dana.address], "Five seconds", "No way back.")
    button = dana.page.locator("send-button button")
    expect(dana.page.locator("send-button")).to_have_attribute("data-state", "send-clear")
    button.click()
    expect(dana.page.locator("[data-undoing]")).to_be_visible()
    # The page says it and then tells what became of it; the server needs no page for it.
    expect(dana.page.locator('[data-outbox="done"]')).to_be_visible(timeout=SLOW)
    assert len(dovecot_site.mail.messages("person92", "INBOX")) == 1


def schedule(dana: Visitor, answer: str | None) -> None:
    page = dana.page
    expect(page.locator("send-button")).to_have_attribute("data-state", "send-encrypted")
    page.locator("send-later summary").click()
    page.locator("send-later").get_by_role("button", name="Tomorrow morning").click()
    expect(page.locator("send-button button")).to_have_text(re.compile(r"Send encrypted at \w+.*8:00"))
    page.locator("send-button button").click()
    if answer:
        expect(page.locator("[data-question=away]")).to_contain_text("Whoever runs the server could use it")
        page.locator("[data-question=away]").get_by_role("button", name=answer).click()


def due_now(site: Site, address: str) -> None:
    """The chosen time comes."""
    outbox(
        site, "update webmail_outboxmessage set goes_at = ?, due = ?, since = ? where sender = ? and state = 'waiting'",
        *["2026-01-01 00:00:00"] * 3, address,
    )  # fmt: skip


def test_it_goes_while_nobody_is_there(visit: Visit, dovecot_site: Site) -> None:
    site = dovecot_site
    dana = visit(site, "person93", locale="en-GB", timezone_id="Asia/Kolkata")
    dana.sign_in()
    dana.make_keys(PASSPHRASE)
    dana.open_mailbox()
    dana.write([dana.address], "Tomorrow", "Good morning.")
    schedule(dana, "Allow")
    expect(dana.page.locator('[data-word="out-scheduled"]')).to_contain_text(
        "already encrypted and signed", timeout=SLOW
    )
    [(goes_at, credential)] = outbox(
        site, "select goes_at, credential from webmail_outboxmessage where sender = ?", dana.address
    )
    # Eight in the morning in Kolkata, and no lease beside the grant.
    assert str(goes_at).endswith("02:30:00") and credential is None
    page = dana.page
    page.goto(f"{site.url}/outbox/")
    row = page.locator('[data-word="out-scheduled"]')
    expect(row).to_contain_text("Signed")
    clean(page, "outbox")
    row.locator("send-later summary").click()
    row.locator("input[type=datetime-local]").fill("2027-03-01T09:00")
    row.locator("[data-choose]").click()
    expect(page.locator('[data-word="out-scheduled"]')).to_contain_text("1 Mar 2027", timeout=SLOW)
    assert outbox(site, "select due from webmail_outboxmessage where sender = ?", dana.address) == [
        ("2027-03-01 03:30:00",)
    ]

    dana.open_mailbox()
    dana.sign_out()
    dana.context.close()
    due_now(site, dana.address)
    assert waits(lambda: len(site.mail.messages("person93", "INBOX")) == 1)
    assert waits(lambda: sent(site, "person93") == 1)
    [message] = site.mail.messages("person93", "INBOX")
    assert b"multipart/encrypted" in message and b"Good morning" not in message


def test_without_the_grant_it_waits_for_its_person(visit: Visit, dovecot_site: Site) -> None:
    site = dovecot_site
    dana = visit(site, "person94")
    dana.sign_in()
    dana.make_keys(PASSPHRASE)
    dana.open_mailbox()
    dana.write([dana.address], "Next time", "Good morning.")
    schedule(dana, "Send when I sign in next")
    expect(dana.page.locator('[data-word="out-grant"]')).to_be_visible(timeout=SLOW)
    dana.open_mailbox()
    dana.sign_out()
    due_now(site, dana.address)
    assert waits(
        lambda: outbox(site, "select state from webmail_outboxmessage where sender = ?", dana.address) == [("sign_in",)]
    )
    assert site.mail.messages("person94", "INBOX") == []
    dana.sign_in()
    assert waits(lambda: len(site.mail.messages("person94", "INBOX")) == 1)
    # Asked once, and never again by itself; Settings says how it stands.
    dana.page.goto(f"{site.url}/settings/#sending")
    expect(dana.page.locator("[data-away]")).to_have_attribute("data-away", "no")


def test_without_the_grant_it_goes_at_its_time_where_a_page_is_open(visit: Visit, dovecot_site: Site) -> None:
    site = dovecot_site
    dana = visit(site, "person95")
    dana.sign_in()
    dana.make_keys(PASSPHRASE)
    dana.open_mailbox()
    dana.write([dana.address], "At its time", "Good morning.")
    schedule(dana, "Send when I sign in next")
    expect(dana.page.locator('[data-word="out-grant"]')).to_be_visible(timeout=SLOW)
    due_now(site, dana.address)
    expect(dana.page.locator('[data-outbox="done"]')).to_be_visible(timeout=2 * SLOW)
    assert len(site.mail.messages("person95", "INBOX")) == 1
