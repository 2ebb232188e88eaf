"""Sealed `state-1` records: one row each, written by compare-and-swap on the revision."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from django.db import IntegrityError, transaction
from django.utils import timezone

from .errors import StateConflict, StateRefused
from .models import StateRecord

if TYPE_CHECKING:
    from accounts.models import Person


class Room(NamedTuple):
    """How many records of a kind a person may have, and how large each."""

    records: int
    bytes: int


# What this version of the page writes. A kind that nobody here knows is refused,
# so that the table does not become anybody's free storage.
KINDS = {
    "pins": Room(1, 1024 * 1024),
    "signers": Room(1, 1024 * 1024),
    "pictures": Room(1, 512 * 1024),
    "compose": Room(1, 512 * 1024),
    # Sixteen of people and one of groups (static/crypto/contacts.js).
    "contacts": Room(17, 1024 * 1024),
    "seen": Room(240, 512 * 1024),
}
VERSION = b"\x01"
# u8 version, 32 bytes salt, 16 bytes tag.
SMALLEST = 1 + 32 + 16
LARGEST = max(room.bytes for room in KINDS.values())


def check(kind: str, sealed: bytes) -> None:
    """Refuse what is no sealed record; its content is not ours to read."""
    if kind not in KINDS:
        raise StateRefused("unknown kind")
    if not SMALLEST <= len(sealed) <= KINDS[kind].bytes or not sealed.startswith(VERSION):
        raise StateRefused("not a sealed record")


def current(person: Person, kind: str, name: str) -> StateRecord | None:
    """The record as it is kept now, or None."""
    return StateRecord.objects.filter(person=person, kind=kind, name=name).first()


def create(person: Person, kind: str, name: str, sealed: bytes) -> StateRecord:
    """Keep revision 1 of a record; raises StateConflict if there is one."""
    check(kind, sealed)
    if StateRecord.objects.filter(person=person, kind=kind).exclude(name=name).count() >= KINDS[kind].records:
        raise StateRefused("too many records")
    try:
        with transaction.atomic():
            return StateRecord.objects.create(person=person, kind=kind, name=name, rev=1, sealed=sealed)
    except IntegrityError:
        kept = current(person, kind, name)
        raise StateConflict(kept.rev if kept else None) from None


def replace(person: Person, kind: str, name: str, expected: int, sealed: bytes) -> int:
    """Put revision `expected + 1` in the place of `expected`; gives the new revision.

    The revision is part of what the browser authenticates (crypto.md, state-1), so
    it counts up by one and is never chosen by the writer.
    """
    check(kind, sealed)
    swapped = StateRecord.objects.filter(person=person, kind=kind, name=name, rev=expected).update(
        rev=expected + 1, sealed=sealed, written=timezone.now()
    )
    if not swapped:
        kept = current(person, kind, name)
        raise StateConflict(kept.rev if kept else None)
    return expected + 1
