"""By what a message is known again: after a move yes, and never another's in its name."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

from webmail.trace import trace

ARRIVED = datetime(2026, 11, 30, 23, 59, 58, tzinfo=UTC)


def test_a_message_keeps_its_trace_wherever_it_is_moved() -> None:
    first = trace(b" <a@b>", ARRIVED, 100)
    assert re.fullmatch(r"2026-11/[0-9a-f]{32}", first)
    assert trace(b"<a@b> ", ARRIVED.astimezone(timezone(timedelta(hours=9))), 100) == first


def test_whoever_copies_a_message_id_gets_another_trace() -> None:
    traces = {
        trace(b"<a@b>", ARRIVED, 100),
        trace(b"<a@b>", ARRIVED + timedelta(seconds=1), 100),
        trace(b"<a@b>", ARRIVED, 101),
        trace(b"<a@c>", ARRIVED, 100),
        trace(b"", ARRIVED, 100),
    }
    assert len(traces) == 5
    assert trace(b"<a@b>", ARRIVED + timedelta(seconds=2), 100).startswith("2026-12/")


def test_without_a_date_of_arrival_there_is_none() -> None:
    assert trace(b"<a@b>", datetime(1970, 1, 1, tzinfo=UTC), 100) == ""
