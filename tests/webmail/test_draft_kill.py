"""A draft that is sent, with a worker killed at each step, or a server that refuses: one mail, and no draft left."""

from __future__ import annotations

import json
import signal

import pytest

from webmail.models import State

from .breaking import Breaking
from .drafting import Writing
from .posting import DOMAIN, House, breaking, breaking_house, demo_server, settle
from .test_draft_sending import sending
from .test_outbox_kill import end, later, worker

__all__ = ["breaking", "breaking_house", "demo_server"]


@pytest.mark.parametrize(
    "point",
    [
        "after the lease",
        "after accepted is written, before the copy",
        "after the copy, before the draft is deleted",
        "after the copy, before done is written",
    ],
)
def test_kill_9_of_the_worker(house: House, breaking: Breaking, point: str) -> None:
    writing = Writing(house.browser, house.login)
    writing.save()
    row = sending(house, writing).row(house.browser)
    assert end(worker(row, point)) == -signal.SIGKILL
    if point != "after the copy, before done is written":
        assert writing.there() == [writing.bytes]
    row = later(row)
    assert row.state == State.DONE
    assert breaking.taken == {row.message_id: 1}
    assert len(house.messages("Sent", row.message_id)) == 1
    assert writing.there() == []


def test_refused_it_stays_and_called_back_it_is_not_doubled(house: House, breaking: Breaking) -> None:
    writing = Writing(house.browser, house.login)
    writing.save()
    breaking.at("mail", "550 not here")
    row = settle(sending(house, writing).row(house.browser))
    assert row.state == State.REFUSED
    assert writing.there() == [writing.bytes]
    house.browser.post(f"/outbox/{row.pk}/cancel/")
    assert settle(row).state == State.CANCELLED
    assert writing.there() == [writing.bytes]


def test_what_the_outbox_keeps_of_it_is_where_it_lies(house: House) -> None:
    writing = Writing(house.browser, house.login)
    place = writing.save()
    row = sending(house, writing).row(house.browser)
    assert row.draft == {**place, "draft": str(writing.id)}
    assert DOMAIN not in json.dumps(row.draft)
