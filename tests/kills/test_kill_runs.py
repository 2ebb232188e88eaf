"""Kill runs against real servers: nothing lost, nothing doubled. KILL_RUNS says how often each point is broken."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.servers.postgres import programs

from .laboratory import Laboratory, laboratory
from .points import POINTS, Point
from .runs import faults, run

RUNS = int(os.environ.get("KILL_RUNS", "1"))
pytestmark = [
    pytest.mark.skipif(programs() is None, reason="PostgreSQL is not installed: see scripts/debian.sh"),
    pytest.mark.timeout(180 + 90 * RUNS),
]


@pytest.fixture(scope="module")
def lab() -> Iterator[Laboratory]:
    with laboratory() as lab:
        yield lab


@pytest.mark.parametrize("point", POINTS, ids=lambda point: point.name)
def test_nothing_is_lost_or_doubled(lab: Laboratory, point: Point) -> None:
    for _run in range(RUNS):
        assert not faults(point, run(lab, point))
