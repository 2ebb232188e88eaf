"""The demo's mail server: IMAP by pymap and submission by aiosmtpd, in one thread, on loopback alone.

It speaks plain text, so it listens nowhere else; the site allows that for loopback in the demo only.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import threading
import warnings
from argparse import Namespace
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from uuid import uuid4

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from proxyprotocol.reader import ProxyProtocolReader
from pymap.backend.dict import Config
from pymap.backend.dict import Session as ImapSession
from pymap.backend.dict.filter import FilterSet
from pymap.concurrent import Subsystem
from pymap.exceptions import AuthorizationFailure, InvalidAuth
from pymap.imap import IMAPServer
from pymap.interfaces.login import IdentityInterface, LoginInterface
from pymap.parsing.message import AppendMessage
from pymap.token import AllTokens
from pymap.user import UserMetadata
from pysasl.creds.server import ServerCredentials
from pysasl.hashing import Cleartext

from .store import Store, StoredMailboxes

# aiosmtpd logs a warning for each connection without TLS.
logging.getLogger("mail.log").setLevel(logging.ERROR)

HOST = "127.0.0.1"
SIZE = 60 * 1024 * 1024


@dataclass(frozen=True)
class Ports:
    imap: int
    smtp: int


class People(LoginInterface):
    """Who may sign in, and their mailboxes; each person's are shared by all their connections."""

    def __init__(self, config: Config, store: Store, passwords: Mapping[str, str]) -> None:
        self.config = config
        self.passwords = dict(passwords)
        self.store = store
        self.mailboxes = {address: StoredMailboxes(store, address) for address in passwords}
        self._tokens = AllTokens(config)

    @property
    def tokens(self) -> AllTokens:
        return self._tokens

    async def authenticate(self, credentials: ServerCredentials) -> Identity:
        name = credentials.authcid.lower()
        password = self.passwords.get(name)
        # An unknown name is refused as slowly and in the same words as a wrong password.
        if not credentials.verify(UserMetadata(self.config, credentials.authcid, password=password)):
            await asyncio.sleep(self.config.invalid_user_sleep)
            raise InvalidAuth
        return Identity(self, name)

    async def authorize(self, authenticated: IdentityInterface, authzid: str) -> Identity:
        if authzid.lower() != authenticated.name:
            raise AuthorizationFailure
        return Identity(self, authenticated.name)


class Identity(IdentityInterface):
    """One person after signing in."""

    def __init__(self, people: People, name: str) -> None:
        self._people = people
        self._name = name

    @property
    def name(self) -> str:
        return self._name

    @property
    def roles(self) -> frozenset[str]:
        return frozenset()

    async def new_token(self, *, expiration: datetime | None = None) -> str | None:
        return None

    @asynccontextmanager
    async def new_session(self) -> AsyncIterator[ImapSession]:
        yield ImapSession(self._name, self._people.config, self._people.mailboxes[self._name], FilterSet())

    async def get(self) -> UserMetadata:
        return UserMetadata(self._people.config, self._name, password=self._people.passwords[self._name])

    async def set(self, user: UserMetadata) -> int | None:
        raise AuthorizationFailure

    async def delete(self) -> None:
        raise AuthorizationFailure


class Submission:
    """RFC 6409 for the people of the demo, delivering into their mailboxes. Nothing leaves the machine."""

    def __init__(self, people: People, domain: str) -> None:
        self._people = people
        self._domain = domain

    def authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object
    ) -> AuthResult:
        good = False
        if isinstance(data, LoginPassword):
            name = data.login.decode("utf-8", "replace").lower()
            good = self._people.passwords.get(name) == data.password.decode("utf-8", "replace")
        # aiosmtpd says nothing at all to a refusal that claims to be handled.
        return AuthResult(success=good, handled=good, auth_data=name if good else None)

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address.lower() != session.auth_data:
            return "553 5.7.1 You may send as yourself only"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 Sender ok"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address.lower() not in self._people.mailboxes:
            if address.lower().endswith(f"@{self._domain}"):
                return "550 5.1.1 Nobody of that name in the demo"
            return f"550 5.7.1 The demo delivers to {self._domain} only"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Recipient ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        now = datetime.now(UTC)
        trace = (
            f"Return-Path: <{envelope.mail_from}>\r\n"
            f"Received: from [{HOST}] by {self._domain} with ESMTPA id {uuid4().hex[:12]};\r\n"
            f"\t{format_datetime(now)}\r\n"
        ).encode("ascii")
        for address in {address.lower() for address in envelope.rcpt_tos}:
            inbox = await self._people.mailboxes[address].get_mailbox("INBOX")
            await inbox.append(AppendMessage(trace + envelope.content, now), recent=True)
        return "250 2.0.0 Delivered"


