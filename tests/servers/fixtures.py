"""pytest fixtures: one Dovecot and one submission server for the whole run, trusted through a test authority."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.conf import settings

from accounts import imap
from accounts.login import Endpoint, Login
from webmail.demo.server import MailServer as EmbeddedServer

from .authority import Authority
from .dovecot import Dovecot
from .folders import folder
from .postfix import Postfix
from .relay import Relay

_numbers = itertools.count(1)
#: From here on: below and from 850 up are people whom tests name.
_people = itertools.count(300)
_embedded_people = itertools.count(1)


@dataclass(frozen=True)
class MailServers:
    """The servers of the run. People are alice, bob and charlie @example.test, with <name>-pw as password."""

    dovecot: Dovecot
    submission: Postfix | Relay
    authority: Authority

    def imap(self, tls: str = "implicit") -> Endpoint:
        """Where IMAP is."""
        return Endpoint("localhost", self.dovecot.imaps_port if tls == "implicit" else self.dovecot.imap_port, tls)

    def smtp(self, tls: str = "implicit") -> Endpoint:
        """Where submission is."""
        ports = (self.submission.submissions_port, self.submission.submission_port)
        return Endpoint("localhost", ports[0] if tls == "implicit" else ports[1], tls)

    def login(self, name: str, account_id: int | None = None, tls: str = "implicit") -> Login:
        """A Login for one of the people. Without `account_id` it shares no connection with any other."""
        number = account_id if account_id is not None else 1_000_000 + next(_numbers)
        return Login(number, self.imap(tls), self.smtp(tls), f"{name}@example.test", f"{name}-pw")

    def somebody_new(self) -> Login:
        """A person with an empty account of their own."""
        return self.login(f"person{next(_people)}")

    def clear(self, name: str) -> None:
        """Take all messages out of all mailboxes of a person."""
        with imap.connect(self.login(name), fresh=True) as server:
            for box in server.list_mailboxes():
                if "\\noselect" not in {attribute.lower() for attribute in box.attributes}:
                    server.select(box.name)
                    server.delete(server.search([]))


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    """The run's certificate authority, which the gateway trusts as settings.MAIL_CA_FILE."""
    authority = Authority(tmp_path_factory.mktemp("authority"))
    before = settings.MAIL_CA_FILE
    settings.MAIL_CA_FILE = str(authority.file)
    yield authority
    settings.MAIL_CA_FILE = before


@pytest.fixture(scope="session")
def mail_servers(authority: Authority) -> Iterator[MailServers]:
    """Dovecot and Postfix (without root: a small relay) over TLS."""
    certificate = authority.issue("server", "localhost", "127.0.0.1")
    with folder("dovecot") as here, folder("submission") as there:
        dovecot = Dovecot(here, certificate)
        try:
            kind = Postfix if Postfix.possible() else Relay
            submission = kind(there, certificate, dovecot)
        except BaseException:
            dovecot.stop()
            raise
        yield MailServers(dovecot, submission, authority)
        imap.pool.close_all()
        submission.stop()
        dovecot.stop()


@pytest.fixture(scope="module")
def dovecot(authority: Authority) -> Iterator[Dovecot]:
    """A Dovecot of the module's own, with nobody's mail in it yet."""
    with folder("dovecot") as here:
        server = Dovecot(here, authority.issue("dovecot", "localhost"))
        yield server
        server.stop()


@pytest.fixture
def somebody(mail_servers: MailServers) -> Iterator[Login]:
    """A person with an empty account of their own."""
    login = mail_servers.somebody_new()
    yield login
    imap.close_account(login.account_id)


@pytest.fixture(scope="session")
def embedded_mail(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedServer]:
    """The demo's own server: no SORT, ESEARCH, LIST-STATUS, SPECIAL-USE or CONDSTORE, and plain text on loopback."""
    passwords = {f"person{number}@example.test": f"person{number}-pw" for number in range(1, 300)}
    with EmbeddedServer(tmp_path_factory.mktemp("embedded"), "example.test", passwords) as server:
        yield server


@pytest.fixture(params=["dovecot", "embedded"])
def anywhere(request: pytest.FixtureRequest) -> Iterator[Login]:
    """A person with an empty account, once on Dovecot and once on the embedded server, which lacks most extensions."""
    if request.param == "dovecot":
        login = request.getfixturevalue("mail_servers").somebody_new()
    else:
        ports = request.getfixturevalue("embedded_mail").ports
        name = f"person{next(_embedded_people)}"
        imap_endpoint, smtp_endpoint = (Endpoint("127.0.0.1", port, "plain") for port in (ports.imap, ports.smtp))
        login = Login(2_000_000 + next(_numbers), imap_endpoint, smtp_endpoint, f"{name}@example.test", f"{name}-pw")
    yield login
    imap.close_account(login.account_id)
