"""Where a message lies: mailbox, UIDVALIDITY and UID, as a page names it."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import Self

_UNFIT = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True)
class Place:
    """One message of an account."""

    mailbox: str
    uidvalidity: int
    uid: int

    @classmethod
    def read(cls, value: object) -> Self:
        """What a page sent. Raises `ValueError`, `KeyError` or `TypeError`.

        What cannot go on the wire is refused here: kept, it would stand in the way of the work again and again.
        """
        if not isinstance(value, dict):
            raise TypeError("no place")
        mailbox, uidvalidity, uid = value["mailbox"], int(value["uidvalidity"]), int(value["uid"])
        if not isinstance(mailbox, str) or not 0 < len(mailbox) <= 1000 or _UNFIT.search(mailbox):
            raise ValueError("mailbox")
        if not 0 <= uidvalidity < 1 << 32 or not 0 < uid < 1 << 32:
            raise ValueError("numbers")
        return cls(mailbox, uidvalidity, uid)

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """`<mailbox>/<uidvalidity>/<uid>`; the mailbox's own name may hold slashes. None where it is no such text."""
        found = re.fullmatch(r"(.+)/([0-9]{1,10})/([0-9]{1,10})", text)
        return cls(found[1], int(found[2]), int(found[3])) if found else None

    @property
    def fields(self) -> dict[str, object]:
        """For JSON, for addresses and for templates."""
        return asdict(self)
