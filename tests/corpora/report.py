"""Results set by set: one line on the screen, docs/corpora.md, and whether each exception is listed with its reason."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from tests import corpora
from tests.corpora.findings import Finding

if TYPE_CHECKING:
    from tests.corpora.study import Result

LIST = Path(__file__).with_name("exceptions.toml")


@dataclass(frozen=True)
class Listed:
    kind: str
    cases: tuple[str, ...]
    reason: str

    def covers(self, case: str, finding: Finding) -> bool:
        return self.kind == finding.kind and any(fnmatchcase(case, pattern) for pattern in self.cases)


@dataclass
class Report:
    root: Path
    listed: tuple[Listed, ...]
    halves: str
    """Names of the folders whose cases are read."""
    sets: dict[str, dict[str, object]] = field(default_factory=dict)
    read: set[str] = field(default_factory=set)
    """Sets of this run."""

    @classmethod
    def open(cls, root: Path) -> Report:
        """With what earlier runs found: a run of some sets leaves the lines of the others."""
        listed = tomllib.loads(LIST.read_text())["exception"]
        report = cls(
            root,
            tuple(Listed(one["kind"], tuple(one["cases"]), one["reason"]) for one in listed),
            "+".join(half.name for half in corpora.halves()),
        )
        if report.kept.exists():
            report.sets = json.loads(report.kept.read_text())
        return report

    @property
    def kept(self) -> Path:
        return self.root / "var" / "corpora" / f"{self.halves}.json"

    def reason(self, case: str, finding: Finding) -> str:
        return next((one.reason for one in self.listed if one.covers(case, finding)), "")

    def add(self, set_name: str, results: Sequence[Result]) -> str:
        """The lines of one set."""
        good = sum(1 for result in results if not result.findings)
        exceptions = [
            {"case": result.case.id, "kind": one.kind, "words": one.words, "reason": self.reason(result.case.id, one)}
            for result in results
            for one in result.findings[:1]
        ]
        self.read.add(set_name)
        self.sets[set_name] = {"cases": len(results), "good": good, "exceptions": exceptions}
        lines = [f"{set_name}: {good} of {len(results)} as expected"]
        lines += [
            f"  {'exception' if one['reason'] else 'NOT LISTED'} {one['case']} [{one['kind']}] {one['words']}"
            for one in exceptions
        ]
        return "\n".join(lines)

    def unlisted(self, results: Sequence[Result]) -> list[str]:
        """Findings that nobody has given a reason for."""
        return [
            f"{result.case.id}: [{one.kind}] {one.words}"
            for result in results
            for one in result.findings
            if not self.reason(result.case.id, one)
        ]

    def outdated(self, set_name: str, results: Sequence[Result]) -> list[str]:
        """Cases listed by name that were driven and are as expected."""
        met = {result.case.id for result in results if not result.findings}
        named = {case for one in self.listed for case in one.cases if case.startswith(f"{set_name}/")}
        return sorted(f"{case} is an exception no more" for case in named & met)

    def write(self) -> None:
        from tests.corpora.page import page

        self.kept.parent.mkdir(parents=True, exist_ok=True)
        # Another run may have written its sets meanwhile.
        others = json.loads(self.kept.read_text()) if self.kept.exists() else {}
        self.sets = {**others, **{name: self.sets[name] for name in self.read}}
        self.kept.write_text(json.dumps(self.sets, indent=1))
        (self.root / "docs" / "corpora.md").write_text(page(self.halves, self.sets))
