"""Everything that Alice's browser asked for, asked again by Bob's and by a stranger's."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import APIResponse, Request, expect

from .conftest import Visit
from .visitor import Visitor
from .whole_site import Site

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

ALICES = "rotten gravel tinsel uncle sphinx"
BOBS = "marble oxygen ticket velvet canoe"
MARKER = "zebrafinch"
LETTER = (
    "From: Dana <dana@example.test>\r\nTo: {to}\r\nSubject: {marker} in the subject\r\n"
    "Date: Sun, 22 Nov 2026 10:00:00 +0000\r\nMessage-ID: <{marker}@example.test>\r\nMIME-Version: 1.0\r\n"
    'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nThe {marker} sings.\r\n'
    '--b\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename="{marker}.pdf"\r\n\r\n'
    "%PDF {marker}\r\n--b--\r\n"
)
#: Headers that say what a request does; cookies and tokens are each one's own.
KEPT = {"accept", "content-type", "if-match", "if-none-match", "hx-request", "hx-target", "x-requested-with"}


@dataclass
class Asked:
    method: str
    path: str
    body: bytes | None
    headers: dict[str, str]

    @property
    def where(self) -> str:
        return f"{self.method} {self.path}"


@dataclass
class Story:
    alice: Visitor
    bob: Visitor
    asked: list[Asked] = field(default_factory=list)

    def note(self, request: Request) -> None:
        place = urlsplit(request.url)
        if f"{place.scheme}://{place.netloc}" != self.alice.site.url or place.path.startswith("/static/"):
            return
        headers = {name: value for name, value in request.headers.items() if name in KEPT}
        path = place.path + (f"?{place.query}" if place.query else "")
        self.asked.append(Asked(request.method, path, request.post_data_buffer, headers))

    @property
    def secrets(self) -> list[bytes]:
        """What only Alice may see: words of her mail, her address, her sealed things as they lie in the database."""
        with sqlite3.connect(self.alice.site.database) as database:
            rings = database.execute("SELECT sealed FROM keys_keyring JOIN accounts_person p ON p.id = person_id "
                                     "WHERE p.username = ?", [self.alice.address])  # fmt: skip
            sealed = [bytes(row[0])[-40:] for row in rings]
        assert sealed
        return [MARKER.encode(), self.alice.address.encode(), *sealed]


@pytest.fixture(scope="module")
def story(chromium: Any, dovecot_site: Site, mail_servers: Any) -> Iterator[Story]:
    """Alice signs in, makes keys, reads, answers, looks at everything; Bob has an account like hers."""
    people = [mail_servers.somebody_new().user.partition("@")[0] for _ in range(2)]
    contexts = [chromium.new_context(viewport={"width": 1440, "height": 900}) for _ in people]
    alice, bob = (Visitor(*each) for each in zip(contexts, [dovecot_site] * 2, people, strict=True))
    story = Story(alice, bob)
    bob.sign_in()
    bob.make_keys(BOBS)
    dovecot_site.mail.append(
        bob.name, "INBOX", b"From: charlie@example.test\r\nSubject: Bob's own\r\n\r\nHello Bob.\r\n"
    )
    alice.context.on("request", story.note)
    dovecot_site.mail.append(alice.name, "INBOX", LETTER.format(to=alice.address, marker=MARKER).encode())
    alice.sign_in()
    alice.make_keys(ALICES)
    page = alice.page
    alice.open_mailbox()
    alice.open_message()
    expect(page.locator("[data-slot=letter]")).to_contain_text(MARKER)
    with page.expect_download():
        page.locator("[data-slot=files]").get_by_role("button", name=re.compile("Download")).first.click()
    page.keyboard.press("s")
    page.keyboard.press("u")
    alice.write([alice.address], f"{MARKER} again", f"Words of a {MARKER}.")
    alice.send("send-encrypted")
    alice.open_mailbox()
    alice.open_message()
    expect(page.locator("[data-slot=letter]")).to_contain_text(f"Words of a {MARKER}", timeout=20_000)
    for path in ("/outbox/", "/settings/", "/keys/", f"/mailbox/INBOX/?q={MARKER}", "/mailbox/Sent/"):
        page.goto(dovecot_site.url + path)
    page.goto(f"{dovecot_site.url}/settings/")
    page.locator("[name=name]").fill(f"Alice {MARKER}")
    page.locator("form:has([name=name]) button").first.click()
    page.wait_for_url(re.compile("saved"))
    query = "SELECT o.id FROM webmail_outboxmessage o JOIN accounts_account a ON a.id = account_id WHERE a.address = ?"
    with sqlite3.connect(dovecot_site.database) as database:
        rows = database.execute(query, [alice.address]).fetchall()
    assert rows
    for (row,) in rows:
        number = f"{row[:8]}-{row[8:12]}-{row[12:16]}-{row[16:20]}-{row[20:]}"
        for tail, method in (("", "GET"), ("told/", "GET"), ("copy/", "GET"), ("cancel/", "POST"), ("retry/", "POST")):
            story.asked.append(Asked(method, f"/outbox/{number}/{tail}", None, {}))
    for asked in [each for each in story.asked if re.fullmatch(r"/mailbox/INBOX/\d+/\d+/", each.path)]:
        for tail in ("raw/", "raw/?download=1", "source/", "outline/", "part/1/", "part/2/"):
            story.asked.append(Asked("GET", asked.path + tail, None, {}))
    yield story
    for context in contexts:
        context.close()


def replay(story: Story, who: Visitor | None, asked: Asked, context: Any) -> APIResponse:
    headers = dict(asked.headers)
    if who is not None and asked.method != "GET":
        headers["x-csrftoken"] = who.page.evaluate("document.querySelector('meta[name=csrf-token]').content")
    return context.request.fetch(  # type: ignore[no-any-return]
        story.alice.site.url + asked.path, method=asked.method, data=asked.body, headers=headers, max_redirects=0
    )


def hers(story: Story) -> tuple[Any, ...]:
    """All that is Alice's, on the mail server and in the database."""
    mail, name = story.alice.site.mail, story.alice.name
    queries = {
        "account": "SELECT * FROM accounts_account WHERE address = ?",
        "ring": "SELECT k.* FROM keys_keyring k JOIN accounts_person p ON p.id = k.person_id WHERE p.username = ?",
        "state": "SELECT k.* FROM keys_staterecord k JOIN accounts_person p ON p.id = k.person_id WHERE p.username = ?",
        "certificates": "SELECT * FROM keys_certificate WHERE address = ?",
        "outbox": "SELECT o.* FROM webmail_outboxmessage o JOIN accounts_account a ON a.id = o.account_id "
        "WHERE a.address = ?",
    }
    with sqlite3.connect(story.alice.site.database) as database:
        rows = {what: database.execute(query, [story.alice.address]).fetchall() for what, query in queries.items()}
    return rows, mail.messages(name, "INBOX"), mail.messages(name, "Sent"), mail.flags(name, "INBOX")


