"""docs/corpora.md: what was read, what was as expected, and every exception with its reason."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

HEAD = """# Corpora

Messages, certificates and attacks that others collected, each read in the real page in Chromium with every request and
every connection of the browser logged. What a case should get is what its source states; what it got is what a person
sees there. `make corpora` writes this page; an exception that has no reason in tests/corpora/exceptions.toml fails it.
{sizes}
| set | cases | as expected | exceptions |
|---|---:|---:|---:|
"""


def page(halves: str, sets: dict[str, dict[str, Any]]) -> str:
    rows = [
        f"| {name} | {one['cases']} | {one['good']} | {len(one['exceptions'])} |" for name, one in sorted(sets.items())
    ]
    cases, good = (sum(one[what] for one in sets.values()) for what in ("cases", "good"))
    rows.append(f"| **all** | {cases} | {good} | {cases - good} |")
    head = HEAD.replace("{sizes}", f"\nRead here: `{halves}`, {cases} cases in {len(sets)} sets.\n")
    return head + "\n".join(rows) + "\n\n## Exceptions\n" + "".join(_reasons(sets))


def _reasons(sets: dict[str, dict[str, Any]]) -> list[str]:
    """Reason by reason, the cases it is for by set."""
    by_reason: dict[str, dict[str, list[dict[str, str]]]] = defaultdict(lambda: defaultdict(list))
    for name, one in sorted(sets.items()):
        for exception in one["exceptions"]:
            by_reason[exception["reason"] or "No reason is given."][name].append(exception)
    parts = []
    for reason, names in by_reason.items():
        parts.append(f"\n### {reason}\n\n| case | what is seen |\n|---|---|\n")
        for found in names.values():
            parts += [f"| {_cell(one['case'])} | {_cell(one['words'])} |\n" for one in found]
    return parts


def _cell(text: str) -> str:
    plain = " ".join(text.split()).replace("|", "\\|").replace("`", "'")
    return f"`{plain}`" if any(mark in plain for mark in "<*_[@") else plain
