"""Drafts: whatever happens while somebody writes, the text comes back, and nobody but them can read it meanwhile."""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Iterator
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, Route, expect

from .conftest import Visit, behind
from .visitor import SLOW, Visitor
from .whole_site import Site, demo, one_site

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

#: The browser takes no more drafts, until `room()` is called in its page.
FULL = """() => {
  const put = IDBObjectStore.prototype.put;
  IDBObjectStore.prototype.put = function (value, ...rest) {
    if (value?.record) throw new DOMException("full", "QuotaExceededError");
    return put.call(this, value, ...rest);
  };
  globalThis.room = () => { IDBObjectStore.prototype.put = put; };
}"""
PASSPHRASE = "rotten gravel tinsel uncle sphinx"
TEXT = "textarea[data-text]"


#: Whatever needs the mail server to do something of its own; the others are the page's doing, and need one.
BOTH = {
    "test_a_pause_saves_and_the_draft_row_gives_everything_back",
    "test_discard_can_be_undone_and_sending_deletes_the_draft",
}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "site" in metafunc.fixturenames:
        servers = ["embedded", "dovecot"] if metafunc.function.__name__ in BOTH else ["embedded"]
        metafunc.parametrize("site", servers, indirect=True, scope="module")


@pytest.fixture(scope="module")
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Of their own: elsewhere Alice is somebody who has no keys yet."""
    folder = tmp_path_factory.mktemp("drafts")
    if request.param == "embedded":
        own = demo(folder)
    else:
        own = one_site(folder, *behind(request.getfixturevalue("mail_servers")))
    own.start()
    yield own
    own.stop()


@pytest.fixture(scope="module")
def desk(site: Site, chromium: Browser) -> Iterator[BrowserContext]:
    """Alice's browser, in which she stays signed in from test to test."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    first = Visitor(context, site, "alice")
    first.sign_in()
    first.open_keys(PASSPHRASE)
    yield context
    context.close()


@pytest.fixture
def alice(site: Site, desk: BrowserContext) -> Iterator[Visitor]:
    """Somebody with open keys and no drafts."""
    visitor = Visitor(desk, site, "alice")
    sweep(visitor)
    visitor.open_mailbox()
    if "/sign-in/" in visitor.page.url:
        visitor.sign_in()
        visitor.open_mailbox()
    try:
        expect(visitor.page.locator("key-status button")).to_have_attribute("data-keys", "open", timeout=3_000)
    except AssertionError:
        visitor.ask_for_keys()
        visitor.unlock(PASSPHRASE)
    yield visitor
    desk.set_offline(False)


def sweep(visitor: Visitor) -> None:
    """Closes what a test before left open, and takes the drafts out of mailbox and browser."""
    page = visitor.page
    for other in visitor.context.pages:
        if other != page:
            other.close()
    nowhere = f"{visitor.site.url}/nowhere"
    page.route(nowhere, lambda route: route.fulfill(body="<title>Nothing</title>", content_type="text/html"))
    page.goto(nowhere)
    page.evaluate(
        """() => new Promise((done, failed) => {
          const gone = indexedDB.deleteDatabase("postern-drafts");
          gone.onsuccess = done;
          gone.onerror = gone.onblocked = failed;
        })"""
    )
    page.unroute(nowhere)
    empty(visitor.site, visitor.name)


def drafts(site: Site, name: str = "alice") -> list[bytes]:
    try:
        return site.mail.messages(name, "Drafts")
    except AssertionError:
        return []


def empty(site: Site, name: str) -> None:
    with site.mail.connection(name) as server:
        answer, count = server.select("Drafts")
        if answer == "OK" and int(count[0] or 0) > 0:
            server.store("1:*", "+FLAGS", "\\Deleted")
            server.expunge()


def eventually(site: Site, count: int, within: float = 40) -> list[bytes]:
    """The drafts, once there are so many."""
    end = time.monotonic() + within
    while len(found := drafts(site)) != count:
        assert time.monotonic() < end, f"{len(found)} drafts, not {count}"
        time.sleep(0.3)
    return found


def begin(alice: Visitor, text: str, subject: str = "The blue door") -> Page:
    alice.write(["bob@example.test"], subject, text)
    return alice.page


def in_reader(alice: Visitor, text: str) -> Page:
    """A draft gone on with beside the list, where the button of the keys and the way out are."""
    page = begin(alice, text)
    saved(page)
    page.locator("[data-leave]").click()
    expect(page.locator(".toast")).to_contain_text("It is in Drafts.")
    alice.open_mailbox("Drafts")
    page.locator(".row-link").first.click()
    expect(page.locator(TEXT)).to_have_value(text)
    return page


