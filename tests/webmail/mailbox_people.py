"""Browsers signed in on the real mail server, and messages to put into mailboxes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

from django.test import Client

from accounts import imap
from accounts.login import Login
from accounts.models import Account, Domain
from tests.accounts import people

BEGAN = datetime(2026, 11, 1, 8, 0, tzinfo=UTC)


def browser(login: Login) -> tuple[Client, Account]:
    """The person of `login`, signed in, and their account."""
    servers = {
        "imap_host": login.imap.host, "imap_port": login.imap.port, "imap_tls": login.imap.tls,
        "smtp_host": login.smtp.host, "smtp_port": login.smtp.port, "smtp_tls": login.smtp.tls,
    }  # fmt: skip
    # Servers on this machine are reached because an administrator lists them.
    Domain.objects.get_or_create(name="example.test", defaults=servers)
    account = people.account(login.user.partition("@")[0], **servers)
    return people.browser(account, login.password), account


def message(
    subject: str, *, sender: str = "Bob Brandt <bob@example.test>", number: int = 0, text: str = "Hello"
) -> bytes:
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = sender, "alice@example.test", subject
    letter["Date"] = BEGAN + timedelta(minutes=number)
    letter.set_content(text)
    return letter.as_bytes().replace(b"\n", b"\r\n")


def fill(login: Login, count: int, mailbox: str = "INBOX") -> None:
    """`count` messages, "number 1" the oldest."""
    with imap.connect(login, fresh=True) as server:
        for number in range(1, count + 1):
            server.append(mailbox, message(f"number {number}", number=number))


def put(login: Login, *messages: bytes, mailbox: str = "INBOX", flags: tuple[str, ...] = ()) -> None:
    with imap.connect(login, fresh=True) as server:
        for one in messages:
            server.append(mailbox, one, flags)
