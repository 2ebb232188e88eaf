"""The long runs: python -m tests.kills [RUNS] [POINT…]. Writes docs/kill-runs.md when all points were run."""

from __future__ import annotations

import os
import sys
import time

import django


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    from .laboratory import laboratory
    from .page import write
    from .points import POINTS
    from .runs import faults, run

    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    points = [point for point in POINTS if point.name in sys.argv[2:] or not sys.argv[2:]]
    wrong = []
    with laboratory() as lab:
        outcomes = {}
        for point in points:
            began = time.monotonic()
            outcomes[point.name] = [run(lab, point) for _run in range(runs)]
            found = [fault for outcome in outcomes[point.name] for fault in faults(point, outcome)]
            print(f"{point.name}: {runs} runs in {time.monotonic() - began:.0f} s", *found, sep="\n  ", flush=True)
            wrong += found
    if points == list(POINTS):
        write(outcomes)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