def saved(page: Page) -> None:
    expect(page.locator("[data-slot=draft]")).to_have_attribute("data-draft", "write-draft-saved", timeout=SLOW)


def rev(raw: bytes) -> int:
    found = re.search(r"rev=(\d+)", message_from_bytes(raw)["X-Postern-Draft"])
    assert found
    return int(found[1])


def kept_here(page: Page) -> Any:
    """What this browser keeps, without the sealed bytes."""
    return page.evaluate(
        """async () => {
          const done = (request) => new Promise((yes, no) => {
            request.onsuccess = () => yes(request.result);
            request.onerror = no;
          });
          const db = await done(indexedDB.open("postern-drafts", 1));
          const all = await done(db.transaction("drafts").objectStore("drafts").getAll());
          db.close();
          return all.map(({ id, rev, uploaded, by }) => ({ id, rev, uploaded, by }));
        }"""
    )


def is_kept(page: Page, within: float = 15) -> None:
    """What was typed last is in this browser."""
    end = time.monotonic() + within
    while page.evaluate(
        "() => { const e = new Event('beforeunload', {cancelable: true}); return !window.dispatchEvent(e); }"
    ):
        assert time.monotonic() < end, "still not kept"
        time.sleep(0.2)


def test_a_pause_saves_and_the_draft_row_gives_everything_back(alice: Visitor, site: Site, tmp_path: Path) -> None:
    file = tmp_path / "Umbau 图.txt"
    file.write_text("a file of hers")
    page = begin(alice, "Half a sent")
    page.locator('[data-show="bcc"]').click()
    page.locator("#compose-bcc").fill("dana@example.test")
    page.keyboard.press("Enter")
    page.locator("input[data-attach]").set_input_files(str(file))
    saved(page)
    page.locator(TEXT).press_sequentially("ence, and the rest")
    is_kept(page)
    page.wait_for_timeout(4_000)
    saved(page)
    [raw] = eventually(site, 1)
    message = message_from_bytes(raw)
    assert (message["Subject"], message["To"], message["Bcc"]) == ("[...]", None, None)
    assert message.get_content_type() == "multipart/encrypted" and b"Half" not in raw
    assert rev(raw) >= 2

    page.locator("[data-leave]").click()
    expect(page.locator(".toast")).to_contain_text("It is in Drafts.")
    alice.open_mailbox("Drafts")
    # The row has its name again, which the mailbox does not know.
    expect(page.locator(".row-subject-text")).to_have_text("The blue door")
    expect(page.locator(".row-mark")).to_contain_text("Encrypted")
    page.locator(".row-link").first.click()
    expect(page.locator(TEXT)).to_have_value("Half a sentence, and the rest")
    expect(page.locator("#compose-subject")).to_have_value("The blue door")
    expect(page.locator("[data-field=to] .chip")).to_have_attribute("data-address", "bob@example.test")
    expect(page.locator("[data-field=bcc] .chip")).to_have_attribute("data-address", "dana@example.test")
    expect(page.locator("[data-slot=files] li")).to_contain_text("Umbau")
    assert kept_here(page) == []

    # A reload in the composer of a saved draft, after its row has moved on.
    page.locator(TEXT).press_sequentially("!")
    is_kept(page)
    page.wait_for_timeout(4_000)
    saved(page)
    page.reload()
    expect(page.locator(TEXT)).to_have_value("Half a sentence, and the rest!")
    eventually(site, 1)
    assert alice.trouble == []


def test_a_reload_in_mid_sentence(alice: Visitor, site: Site) -> None:
    page = begin(alice, "I was about to s")
    is_kept(page)
    page.reload()
    expect(page.locator(TEXT)).to_have_value("I was about to s")
    expect(page.locator("#compose-subject")).to_have_value("The blue door")
    page.locator(TEXT).press("End")
    page.locator(TEXT).press_sequentially("ay")
    saved(page)
    page.wait_for_timeout(3_500)
    eventually(site, 1)
    assert alice.trouble == []


