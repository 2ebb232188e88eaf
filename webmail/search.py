"""What a person types into the search field, as SEARCH keys.

from: to: cc: subject: text: has:attachment is:unread is:starred … before: after: on: larger: smaller:
"a phrase", -not. Plain words are looked for in subject, sender and recipients: whole texts (text:) take a server
without an index seconds. What cannot be understood is looked for as it stands; nothing is refused.
"""

import re
from datetime import date

from accounts.criteria import Criterion

WORD_CAP = 30
LENGTH_CAP = 500

_WORD = re.compile(r'(-)?(?:([A-Za-z]{2,10}):)?(?:"([^"]*)"?|(\S+))')
_SIZE = re.compile(r"(\d{1,12})\s*([kmg]?)b?\Z", re.IGNORECASE)
_DATE = re.compile(r"(\d{4})(?:[-/.](\d{1,2})(?:[-/.](\d{1,2}))?)?\Z")
_UNITS = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}

_TEXT = {"from": "FROM", "to": "TO", "cc": "CC", "bcc": "BCC", "subject": "SUBJECT", "text": "TEXT", "body": "BODY"}
_SIZES = {"larger": "LARGER", "smaller": "SMALLER"}
# The Date field, which the list shows, and not the time of arrival.
_DATES = {"before": "SENTBEFORE", "after": "SENTSINCE", "since": "SENTSINCE", "on": "SENTON"}
_IS = {
    "unread": Criterion("UNSEEN"),
    "unseen": Criterion("UNSEEN"),
    "read": Criterion("SEEN"),
    "seen": Criterion("SEEN"),
    "starred": Criterion("FLAGGED"),
    "flagged": Criterion("FLAGGED"),
    "unstarred": Criterion("UNFLAGGED"),
    "answered": Criterion("ANSWERED"),
    "unanswered": Criterion("UNANSWERED"),
    "forwarded": Criterion("KEYWORD", "$Forwarded"),
    "draft": Criterion("DRAFT"),
    "encrypted": Criterion(
        "OR",
        (
            Criterion("HEADER", ("Content-Type", "multipart/encrypted")),
            Criterion("HEADER", ("Content-Type", "pkcs7-mime")),
        ),
    ),
    "signed": Criterion("HEADER", ("Content-Type", "multipart/signed")),
}
_HAS = {
    # IMAP knows no attachments; this type is what programs write when there is one.
    "attachment": Criterion("HEADER", ("Content-Type", "multipart/mixed")),
    "attachments": Criterion("HEADER", ("Content-Type", "multipart/mixed")),
}


def parse(query: str) -> list[Criterion]:
    """The keys that must all hold. An empty query finds everything that is not deleted."""
    found: list[Criterion] = [Criterion("UNDELETED")]
    # A line break or NUL cannot be typed into the field; pasted, they count as space.
    text = re.sub(r"[\x00-\x1f\x7f]", " ", query)[:LENGTH_CAP]
    for word in list(_WORD.finditer(text))[:WORD_CAP]:
        minus, operator, phrase, plain = word.groups()
        value = phrase if phrase is not None else plain
        if not value:
            continue
        criterion = _with_operator(operator.lower(), value) if operator else None
        if criterion is None:
            criterion = _anywhere(f"{operator}:{value}" if operator else value)
        found.append(_negated(criterion) if minus else criterion)
    return found


def _negated(criterion: Criterion) -> Criterion:
    return Criterion(criterion.key, criterion.value, not criterion.negated)


def _anywhere(text: str) -> Criterion:
    senders = Criterion("OR", (Criterion("FROM", text), Criterion("TO", text)))
    return Criterion("OR", (Criterion("SUBJECT", text), senders))


def _with_operator(operator: str, value: str) -> Criterion | None:
    if operator in _TEXT:
        return Criterion(_TEXT[operator], value)
    if operator == "is":
        return _IS.get(value.lower())
    if operator == "has":
        return _HAS.get(value.lower())
    if operator in _SIZES and (size := _SIZE.match(value)):
        octets = int(size[1]) * _UNITS[size[2].lower()]
        return Criterion(_SIZES[operator], min(octets, (1 << 32) - 1))
    if operator in _DATES and (day := _day(value)):
        return Criterion(_DATES[operator], day)
    return None


def _day(text: str) -> date | None:
    """2026-11-22, 2026/11 or 2026; a month or year stands for its first day."""
    found = _DATE.match(text)
    if found is None:
        return None
    try:
        return date(int(found[1]), int(found[2] or 1), int(found[3] or 1))
    except ValueError:
        return None
