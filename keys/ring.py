"""The sealed key ring's place on the server: compare-and-swap, older revisions kept."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils import timezone

from .errors import RingConflict, RingRefused
from .models import KeyRing, OlderKeyRing, StayHalf

if TYPE_CHECKING:
    from accounts.models import Person

MAGIC = b"postern-keyring-1\n"
# The same limit as in the browser: RSA keys of many years fit well within it.
LARGEST = 8 * 1024 * 1024
LARGEST_HEADER = 64 * 1024
OLDER_KEPT = 20
OLDER_KEPT_FOR = timedelta(days=90)


@dataclass(frozen=True)
class Facts:
    """What the clear header of a sealed ring says about itself."""

    ring: str
    epoch: int
    rev: int


def facts(sealed: bytes) -> Facts:
    """Read ring, epoch and revision from the header of a `keyring-1` file.

    The header is authenticated only by the key that we do not have, so this serves
    to order revisions and to refuse what is no ring, never to believe anything.
    """
    if len(sealed) > LARGEST:
        raise RingRefused("larger than a key ring can be")
    start = len(MAGIC) + 4
    if not sealed.startswith(MAGIC) or len(sealed) < start:
        raise RingRefused("not a sealed key ring")
    length = int.from_bytes(sealed[len(MAGIC) : start], "big")
    if length > LARGEST_HEADER or len(sealed) <= start + length:
        raise RingRefused("the header does not fit")
    try:
        header = json.loads(sealed[start : start + length])
    except (ValueError, RecursionError) as error:
        raise RingRefused("the header is not JSON") from error
    if not isinstance(header, dict):
        raise RingRefused("the header is not an object")
    ring, epoch, rev = header.get("ring"), header.get("epoch"), header.get("rev")
    if not isinstance(ring, str) or not 0 < len(ring) <= 64:
        raise RingRefused("the header names no ring")
    # bool is an int in Python, so the types are compared exactly.
    if type(epoch) is not int or not 0 <= epoch < 2**32:
        raise RingRefused("the header has no epoch")
    if type(rev) is not int or not 0 <= rev < 2**63:
        raise RingRefused("the header has no revision")
    return Facts(ring, epoch, rev)


def has_ring(person: Person) -> bool:
    """Whether this person has been given keys."""
    return KeyRing.objects.filter(person=person).exists()


def current(person: Person) -> KeyRing | None:
    """The ring as it is kept now, or None before set-up."""
    return KeyRing.objects.filter(person=person).first()


def create(person: Person, sealed: bytes) -> KeyRing:
    """Keep a person's first ring; raises RingConflict if there is one."""
    new = facts(sealed)
    try:
        with transaction.atomic():
            return KeyRing.objects.create(
                person=person,
                ring=new.ring,
                epoch=new.epoch,
                rev=new.rev,
                hash=hashlib.sha256(sealed).hexdigest(),
                sealed=sealed,
            )
    except IntegrityError:
        kept = current(person)
        raise RingConflict(kept.hash if kept else None) from None


def replace(person: Person, expected: str, sealed: bytes) -> KeyRing:
    """Put the next revision in the place of the one whose hash is `expected`.

    The swap is one UPDATE with the old hash in its WHERE, so of two writers with the
    same revision in hand exactly one wins; the other gets RingConflict and merges.
    """
    new = facts(sealed)
    with transaction.atomic():
        old = current(person)
        if old is None or old.hash != expected:
            raise RingConflict(old.hash if old else None)
        if new.ring != old.ring:
            raise RingRefused("another ring")
        if new.epoch < old.epoch or new.rev <= old.rev:
            raise RingRefused("not newer than the kept ring")
        swapped = KeyRing.objects.filter(pk=old.pk, hash=expected).update(
            epoch=new.epoch,
            rev=new.rev,
            hash=hashlib.sha256(sealed).hexdigest(),
            sealed=sealed,
            written=timezone.now(),
        )
        if not swapped:
            raise RingConflict(None)
        _keep_older(old)
        if new.epoch > old.epoch:
            # A new epoch shuts out whoever held the old key, so nothing stays open with it.
            StayHalf.objects.filter(person=person).delete()
    return KeyRing.objects.get(pk=old.pk)


def _keep_older(old: KeyRing) -> None:
    OlderKeyRing.objects.create(
        person=old.person,
        ring=old.ring,
        epoch=old.epoch,
        rev=old.rev,
        hash=old.hash,
        sealed=old.sealed,
    )
    older = OlderKeyRing.objects.filter(person=old.person)
    # Whoever writes over `old` named its hash and so has read it back: revisions of an
    # earlier epoch, which a removed way in still opens, have served.
    older.filter(epoch__lt=old.epoch).delete()
    kept = older.order_by("-rev").values_list("pk", flat=True)[:OLDER_KEPT]
    older.exclude(pk__in=list(kept)).delete()


def sweep() -> int:
    """Delete replaced revisions that have been kept long enough; says how many."""
    due = timezone.now() - OLDER_KEPT_FOR
    return OlderKeyRing.objects.filter(replaced__lt=due).delete()[0]
