"""A draft as the browser built it: what must hold before it goes into the mailbox.

It is ciphertext for the person alone, in an ordinary PGP/MIME message. The stamp in its header says which draft it is
and which version; the browser's MAC in it is nothing that the server could check.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

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
    data: bytes


def judge(data: bytes, address: str, id: UUID, rev: int) -> Draft:
    """The draft, if its bytes may be kept for the account `address`. Raises `Unfit`."""
    header = finished.header(data)
    stamp = Stamp.read(str(header.get(STAMP_FIELD, "")))
    if stamp is None or (stamp.id, stamp.rev) != (id, rev):
        raise Unfit("bad-draft", _("The page sent something the server does not understand. Reload it."))
    message_id = str(header.get("Message-ID", "")).strip()
    if not message_id.startswith(f"<{id}@"):
        raise Unfit("bad-draft", _("The page sent something the server does not understand. Reload it."))
    finished.check(data, address, message_id)
    counted = Counter(name.lower() for name in header.keys())  # noqa: SIM118  (keys repeat here)
    if set(counted) - _FIELDS or max(counted.values()) > 1 or str(header.get("Subject", "")).strip() != _PLACEHOLDER:
        raise _not_encrypted()
    try:
        ciphertext.check(header, data.partition(b"\r\n\r\n")[2])
    except ciphertext.NotCiphertext:
        raise _not_encrypted() from None
    return Draft(stamp, message_id, data)


def _not_encrypted() -> Unfit:
    return Unfit("draft-not-encrypted", _("Drafts are kept encrypted, and this one is not. It was not saved."))
