"""Hostile HTML in the real reader: nothing is asked for, nothing runs, nothing leaves its frame."""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pysequoia
import pytest
from playwright.sync_api import BrowserContext

from tests.corpora.sanitised import left

from . import attacks
from .attacks import HARMLESS, Attack
from .cage import put
from .canary import Canary
from .under_attack import Record, Shown, quiet, read_all
from .visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

#: Letters in one message: each has a frame of its own, and the message around them is fetched once.
TOGETHER = 10
EVERY_NTH_ENCRYPTED = 4
PICTURES = Attack("pictures", b'<p>Look: <img src="https://leaking.example/1.png" alt="a door"></p>')


@dataclass
class Letter:
    """One attack in its frame, and the message it stood in."""

    frame: dict[str, Any]
    message: Shown


@dataclass
class Attacked:
    """What happened when somebody read every attack. Those that were encrypted stand apart."""

    record: Record
    clear: dict[str, Letter]
    encrypted: dict[str, Letter]
    messages: dict[str, Shown]
    hits: list[str]

    @property
    def letters(self) -> dict[str, dict[str, Any]]:
        sealed = {f"{name} (encrypted)": letter.frame for name, letter in self.encrypted.items()}
        return sealed | {name: letter.frame for name, letter in self.clear.items()}


@pytest.fixture(scope="module")
def attacked(victim: Visitor, listener: Canary) -> Attacked:
    collected, ours = attacks.collected(), attacks.ours()
    clear = [*attacks.grouped([*collected, *ours], TOGETHER), [PICTURES], [HARMLESS]]
    sealed = [*attacks.grouped([*collected[::EVERY_NTH_ENCRYPTED], *ours], TOGETHER), [HARMLESS]]
    seal = sealer(victim)
    to = victim.address
    put(victim, [attacks.mail(to, *group) for group in clear])
    put(victim, [attacks.encrypted(to, seal(attacks.body(*group))) for group in sealed])
    record = Record(victim.site)
    record.watch(victim.context, victim.page)
    # From the newest on: the encrypted ones first, each time beginning with the harmless one.
    groups = [*reversed(sealed), *reversed(clear)]
    names = [", ".join(one.name for one in group) for group in groups]
    read = dict(enumerate(read_all(victim, record, names)))
    letters: tuple[dict[str, Letter], dict[str, Letter]] = ({}, {})
    for number, group in enumerate(groups):
        for one, frame in zip(group, read[number].inside, strict=False):
            letters[number >= len(sealed)][one.name] = Letter(frame, read[number])
    messages = {f"{number} {name}": read[number] for number, name in enumerate(names)}
    return Attacked(record, letters[1], letters[0], messages, quiet(listener))


def sealer(victim: Visitor) -> Callable[[bytes], bytes]:
    """Encrypts to the certificate that the person's browser published, signed by somebody they do not know."""
    deadline, row = time.monotonic() + 20, None
    while row is None and time.monotonic() < deadline:
        with sqlite3.connect(victim.site.database) as database:
            query = "SELECT data FROM keys_certificate WHERE address = ?"
            row = database.execute(query, [victim.address]).fetchone()
        time.sleep(0.1)
    assert row, "the person's certificate was not published"
    certificate = pysequoia.Cert.from_bytes(bytes(row[0]))
    mallory = pysequoia.Tsk.generate("Mallory <mallory@example.test>").signer()
    return lambda entity: bytes(pysequoia.encrypt(entity, recipients=[certificate], signer=mallory))


def bad(found: dict[str, Any]) -> dict[str, Any]:
    return {name: what for name, what in found.items() if what}


def test_the_canary_hears_what_leaks(caged: BrowserContext, victim: Visitor, listener: Canary) -> None:
    """The proof that its silence means something: another page in the same browser calls, by each of three ways."""
    before = len(listener.hits)
    page = caged.new_page()
    page.goto(f"{victim.site.url}/frame/blocked/")
    page.route("**/leaking-page", lambda route: route.fulfill(content_type="text/html", body=LEAKING))
    page.goto(f"{victim.site.url}/leaking-page")
    page.wait_for_timeout(1500)
    page.close()
    heard = " ".join(listener.hits[before:])
    assert "pictures.example" in heard and "secret.example" in heard and "early.example" in heard
    listener.forget(before)


LEAKING = (
    '<img src="http://pictures.example/1"><img src="https://secret.example/2">'
    '<link rel="preconnect" href="https://early.example">'
)


def test_no_attack_was_left_out(attacked: Attacked) -> None:
    assert {name: one.around["failed"] for name, one in attacked.messages.items() if one.around["failed"]} == {}
    expected = {one.name for one in [*attacks.collected(), *attacks.ours(), HARMLESS]}
    assert len(expected) > 120
    assert expected - set(attacked.clear) == set()
    assert len(attacked.encrypted) > 50
    assert "harmless letter" in attacked.clear["harmless"].frame["html"]
    assert "harmless letter" in attacked.encrypted["harmless"].frame["html"]


def test_nothing_is_asked_for(attacked: Attacked) -> None:
    assert attacked.hits == []
    assert dict(attacked.record.unexpected) == {}
    frames = sum(1 for line in attacked.record.requests if line.endswith("/frame/blocked/"))
    assert frames == len(attacked.letters)