def test_ten_minutes_without_network(visit: Visit, site: Site) -> None:
    """In a browser of its own, since its clock is set."""
    alice = visit(site, "alice")
    alice.sign_in()
    alice.open_keys(PASSPHRASE)
    empty(site, "alice")
    page = alice.page
    page.clock.install()
    begin(alice, "Before the tunnel. ")
    page.clock.run_for(5_000)
    saved(page)
    alice.context.set_offline(True)
    for minute in range(10):
        page.locator(TEXT).press("End")
        page.locator(TEXT).press_sequentially(f"Minute {minute}. ")
        page.clock.run_for(60_000)
    expect(page.locator("[data-slot=draft]")).to_have_attribute("data-draft", "write-draft-local")
    notice = page.locator('[data-notice="write-draft-local"]')
    expect(notice).to_contain_text("No connection. The draft is kept encrypted in this browser.")
    is_kept(page)
    before = rev(eventually(site, 1)[0])
    alice.context.set_offline(False)
    page.clock.run_for(70_000)
    saved(page)
    [raw] = eventually(site, 1)
    assert rev(raw) > before
    alice.open_mailbox("Drafts")
    page.locator(".row-link").first.click()
    expect(page.locator(TEXT)).to_have_value(re.compile(r"Before the tunnel\..*Minute 0\..*Minute 9\. "))


def test_the_tab_is_killed_without_network(alice: Visitor, site: Site) -> None:
    page = begin(alice, "Then the tab ended.")
    is_kept(page)
    alice.context.set_offline(True)
    page.locator(TEXT).press("End")
    page.locator(TEXT).press_sequentially(" And this too.")
    is_kept(page)
    with page.expect_event("crash"), contextlib.suppress(Error):
        page.goto("chrome://crash")
    page.close()
    alice.context.set_offline(False)
    alice.page = page = alice.context.new_page()
    alice.open_mailbox()
    # What was only in the browser goes to the mailbox by itself, and the person is told.
    toast = page.locator('.toast[data-word="ui-draft-brought-in"]')
    toast.get_by_role("button", name="Continue writing").click(timeout=SLOW)
    expect(page.locator(TEXT)).to_have_value("Then the tab ended. And this too.")
    eventually(site, 1)


def test_two_tabs_on_one_draft(alice: Visitor, site: Site) -> None:
    page = begin(alice, "First tab")
    saved(page)
    second = alice.context.new_page()
    second.goto(f"{site.url}/mailbox/Drafts/")
    second.locator(".row-link").first.click()
    expect(second.locator('[data-notice="write-draft-elsewhere"]')).to_be_visible()
    expect(second.locator(TEXT)).to_have_value("First tab")
    second.locator(TEXT).fill("Second tab")
    second.locator('[data-notice="write-draft-elsewhere"]').get_by_role("button", name="Keep both").click()
    saved(second)
    eventually(site, 2)
    expect(second.locator('[data-notice="write-draft-elsewhere"]')).to_have_count(0)

    third = alice.context.new_page()
    third.goto(f"{site.url}/mailbox/Drafts/")
    third.locator(".row-link").last.click()
    third.locator('[data-notice="write-draft-elsewhere"]').get_by_role("button", name="Use this one").click()
    expect(page.locator('[data-notice="write-draft-elsewhere"]')).to_be_visible()
    third.locator(TEXT).fill("Third tab")
    is_kept(third)
    third.wait_for_timeout(4_000)
    saved(third)
    assert len(eventually(site, 2)) == 2


def test_another_device(alice: Visitor, site: Site, visit: Visit) -> None:
    page = begin(alice, "On the desk")
    saved(page)
    phone = visit(site, "alice", viewport={"width": 390, "height": 844})
    phone.sign_in()
    phone.open_mailbox("Drafts")
    phone.page.locator(".row-link").first.click()
    phone.unlock(PASSPHRASE)
    expect(phone.page.locator(TEXT)).to_have_value("On the desk")
    phone.page.locator(TEXT).fill("On the phone")
    saved(phone.page)
    phone.page.wait_for_timeout(4_000)
    page.locator(TEXT).fill("On the desk again")
    notice = page.locator('[data-notice="write-draft-elsewhere"]')
    expect(notice).to_be_visible(timeout=SLOW)
    # Nothing of the phone's is gone while nobody decided.
    assert len(drafts(site)) == 1
    # Nor is what this browser had, before the new one is kept.
    [before] = kept_here(page)
    page.evaluate(FULL)
    notice.get_by_role("button", name="Keep both").click()
    expect(page.locator('[data-notice="ui-draft-not-kept"]')).to_be_visible()
    assert [each["id"] for each in kept_here(page)] == [before["id"]]
    page.evaluate("room()")
    page.locator(TEXT).fill("On the desk again, and kept")
    is_kept(page)
    saved(page)
    eventually(site, 2)
    assert before["id"] not in [each["id"] for each in kept_here(page)]
    assert phone.trouble == [] and set(alice.trouble) == {"full"}