def test_the_story_asked_for_everything(story: Story) -> None:
    paths = " ".join(each.where for each in story.asked)
    for part in ("/send/", "PUT /keys/ring/", "PUT /keys/certificates/", "POST /keys/recipients/", "/outline/", "/raw/",
                 "/keys/state/", "/do/", "/part/", "POST /sign-in/", "POST /settings/", "/outbox/"):  # fmt: skip
        assert part in paths, part


def test_bob_gets_his_own_or_nothing(story: Story) -> None:
    story.bob.open_mailbox()
    before, secrets = hers(story), story.secrets
    with sqlite3.connect(story.bob.site.database) as database:
        query = "SELECT k.hash FROM keys_keyring k JOIN accounts_person p ON p.id = k.person_id WHERE p.username = ?"
        bobs_ring = database.execute(query, [story.bob.address]).fetchone()
    for asked in story.asked:
        if asked.path.startswith("/sign-in/"):
            continue  # with Alice's own password in it
        answer = replay(story, story.bob, asked, story.bob.context)
        assert answer.status < 500, f"{asked.where}: {answer.status}"
        if asked.path.startswith("/outbox/") and asked.path != "/outbox/":
            assert answer.status == 404, asked.where
        if re.match(r"/mailbox/INBOX/\d+/\d+/", asked.path):
            # His own message may have the same number in a mailbox made in the same second; that is his.
            assert answer.status in {404, 409} or b"Bob's own" in answer.body() or b"Hello Bob" in answer.body(), (
                asked.where
            )
        shown = answer.body()
        if asked.path == "/keys/recipients/":
            continue  # the directory: anybody who writes may ask for certificates
        # What was asked for comes back in a search field; that is no answer.
        found = [secret for secret in secrets if secret in shown and secret.decode("latin-1") not in asked.path]
        assert found == [], f"{asked.where} shows {found}"
        if asked.method == "PUT" and "/keys/state/" not in asked.path:
            assert answer.status in {409, 412, 422}, asked.where
    assert hers(story) == before
    with sqlite3.connect(story.bob.site.database) as database:
        assert database.execute(query, [story.bob.address]).fetchone() == bobs_ring


def test_a_stranger_gets_the_door(story: Story, visit: Visit, chromium: Any) -> None:
    before, secrets = hers(story), story.secrets
    context = chromium.new_context()
    for asked in story.asked:
        if asked.path.startswith(("/sign-in/", "/frame/blocked/")):
            continue
        answer = replay(story, None, asked, context)
        allowed = {302, 401, 404} if asked.method == "GET" else {401, 403}
        assert answer.status in allowed, f"{asked.where}: {answer.status}"
        if answer.status == 302:
            assert answer.headers["location"].startswith("/sign-in/"), asked.where
        assert [secret for secret in secrets if secret in answer.body()] == [], asked.where
    context.close()
    assert hers(story) == before


def test_her_cookies_are_worth_nothing_after_signing_out(story: Story, chromium: Any) -> None:
    """Last: it ends the session that the others looked at."""
    cookies = story.alice.context.cookies()
    story.alice.page.goto(f"{story.alice.site.url}/mailbox/INBOX/")
    story.alice.sign_out()
    thief = chromium.new_context()
    thief.add_cookies(cookies)
    for asked in story.asked:
        if asked.method == "GET" and asked.path.startswith(("/mailbox", "/keys/", "/outbox/", "/settings/")):
            answer = replay(story, None, asked, thief)
            assert answer.status in {302, 401}, f"{asked.where}: {answer.status}"
    thief.close()
