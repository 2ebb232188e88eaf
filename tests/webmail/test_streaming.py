"""Large bodies on their way: one person's slow server is nobody else's, and who goes away leaves nothing open."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable

import pytest

from accounts import imap
from accounts.login import Login
from tests.servers.fixtures import MailServers
from webmail.views import message

from .posting import House, real

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def house(mail_servers: MailServers) -> House:
    return real(mail_servers)


@pytest.fixture
def pieces(house: House) -> Callable[[Login], AsyncIterator[bytes]]:
    """A letter of 2.5 MB on its way to whom it is lent to."""
    with imap.connect(house.login, fresh=True) as server:
        server.append("INBOX", b"Subject: large\r\n\r\n" + b"0123456789abcdef\r\n" * 140_000)
        uidvalidity, uid = server.select("INBOX").uidvalidity, server.search([])[0]
    return lambda login: message._pieces(login, "INBOX", uidvalidity, uid, "", b"")


def test_slow_servers_do_not_hold_up_others(
    house: House, pieces: Callable[[Login], AsyncIterator[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    fetch = imap.Server._partial

    def partial(self: imap.Server, *arguments: object) -> bytes:
        if self.account_id >= 5_000_000:
            time.sleep(1.5)
        return fetch(self, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(imap.Server, "_partial", partial)

    async def read(login: Login) -> float:
        before = time.monotonic()
        assert sum([len(piece) async for piece in pieces(login)]) > 2_500_000
        return time.monotonic() - before

    async def scenario() -> float:
        # More than the loop has shared threads (asyncio: processors + 4).
        slow = [Login(5_000_000 + n, house.login.imap, house.login.smtp, house.login.user, house.login.password)
                for n in range(12)]  # fmt: skip
        waiting = [asyncio.create_task(read(login)) for login in slow]
        await asyncio.sleep(0.5)
        took = await read(house.login)
        assert not any(task.done() for task in waiting)
        await asyncio.gather(*waiting)
        return took

    assert asyncio.run(scenario()) < 3
    assert not message._streams


def test_who_goes_away_leaves_no_connection(
    house: House, pieces: Callable[[Login], AsyncIterator[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[imap.Server] = []
    monkeypatch.setattr(imap.Server, "stream", _noting(imap.Server.stream, opened))

    async def scenario() -> None:
        async def read() -> None:
            async for _ in (stream := pieces(house.login)):
                try:
                    await asyncio.Event().wait()
                finally:
                    await stream.aclose()  # type: ignore[attr-defined]  # as Django's aclosing does

        task = asyncio.create_task(read())
        while not opened:
            await asyncio.sleep(0.05)
        await asyncio.sleep(0.3)
        assert message._streams[house.login.account_id] == 1
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(scenario())
    assert [server.closed for server in opened] == [True]
    assert not message._streams


def _noting(stream: Callable[..., object], opened: list[imap.Server]) -> Callable[..., object]:
    def noted(server: imap.Server, *arguments: object) -> object:
        opened.append(server)
        return stream(server, *arguments)

    return noted


def test_downloads_of_one_person_are_limited(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    with imap.connect(house.login, fresh=True) as server:
        server.append("INBOX", b"Subject: large\r\n\r\n" + b"0123456789abcdef\r\n" * 140_000)
        where = f"/mailbox/INBOX/{server.select('INBOX').uidvalidity}/{server.search([])[0]}/raw/"
    monkeypatch.setitem(message._streams, house.account.pk, message.MOST_STREAMS)
    answer = house.browser.get(where)
    assert answer.status_code == 503
    monkeypatch.setitem(message._streams, house.account.pk, 0)
    assert house.browser.get(where).status_code == 200