def test_locking_saves_and_takes_the_text_away(alice: Visitor, site: Site) -> None:
    page = in_reader(alice, "Only for her")
    page.locator(TEXT).fill("Only for her eyes")
    alice.lock()
    expect(page.locator('[data-notice="write-draft-locked"]')).to_be_visible()
    expect(page.locator(TEXT)).to_have_value("")
    expect(page.locator("[data-field=to] .chip")).to_have_count(0)
    assert "Only for her" not in page.content()
    # Whatever were typed now would be written over when the draft comes back.
    expect(page.locator(".compose-foot")).to_have_js_property("inert", True)
    page.locator('[data-notice="write-draft-locked"]').get_by_role("button").click()
    alice.unlock(PASSPHRASE)
    expect(page.locator(TEXT)).to_have_value("Only for her eyes")
    expect(page.locator(TEXT)).to_be_visible()
    expect(page.locator("[data-field=to] .chip")).to_have_count(1)
    eventually(site, 1)
    assert alice.trouble == []


def test_signing_out_saves_first_and_asks_without_network(alice: Visitor, site: Site) -> None:
    page = in_reader(alice, "Quick, before")
    page.locator(TEXT).fill("Quick, before I go")
    alice.sign_out()
    eventually(site, 1, within=1)
    assert kept_here(page) == []

    alice.sign_in()
    page.locator("key-status button").click()
    alice.unlock(PASSPHRASE)
    alice.open_mailbox("Drafts")
    page.locator(".row-link").first.click()
    expect(page.locator(TEXT)).to_have_value("Quick, before I go")
    page.route("**/drafts/", lambda route: route.abort())
    page.locator(TEXT).fill("No network here either")
    page.locator(".who-summary").first.click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.locator("dialog[open]")).to_contain_text("A draft is not in your mailbox yet.")
    page.get_by_role("button", name="Stay").click()
    expect(page.locator(TEXT)).to_have_value("No network here either")


def test_a_foreign_draft_stays_closed(alice: Visitor, site: Site) -> None:
    """B38: an old encrypted message of hers comes back as a draft to somebody else."""
    page = alice.page
    alice.write([alice.address], "Old secret", "The key is under the pot.")
    alice.send("send-encrypted")
    block = site.mail.messages("alice", "Sent")[-1]
    armor = re.search(rb"-----BEGIN PGP MESSAGE-----.*-----END PGP MESSAGE-----", block, re.S)
    assert armor
    head = f"From: {alice.address}\r\nTo: mallory@example.test\r\nSubject: For you\r\nMIME-Version: 1.0\r\n".encode()
    inline = (
        head + b"Message-ID: <a@evil.test>\r\nContent-Type: text/plain\r\n\r\nPlease see:\r\n\r\n" + armor[0] + b"\r\n"
    )
    whole = re.sub(rb"(?im)^(to|subject|message-id):.*(\r\n[ \t].*)*\r\n", b"", block)
    for raw in (inline, b"To: mallory@example.test\r\nMessage-ID: <b@evil.test>\r\nSubject: For you\r\n" + whole):
        empty(site, "alice")
        site.mail.append("alice", "Drafts", raw)
        alice.open_mailbox("Drafts")
        page.wait_for_load_state("networkidle")
        expect(page.locator(".row-subject-text")).not_to_contain_text("Old secret")
        page.locator(".row-link").first.click()
        expect(page.locator('[data-notice="write-draft-foreign"]')).to_be_visible()
        expect(page.locator("[data-field=to] .chip")).to_have_attribute("data-address", "mallory@example.test")
        assert "under the pot" not in page.locator(TEXT).input_value()
        page.locator(TEXT).press("End")
        page.locator(TEXT).press_sequentially("x")
        saved(page)
        # The original stays, byte for byte, beside the new draft; and nothing in the new one was ever open.
        left = eventually(site, 2)
        assert any(armor[0].replace(b"\r\n", b"\n") in each.replace(b"\r\n", b"\n") for each in left)
        assert "under the pot" not in page.locator(TEXT).input_value()
        page.locator("[data-discard]").click()
        expect(page.locator(".toast")).to_contain_text("Draft discarded.")
    assert alice.trouble == []


