"""Which sentence of words.md section 4 stands for an outbox row, and what fills it."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts import credentials
from accounts.reasons import told

from . import one_draft, outbox, timing
from .models import NEEDS_PERSON, OutboxMessage, Phase, State
from .sending import COPY_FOR, TRY_FOR
from .words import WORDS, say

LEVELS: Mapping[str, str] = {
    "out-retry": "note",
    "out-grant": "note",
    "out-restored": "warning",
    "out-unknown": "note",
    "out-copy-pending": "note",
    "out-draft-pending": "note",
    "out-unknown-ask": "warning",
    "out-partly-refused": "warning",
    "out-refused": "warning",
    "out-sign-in": "warning",
    "out-too-large": "warning",
    "out-cancelling-sign-in": "note",
    "out-gave-up": "warning",
}

# These have their detail only where the server said something: how large it may be, why it takes no draft.
_TOLD = ("out-too-large", "out-cancelling-sign-in")

ICONS: Mapping[str, str] = {"encrypted": "envelope", "signed": "signed", "clear": "postcard"}


@dataclass(frozen=True)
class Line:
    """What the outbox page shows of one row. The sentences are HTML, because the page says times its own way."""

    row: OutboxMessage
    word: str
    sentence: SafeString
    detail: SafeString
    text: str
    level: str
    acts: frozenset[str]
    recipients: list[str]
    # The time it was signed, or only written, where that is not nearly the time it goes; the time it goes not before.
    signed: SafeString
    not_before: SafeString
    # Where cancelling keeps what is left instead of stopping something.
    keeps: bool
    # The query of a composer that goes on with the draft of what was not taken; empty where there is none.
    edit: str
    # Who was refused, where somebody was.
    refused: str
    # The query of a composer for those who were refused; empty where nobody was.
    correct: str

    @property
    def icon(self) -> str:
        return ICONS[self.row.protection]


def line(row: OutboxMessage) -> Line:
    word, values = _word(row)
    detail = f"{word}.detail"
    return Line(
        row=row,
        word=word,
        sentence=_html(word, values),
        detail=_html(detail, values) if detail in WORDS and (values or word not in _TOLD) else SafeString(),
        text=say(word, **{name: _said(value) for name, value in values.items()}),
        level=LEVELS.get(word, "calm"),
        acts=outbox.may(row),
        signed=_signed(row),
        not_before=_html("out-not-before", {"time": row.goes_at}) if word == "out-grant" else SafeString(),
        recipients=row.recipients(),
        keeps=row.state in NEEDS_PERSON,
        edit=_edit(row),
        refused=", ".join(row.refused()),
        correct=_correct(row) if word == "out-partly-refused" else "",
    )


def _signed(row: OutboxMessage) -> SafeString:
    """When it was finished: what was signed says that time, whenever it goes."""
    if row.goes_at is None:
        return SafeString()
    return _html("out-written" if row.protection == "clear" else "out-signed", {"time": row.created})


def _edit(row: OutboxMessage) -> str:
    if not row.draft or row.state not in one_draft.GIVEN_BACK:
        return ""
    return urlencode({"draft": "{mailbox}/{uidvalidity}/{uid}".format(**row.draft)})


def _correct(row: OutboxMessage) -> str:
    """A forward of the copy in Sent to those who were refused, whose addresses the person then corrects."""
    query = {"to": ",".join(row.refused())}
    if row.filed:
        query |= {"answer": "{mailbox}/{uidvalidity}/{uid}".format(**row.filed), "how": "forward"}
    return urlencode(query)


def _html(word: str, values: Mapping[str, object]) -> SafeString:
    return format_html(str(WORDS[word]), **{name: _shown(value) for name, value in values.items()})


def _said(value: object) -> object:
    return date_format(timezone.localtime(value), "DATETIME_FORMAT") if isinstance(value, datetime) else value


def _shown(value: object) -> object:
    if not isinstance(value, datetime):
        return value
    # The server does not know the person's time zone; <local-time> does.
    return format_html('<local-time datetime="{}" as="day-time">{}</local-time>', value.isoformat(), _said(value))


def _word(row: OutboxMessage) -> tuple[str, dict[str, object]]:
    answer = told(row.answer) or _("nothing")
    now = timezone.now()
    due = row.due or now
    match State(row.state):
        case State.WAITING if left := timing.undo_left(row):
            return "out-undo", {"seconds": math.ceil(left)}
        case State.WAITING if timing.is_later(row):
            return _later(row)
        case State.WAITING:
            return (
                ("out-queued", {}) if due <= now else ("out-retry", {"time": due, "n": row.attempts, "answer": answer})
            )
        case State.SUBMITTING:
            return "out-submitting", {}
        case State.RETRY:
            return "out-retry", {"time": due, "n": row.attempts, "answer": answer}
        case State.UNKNOWN | State.ASKING if row.restored:
            return "out-restored", {}
        case State.UNKNOWN:
            return "out-unknown", {}
        case State.ASKING:
            return "out-unknown-ask", {}
        case State.ACCEPTED:
            return "out-accepted", {"time": row.accepted_at or now}
        case State.COPY_PENDING if row.draft and row.filed:
            return "out-draft-pending", {"reason": answer}
        case State.COPY_PENDING:
            until = (row.accepted_at or now) + COPY_FOR
            return "out-copy-pending", {"reason": answer, "date": until}
        case State.DONE:
            return _done(row)
        case State.REFUSED:
            return "out-refused", {"answer": answer}
        case State.TOO_LARGE:
            return "out-too-large", _sizes(row)
        case State.SIGN_IN if timing.waits_for_person(row):
            return "out-grant", {}
        case State.SIGN_IN:
            return "out-sign-in", {}
        case State.GAVE_UP:
            return "out-gave-up", {"days": TRY_FOR.days, "answer": answer}
        case State.CANCELLING if row.due is None:
            return "out-cancelling-sign-in", {"answer": answer.rstrip(".")} if row.answer else {}
        case State.CANCELLING:
            return "out-cancelling", {}
        case State.CANCELLED:
            unclear = any(delivery.phase == Phase.UNKNOWN for delivery in row.deliveries.all())
            return ("out-kept" if unclear else "out-cancelled"), {}
        case State.UNDONE:
            return "out-undone", {}


def _later(row: OutboxMessage) -> tuple[str, dict[str, object]]:
    """It waits for its time; without the person's grant, also for their next sign-in."""
    if not credentials.may_away(row.account):
        return "out-grant", {}
    word = {"encrypted": "out-scheduled", "signed": "out-scheduled-signed"}.get(row.protection, "out-scheduled-clear")
    return word, {"time": row.goes_at}


def _done(row: OutboxMessage) -> tuple[str, dict[str, object]]:
    refused = row.refused()
    if not refused:
        return "out-done", {"time": row.accepted_at or row.finished_at or timezone.now()}
    sent = len(row.recipients()) - len(refused)
    address, answer = next(iter(refused.items()))
    if len(refused) > 1:
        address = ", ".join(refused)
        answer = "; ".join(dict.fromkeys(refused.values()))
    return "out-partly-refused", {"n": sent, "address": address, "answer": answer.rstrip(".")}


def _sizes(row: OutboxMessage) -> dict[str, object]:
    limit = re.search(r"takes (\d+) octets", row.answer)
    if limit is None or row.copy is None:
        return {}
    return {"size": filesizeformat(row.copy.size), "limit": filesizeformat(limit[1])}
