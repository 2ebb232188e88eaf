"""Noticing that the database was restored from a backup, before anything in it is sent for the second time.

A restored outbox holds messages as they stood at the backup: some have gone out since, some were called off or moved to
another time. So each hand-over, calling off and moving is counted, in the database and in a file outside it that no
restore of the database brings back. Where the file knows of more than the database, or a database that counted finds
no file at all (a new machine), the unfinished rows are looked for in Sent, and what is not found there is asked
about: `out-restored`. Nothing is sent by itself.

The file belongs beside the database's data, not into its backup. Without one, `manage.py restored` says it by hand.
"""

from __future__ import annotations

import fcntl
import logging
import os
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from .models import Delivery, OutboxMark, OutboxMessage, Phase, State

log = logging.getLogger(__name__)

# What would send by itself, at a sign-in, or when the person presses a button that promises a first try.
_WOULD_SEND = (State.WAITING, State.SUBMITTING, State.RETRY, State.SIGN_IN, State.GAVE_UP, State.UNKNOWN)
_NOT_SURE = (Phase.WAITING, Phase.CONNECTING, Phase.DATA, Phase.ENDED)
_MARK = 1


def count() -> int:
    """One more hand-over begins, or one is called off or moved; inside the transaction that says so in its row.

    Returns the new number.
    """
    if _file() is None:
        return 0
    OutboxMark.objects.get_or_create(pk=_MARK)
    OutboxMark.objects.filter(pk=_MARK).update(number=F("number") + 1)
    return OutboxMark.objects.get(pk=_MARK).number


def note(number: int) -> None:
    """Write the number outside, once its transaction is in the database."""
    file = _file()
    if file is None or not number:
        return
    written = True
    try:
        _write(file, number)
    except OSError as error:
        # The message goes all the same: what is at stake is only that a later restore is noticed.
        log.error("could not write %s (%s); a restored database would not be noticed", file, error.strerror)
        written = False
    OutboxMark.objects.filter(pk=_MARK).exclude(written=written).update(written=written)


def find() -> int:
    """Where the database was set back, hold what might go out twice; returns how many rows."""
    file = _file()
    return declare(file) if file is not None and _set_back(file) else 0


def _set_back(file: Path) -> bool:
    # The file first: a hand-over that begins between the two reads is in the database before it is in the file.
    outside = _read(file)
    mark = OutboxMark.objects.filter(pk=_MARK).first() or OutboxMark()
    return mark.written if outside is None else outside > mark.number


def declare(seen: Path | None = None) -> int:
    """The database was restored: everything unfinished is looked for first, and then asked about.

    `seen` is the file that showed it; another worker may have seen it, too. Without it an operator says so.
    """
    with transaction.atomic():
        OutboxMark.objects.get_or_create(pk=_MARK)
        mark = OutboxMark.objects.select_for_update().get(pk=_MARK)
        if seen is not None and not _set_back(seen):
            return 0
        now = timezone.now()
        keys = list(OutboxMessage.objects.filter(state__in=_WOULD_SEND).values_list("pk", flat=True))
        Delivery.objects.filter(message__in=keys, phase__in=_NOT_SURE).update(phase=Phase.UNKNOWN)
        # Whoever holds a row did so before the restore, or finds at its next write that it is taken away.
        OutboxMessage.objects.filter(pk__in=keys).update(
            state=State.UNKNOWN, restored=True, due=now, since=now, looks=0, undo_until=None,
            lease=None, leased_until=None,
        )  # fmt: skip
        file = _file()
        mark.number = max(mark.number, (_read(file) or 0) if file else 0) + 1
        mark.save(update_fields=["number"])
        note(mark.number)
    log.warning("the database was restored from a backup: %s unfinished messages are held", len(keys))
    return len(keys)


def _file() -> Path | None:
    path: Path | None = settings.OUTBOX_MARK
    return path


def _read(file: Path) -> int | None:
    """None where there is no file. Anything else that keeps it from being read is for the operator to see."""
    try:
        return int(file.read_text(encoding="ascii").strip() or 0)
    except (FileNotFoundError, NotADirectoryError):
        return None


def _write(file: Path, number: int) -> None:
    """Never a smaller number over a larger one, and never half of one: several workers write here."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.with_name(file.name + ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if (_read(file) or 0) >= number:
            return
        fresh = file.with_name(file.name + ".new")
        with fresh.open("w", encoding="ascii") as out:
            out.write(f"{number}\n")
            out.flush()
            os.fsync(out.fileno())
        fresh.replace(file)
