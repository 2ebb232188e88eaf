"""The websocket of an open page: who may have one, what it is told, and how soon it ends."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from channels.layers import channel_layers
from django.conf import settings as site
from django.test import Client

from accounts import credentials, imap
from accounts.login import Login
from accounts.models import Account, Domain
from tests.accounts import people
from tests.servers.authority import Authority
from tests.servers.dovecot import Dovecot
from tests.servers.redis import Redis
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


MAIL = b"From: bob@example.test\r\nTo: alice@example.test\r\nSubject: lunch\r\n\r\nat noon\r\n"


@pytest.fixture
def alice(authority: Authority, dovecot: Dovecot, settings: object) -> Account:
    settings.MAIL_CA_FILE = str(authority.file)  # type: ignore[attr-defined]
    servers = {"imap_host": "localhost", "imap_port": dovecot.imaps_port}
    Domain.objects.create(name="example.test", smtp_host="localhost", **servers)
    return people.account("alice", **servers)


async def heard(page: Page, login: Login) -> dict[str, object]:
    """Mail until the page hears of one: when the watch has begun to wait is for the watch alone to know."""

    def deliver() -> None:
        with imap.connect(login, fresh=True) as connection:
            connection.append("INBOX", MAIL, [])

    for _ in range(20):
        await asyncio.to_thread(deliver)
        with suppress(TimeoutError):
            return await page.hear(1)
    raise AssertionError("the page was never told")


@asynccontextmanager
async def watching() -> AsyncIterator[None]:
    task = asyncio.create_task(watch.serve(watch.Pace(linger=0.1)))
    await asyncio.sleep(0.1)
    try:
        yield
    finally:
        assert not task.done(), task.exception()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def news_over_a_restart_of_the_watch(alice: Account) -> None:
    login = await sync_to_async(credentials.login_from)(alice, "alice-pw")
    client = await sync_to_async(people.browser)(alice, "alice-pw")
    async with watching():
        page = Page(client)
        assert await page.connect()
        assert await heard(page, login) == {"type": "mailbox-changed", "mailbox": "INBOX"}
    while not page.output_queue.empty():
        page.output_queue.get_nowait()
    # A watch that starts anew is handed the login by the pages that are open.
    async with watching():
        assert (await heard(page, login))["type"] == "mailbox-changed"
        await page.disconnect()


def test_new_mail_reaches_the_open_page(alice: Account) -> None:
    run(partial(news_over_a_restart_of_the_watch, alice))


def test_through_redis_too_and_the_broker_never_holds_the_password(
    alice: Account, tmp_path: Path, settings: object
) -> None:
    redis = Redis(tmp_path)
    backend = {
        "BACKEND": "channels_redis.core.RedisChannelLayer",
        "CONFIG": {"hosts": [{"address": redis.url, "socket_timeout": 20}]},
    }
    settings.CHANNEL_LAYERS = {"default": backend}  # type: ignore[attr-defined]
    channel_layers.backends.clear()
    try:
        run(partial(news_over_a_restart_of_the_watch, alice))
        assert b"mailbox-changed" in redis.heard
        assert b"alice-pw" not in redis.heard
    finally:
        redis.stop()
        channel_layers.backends.clear()
