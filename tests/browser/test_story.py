"""The main job, as two people do it: keys, an encrypted message with an attachment, read, answered."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from .conftest import Visit
from .whole_site import Site

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

ALICES = "rotten gravel tinsel uncle sphinx"
BOBS = "marble oxygen ticket velvet canoe"


def test_alice_writes_to_bob_and_bob_answers(site: Site, visit: Visit, attachment: Path, tmp_path: Path) -> None:
    # Other tests leave messages for the same people, made for other keys.
    for name in ("alice", "bob"):
        site.mail.clear(name)
    bob = visit(site, "bob")
    bob.sign_in()
    bob.make_keys(BOBS)

    alice = visit(site, "alice")
    alice.sign_in()
    alice.make_keys(ALICES)
    alice.write([bob.address], "The blue door", "Come on Sunday, the key is under the pot.", [attachment])
    alice.send("send-encrypted")

    # It reaches Bob's open page without a reload, and the list says what is known before it is opened.
    arrived = bob.page.locator(".row").first
    expect(arrived.locator(".row-mark")).to_contain_text("Encrypted, unopened", timeout=15_000)
    bob.open_message()
    expect(bob.line).to_have_attribute("data-enc", "enc-ok")
    expect(bob.line).to_have_attribute("data-sig", "sig-good-first")
    expect(bob.line).to_contain_text(f"Signed by {alice.address}")
    expect(bob.page.locator("[data-slot=subject]")).to_have_text("The blue door")
    expect(bob.page.locator("[data-slot=letter]")).to_contain_text("the key is under the pot")
    with bob.page.expect_download() as download:
        bob.page.locator("[data-slot=files] a[download], [data-slot=files] button").first.click()
    kept = tmp_path / "kept"
    download.value.save_as(kept)
    assert kept.read_bytes() == attachment.read_bytes()

    bob.page.locator('[data-answer="reply"]').first.click()
    expect(bob.page.locator("textarea[data-text]")).to_have_value(re.compile("> Come on Sunday"))
    text = bob.page.locator("textarea[data-text]").input_value()
    bob.fill("I will be there.\n\n" + text)
    bob.send("send-encrypted")

    alice.open_mailbox()
    expect(alice.page.locator(".row").first.locator(".row-mark")).to_contain_text("Encrypted, unopened", timeout=15_000)
    alice.open_message()
    expect(alice.page.locator("[data-slot=letter]")).to_contain_text("I will be there.")
    expect(alice.line).to_have_attribute("data-sig", re.compile("sig-good-(first|known)"))
    assert alice.trouble == bob.trouble == []

    # What the servers hold is ciphertext, and the answered message is marked so.
    sent = site.mail.messages("alice", "Sent")[-1]
    assert b"multipart/encrypted" in sent and b"under the pot" not in sent and b"blue door" not in sent
    assert any(b"\\Answered" in flags for flags in site.mail.flags("bob", "INBOX"))