def test_no_script_runs(attacked: Attacked) -> None:
    assert attacked.record.dialogs == []
    assert attacked.record.errors == []
    assert bad({name: one.around["ran"] for name, one in attacked.messages.items()}) == {}


def test_the_walls_behind_the_sanitiser_were_not_even_touched(attacked: Attacked) -> None:
    """A refused picture or style would be a sanitiser that let it through; the browser says so in its console."""
    # Said while the sanitiser parses, in a document that shows nothing; that none of them is left is tested below.
    parsed = ("Blocked script execution in", "Setting the document's base URI to")
    assert [line for line in attacked.record.console if not any(words in line for words in parsed)] == []


def test_nobody_is_led_away(attacked: Attacked) -> None:
    assert attacked.record.popups == []
    inbox = f"{attacked.record.site.url}/mailbox/INBOX/"
    assert [url for url in attacked.record.navigations if not url.startswith(inbox)] == []
    assert {frame["place"] for frame in attacked.letters.values()} == {"/frame/blocked/"}


def test_the_page_around_the_letter_stays_as_it_was(attacked: Attacked) -> None:
    for letters in (attacked.clear, attacked.encrypted):
        harmless = letters["harmless"].message
        changed = {name: difference(harmless.outside, one.message.outside) for name, one in letters.items()}
        assert bad(changed) == {}
    assert {each for one in attacked.messages.values() for each in one.around["beside"]} == {"mail-frame"}
    head = attacked.clear["harmless"].frame["head"]
    assert {frame["head"] for frame in attacked.letters.values()} == {head}


def difference(one: str, other: str) -> str:
    """The first place where the two differ."""
    if one == other:
        return ""
    at = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return f"{one[at - 60 : at + 60]!r} became {other[at - 60 : at + 60]!r}"


def test_what_is_left_is_text(attacked: Attacked) -> None:
    """Judged not by the list that the sanitiser goes by, but by one of what must never be there."""
    assert bad({name: left(frame) for name, frame in attacked.letters.items()}) == {}


def test_links_tell_nobody_where_they_were(attacked: Attacked) -> None:
    links = [link for frame in attacked.letters.values() for link in frame["links"]]
    assert links
    for link in links:
        assert link["protocol"] in {"http:", "https:", "mailto:"}
        assert set(link["rel"].split()) >= {"noopener", "noreferrer"}
        assert link["target"] == "_blank"
        assert link["title"] == link["href"]


def test_held_back_pictures_are_said(attacked: Attacked) -> None:
    assert attacked.clear["pictures"].message.around["notices"] == ["pictures"]
    assert attacked.clear["harmless"].message.around["notices"] == []


FILL = """async ({ groups, like }) => {
  const frames = [];
  for (const letters of groups) {
    const frame = document.querySelector(like).cloneNode();
    document.body.append(frame);
    frames.push(new Promise((resolve) => frame.addEventListener("load", () => resolve([frame, letters]))));
  }
  for (const [frame, letters] of await Promise.all(frames)) {
    const { contentDocument } = frame;
    frame.dataset.attacked = "";
    // Unlike innerHTML this would run scripts.
    const range = contentDocument.createRange();
    for (const html of letters) contentDocument.body.append(range.createContextualFragment(html));
  }
}"""


def test_the_frame_holds_without_the_sanitiser(victim: Visitor, attacked: Attacked, listener: Canary) -> None:
    """The second wall by itself: the same letters, as they came, in the reader's own frames."""
    page = victim.page
    victim.open_mailbox()
    page.keyboard.press("n")
    frame = "[data-slot=letter] iframe"
    page.locator(frame).wait_for()
    record = Record(victim.site)
    record.watch(victim.context, page)
    before, path = len(listener.hits), page.url
    # Chromium connects before it asks the policy, for a link that wants it and for a frame that is then refused:
    # against that there is only the sanitiser.
    early = re.compile(rb"preconnect|<iframe[^>]+src=.?https?:", re.IGNORECASE)
    held = [one for one in [*attacks.collected(), *attacks.ours()] if not early.search(one.html)]
    assert len(held) > 100
    groups = [[one.html.decode("utf-8", "replace") for one in group] for group in attacks.grouped(held, TOGETHER)]
    page.evaluate(FILL, {"groups": groups, "like": frame})
    assert page.locator("iframe[data-attacked]").count() == len(groups)
    # One of them wants to lead elsewhere after ten seconds.
    page.wait_for_timeout(11_000)
    assert listener.hits[before:] == []
    # What the policy refused is in the record of requests as well; nothing of it was answered.
    assert [url for url in record.answers if not re.search(r"/frame/blocked/$|/mailboxes/$|/keys/state/", url)] == []
    assert record.dialogs == record.errors == record.popups == []
    assert page.url == path
    assert page.evaluate("window.ran ?? null") is None
    places = page.locator("iframe[data-attacked]").evaluate_all(
        "all => all.map((each) => each.contentWindow.location.pathname)"
    )
    assert set(places) == {"/frame/blocked/"}
