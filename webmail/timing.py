"""When a message goes: at once, after the seconds in which Send can be undone, or at a time the person chose.

What was built is signed, and stays as it is: `Date` and signature name the moment of the click
(docs/decisions/0140-scheduled-mail-keeps-its-date.md).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Account

from . import restored, store
from .errors import Unfit
from .models import OutboxMessage, State

LONGEST_UNDO = 30
# Keys end and recipients change theirs: what is encrypted today should not wait for longer.
FARTHEST = timedelta(days=366)


def check(when: datetime) -> datetime:
    """Raise `Unfit` where nobody can promise to send then. A time that has just passed means at once."""
    if when > timezone.now() + FARTHEST:
        raise Unfit("too-late", _("Choose a time within a year from now."))
    return when


def begin(row: OutboxMessage, send_at: datetime | None, undo: int) -> None:
    """Set the times of a new row."""
    now = timezone.now()
    if send_at is not None and send_at > now:
        row.goes_at = row.due = row.since = send_at
    elif undo and send_at is None:
        row.undo_until = row.due = row.since = now + timedelta(seconds=undo)


def undo_of(account: Account) -> int:
    """For how many seconds this person can take back what they sent."""
    return settings.UNDO_SECONDS if account.undo_seconds is None else account.undo_seconds


def undo_left(row: OutboxMessage) -> float:
    """Seconds in which it can still be taken back."""
    if row.state != State.WAITING or row.undo_until is None or row.attempts:
        return 0.0
    return max(0.0, (row.undo_until - timezone.now()).total_seconds())


def is_later(row: OutboxMessage) -> bool:
    """Whether it waits for the time the person chose."""
    return row.state == State.WAITING and row.goes_at is not None and row.attempts == 0 and row.goes_at > timezone.now()


def waits_for_person(row: OutboxMessage) -> bool:
    """Its time has come and there was no password to go under: nobody refused anything."""
    return row.state == State.SIGN_IN and row.goes_at is not None and not row.answer


def still(row: OutboxMessage) -> datetime:
    """The time the person chose where it is still to come, else now."""
    now = timezone.now()
    return row.goes_at if row.goes_at is not None and row.goes_at > now else now


def acts(row: OutboxMessage) -> tuple[str, ...]:
    """What the person can do while it waits."""
    return ("now", "move", "cancel") if is_later(row) else ("cancel",)


def undo(row: OutboxMessage) -> bool:
    """Take it back into the composer it came from, which still has all of it: nothing is filed, the bytes are erased.

    Asked again it says the same, because the first answer may have got lost.
    """
    now = timezone.now()
    free = Q(leased_until__isnull=True) | Q(leased_until__lte=now)
    number = 0
    with transaction.atomic():
        # As in outbox.decide: one conditional UPDATE, so that a worker and the person cannot both have the row.
        waiting = OutboxMessage.objects.filter(
            free, pk=row.pk, state=State.WAITING, attempts=0, undo_until__isnull=False
        )
        # The lapsed token goes too: a worker that was only asleep must find that the row was taken away.
        if waiting.update(
            state=State.UNDONE, due=None, credential=None, finished_at=now, lease=None, leased_until=None
        ):
            store.erase(row)
            number = restored.count()
    restored.note(number)
    row.refresh_from_db()
    return row.state == State.UNDONE


def move(row: OutboxMessage, when: datetime) -> bool:
    """Another time for what waits for its own; False when it moved on meanwhile."""
    now = timezone.now()
    free = Q(leased_until__isnull=True) | Q(leased_until__lte=now)
    # One that has passed means at once: tried since then, it would be given up too early.
    when = max(when, now)
    waiting = OutboxMessage.objects.filter(free, pk=row.pk, state=State.WAITING, attempts=0, goes_at=row.goes_at)
    with transaction.atomic():
        moved = waiting.update(goes_at=when, due=when, since=when, lease=None, leased_until=None)
        number = restored.count() if moved else 0
    restored.note(number)
    row.refresh_from_db()
    return bool(moved)
