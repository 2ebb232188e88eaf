"""Kill runs against real servers: nothing lost, nothing doubled. KILL_RUNS says how often each point is broken."""

from __future__ import annotations

import os

import pytest

from .laboratory import Laboratory
from .page import PAGE
from .points import POINTS, Point
from .runs import faults, run

RUNS = int(os.environ.get("KILL_RUNS", "1"))
pytestmark = pytest.mark.timeout(180 + 90 * RUNS)


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
