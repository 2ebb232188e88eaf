"""The tenth of a set that `make test` reads: the same for a day, so that a failure can be looked at again."""

from __future__ import annotations

import datetime
import os
import random
from collections.abc import Sequence

from tests.corpora import Case

#: Read whole in every run.
WHOLE = ("johnny-fired", "covert-content", "html-httpleaks")


def seed() -> str:
    """CORPORA_SEED, or the date at which this was asked first: a run that goes on over midnight keeps its cases."""
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    return os.environ.setdefault("CORPORA_SEED", today)


def of(set_name: str, cases: Sequence[Case]) -> list[Case]:
    if set_name in WHOLE:
        return list(cases)
    chosen = random.Random(f"{seed()} {set_name}").sample(range(len(cases)), max(1, len(cases) // 10))
    return [cases[at] for at in sorted(chosen)]