class MailServer:
    """Both servers on an event loop of their own thread; use as a context manager or by start and stop."""

    def __init__(self, folder: Path, domain: str, passwords: Mapping[str, str], ports: Ports | None = None) -> None:
        self.ports = ports or Ports(0, 0)
        self._folder = folder
        self._domain = domain
        self._passwords = passwords
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="demo-mail", daemon=True)
        self._ready = threading.Event()
        self._failed: BaseException | None = None
        self._stop = asyncio.Event()
        self.people: People

    def __enter__(self) -> MailServer:
        self.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop()

    def start(self) -> None:
        """Returns when both ports listen; `ports` then says which."""
        self._thread.start()
        self._ready.wait()
        if self._failed is not None:
            raise self._failed

    def stop(self) -> None:
        """Close all connections and the file; safe to call twice."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join(5)

    def seed(self, owner: str, mailbox: str, messages: Iterable[AppendMessage]) -> None:
        """Put messages into a mailbox, in their order."""
        asyncio.run_coroutine_threadsafe(self._seed(owner, mailbox, messages), self._loop).result()

    def is_empty(self) -> bool:
        """Whether nobody has any mail yet."""

        async def look() -> bool:
            return not self.people.store.sql.execute("SELECT EXISTS (SELECT 1 FROM message)").fetchone()[0]

        return asyncio.run_coroutine_threadsafe(look(), self._loop).result()

    async def _seed(self, owner: str, name: str, messages: Iterable[AppendMessage]) -> None:
        mailbox = await self.people.mailboxes[owner].get_mailbox(name)
        for message in messages:
            await mailbox.append(message)

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(self._serve())
        except BaseException as error:  # handed to the thread that waits in start()
            self._failed = error
        finally:
            self._ready.set()
            self._loop.close()

    async def _serve(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        store = Store(self._folder / "mail.sqlite3")
        config = _config()
        config.apply_context()
        self.people = People(config, store, self._passwords)
        submission = Submission(self.people, self._domain)
        reader = ProxyProtocolReader(config.proxy_protocol)
        connections: set[asyncio.Task[None]] = set()
        serve_imap = reader.get_callback(IMAPServer(self.people, config))

        async def imap_connection(reading: asyncio.StreamReader, writing: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            connections.add(task)
            try:
                # A client that goes away without LOGOUT is no event here.
                with contextlib.suppress(ConnectionError, asyncio.CancelledError):
                    await serve_imap(reading, writing)
            finally:
                connections.discard(task)

        imap_socket, smtp_socket = _listen(self.ports.imap), _listen(self.ports.smtp)
        imap = await asyncio.start_server(imap_connection, sock=imap_socket)
        smtp = await self._loop.create_server(lambda: _smtp(submission, self._domain, self._loop), sock=smtp_socket)
        self.ports = Ports(imap_socket.getsockname()[1], smtp_socket.getsockname()[1])
        self._ready.set()
        await self._stop.wait()
        imap.close()
        smtp.close()
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        store.close()


def _smtp(submission: Submission, domain: str, loop: asyncio.AbstractEventLoop) -> SMTP:
    with warnings.catch_warnings():
        # It warns of AUTH without TLS; on loopback there is nobody between the site and this server.
        warnings.simplefilter("ignore", UserWarning)
        return SMTP(
            submission,
            hostname=domain,
            ident="Postern demo",
            data_size_limit=SIZE,
            authenticator=submission.authenticate,
            auth_required=True,
            auth_require_tls=False,
            loop=loop,
        )


def _config() -> Config:
    args = Namespace(
        host=HOST, port=0, debug=False, cert=None, key=None, tls=False, proxy_protocol=None, passlib_cfg=None,
        inherited_sockets=None, demo_data=False, demo_user="", demo_password="", demo_data_resource="",
    )  # fmt: skip
    return Config.from_args(args, hash_context=Cleartext(), subsystem=Subsystem.for_asyncio(), max_append_len=SIZE)


def _listen(port: int) -> socket.socket:
    """A listening socket on loopback; another port where this one is taken."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((HOST, port))
    except OSError:
        listening.bind((HOST, 0))
    return listening
