"""Messages, certificates and attacks that nobody on this project wrote; they stand beside the checkout, not in it.

Without them the tests that need them are skipped with the reason. Under CI=true they fail: there, nothing may be
skipped in silence.
"""

import json
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "shared" / "corpora"


@dataclass(frozen=True)
class Case:
    """One file of a corpus and what its source says about it."""

    set: str
    name: str
    kind: str
    path: Path
    expected: dict[str, Any]
    stated: str
    """ "yes", "implied", "measured" or "no": whether the source itself states what is expected."""


def cases(set_name: str) -> list[Case]:
    """All cases of a set; skips (or fails in CI) the test that asks when the corpora are absent."""
    require()
    return [case for case in _index() if case.set == set_name]


def support(set_name: str) -> Path:
    """Keys and certificates of a set."""
    require()
    return FOLDER / "sets" / set_name / "support"


def require() -> None:
    if (FOLDER / "dev" / "index.json").exists():
        return
    if os.environ.get("CI") == "true":
        pytest.fail(f"the corpora must be at {FOLDER}")
    pytest.skip(f"no corpora at {FOLDER}")


@cache
def _index() -> tuple[Case, ...]:
    listed = json.loads((FOLDER / "dev" / "index.json").read_text())["cases"]
    return tuple(
        Case(
            set=one["set"],
            name=one["name"],
            kind=one["kind"],
            path=FOLDER / "dev" / one["path"],
            expected=one["expected"],
            stated=one["expected_stated_by_source"],
        )
        for one in listed
    )
