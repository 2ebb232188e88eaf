"""Who has a certificate for this address, and how do we know: sources asked in order."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from .sources import directory
from .sources.found import Found

# A source answers with what it found, or None: it knows nothing of this address.
Source = Callable[[str], Found | None]

SOURCES: tuple[Source, ...] = (directory.find,)


@dataclass(frozen=True)
class Answer:
    """What the look-up for one address came to."""

    address: str
    found: Found | None


def find(address: str) -> Answer:
    """Ask each source in order of rank; the first that knows the address answers."""
    for source in SOURCES:
        found = source(address)
        if found is not None:
            return Answer(address, found)
    return Answer(address, None)


def find_all(addresses: Iterable[str]) -> list[Answer]:
    """One answer for each address, each address once."""
    return [find(address) for address in dict.fromkeys(addresses)]
