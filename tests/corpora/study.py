"""The cases of a set, driven through the real page and judged by what a person saw."""

from __future__ import annotations

import contextlib
import json
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests import corpora
from tests.browser import attacks
from tests.browser.cage import cage
from tests.browser.canary import Canary
from tests.browser.visitor import Visitor
from tests.browser.whole_site import Site
from tests.corpora import Case
from tests.corpora.clock import set_clock
from tests.corpora.findings import Finding
from tests.corpora.hidden import Opener
from tests.corpora.letters import FILES, html, is_html, letters
from tests.corpora.reading import Reading, post
from tests.corpora.seen import Seen, bare
from tests.corpora.verdicts import html_letter, judge
from tests.corpora.worlds import SECRET, World, tool, world

#: Letters in one message: each has a frame of its own, and the message around them is fetched once.
TOGETHER = 10


@dataclass
class Result:
    case: Case
    findings: list[Finding]
    seen: list[Seen] = field(default_factory=list)


@dataclass
class Bench:
    """The real site with its mail server, browsers that lead nowhere, and people to read."""

    playwright: Any
    listener: Canary
    site: Site
    newcomer: Callable[[], str]
    folder: Path
    _people: int = 0
    _readers: dict[World, Reading] = field(default_factory=dict)
    _stack: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)
    _arranger: subprocess.Popen[str] | None = None

    def close(self) -> None:
        if self._arranger and self._arranger.stdin:
            self._arranger.stdin.close()
            self._arranger.wait(20)
        self._stack.close()

    def reader(self, wanted: World) -> Reading:
        """Somebody for whom the world is as wanted; where they have read before, the same person."""
        if wanted not in self._readers:
            self._readers[wanted] = self._arrive(wanted)
        return self._readers[wanted]

    def _arrive(self, wanted: World) -> Reading:
        # Each in a browser of their own: sessions of two people do not mix.
        self._people += 1
        profile = self.folder / f"profile-{self._people}"
        context = self._stack.enter_context(cage(self.playwright, self.listener, profile))
        if wanted.clock:
            set_clock(context, wanted.clock)
        visitor = Visitor(context, self.site, self.newcomer())
        visitor.sign_in()
        held = wanted.as_files(visitor.address)
        self.arrange({"person": visitor.address, "ring": held["ring"], "certificates": held["certificates"]})
        if held["ring"]:
            unlock(visitor)
        else:
            visitor.make_keys(SECRET)
        return Reading(visitor, self.listener)

    def arrange(self, wanted: dict[str, Any]) -> None:
        if self._arranger is None:
            self._arranger = subprocess.Popen(
                [sys.executable, "-m", "tests.corpora.arrange"],
                cwd=corpora.ROOT,
                env=self.site.environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        assert self._arranger.stdin and self._arranger.stdout
        self._arranger.stdin.write(json.dumps(wanted) + "\n")
        self._arranger.stdin.flush()
        assert self._arranger.stdout.readline() == "done\n", "the site could not be arranged"


def unlock(visitor: Visitor) -> None:
    visitor.open_mailbox()
    visitor.ask_for_keys()
    # Each of some twenty keys of old kinds is examined before the ring is open.
    visitor.unlock(SECRET, patience=120_000)


def study(bench: Bench, set_name: str, cases: Sequence[Case]) -> list[Result]:
    if is_html(cases[0]):
        return _html(bench, cases)
    place = bench.folder / set_name
    place.mkdir()
    wanted = world(set_name, place)
    reading = bench.reader(wanted)
    results = {case.id: Result(case, []) for case in cases}
    with _opener(place, wanted) as opener:
        for case, posted, message, seen in _each(reading, cases):
            if wanted.keys and any(card.closed for card in seen.cards):
                seen = reading.open_parts(posted)
            if case.beside and not seen.failed:
                seen.tree = reading.tree(posted)
            hidden = opener.hidden(message) if wanted.keys and case.kind not in FILES else []
            if re.search("reply|no-plaintext", case.verdict) or (hidden and seen.enc != "enc-ok"):
                reading.answer(posted, seen)
            results[case.id].seen.append(seen)
            results[case.id].findings += [*judge(case, seen), *leaks(hidden, seen)]
    for case in cases:
        if case.kind in ("key", "import") or case.path.name == "pubring.gpg":
            results[case.id].findings += as_recipient(bench, reading, case)
    return list(results.values())


def _each(reading: Reading, cases: Sequence[Case]) -> Iterator[tuple[Case, Any, bytes, Seen]]:
    """Every message of every case, once it stands there."""
    messages = [(case, message) for case in cases for message in letters(case)]
    posted = post(reading.visitor, [message for _, message in messages])
    by_path = {one.path: about for one, about in zip(posted, messages, strict=True)}
    # Written down first: what is pressed on a message leads away from the list.
    for one, seen in list(reading.read(posted)):
        yield *_about(by_path[one.path], one), seen


def _about(about: tuple[Case, bytes], one: Any) -> tuple[Case, Any, bytes]:
    return about[0], one, about[1]


@contextlib.contextmanager
def _opener(place: Path, wanted: World) -> Iterator[Opener]:
    opener = Opener(place / "gpg", wanted.keys)
    try:
        yield opener
    finally:
        opener.close()


def leaks(hidden: Sequence[str], seen: Seen) -> list[Finding]:
    """Decrypted text that stands in the letter without a mark around it, or in an answer to it."""
    whole = seen.enc == "enc-ok"
    found = []
    for line in hidden:
        if not whole and bare(line) in bare(seen.text):
            found.append(Finding("leak", f"shows {line!r} as part of the letter"))
        if not whole and bare(line) in bare(seen.reply or ""):
            found.append(Finding("leak", f"an answer has {line!r}"))
    return found


def as_recipient(bench: Bench, reading: Reading, case: Case) -> list[Finding]:
    """The certificate in the directory, its owner typed in as a recipient."""
    found = tool([], [], [case.path], "")["certificates"]
    addresses = list(dict.fromkeys(one["address"] for one in found))
    if not addresses:
        return []
    bench.arrange({"person": "", "ring": None, "certificates": found})
    seen = Seen(enc="enc-none", chip=reading.chip(addresses[0]))
    return judge(case, seen)


def _html(bench: Bench, cases: Sequence[Case]) -> list[Result]:
    """As the text/html part of ordinary mail, several in a message; those of a message that asked or ran, singly."""
    reading = bench.reader(World())
    results = {case.id: Result(case, []) for case in cases}
    groups = [list(cases[at : at + TOGETHER]) for at in range(0, len(cases), TOGETHER)]
    again: list[list[Case]] = []
    for group, seen in _letters(reading, groups):
        if seen.events or seen.ran is not None or seen.failed:
            again += [[case] for case in group]
            continue
        for number, case in enumerate(group):
            results[case.id].findings = html_letter(case, seen, number)
    for [case], seen in _letters(reading, again):
        alone = [Finding("event", event) for event in seen.events]
        alone += [Finding("script", str(seen.ran))] if seen.ran is not None else []
        results[case.id].findings = alone or html_letter(case, seen, 0)
    return list(results.values())


def _letters(reading: Reading, groups: Sequence[list[Case]]) -> Iterator[tuple[list[Case], Seen]]:
    to = reading.visitor.address
    mails = [attacks.mail(to, *(attacks.Attack(case.id, html(case)) for case in group)) for group in groups]
    posted = post(reading.visitor, mails)
    by_path: dict[str, list[Case]] = defaultdict(list)
    for one, group in zip(posted, groups, strict=True):
        by_path[one.path] = group
    for one, seen in reading.read(posted):
        yield by_path[one.path], seen
