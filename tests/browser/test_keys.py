"""Keys in a real browser: made, opened, kept open, locked, and never believed when the server goes back."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pysequoia
import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, expect

from accounts.models import Account, Person
from keys import ring
from keys.models import Certificate, KeyRing, OlderKeyRing, StateRecord, StayHalf
from tests.accounts import people

from .accessible import clean_everywhere
from .served import serving

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PASSPHRASE = "rotten gravel tinsel uncle sphinx"


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    with serving() as origin:
        yield origin


@pytest.fixture
def alice(db: None) -> Account:
    person = Person.objects.create(username="alice@example.test")
    return Account.objects.create(
        person=person,
        address="alice@example.test",
        name="Alice",
        login="alice",
        imap_host="imap.example.test",
        smtp_host="smtp.example.test",
    )


class Visit:
    """A browser in which Alice is signed in, and everything it sent."""

    def __init__(self, context: BrowserContext, origin: str) -> None:
        self.context, self.origin = context, origin
        self.sent: list[bytes] = []
        context.on(
            "request", lambda request: self.sent.append(request.url.encode() + (request.post_data_buffer or b""))
        )
        # The mailbox needs a mail server, which these tests do not.
        context.route(
            f"{origin}/", lambda route: route.fulfill(body='<div id="page">the mailbox</div>', content_type="text/html")
        )

    def open(self, path: str) -> Page:
        page = self.context.new_page()
        page.goto(self.origin + path)
        return page

    def set_up(self) -> tuple[Page, str]:
        """Makes keys as a person does; gives the page and the recovery code."""
        page = self.open("/keys/set-up/")
        page.get_by_role("textbox", name="Passphrase").fill(PASSPHRASE)
        page.get_by_role("button", name="Continue").click()
        code = page.locator("[data-set-up=code]")
        expect(code).to_have_text(re.compile(r"\w{4}"), timeout=30_000)
        groups = code.inner_text().split()
        first, second = (int(n) for n in re.findall(r"\d+", page.locator("[data-set-up=check-ask]").inner_text()))
        page.get_by_label(f"Word {first}").fill(groups[first - 1])
        page.get_by_label(f"Word {second}").fill(groups[second - 1])
        page.get_by_role("button", name="Open my mail").click()
        expect(page.locator("#page")).to_have_text("the mailbox", timeout=30_000)
        return page, "-".join(groups)


@pytest.fixture
def visit(chromium: Browser, origin: str, alice: Account) -> Iterator[Callable[..., Visit]]:
    contexts: list[BrowserContext] = []

    def begin(**how: object) -> Visit:
        context = chromium.new_context(**how)
        contexts.append(context)
        context.set_default_timeout(30_000)
        cookies = people.browser(alice).cookies.values()
        context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": origin} for cookie in cookies])
        return Visit(context, origin)

    yield begin
    for context in contexts:
        context.close()


def status(page: Page, state: str) -> None:
    expect(page.locator("key-status button")).to_have_attribute("data-keys", state, timeout=30_000)


def word(page: Page, name: str):
    return page.locator(f'[data-word="{name}"]:visible')


def unlock(page: Page, secret: str, *, code: bool = False) -> None:
    page.locator("key-status button").click()
    if code:
        page.get_by_role("button", name="Use the recovery code").click()
    page.locator("#unlock-secret").fill(secret)
    page.locator("[data-unlock=open]").click()


def test_alice_gets_keys_that_only_her_browser_opens(visit: Callable[..., Visit]) -> None:
    alice = visit()
    _, code = alice.set_up()
    kept = KeyRing.objects.get()
    assert (kept.epoch, kept.rev) == (1, 1) or kept.rev >= 0
    certificate = Certificate.objects.get()
    assert certificate.address == "alice@example.test"
    assert not pysequoia.Cert.from_bytes(bytes(certificate.data)).has_secret_keys
    everything = b"\n".join(alice.sent) + bytes(kept.sealed)
    for secret in (*PASSPHRASE.split(), *code.split("-"), code):
        assert secret.encode() not in everything
    # A ring that vanished is not replaced without a word.
    KeyRing.objects.all().delete()
    page = alice.open("/keys/set-up/")
    expect(word(page, "ring-rollback")).to_be_visible()


def test_tabs_open_lock_and_sign_out_together(visit: Callable[..., Visit]) -> None:
    alice = visit()
    alice.set_up()
    first, second = alice.open("/keys/"), alice.open("/keys/")
    status(first, "open")
    status(second, "open")
    first.reload()
    status(first, "open")
    expect(first.locator("[data-word=ui-keys-state-published]")).to_be_visible()
    first.locator("key-status button").click()
    status(first, "locked")
    expect(word(first, "lock-done")).to_be_visible()
    status(second, "locked")
    expect(second.locator("tbody tr")).to_have_count(0)
    second.reload()
    status(second, "locked")
    assert not StayHalf.objects.exists()
    unlock(second, PASSPHRASE)
    status(second, "open")

    # Signing out in one leaves nothing readable in the other.
    fingerprint = second.locator("[data-cell=fingerprint]:visible").inner_text()
    first.evaluate(
        """() => {
          const form = document.createElement("form");
          form.method = "post";
          form.action = document.querySelector("key-unlock").dataset.signOutUrl;
          document.body.append(form);
          const token = document.createElement("input");
          token.type = "hidden"; token.name = "csrfmiddlewaretoken";
          token.value = document.querySelector("meta[name=csrf-token]").content;
          form.append(token);
          form.requestSubmit();
        }"""
    )
    first.wait_for_url("**/sign-in/**")
    expect(word(second, "lock-elsewhere")).to_be_visible()
    assert fingerprint not in second.content()
    assert not StayHalf.objects.exists()
    kept = second.evaluate("indexedDB.databases().then((all) => all.map(({name}) => name))")
    # Drafts are sealed, and stay for the next sign-in.
    assert set(kept) <= {"postern-keys", "postern-drafts"}
    assert second.evaluate("localStorage.length + sessionStorage.length") == 0


def test_keys_lock_by_themselves_when_nobody_is_there(visit: Callable[..., Visit]) -> None:
    alice = visit()
    alice.set_up()
    page = alice.context.new_page()
    page.clock.install()
    page.goto(f"{alice.origin}/keys/")
    status(page, "open")
    page.clock.fast_forward("10:00")
    expect(page.locator("key-status button")).to_contain_text("5 min")
    page.mouse.move(20, 20)
    page.clock.fast_forward("14:00")
    status(page, "open")
    page.clock.fast_forward("02:00")
    status(page, "locked")
    expect(word(page, "lock-idle")).to_be_visible()
    expect(page.locator("tbody tr")).to_have_count(0)
    page.reload()
    status(page, "locked")
    assert not StayHalf.objects.exists()


def test_what_two_tabs_note_at_once_is_both_kept(visit: Callable[..., Visit]) -> None:
    alice = visit()
    alice.set_up()
    first, second = alice.open("/keys/"), alice.open("/keys/")
    status(first, "open")
    status(second, "open")
    note = """async ([address, fingerprint]) => {
      const own = document.querySelector('script[src$="elements/page.js"]').src;
      const { pins, notePin } = await import(own.replace("page.js", "keys-pins.js"));
      if (address) await notePin({ address, fingerprint, source: "source-here" });
      return Object.keys(await pins()).sort();
    }"""
    assert second.evaluate(note, [None, None]) == []
    assert first.evaluate(note, ["bob@example.test", "a" * 40]) == ["bob@example.test"]
    # The second tab still has the empty list in hand: its first attempt meets the other's revision.
    both = ["bob@example.test", "dana@outside.test"]
    assert second.evaluate(note, ["dana@outside.test", "b" * 40]) == both
    first.reload()
    status(first, "open")
    assert first.evaluate(note, [None, None]) == both
    record = StateRecord.objects.get()
    assert record.rev == 2
    assert b"example" not in bytes(record.sealed)
    StateRecord.objects.update(rev=1)
    first.reload()
    status(first, "open")
    with pytest.raises(Error, match="newest list of pins"):
        first.evaluate(note, [None, None])


def test_a_wrong_passphrase_is_said_and_the_code_opens(visit: Callable[..., Visit]) -> None:
    alice = visit()
    _, code = alice.set_up()
    page = visit().open("/keys/")
    unlock(page, "not the passphrase at all")
    expect(word(page, "unlock-wrong")).to_be_visible()
    status(page, "locked")
    page.get_by_role("button", name="Use the recovery code").click()
    page.locator("#unlock-secret").fill(code[:-1] + ("*" if code[-1] != "*" else "="))
    page.locator("[data-unlock=open]").click()
    expect(word(page, "ui-keys-code-check")).to_be_visible()
    page.locator("#unlock-secret").fill(code.lower().replace("-", " "))
    page.locator("[data-unlock=open]").click()
    status(page, "open")
    expect(word(page, "recovery-used")).to_be_visible()
    # A ring that somebody changed is refused, in a browser that never saw it before.
    kept = KeyRing.objects.get()
    changed = bytes(kept.sealed)[:-1] + bytes([bytes(kept.sealed)[-1] ^ 1])
    KeyRing.objects.update(sealed=changed)
    page = visit().open("/keys/")
    unlock(page, PASSPHRASE)
    expect(word(page, "ring-tampered")).to_be_visible()
    status(page, "locked")


def test_a_new_passphrase_takes_the_place_of_the_old_one_for_good(visit: Callable[..., Visit]) -> None:
    alice = visit()
    alice.set_up()
    before = older = KeyRing.objects.get()
    page = alice.open("/keys/")
    status(page, "open")
    page.get_by_role("button", name="Change").click()
    page.get_by_label("New passphrase").fill("password1")
    page.get_by_role("button", name="Use this passphrase").click()
    expect(word(page, "ui-keys-too-weak")).to_be_visible()
    page.get_by_label("New passphrase").fill("copper walrus ninety lantern vivid")
    page.get_by_role("button", name="Use this passphrase").click()
    expect(word(page, "ui-keys-changed")).to_be_visible()
    after = KeyRing.objects.get()
    assert (after.epoch, after.rev) > (before.epoch, before.rev)
    assert OlderKeyRing.objects.get().hash == before.hash
    page.reload()
    status(page, "open")
    other = visit().open("/keys/")
    unlock(other, PASSPHRASE)
    expect(word(other, "unlock-wrong")).to_be_visible()
    other.locator("#unlock-secret").fill("copper walrus ninety lantern vivid")
    other.locator("[data-unlock=open]").click()
    status(other, "open")
    page.locator("key-status button").click()
    status(page, "locked")
    # The server is the one who could roll back: it offers what it kept from before.
    facts = ring.facts(bytes(older.sealed))
    KeyRing.objects.update(sealed=bytes(older.sealed), hash=older.hash, epoch=facts.epoch, rev=facts.rev)
    unlock(page, PASSPHRASE)
    expect(word(page, "ring-rollback")).to_be_visible()
    status(page, "locked")


def test_keys_made_in_two_tabs_at_once_are_one_ring(visit: Callable[..., Visit]) -> None:
    alice = visit()
    late = alice.open("/keys/set-up/")
    late.get_by_role("textbox", name="Passphrase").fill(PASSPHRASE)
    visit().set_up()
    late.get_by_role("button", name="Continue").click()
    expect(late.locator("[data-set-up=code]")).to_have_text(re.compile(r"\w{4}"))
    groups = late.locator("[data-set-up=code]").inner_text().split()
    for n in re.findall(r"\d+", late.locator("[data-set-up=check-ask]").inner_text()):
        late.get_by_label(f"Word {n}").fill(groups[int(n) - 1])
    late.get_by_role("button", name="Open my mail").click()
    expect(word(late, "ui-keys-made-elsewhere")).to_be_visible()
    assert KeyRing.objects.count() == 1
    assert Certificate.objects.count() == 1


def test_the_key_pages_are_accessible(visit: Callable[..., Visit]) -> None:
    alice = visit(viewport={"width": 1440, "height": 900})
    page = alice.open("/keys/set-up/")
    page.get_by_role("button", name="Suggest five words").click()
    expect(page.locator("[data-word=ui-keys-strength-strong]")).to_be_visible()
    clean_everywhere(page, "set-up")
    page.get_by_role("button", name="Continue").click()
    expect(page.locator("[data-set-up=code]")).to_be_visible()
    clean_everywhere(page, "recovery code")
    alice.set_up()
    page = alice.open("/keys/")
    status(page, "open")
    expect(page.locator("[data-word=ui-keys-state-published]")).to_be_visible()
    page.get_by_role("button", name="Change").click()
    clean_everywhere(page, "keys")
    page.locator("key-status button").click()
    status(page, "locked")
    page.locator("key-status button").click()
    expect(page.locator("#unlock-secret")).to_be_visible()
    clean_everywhere(page, "unlock")