def test_a_draft_that_does_not_open_is_not_written_over(alice: Visitor, site: Site) -> None:
    page = in_reader(alice, "Whole and safe")
    alice.open_mailbox()
    before = eventually(site, 1)
    alice.open_mailbox("Drafts")
    page.route("**/raw/", lambda route: route.abort())
    page.locator(".row-link").first.click()
    notice = page.locator('[data-notice="ui-draft-not-opened"]')
    expect(notice).to_contain_text("This draft could not be opened.")
    expect(page.locator(TEXT)).to_have_js_property("inert", True)
    expect(page.locator(TEXT)).to_have_value("")
    notice.get_by_role("button", name="Try again").click()
    expect(notice).to_have_count(1)
    page.unroute("**/raw/")
    notice.get_by_role("button", name="Try again").click()
    expect(page.locator(TEXT)).to_have_value("Whole and safe")
    expect(notice).to_have_count(0)
    expect(page.locator(TEXT)).to_have_js_property("inert", False)
    assert eventually(site, 1) == before
    page.locator(TEXT).fill("Whole and safe, and more")
    is_kept(page)
    page.wait_for_timeout(4_000)
    saved(page)
    assert eventually(site, 1) != before


def test_nothing_is_typed_while_a_draft_is_on_its_way(alice: Visitor, site: Site) -> None:
    page = in_reader(alice, "What was written")
    alice.open_mailbox("Drafts")
    held: list[Route] = []
    page.route("**/raw/", lambda route: held.append(route))
    page.locator(".row-link").first.click()
    expect(page.locator(TEXT)).to_have_js_property("inert", True)
    while not held:
        page.wait_for_timeout(100)
    page.locator("#compose-subject").evaluate("(field) => field.focus()")
    page.keyboard.type("12345")
    expect(page.locator("#compose-subject")).to_have_value("")
    page.unroute("**/raw/")
    for route in held:
        # Some of them may go on by themselves now.
        with contextlib.suppress(Error):
            route.continue_()
    expect(page.locator(TEXT)).to_have_value("What was written")
    expect(page.locator("#compose-subject")).to_have_value("The blue door")
    expect(page.locator(TEXT)).to_have_js_property("inert", False)
    page.locator(TEXT).press("End")
    page.locator(TEXT).press_sequentially(" and more")
    is_kept(page)
    assert kept_here(page) != []


def test_a_draft_comes_back_without_the_identities(alice: Visitor, site: Site) -> None:
    """They are only for the From line; the text does not wait for them."""
    page = in_reader(alice, "Without a signature")
    page.route(re.compile(r"/state/compose/"), lambda route: route.abort())
    page.reload()
    expect(page.locator(TEXT)).to_have_value("Without a signature")
    expect(page.locator(TEXT)).to_have_js_property("inert", False)
    page.locator(TEXT).fill("Without a signature, still saved")
    is_kept(page)
    assert kept_here(page) != []


def test_a_full_browser_is_told_of_and_the_mailbox_still_gets_it(alice: Visitor, site: Site) -> None:
    page = begin(alice, "Once saved")
    saved(page)
    page.route("**/drafts/", lambda route: route.abort())
    page.evaluate(FULL)
    page.locator(TEXT).fill("Not kept anywhere")
    notice = page.locator('[data-notice="ui-draft-not-kept"]')
    expect(notice).to_contain_text("What you wrote last is not saved.")
    expect(page.locator("[data-slot=draft]")).not_to_contain_text("Draft saved")
    before = rev(eventually(site, 1)[0])
    page.unroute("**/drafts/")
    saved(page)
    expect(notice).to_have_count(0)
    expect(page.locator("[data-slot=draft]")).to_have_attribute("title", re.compile(r"\d:\d\d"))
    assert rev(eventually(site, 1)[0]) > before
    is_kept(page)


def test_discard_can_be_undone_and_sending_deletes_the_draft(alice: Visitor, site: Site) -> None:
    page = begin(alice, "Never mind")
    saved(page)
    page.locator("[data-discard]").click()
    page.locator(".toast").get_by_role("button", name="Undo").click()
    expect(page.locator(TEXT)).to_have_value("Never mind")
    page.locator("[data-discard]").click()
    page.locator('.toast [aria-label="Close"]').click()
    # What only hides the offer, as another toast does, throws nothing away before its time.
    page.wait_for_timeout(3_000)
    assert len(drafts(site)) == 1
    eventually(site, 0)

    alice.open_mailbox()
    alice.write([alice.address], "To myself", "Goes out")
    saved(page)
    eventually(site, 1)
    alice.send("send-encrypted")
    eventually(site, 0)
    assert kept_here(page) == []
    assert alice.trouble == []


