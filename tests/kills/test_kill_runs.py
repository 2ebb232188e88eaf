"""Kill runs against real servers: nothing lost, nothing doubled. KILL_RUNS says how often each point is broken."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.servers.postgres import programs

from .laboratory import Laboratory, laboratory
from .page import PAGE
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


def test_the_page_tells_of_every_point_and_of_no_loss() -> None:
    rows = [line.split(" | ") for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| ")][1:]
    assert [row[0].removeprefix("| ") for row in rows] == [point.words for point in POINTS]
    for _words, runs, once, asked, lost, doubled, _said in rows:
        assert int(runs) >= 1 and int(once) + int(asked) == int(runs)
        assert (lost, doubled) == ("0", "0")
