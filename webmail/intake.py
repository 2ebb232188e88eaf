"""Taking a finished message from the composer: in one transaction, or not at all."""

from __future__ import annotations

import logging
import sqlite3
from uuid import UUID, uuid4

from django.db import Error, IntegrityError, InterfaceError, OperationalError, transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts.models import Account

from . import limits, orders, outbox, rule, uploads
from .errors import Unfit
from .models import OutboxMessage
from .spool import is_full
from .words import say

log = logging.getLogger(__name__)

#: PostgreSQL's code for a full disk (its manual, appendix A).
_DISK_FULL = "53100"


class _Known(Exception):
    """This key was posted before."""

    def __init__(self, key: UUID) -> None:
        super().__init__()
        self.key = key


def take(request: HttpRequest, account: Account, lease: outbox.Lease) -> tuple[OutboxMessage, bool]:
    """The row, and whether it is new: the same key again gives the first one. Raises `Unfit`.

    The body has arrived as a whole before this begins (webmail/spool.py), so the transaction takes no longer than
    sealing does, however slow the browser's line is.
    """
    complete = False
    try:
        with transaction.atomic():
            row = _take(request, account, lease)
            complete = True
        return row, True
    except _Known as known:
        return OutboxMessage.objects.get(account=account, key=known.key), False
    except (OperationalError, InterfaceError, OSError) as error:
        raise _not_kept(error, complete) from error


def _take(request: HttpRequest, account: Account, lease: outbox.Lease) -> OutboxMessage:
    def order(fields: uploads.Fields) -> outbox.Order:
        read = orders.read(fields, account.address)
        if account.outbox.filter(key=read.key).exists():
            raise _Known(read.key)
        rule.check(account, read)
        return read

    message = uuid4()
    wanted, parts = uploads.read(request, message, limits.of(account), order, lambda: outbox.room(account))
    try:
        return outbox.accept(account, message, wanted, parts, lease)
    except IntegrityError:
        # Two posts of one key raced; the unique constraint let one of them win.
        raise _Known(wanted.key) from None


def _not_kept(error: Error | OSError, complete: bool) -> Unfit:
    """What a disk that is full, or a database that is away, means for the person: nothing was taken.

    But where only the commit was left, its answer is what got lost: nobody knows, until the same key comes again.
    """
    if complete and not _is_full(error):
        log.warning("the answer to a commit got lost: %s", type(error).__name__)
        return Unfit("unclear", say("ui-send-unclear"), 503)
    if not _is_full(error):
        log.warning("a message could not be kept: %s", type(error).__name__)
        return Unfit("not-kept", _("The server cannot keep the message right now. Try again in a moment."), 503)
    log.error("a message could not be kept: the disk is full")
    return disk_full()


def disk_full() -> Unfit:
    return Unfit("disk-full", _("The server has no room left for the message. Tell its administrator."), 507)


def _is_full(error: Error | OSError) -> bool:
    if isinstance(error, OSError):
        return is_full(error)
    cause = error.__cause__
    if isinstance(cause, sqlite3.Error):
        return cause.sqlite_errorcode == sqlite3.SQLITE_FULL
    return getattr(cause, "sqlstate", None) == _DISK_FULL
