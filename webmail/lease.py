"""A worker's hold on one outbox row: taken by one conditional UPDATE, kept alive, checked at every write."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from types import TracebackType
from uuid import UUID, uuid4

from django.db import InterfaceError, OperationalError, close_old_connections, connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from . import outbox, store
from .errors import LeaseLost
from .models import AT_WORK, OutboxMessage, State

log = logging.getLogger(__name__)

# A final reply may take ten minutes (RFC 5321 section 4.5.3.2.6), so a lease that simply lasted long enough
# would leave the message of a dead worker lying for as long. Instead it is short and renewed while we live.
LASTS = timedelta(seconds=30)
BEAT_SECONDS = 5.0


# A server's answer is kept to be shown, and it is the server that chooses how long it is and what is in it.
LONGEST_ANSWER = 1000


def said(answer: str) -> str:
    """An answer as it can be kept: PostgreSQL takes no NUL in a text."""
    return answer.replace("\0", "\N{REPLACEMENT CHARACTER}")[:LONGEST_ANSWER]


class Hold:
    """Use as a context manager: it beats while it is entered and lets the row go at the end."""

    def __init__(self, row: OutboxMessage, token: UUID) -> None:
        self.row = row
        self.token = token
        self.too_large = False
        self._told: str | None = None
        self._done = threading.Event()
        self._beat = threading.Thread(target=self._keep, name="outbox-lease", daemon=True)

    @classmethod
    def take(cls, row: UUID) -> Hold | None:
        """The hold, or None when nothing is due for the row or another worker has it."""
        now, token = timezone.now(), uuid4()
        free = Q(leased_until__isnull=True) | Q(leased_until__lte=now)
        taken = OutboxMessage.objects.filter(free, pk=row, state__in=AT_WORK, due__lte=now).update(
            lease=token, leased_until=now + LASTS
        )
        if not taken:
            return None
        return cls(OutboxMessage.objects.select_related("account__person", "copy").get(pk=row), token)

    def __enter__(self) -> Hold:
        self._beat.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        self._beat.join()
        OutboxMessage.objects.filter(pk=self.row.pk, lease=self.token).update(lease=None, leased_until=None)

    def check(self) -> None:
        """Raise `LeaseLost` unless the row is still ours; inside a transaction it stays so until its end."""
        if not self._mine().update(leased_until=timezone.now() + LASTS):
            raise LeaseLost

    def save(self, **changes: object) -> None:
        """Write these fields if the row is still ours, and tell the page when the state changed."""
        if isinstance(answer := changes.get("answer"), str):
            changes["answer"] = said(answer)
        if not self._mine().update(leased_until=timezone.now() + LASTS, **changes):
            raise LeaseLost
        for name, value in changes.items():
            setattr(self.row, name, value)
        self.tell()

    def finish(self, state: State, filed: dict[str, object] | None) -> None:
        """The last write: the row is done, and bytes and credential are erased with it."""
        with transaction.atomic():
            store.erase(self.row)
            self.save(state=state, due=None, filed=filed, credential=None, finished_at=timezone.now())

    def tell(self) -> None:
        """Tell the page once per state, and only what is committed."""
        if self._told != self.row.state:
            self._told = self.row.state
            transaction.on_commit(lambda: outbox.tell(self.row))

    def surely(self, write: Callable[[], None]) -> None:
        """Write what must not get lost, over a database that restarts meanwhile."""
        for pause in (0.2, 1.0, 3.0, 10.0, 0.0):
            try:
                write()
            except (OperationalError, InterfaceError):
                if not pause:
                    raise
                log.warning("outbox %s: the database did not take the answer; once more", self.row.pk)
                close_old_connections()
                time.sleep(pause)
            else:
                return

    def _mine(self) -> QuerySet[OutboxMessage]:
        return OutboxMessage.objects.filter(pk=self.row.pk, lease=self.token)

    def _keep(self) -> None:
        """The beat. A database that restarts misses some; when it misses too many the lease lapses, and the next
        write of ours finds that out."""
        try:
            while not self._done.wait(BEAT_SECONDS):
                try:
                    self._mine().update(leased_until=timezone.now() + LASTS)
                except (OperationalError, InterfaceError):
                    log.warning("outbox %s: could not renew the lease", self.row.pk)
                    close_old_connections()
        finally:
            connection.close()
