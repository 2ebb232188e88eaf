"""The websocket of an open page: who may have one, what it is told, and how soon it ends."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from channels.layers import channel_layers
from django.conf import settings as site
from django.test import Client

from accounts import credentials, imap
from accounts.models import Account, Domain
from tests.accounts import people
from tests.servers.authority import Authority
from tests.servers.dovecot import Dovecot
from webmail import consumers, live, watch

from .sockets import Page

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _fresh_layer() -> None:
    """The in-memory layer keeps queues that belong to the loop of an earlier test."""
    channel_layers.backends.clear()


def run(scenario: Callable[[], Awaitable[None]]) -> None:
    async_to_sync(scenario)()


@asynccontextmanager
async def opened(client: Client) -> AsyncIterator[Page]:
    page = Page(client)
    assert await page.connect()
    try:
        yield page
    finally:
        await page.disconnect()


async def ended(page: Page) -> float:
    """Seconds until the page was told that it was signed out and its socket closed."""
    started = time.monotonic()
    assert await page.hear() == {"type": "signed-out"}
    assert await page.closed() == consumers.SIGNED_OUT
    return time.monotonic() - started


# --- who may have one ---


@pytest.mark.parametrize("origin", ["https://attacker.example", "null", "http://localhost.attacker.example", None])
def test_a_foreign_page_gets_no_socket(origin: str | None) -> None:
    client = people.browser(people.account("alice"))

    async def scenario() -> None:
        assert not await Page(client, origin).connect()

    run(scenario)


def test_who_is_not_signed_in_gets_no_socket() -> None:
    async def scenario() -> None:
        assert not await Page(None).connect()

    run(scenario)


@pytest.mark.parametrize("what", ["disabled", "idle"])
def test_who_was_turned_off_or_stayed_away_gets_no_socket(what: str) -> None:
    client = people.browser(people.account("alice"))
    if what == "disabled":
        Account.objects.update(enabled=False)
    else:
        session = client.session
        session["seen"] = int(time.time()) - site.SESSION_IDLE_SECONDS - 1
        session.save()

    async def scenario() -> None:
        assert not await Page(client).connect()

    run(scenario)


# --- what it is told ---


def test_a_page_is_told_of_its_own_account_alone() -> None:
    alice, bob = people.account("alice"), people.account("bob")
    of_alice, of_bob = people.browser(alice), people.browser(bob)

    async def scenario() -> None:
        async with opened(of_alice) as page, opened(of_bob) as other:
            await sync_to_async(live.tell_account)(alice.pk, {"type": "outbox", "id": "1", "state": "done"})
            assert await page.hear() == {"type": "outbox", "id": "1", "state": "done"}
            assert await other.hears_nothing()

    run(scenario)


def test_a_message_from_a_plain_thread_comes_at_once() -> None:
    """As from the Celery thread of the demo, which has no loop."""
    alice = people.account("alice")
    client = people.browser(alice)

    async def scenario() -> None:
        live.bind(asyncio.get_running_loop())
        async with opened(client) as page:
            started = time.monotonic()
            tell = asyncio.to_thread(live.tell_account, alice.pk, {"type": "mailbox-changed", "mailbox": "INBOX"})
            heard, _ = await asyncio.gather(page.hear(), tell)
            assert heard == {"type": "mailbox-changed", "mailbox": "INBOX"}
            assert time.monotonic() - started < 1

    run(scenario)


def test_what_a_page_says_is_ignored() -> None:
    client = people.browser(people.account("alice"))

    async def scenario() -> None:
        async with opened(client) as page:
            for words in ("{", '{"type": "session.ended"}', '{"type": "page.message", "message": {}}'):
                await page.say(words)
            assert await page.hears_nothing()

    run(scenario)


# --- its end ---


def test_signing_out_closes_every_socket_of_the_session_within_two_seconds() -> None:
    alice = people.account("alice")
    client, elsewhere = people.browser(alice), people.browser(alice)

    async def scenario() -> None:
        async with opened(client) as page, opened(client) as second_tab, opened(elsewhere) as other_browser:
            await sync_to_async(client.post)("/sign-out/")
            assert await ended(page) < 2
            assert await ended(second_tab) < 2
            # The other browser of the same person is a session of its own.
            assert await other_browser.hears_nothing()

    run(scenario)


@pytest.mark.parametrize("what", ["disabled", "idle", "deleted"])
def test_an_end_that_nobody_announced_is_seen(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumers, "CHECK_SECONDS", 0.2)
    client = people.browser(people.account("alice"))
    session = client.session

    def end() -> None:
        if what == "disabled":
            Account.objects.update(enabled=False)
        elif what == "deleted":
            session.delete()
        else:
            session["seen"] = int(time.time()) - site.SESSION_IDLE_SECONDS - 1
            session.save()

    async def scenario() -> None:
        async with opened(client) as page:
            assert await page.hears_nothing(0.5)
            await sync_to_async(end)()
            assert await ended(page) < 2

    run(scenario)


# --- the whole way: mail server, watch, channel layer, page ---


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


MAIL = b"From: bob@example.test\r\nTo: alice@example.test\r\nSubject: lunch\r\n\r\nat noon\r\n"


def test_new_mail_reaches_the_open_page(authority: Authority, tmp_path: Path, settings: object) -> None:
    settings.MAIL_CA_FILE = str(authority.file)  # type: ignore[attr-defined]
    server = Dovecot(tmp_path / "dovecot", authority.issue("dovecot", "localhost"))
    alice = people.account("alice", imap_host="localhost", imap_port=server.imaps_port)
    Domain.objects.create(
        name="example.test", imap_host="localhost", imap_port=server.imaps_port, smtp_host="localhost", smtp_port=465
    )
    client = people.browser(alice, "alice-pw")
    login = credentials.login_from(alice, "alice-pw")

    def deliver() -> None:
        with imap.connect(login, fresh=True) as connection:
            connection.append("INBOX", MAIL, [])

    async def heard(page: Page) -> dict[str, object]:
        """Mail until the page hears of one: when the watch has begun to wait is for the watch alone to know."""
        for _ in range(20):
            await asyncio.to_thread(deliver)
            with suppress(TimeoutError):
                return await page.hear(1)
        raise AssertionError("the page was never told")

    async def scenario() -> None:
        watching = asyncio.create_task(watch.serve(watch.Pace(linger=0.1)))
        await asyncio.sleep(0.1)
        async with opened(client) as page:
            assert await heard(page) == {"type": "mailbox-changed", "mailbox": "INBOX"}
            # A watch that starts anew is handed the login by the pages that are open.
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
            while not page.output_queue.empty():
                page.output_queue.get_nowait()
            watching = asyncio.create_task(watch.serve(watch.Pace(linger=0.1)))
            assert (await heard(page))["type"] == "mailbox-changed"
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)

    try:
        run(scenario)
    finally:
        server.stop()
