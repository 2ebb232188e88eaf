"""SEARCH keys (RFC 9051 section 6.4.4) as types: what a person typed stays text and never becomes syntax."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

PLAIN_KEYS = frozenset(
    {"ALL", "ANSWERED", "DELETED", "DRAFT", "FLAGGED", "SEEN", "UNANSWERED", "UNDELETED"}
    | {"UNDRAFT", "UNFLAGGED", "UNSEEN"}
)
TEXT_KEYS = frozenset({"BCC", "BODY", "CC", "FROM", "SUBJECT", "TEXT", "TO"})
DATE_KEYS = frozenset({"BEFORE", "ON", "SENTBEFORE", "SENTON", "SENTSINCE", "SINCE"})
SIZE_KEYS = frozenset({"LARGER", "SMALLER"})
KEYWORD_KEYS = frozenset({"KEYWORD", "UNKEYWORD"})


@dataclass(frozen=True)
class Criterion:
    """One search key. Keys of a list must all hold; `negated` puts NOT before it.

    value: None for plain keys, str for text and keywords, date for dates, octets (int) for sizes,
    (field name, text) for HEADER, UIDs for UID, two Criterions for OR.
    """

    key: str
    value: "str | int | date | tuple[str, str] | Sequence[int] | tuple[Criterion, Criterion] | None" = None
    negated: bool = False
