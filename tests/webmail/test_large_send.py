"""Large messages on real servers: taken, submitted and filed in pieces, and refused before the upload if too large."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import pytest

from accounts import errors, imap
from accounts.octets import Whole
from accounts.smtp_greeting import announced_limit
from tests.servers.fixtures import MailServers
from tests.servers.postfix import MESSAGE_LIMIT, Postfix
from webmail import limits, outbox_words
from webmail.models import Account, OutboxChunk, State

from .posting import House, letter, real, settle

pytestmark = pytest.mark.django_db(transaction=True)

MB = 1_000_000
# Every line a little different, with dots at the start of some of them.
LINE = "%s%09d Hello again, and again, and once more again for good measure.\r\n"


@pytest.fixture
def postfix(mail_servers: MailServers) -> Postfix:
    if not isinstance(mail_servers.submission, Postfix):
        pytest.skip("Postfix is started by root alone")
    return mail_servers.submission


@pytest.fixture
def house(mail_servers: MailServers) -> Iterator[House]:
    house = real(mail_servers)
    yield house
    imap.close_account(house.account.pk)


def text(size: int) -> str:
    return "".join(LINE % ("." if number % 7 == 0 else "", number) for number in range(size // len(LINE % ("", 1))))


def hashed(pieces: Iterator[bytes]) -> str:
    whole = hashlib.sha256()
    for piece in pieces:
        whole.update(piece)
    return whole.hexdigest()


def filed(house: House, mailbox: str, uid: int, login: imap.Login | None = None) -> Iterator[bytes]:
    with imap.connect(login or house.login, fresh=True) as server:
        server.select(mailbox, readonly=True)
        yield from server.stream(uid)


@pytest.mark.timeout(300)
def test_fifty_megabytes_arrive_and_are_filed(house: House, postfix: Postfix) -> None:
    with postfix.takes(80 * MB):
        post = house.post()
        data = letter(post.sender, post.recipients[0], post.message_id, text(50 * MB))
        assert 49 * MB < len(data) < 51 * MB
        post.parts = {"bytes-0": data}
        row = settle(post.row(house.browser))
    assert row.state == State.DONE, row.answer
    assert not OutboxChunk.objects.exists()
    [uid] = house.messages("Sent", post.message_id)
    assert hashed(filed(house, "Sent", uid)) == hashlib.sha256(data).hexdigest()
    [arrived] = house.messages("INBOX", post.message_id, house.neighbour)
    got = b"".join(filed(house, "INBOX", arrived, house.neighbour))
    assert got.endswith(data)


@pytest.mark.parametrize("literals", ["with LITERAL+", "asked first"])
def test_a_stream_is_filed_as_it_is(house: House, literals: str) -> None:
    data = letter("a@example.test", "b@example.test", "<stream@example.test>", text(MB))
    with imap.connect(house.login, fresh=True) as server:
        assert "LITERAL+" in server.capabilities
        if literals == "asked first":
            server.capabilities -= {"LITERAL+", "LITERAL-"}
        uid = server.append("INBOX", Whole(data), ["\\Seen"])
        assert uid is not None
        server.select("INBOX")
        assert b"".join(server.stream(uid)) == data
        assert server.search([imap.Criterion("SEEN")]) == [uid]


class Half:
    """Bytes that end before they are over."""

    size = 1000

    def __iter__(self) -> Iterator[bytes]:
        yield b"Subject: half\r\n\r\n"


def test_a_stream_that_ends_early_files_nothing(house: House) -> None:
    with imap.connect(house.login, fresh=True) as server:
        with pytest.raises(LookupError):
            server.append("INBOX", Half())
        assert server.closed
    with imap.connect(house.login, fresh=True) as server:
        server.select("INBOX")
        assert server.search([]) == []


# --- SIZE ---


def test_a_server_is_asked_for_its_size_without_signing_in(mail_servers: MailServers, postfix: Postfix) -> None:
    for tls in ("implicit", "starttls"):
        assert announced_limit(mail_servers.smtp(tls)) == MESSAGE_LIMIT
    with postfix.takes(10 * MB):
        assert announced_limit(mail_servers.smtp()) == 10 * MB


def test_the_page_hears_the_size_and_the_server_is_asked_once(
    house: House, postfix: Postfix, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert 'data-limit="52428800"' in house.browser.get("/compose/").content.decode()
    asked: list[object] = []

    def ask(endpoint: Any) -> int:
        asked.append(endpoint)
        return announced_limit(endpoint)

    monkeypatch.setattr(limits, "announced_limit", ask)
    with postfix.takes(10 * MB):
        for _ in range(3):
            assert house.browser.post("/send/limit/").json() == {"limit": 10 * MB, "theirs": True}
    assert len(asked) == 1
    page = house.browser.get("/compose/").content.decode()
    assert 'data-limit="10000000" data-limit-theirs="true"' in page


def test_a_server_that_is_away_costs_nobody_their_composer(house: House) -> None:
    Account.objects.filter(pk=house.account.pk).update(smtp_host="localhost", smtp_port=1)
    assert house.browser.post("/send/limit/").json() == {"limit": 52428800, "theirs": False}
    account = Account.objects.get(pk=house.account.pk)
    assert account.size_limit is None
    with pytest.raises(errors.AccountError):
        announced_limit(account.smtp)


def test_what_became_too_large_meanwhile_is_told_with_both_sizes(house: House, postfix: Postfix) -> None:
    """The composer was told 30 MB, and then the server was set to ten."""
    assert house.browser.post("/send/limit/").json()["limit"] == MESSAGE_LIMIT
    post = house.post()
    post.parts = {"bytes-0": letter(post.sender, post.recipients[0], post.message_id, text(12 * MB))}
    row = post.row(house.browser)
    with postfix.takes(10 * MB):
        row = settle(row)
        assert house.browser.post("/send/limit/").json()["limit"] == 10 * MB, "it is asked again"
    assert row.state == State.TOO_LARGE
    line = outbox_words.line(row)
    assert line.word == "out-too-large"
    assert "11." in line.detail and "9.5" in line.detail
    assert "retry" not in line.acts or row.deliveries.get().refused
