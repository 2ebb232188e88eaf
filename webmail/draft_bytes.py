"""A draft as the browser built it: what must hold before it goes into the mailbox.

It is ciphertext for the person alone, in an ordinary PGP/MIME message. The stamp in its header says which draft it is
and which version; the browser's MAC in it is nothing that the server could check.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.octets import Octets

from . import ciphertext, finished
from .errors import Unfit

STAMP_FIELD = "X-Postern-Draft"
#: Whatever else stood outside could be what belongs inside: recipients, the subject, what is answered.
_FIELDS = frozenset(
    {"from", "date", "subject", "message-id", STAMP_FIELD.lower(), "mime-version", "content-type"}
)  # fmt: skip
#: RFC 9788 section 3.2.1: what stands in the subject's place.
_PLACEHOLDER = "[...]"
_STAMP = re.compile(
    r"v=1; *id=([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}); *rev=([1-9][0-9]{0,14}); *mac=([A-Za-z0-9_-]{43})"
)


@dataclass(frozen=True)
class Stamp:
    """Which draft, which version, and the MAC over its bytes: two of them are equal for the very same bytes alone."""

    id: UUID
    rev: int
    mac: str

    @classmethod
    def read(cls, value: str) -> Stamp | None:
        """A header's value; None where it is no stamp of ours."""
        found = _STAMP.fullmatch(" ".join(value.split()))
        return cls(UUID(found[1]), int(found[2]), found[3]) if found else None


@dataclass(frozen=True)
class Draft:
    """One version of a draft, judged."""

    stamp: Stamp
    message_id: str
    data: Octets


class Check:
    """Whether bytes that come a piece at a time may be kept as a draft of the account `address`. Raises `Unfit`."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._header: bytearray | None = bytearray()
        self.message_id = ""
        self.stamp: Stamp

    def feed(self, piece: bytes) -> None:
        if self._header is None:
            self._judge(piece)
            return
        self._header += piece
        if finished.HEADER_END in self._header:
            self._read_header()
        elif len(self._header) > finished.LONGEST_HEADER:
            raise finished.header_too_long()

    def end(self) -> None:
        """After the last piece."""
        if self._header is not None:
            self._read_header()
        self._message.end()
        with _judged():
            self._body.end()

    def _read_header(self) -> None:
        assert self._header is not None
        whole, self._header = bytes(self._header), None
        header = finished.header(whole)
        stamp = Stamp.read(str(header.get(STAMP_FIELD, "")))
        self.message_id = str(header.get("Message-ID", "")).strip()
        if stamp is None or not self.message_id.startswith(f"<{stamp.id}@"):
            raise misread()
        self.stamp = stamp
        self._message = finished.Check(self._address, self.message_id)
        self._message.feed(whole)
        counted = Counter(name.lower() for name in header.keys())  # noqa: SIM118  (keys repeat here)
        twice = max(counted.values()) > 1
        if set(counted) - _FIELDS or twice or str(header.get("Subject", "")).strip() != _PLACEHOLDER:
            raise _not_encrypted()
        with _judged():
            self._body = ciphertext.Check(header)
            self._body.feed(whole.partition(finished.HEADER_END)[2])

    def _judge(self, piece: bytes) -> None:
        self._message.feed(piece)
        with _judged():
            self._body.feed(piece)


def misread() -> Unfit:
    return Unfit("bad-draft", _("The page sent something the server does not understand. Reload it."))


@contextmanager
def _judged() -> Iterator[None]:
    try:
        yield
    except ciphertext.NotCiphertext:
        raise _not_encrypted() from None


def _not_encrypted() -> Unfit:
    return Unfit("draft-not-encrypted", _("Drafts are kept encrypted, and this one is not. It was not saved."))
