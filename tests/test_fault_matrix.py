"""docs/fault-matrix.md against the tests: every row is there, and what it names exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROW = re.compile(r"^\| ([ABCF]\d+) \| (.+) \| (.+) \| (.+) \|$", re.MULTILINE)
ROWS = {row[1]: row for row in ROW.finditer((ROOT / "docs/fault-matrix.md").read_text("utf-8"))}
NAMED = re.compile(r"`(tests/[^`]+)`")


def test_every_row_is_there_once() -> None:
    sizes = {"A": 24, "B": 38, "C": 20, "F": 12}
    expected = [f"{letter}{number}" for letter, size in sizes.items() for number in range(1, size + 1)]
    assert list(ROWS) == expected


@pytest.mark.parametrize("row", ROWS)
def test_what_a_row_names_exists(row: str) -> None:
    shown = ROWS[row][4]
    named = NAMED.findall(shown)
    assert named or len(shown) > 20, "a test, or the reason why there is none"
    for test in named:
        path, _, name = test.partition("::")
        written = (ROOT / path).read_text("utf-8")
        if path.endswith(".py"):
            assert not name or f"def {name}(" in written, test
        elif path.endswith(".txt"):
            assert f"== {name}\n" in written, test
        else:
            assert name and (f'"{name}"' in written or f"`{name}`" in written), test