def test_a_second_tab_that_closes_leaves_what_the_first_one_wrote(alice: Visitor, site: Site) -> None:
    page = begin(alice, "First tab")
    saved(page)
    second = alice.context.new_page()
    second.goto(f"{site.url}/mailbox/Drafts/")
    second.locator(".row-link").first.click()
    notice = second.locator('[data-notice="write-draft-elsewhere"]')
    expect(notice).to_be_visible(timeout=SLOW)
    page.route("**/drafts/", lambda route: route.abort())
    page.locator(TEXT).fill("First tab, and more")
    is_kept(page)
    [before] = kept_here(page)
    assert before["rev"] > before["uploaded"]
    for way in ("[data-leave]", "[data-discard]"):
        second.locator(way).first.click()
        expect(second.locator(TEXT)).to_have_count(0)
        second.wait_for_timeout(2_000)
        assert [each["rev"] for each in kept_here(page)] == [before["rev"]]
        second.goto(f"{site.url}/mailbox/Drafts/")
        second.locator(".row-link").first.click()
        expect(notice).to_be_visible(timeout=SLOW)
    assert len(eventually(site, 1)) == 1


def called_back(alice: Visitor, text: str) -> Page:
    """A saved draft gone on with, sent before a pause, and called back in the outbox."""
    page = alice.page
    page.locator(TEXT).fill(text)
    page.locator("message-composer").evaluate("(composer) => { composer.dataset.undo = '30'; }")
    page.locator("send-button button").click()
    expect(page.locator("[data-undoing]")).to_be_visible(timeout=SLOW)
    page.goto(f"{alice.site.url}/outbox/")
    page.locator('form[action$="/cancel/"] button').first.click()
    return page


def test_what_was_typed_last_is_in_the_draft_that_is_called_back(alice: Visitor, site: Site) -> None:
    alice.write([alice.address], "The blue door", "The first paragraph.")
    page = alice.page
    saved(page)
    before = rev(eventually(site, 1)[0])
    called_back(alice, "The first paragraph. And the last.")
    expect(page.locator(TEXT)).to_have_value("The first paragraph. And the last.", timeout=SLOW)
    [raw] = eventually(site, 1)
    assert rev(raw) > before
    assert alice.trouble == []


def test_what_could_not_be_saved_before_sending_is_filed_beside(alice: Visitor, site: Site) -> None:
    alice.write([alice.address], "The blue door", "The first paragraph.")
    page = alice.page
    saved(page)
    page.route("**/drafts/", lambda route: route.abort())
    called_back(alice, "The first paragraph. And the last.")
    found = eventually(site, 2)
    assert len([raw for raw in found if b"X-Postern-Draft" in raw]) == 1


def test_without_keys_the_draft_stays_in_this_browser(site: Site, visit: Visit) -> None:
    visitor = visit(site, "charlie")
    visitor.sign_in()
    visitor.page.goto(f"{site.url}/mailbox/INBOX/")
    page = begin(visitor, "I have no keys")
    expect(page.locator('[data-notice="ui-draft-browser"]')).to_contain_text("in this browser only")
    assert [each["by"] for each in kept_here(page)] == ["browser"]
    page.reload()
    expect(page.locator(TEXT)).to_have_value("I have no keys")
    assert drafts(site, "charlie") == []


def test_locking_takes_away_an_answer_nobody_wrote_on(alice: Visitor, site: Site) -> None:
    alice.write([alice.address], "Under the pot", "The key is there.")
    alice.send("send-encrypted")
    page = alice.page
    alice.open_mailbox()
    page.locator(".row-link").first.click()
    page.locator('[data-key="r"]').first.click()
    expect(page.locator(TEXT)).to_have_value(re.compile("The key is there"))
    alice.lock()
    expect(page.locator('[data-notice="write-draft-locked"]')).to_be_visible()
    left = page.locator("message-composer").evaluate(
        "(e) => e.innerHTML + [...e.querySelectorAll('input, textarea')].map((field) => field.value).join()"
    )
    assert "The key is there" not in left and "Under the pot" not in left
    page.locator('[data-notice="write-draft-locked"]').get_by_role("button").click()
    alice.unlock(PASSPHRASE)
    expect(page.locator(TEXT)).to_have_value(re.compile("The key is there"))
    expect(page.locator("#compose-subject")).to_have_value("Re: Under the pot")
    assert alice.trouble == []
