"""One run of one point, and the judgement: what was accepted is counted at the server, never believed of our rows."""

from __future__ import annotations

from dataclasses import dataclass

from .laboratory import Laboratory
from .letters import ASKS, Letter
from .points import Point

#: Tries, looks and copies that fail once are enough to see; more than this is a row that never ends.
MOST_RESTS = 8


@dataclass(frozen=True)
class Outcome:
    """What came of one letter. `at_the_question` is how many had arrived when the person was asked."""

    seen: tuple[str, ...]
    at_the_question: int | None
    arrived: int
    copies: int
    kept: bool

    @property
    def lost(self) -> bool:
        """Not there, or its text out of reach while it waited, or no copy in Sent although it is said to be done."""
        return self.arrived == 0 or self.copies == 0 or not self.kept

    @property
    def doubled(self) -> bool:
        return self.arrived > 1 or self.copies > 1


def run(lab: Laboratory, point: Point) -> Outcome:
    """Break the point, let all that waits be tried at once, and answer as a person who looked would answer."""
    letter = Letter(lab, point.large)
    asked, kept, mended = None, True, False
    try:
        point.breaks(lab, letter)
        while (word := letter.rest()) != "out-done":
            kept = kept and letter.kept()
            assert len(letter.seen) < MOST_RESTS, f"it comes to no end: {letter.seen}"
            if not mended:
                point.mends(lab)
                mended = True
            if word == ASKS:
                asked = letter.arrived()
                letter.answer("arrived" if asked else "again")
            else:
                letter.hasten()
        return Outcome(tuple(letter.seen), asked, letter.arrived(), letter.copies(), kept)
    finally:
        lab.mend()
        lab.empty_mailboxes()


def faults(point: Point, outcome: Outcome) -> list[str]:
    """What is wrong with it, in words; nothing where all is as it must be."""
    found = []
    if outcome.lost:
        found.append("lost")
    if outcome.doubled:
        found.append("doubled")
    if (outcome.at_the_question is not None) != point.asks:
        found.append("asked without need" if not point.asks else "not asked where nobody can know")
    for word in point.waits:
        if word not in outcome.seen:
            found.append(f"never said {word}")
    for word in outcome.seen:
        if word not in ("out-done", *point.waits, *point.may_wait, *((ASKS, "out-unknown") if point.asks else ())):
            found.append(f"said {word}")
    return [f"{point.name}: {fault} ({outcome})" for fault in found]
