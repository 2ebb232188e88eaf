"""Background work of the site. A task carries a row's id and may run twice: the row is the truth."""

from __future__ import annotations

import logging
from uuid import UUID

from celery import shared_task
from kombu.exceptions import OperationalError

from accounts.models import Account

from . import outbox, sending

log = logging.getLogger(__name__)


def enqueue(row: UUID, wait: float = 0.0) -> None:
    """Have a worker look at this row soon, or after `wait` seconds. A broker that is down costs time, never the
    message: the sweep finds it."""
    try:
        # A little later than due: a worker that looked too early would leave it to the sweep.
        work.apply_async((str(row),), retry=False, countdown=wait + 0.1 if wait else 0.0)
    except OperationalError:
        log.warning("the broker is down; the sweep will offer outbox %s", row)


def go_on(sender: object, *, account: Account, lease: outbox.Lease, **_more: object) -> None:
    """Somebody signed in: what waited for that is worked on."""
    for row in outbox.resume(account, lease):
        enqueue(row)


@shared_task
def work(row: str) -> None:
    """Do what is due for one outbox row."""
    sending.work(UUID(row))


@shared_task
def sweep() -> None:
    """Every 30 seconds: offer again what is overdue, because brokers lose tasks and workers die."""
    for row in outbox.overdue():
        enqueue(row)
    outbox.forget()
