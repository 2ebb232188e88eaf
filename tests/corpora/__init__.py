"""Messages, certificates and attacks that nobody on this project wrote; they stand beside the checkout, not in it.

Where they are: `../shared/corpora`, or the folder that CORPORA names. A folder of corpora has `sets/` and, beside it,
one or more halves: folders with an `index.json` that lists their cases. Without it the tests that need it are skipped
with the reason. Under CI=true they fail: there, nothing may be skipped in silence.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
BESIDE = ROOT.parent / "shared" / "corpora"


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
    beside: tuple[Path, ...] = ()
    """Files that say what is in it."""

    id: str = ""
    """Set and file; a file that is listed again is counted."""

    @property
    def verdict(self) -> str:
        return str(self.expected.get("verdict", ""))

    @property
    def certain(self) -> bool:
        """Whether something is expected beyond that it is read without a fault."""
        return self.stated != "no"


def folder() -> Path:
    """The folder with `sets/`; a half of it may be named as well."""
    named = Path(os.environ.get("CORPORA") or BESIDE).resolve()
    return named.parent if (named / "index.json").exists() and not (named / "sets").exists() else named


def cases(set_name: str) -> list[Case]:
    """All cases of a set; skips (or fails in CI) the test that asks when the corpora are absent."""
    require()
    return [case for case in everything() if case.set == set_name]


def set_names() -> list[str]:
    """The sets in the order of the index; none where there are no corpora."""
    return list(dict.fromkeys(case.set for case in everything()))


def support(set_name: str) -> Path:
    """Keys and certificates of a set."""
    require()
    return folder() / "sets" / set_name / "support"


def require() -> None:
    if everything():
        return
    if os.environ.get("CI") == "true":
        pytest.fail(f"the corpora must be at {folder()}")
    pytest.skip(f"no corpora at {folder()}")


def halves() -> tuple[Path, ...]:
    """The folders whose cases are meant."""
    named = Path(os.environ.get("CORPORA") or BESIDE).resolve()
    indexes = [named / "index.json"] if (named / "index.json").exists() else sorted(named.glob("*/index.json"))
    return tuple(index.parent for index in indexes)


def everything() -> tuple[Case, ...]:
    return _read(halves())


@cache
def _read(halves: tuple[Path, ...]) -> tuple[Case, ...]:
    found: list[Case] = []
    listed: Counter[str] = Counter()
    for half in halves:
        for one in json.loads((half / "index.json").read_text())["cases"]:
            listed[one["path"]] += 1
            again = f" ({listed[one['path']]})" if listed[one["path"]] > 1 else ""
            found.append(_case(half, one, one["path"] + again))
    return tuple(found)


def _case(half: Path, one: dict[str, Any], name: str) -> Case:
    return Case(
        set=one["set"],
        name=one["name"],
        kind=one["kind"],
        path=half / one["path"],
        expected=one["expected"],
        stated=one["expected_stated_by_source"],
        beside=tuple(half / one["set"] / beside for beside in one.get("with", ())),
        id=name,
    )
