"""What waits for its time is nowhere readable, and neither is the password under which it goes.

Looked through, as in test_canary.py: the database, Redis (broker, channel layer, cache), logs at their loudest,
websocket frames; for the encrypted message also every byte to and from site and mail servers. The control is a message
scheduled in the clear: it passes the wires readable, so they are listened to, and lies sealed meanwhile like the other.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from .conftest import QUIET
from .test_canary import Wires, found, wires
from .test_later_page import due_now, outbox, undo_for, waits
from .visitor import SLOW, Visitor

__all__ = ["wires"]

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]

TEXT, SUBJECT, FILE_NAME, FILE_TEXT, UNDONE = (
    "quokkatext",
    "markhorsubject",
    "numbatfile",
    "kinkajoubytes",
    "axolotlundone",
)
CONTROL = "hoatzincontrol"
ALICES = "brimzorvax gravel tinsel uncle sphinx"
THROUGH = {"http", "imap", "smtp"}


def test_nothing_of_a_scheduled_message_is_readable(wires: Wires, playwright: Any, tmp_path: Path) -> None:
    site = wires.site
    context = playwright.chromium.launch_persistent_context(
        tmp_path / "profile", executable_path="/usr/bin/chromium", args=QUIET
    )
    alice = Visitor(context, site, "alice")
    wires.listen(alice)
    alice.sign_in()
    alice.make_keys(ALICES)
    undo_for(alice, "30")
    page = alice.page
    alice.write([alice.address], "For later", f"Taken back: {UNDONE}.")
    expect(page.locator("send-button")).to_have_attribute("data-state", "send-encrypted")
    page.locator("send-button button").click()
    page.locator("button[data-undo]").click()
    expect(page.locator("[data-undoing]")).to_have_count(0)
    file = tmp_path / f"{FILE_NAME}.txt"
    file.write_text(f"It says {FILE_TEXT}.\n" * 400)
    page.locator("#compose-subject").fill(SUBJECT)
    alice.fill(f"About the {TEXT}.", [file])
    later(alice, "send-encrypted")
    page.locator("[data-question=away]").get_by_role("button", name="Allow").click()
    expect(page.locator('[data-word="out-scheduled"]')).to_be_visible(timeout=SLOW)
    alice.open_mailbox()
    alice.write(["charlie@example.test"], CONTROL, CONTROL)
    later(alice, "send-clear-signed")
    expect(page.locator('[data-word="out-scheduled-signed"]')).to_be_visible(timeout=SLOW)
    page.goto(f"{site.url}/outbox/")
    expect(page.locator('[data-word^="out-scheduled"]')).to_have_count(2)

    secrets = (TEXT, SUBJECT, FILE_NAME, FILE_TEXT, UNDONE, ALICES.split()[0])
    for_hours = {name: content for name, content in wires.places().items() if name not in THROUGH}
    assert "postern.sqlite3" in for_hours and "site.log" in for_hours and len(for_hours["redis"]) > 1000
    assert {each: found(each, for_hours) for each in (*secrets, CONTROL, "alice-pw") if found(each, for_hours)} == {}

    alice.open_mailbox()
    alice.sign_out()
    context.close()
    due_now(site, alice.address)
    assert waits(lambda: len(site.mail.messages("alice", "Sent")) == 2)
    assert waits(lambda: outbox(site, "select count(*) from webmail_outboxmessage where state = 'done'") == [(2,)])

    places = wires.places()
    # The encrypted one was readable nowhere, also not on its way.
    assert {each: found(each, places) for each in secrets if found(each, places)} == {}
    kept = {name: content for name, content in places.items() if name not in THROUGH}
    # In the page's own live updates stand the rows of what arrived, so only what is kept is asked for the control.
    kept.pop("websocket")
    assert found("alice-pw", kept) == []
    assert found(CONTROL, kept) == []
    assert set(found(CONTROL, places)) >= THROUGH
    assert alice.trouble == []


def later(alice: Visitor, state: str) -> None:
    page = alice.page
    expect(page.locator("send-button")).to_have_attribute("data-state", state, timeout=SLOW)
    page.locator("send-later summary").click()
    page.locator("send-later").get_by_role("button", name="Tomorrow morning").click()
    page.locator("send-button button").click()
