"""The server's half of `stay-1`: keys stay open over a reload, and no longer than the session."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.contrib.sessions.models import Session
from django.db.models import Q
from django.utils import timezone

from accounts.errors import SignInNeeded
from accounts.signals import signed_out

from .models import StayHalf

if TYPE_CHECKING:
    from accounts.models import Person

IDLE = timedelta(minutes=15)
ABSOLUTE = timedelta(hours=12)


def new(person: Person, session_key: str) -> bytes:
    """A fresh half for this session; an earlier one of the session stops working."""
    session = Session.objects.filter(pk=session_key).first()
    if session is None:
        # Signed out in another tab between this request's start and now.
        raise SignInNeeded
    now = timezone.now()
    half = secrets.token_bytes(32)
    StayHalf.objects.update_or_create(
        session=session,
        defaults={"person": person, "half": half, "created": now, "used": now},
    )
    return half


def fetch(person: Person, session_key: str) -> bytes | None:
    """The half of this session, its idle time begun anew; None when it has ended."""
    if not touch(person, session_key):
        return None
    row = StayHalf.objects.filter(person=person, session_id=session_key).first()
    return bytes(row.half) if row else None


def touch(person: Person, session_key: str) -> bool:
    """The person is at work: begin the idle time anew. False when the half has ended."""
    sweep()
    return bool(StayHalf.objects.filter(person=person, session_id=session_key).update(used=timezone.now()))


def drop(person: Person, session_key: str) -> None:
    """Forget the half of this session: the person locked their keys."""
    StayHalf.objects.filter(person=person, session_id=session_key).delete()


def sweep() -> int:
    """Delete every half whose time is over; says how many."""
    now = timezone.now()
    over = Q(used__lte=now - IDLE) | Q(created__lte=now - ABSOLUTE)
    return StayHalf.objects.filter(over).delete()[0]


def listen() -> None:
    """Hear sign-outs, so that the half is gone even where the session row lives on."""
    signed_out.connect(_signed_out, dispatch_uid="keys.stay")


def _signed_out(*, session_key: str | None = None, **_: Any) -> None:
    if session_key:
        StayHalf.objects.filter(session_id=session_key).delete()
