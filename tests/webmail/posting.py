"""What a composer posts, made without a browser, and people whose mail servers are real."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from pymap.parsing.message import AppendMessage

from accounts import credentials, imap
from accounts.login import Login
from accounts.models import Account, Domain
from tests.accounts import people
from tests.servers.fixtures import MailServers
from webmail import sending
from webmail.demo.server import MailServer
from webmail.models import OutboxMessage

from .breaking import Breaking

DOMAIN = "example.test"
_numbers = itertools.count(1)


#: The outermost type of a PGP/MIME message.
ENCRYPTED = 'multipart/encrypted; protocol="application/pgp-encrypted"; boundary="b"'


def letter(sender: str, to: str, message_id: str, text: str = "Hello.", **more: str) -> bytes:
    """Finished RFC 5322 bytes."""
    head = {
        "From": sender, "To": to, "Date": "Sun, 22 Nov 2026 10:00:00 +0000", "Message-ID": message_id,
        "Subject": "A letter", "MIME-Version": "1.0", "Content-Type": "text/plain; charset=us-ascii",
    } | {name.replace("_", "-"): value for name, value in more.items()}  # fmt: skip
    lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
    return f"{lines}\r\n{text}\r\n".encode("ascii")


@dataclass
class Post:
    """One order of the composer; change what the test is about, then `to` a browser."""

    sender: str
    recipients: list[str]
    key: str = field(default_factory=lambda: str(uuid4()))
    message_id: str = field(default_factory=lambda: f"<{uuid4()}@{DOMAIN}>")
    meta: dict[str, Any] = field(default_factory=dict)
    parts: dict[str, bytes] = field(default_factory=dict)

    @property
    def order(self) -> dict[str, Any]:
        """What the composer says of it."""
        return {
            "from": self.sender, "deliveries": [{"recipients": self.recipients, "part": "bytes-0"}],
            "copy": "bytes-0", "protection": "clear", "answered": None, "message_id": self.message_id,
        } | self.meta  # fmt: skip

    def to(self, browser: Client) -> HttpResponse:
        head = {"Content_Type": ENCRYPTED} if self.order["protection"] == "encrypted" else {}
        parts = self.parts or {"bytes-0": letter(self.sender, ", ".join(self.recipients), self.message_id, **head)}
        files = {name: SimpleUploadedFile(name, data, "message/rfc822") for name, data in parts.items()}
        return browser.post("/send/", {"key": self.key, "meta": json.dumps(self.order), **files})

    def row(self, browser: Client) -> OutboxMessage:
        """Posted, and the row it became."""
        answer = self.to(browser)
        assert answer.status_code == 201, answer.content
        return OutboxMessage.objects.get(pk=answer.json()["id"])  # type: ignore[attr-defined]


@dataclass(frozen=True)
class House:
    """A person with a mailbox on a real server, signed in in a browser, and a neighbour to write to."""

    account: Account
    browser: Client
    login: Login
    neighbour: Login

    def post(self, *recipients: str, **more: Any) -> Post:
        return Post(self.account.address, list(recipients) or [self.neighbour.user], **more)

    def messages(self, mailbox: str, message_id: str, login: Login | None = None) -> list[int]:
        """UIDs of the messages with this Message-ID; somebody else's come by a queue, and are waited for a while."""
        end = time.monotonic() + (5 if login else 0)
        while True:
            with imap.connect(login or self.login, fresh=True) as server:
                server.select(mailbox, readonly=True)
                found = server.search([imap.Criterion("HEADER", ("Message-ID", message_id))])
            if found or time.monotonic() >= end:
                return found
            time.sleep(0.2)

    def flags(self, mailbox: str, uid: int) -> frozenset[str]:
        with imap.connect(self.login, fresh=True) as server:
            server.select(mailbox, readonly=True)
            return next(iter(server.rows_by_uid([uid]))).flags

    def source(self, mailbox: str, uid: int, login: Login | None = None) -> bytes:
        with imap.connect(login or self.login, fresh=True) as server:
            server.select(mailbox, readonly=True)
            return b"".join(server.stream(uid))


def settle(row: OutboxMessage) -> OutboxMessage:
    """Do what is due for the row, as the worker does, and read it again."""
    sending.work(row.pk)
    row.refresh_from_db()
    return row


def housed(login: Login, neighbour: Login, **changes: object) -> House:
    """The account of `login` as a row, and a browser signed in with its real password."""
    servers = {
        "imap_host": login.imap.host, "imap_port": login.imap.port, "imap_tls": login.imap.tls,
        "smtp_host": login.smtp.host, "smtp_port": login.smtp.port, "smtp_tls": login.smtp.tls,
    } | changes  # fmt: skip
    Domain.objects.update_or_create(name=DOMAIN, defaults=servers)
    account = people.account(login.user.partition("@")[0], **servers)
    browser = people.browser(account, login.password)
    return House(account, browser, credentials.login_from(account, login.password), neighbour)


@pytest.fixture(scope="module")
def demo_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MailServer]:
    """The embedded server, with room for one pair of people per test."""
    passwords = {f"{name}{number}@{DOMAIN}": f"{name}-pw" for name in ("alice", "bob") for number in range(100)}
    with MailServer(tmp_path_factory.mktemp("demo"), DOMAIN, passwords) as server:
        yield server
        imap.pool.close_all()


def embedded(server: MailServer) -> House:
    """A new pair of people on the embedded server."""
    number = next(_numbers) % 100
    plain = (
        imap.Endpoint("127.0.0.1", server.ports.imap, "plain"),
        imap.Endpoint("127.0.0.1", server.ports.smtp, "plain"),
    )
    alice, bob = (
        Login(2_000_000 + number * 2 + place, *plain, f"{name}{number}@{DOMAIN}", f"{name}-pw")
        for place, name in enumerate(("alice", "bob"))
    )
    return housed(alice, bob)


def real(servers: MailServers) -> House:
    """A new pair of people on Dovecot and Postfix over TLS."""
    return housed(servers.somebody_new(), servers.somebody_new())


@pytest.fixture(params=["dovecot and postfix", "embedded"])
def house(request: pytest.FixtureRequest, transactional_db: None) -> Iterator[House]:
    """The same story on both servers."""
    if request.param == "embedded":
        house = embedded(request.getfixturevalue("demo_server"))
    else:
        house = real(request.getfixturevalue("mail_servers"))
    yield house
    imap.close_account(house.account.pk)


def put(server: MailServer, owner: str, mailbox: str, data: bytes) -> None:
    """A message that is there before the test begins."""
    server.seed(owner, mailbox, [AppendMessage(data)])


@pytest.fixture
def breaking() -> Iterator[Breaking]:
    server = Breaking()
    yield server
    server.close()


@pytest.fixture(name="house")
def breaking_house(demo_server: MailServer, breaking: Breaking, transactional_db: None) -> Iterator[House]:
    """Alice with the embedded mailbox and a submission server that breaks."""
    alice = embedded(demo_server)
    alice.account.smtp_port = breaking.port
    alice.account.save()
    Domain.objects.create(name="breaking.test", imap_host="127.0.0.1", smtp_host="127.0.0.1", smtp_port=breaking.port)
    yield House(alice.account, people.browser(alice.account, "alice-pw"), alice.login, alice.neighbour)
    imap.close_account(alice.account.pk)
