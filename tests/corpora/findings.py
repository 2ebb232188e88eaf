"""What is otherwise than expected, by kind; a kind is what the page itself says, so that it holds for any case."""

from __future__ import annotations

from dataclasses import dataclass

from tests.corpora import Case
from tests.corpora.seen import Seen

SMIME = "smime"
"""The page names S/MIME as something it does not do."""
UNSUPPORTED = "unsupported"
"""The page names a cipher or format of OpenPGP as something it does not do."""


@dataclass(frozen=True)
class Finding:
    kind: str
    words: str


def always(case: Case, seen: Seen) -> list[Finding]:
    """What holds for every message: it is read, nothing leaves, nothing runs, and it takes no age."""
    found = []
    if seen.failed:
        found.append(Finding("not-read", seen.failed))
    found += [Finding("event", event) for event in seen.events]
    if seen.ran is not None:
        found.append(Finding("script", f"a script ran: {seen.ran}"))
    return found


def unless(met: bool, seen: Seen, wanted: str) -> list[Finding]:
    """Nothing where it is met; else how the page says why not."""
    if met:
        return []
    return [Finding(kind_of(seen), f"{wanted}; the page says {told(seen)}")]


def kind_of(seen: Seen) -> str:
    if seen.smime:
        return SMIME
    if seen.enc == "enc-unsupported" or any(
        one["enc"] == "enc-unsupported" for card in seen.cards for one in card.alone
    ):
        return UNSUPPORTED
    return seen.sig if seen.sig not in ("", "sig-none") and not seen.good else seen.enc or "nothing"


def told(seen: Seen) -> str:
    cards = "".join(f", {card.id} {card.sig}".rstrip() for card in seen.cards)
    alone = "".join(f", alone {one['enc']} {one['sig']}".rstrip() for card in seen.cards for one in card.alone)
    return f"{seen.enc} {seen.sig}".strip() + cards + alone
