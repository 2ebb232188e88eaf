"""docs/kill-runs.md: what the runs came to, written by them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from webmail.words import WORDS

from .points import POINTS
from .runs import Outcome

PAGE = Path(__file__).parents[2] / "docs" / "kill-runs.md"

_HEAD = """# Kill runs

At each point between "Send" and "sent" a process is killed (`kill -9`), a connection is cut, or a store is restarted or
wiped, {runs} times each, with everything real: the site's processes on PostgreSQL and Redis, Postfix, Dovecot, and a
proxy on each way out that breaks it at the point (tests/kills). What arrived is counted by Message-ID in Bob's mailbox,
and the copies in Alice's Sent, at Dovecot itself. What would be due in minutes is made due at once. Where the person is
asked, the driver looks into Bob's mailbox and answers "It arrived" or "Send again".

`make kills` writes this page (`KILL_RUNS=20 make kills`); `make test` breaks each point once.

**{letters} letters: {lost} lost, {doubled} doubled.** Where nobody can know whether the server has it, the person is
asked, and nothing goes out a second time without their word.

| what breaks | runs | arrived once by itself | asked, then once | lost | doubled | what the outbox said |
|---|---|---|---|---|---|---|
"""


def write(outcomes: Mapping[str, Sequence[Outcome]]) -> None:
    """The page, from what came of each point."""
    all_of_them = [outcome for each in outcomes.values() for outcome in each]
    head = _HEAD.format(
        runs=max(map(len, outcomes.values())),
        letters=len(all_of_them),
        lost=sum(outcome.lost for outcome in all_of_them),
        doubled=sum(outcome.doubled for outcome in all_of_them),
    )
    rows = [_row(point.words, outcomes[point.name]) for point in POINTS]
    words = sorted({word for outcome in all_of_them for word in outcome.seen})
    said = "\n".join(f"- `{word}`: {WORDS[word]}" for word in words)
    PAGE.write_text(f"{head}{chr(10).join(rows)}\n\nWhat it says with them:\n\n{said}\n", "utf-8")


def _row(words: str, outcomes: Sequence[Outcome]) -> str:
    right = [outcome for outcome in outcomes if not outcome.lost and not outcome.doubled]
    asked = sum(outcome.at_the_question is not None for outcome in right)
    ways = Counter(" → ".join(f"`{word}`" for word in dict.fromkeys(outcome.seen)) for outcome in outcomes)
    said = "<br>".join(f"{way} ({times})" if len(ways) > 1 else way for way, times in ways.most_common())
    lost, doubled = sum(outcome.lost for outcome in outcomes), sum(outcome.doubled for outcome in outcomes)
    return f"| {words} | {len(outcomes)} | {len(right) - asked} | {asked} | {lost} | {doubled} | {said} |"
