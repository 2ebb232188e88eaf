"""A clock that jumps: a lease or a wait is judged wrongly for a while, and no letter is lost or doubled for it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from webmail import outbox, outbox_words, sending
from webmail.models import OutboxMessage, Phase, State

from .breaking import Breaking
from .posting import House, breaking, breaking_house, demo_server, settle

__all__ = ["breaking", "breaking_house", "demo_server"]

HOUR = timedelta(hours=1)


class Clock:
    """The clock of this machine, as somebody sets it."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self.off = timedelta(0)

    def __call__(self) -> datetime:
        return self._now() + self.off


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock(timezone.now)
    monkeypatch.setattr(timezone, "now", clock)
    return clock


def elsewhere(row: OutboxMessage) -> None:
    """What a second worker does."""

    def work() -> None:
        try:
            sending.work(row.pk)
        finally:
            connection.close()

    worker = threading.Thread(target=work)
    worker.start()
    worker.join(60)
    assert not worker.is_alive()


def in_the_end(row: OutboxMessage) -> OutboxMessage:
    for _round in range(12):
        OutboxMessage.objects.filter(pk=row.pk, due__isnull=False).update(due=timezone.now(), leased_until=None)
        for waiting in outbox.overdue():
            sending.work(waiting)
    row.refresh_from_db()
    return row


@pytest.mark.parametrize("stage", ["connect", "rcpt", "data", "dot", "reply"])
def test_an_hour_forward_in_the_middle_of_sending(house: House, breaking: Breaking, clock: Clock, stage: str) -> None:
    """The lease of a living worker looks dead, and another one takes the row."""
    row = house.post().row(house.browser)
    jumped: list[str] = []

    def jump(reached: str, argument: str) -> None:
        if reached == stage and not jumped:
            jumped.append(reached)
            clock.off = HOUR
            elsewhere(row)

    breaking.fault = jump
    settle(row)
    assert jumped == [stage]
    row = in_the_end(row)
    assert breaking.taken == {row.message_id: 1}
    assert row.state in (State.DONE, State.ASKING)
    assert row.state == State.DONE or stage in ("dot", "reply"), "asked only where nobody could know"
    if row.state == State.DONE:
        assert len(house.messages("Sent", row.message_id)) == 1


def test_what_the_first_worker_hears_in_the_end_settles_it(house: House, breaking: Breaking, clock: Clock) -> None:
    """Its lease is gone, but what the server answered is true whoever holds the row."""
    row = house.post().row(house.browser)

    def jump(reached: str, argument: str) -> None:
        if reached == "reply" and not clock.off:
            clock.off = HOUR
            elsewhere(row)
            assert OutboxMessage.objects.get(pk=row.pk).state == State.UNKNOWN

    breaking.fault = jump
    settle(row)
    assert row.deliveries.get().phase == Phase.ACCEPTED
    assert in_the_end(row).state == State.DONE
    assert breaking.taken == {row.message_id: 1}


def test_an_hour_back_makes_it_wait_visibly(house: House, breaking: Breaking, clock: Clock) -> None:
    row = house.post().row(house.browser)
    clock.off = -HOUR
    settle(row)
    assert (row.state, outbox_words.line(row).word) == (State.WAITING, "out-retry")
    assert not breaking.taken
    clock.off = timedelta(0)
    assert settle(row).state == State.DONE
    assert breaking.taken == {row.message_id: 1}


def test_an_hour_back_in_the_middle_of_sending(house: House, breaking: Breaking, clock: Clock) -> None:
    row = house.post().row(house.browser)

    def jump(reached: str, argument: str) -> None:
        if reached == "data":
            clock.off = -HOUR
            elsewhere(row)

    breaking.fault = jump
    settle(row)
    assert in_the_end(row).state == State.DONE
    assert breaking.taken == {row.message_id: 1}


def test_no_time_of_ours_knows_of_summer() -> None:
    """DST moves nothing: what is due is kept in UTC, and the deadlines of a connection on a clock that only runs."""
    assert settings.USE_TZ and settings.CELERY_TIMEZONE == "UTC"
    assert timezone.now().utcoffset() == timedelta(0)
