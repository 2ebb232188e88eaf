"""What a message's outer header says, decoded for the first moment on the page; the browser reads it again itself."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32
from email.utils import getaddresses, parsedate_to_datetime

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]+")


@dataclass(frozen=True)
class Mailbox:
    """A display name, possibly empty, and an address (RFC 5322 section 3.4)."""

    name: str
    address: str

    @property
    def shown(self) -> str:
        return self.name or self.address


@dataclass(frozen=True)
class Head:
    """Decoded outer fields. `date` is None where the sender gave none that can be read."""

    subject: str
    sender: tuple[Mailbox, ...]
    to: tuple[Mailbox, ...]
    cc: tuple[Mailbox, ...]
    date: datetime | None


def read(header: bytes) -> Head:
    message = BytesParser(policy=compat32).parsebytes(header, headersonly=True)
    return Head(
        subject=_decoded(message.get("Subject", "")),
        sender=_mailboxes(message, "From"),
        to=_mailboxes(message, "To"),
        cc=_mailboxes(message, "Cc"),
        date=_date(message.get("Date", "")),
    )


def _mailboxes(message: Message, name: str) -> tuple[Mailbox, ...]:
    values = [str(value) for value in message.get_all(name, [])]
    return tuple(Mailbox(_decoded(shown), address) for shown, address in getaddresses(values) if address)


def _decoded(value: object) -> str:
    text = str(value)
    try:
        text = str(make_header(decode_header(text)))
    except (HeaderParseError, LookupError, UnicodeError, ValueError):
        # An encoded word that cannot be read stays as it was written.
        pass
    return _CONTROLS.sub(" ", text).strip()


def _date(value: object) -> datetime | None:
    try:
        return parsedate_to_datetime(str(value))
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
