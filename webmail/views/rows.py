"""Rows of the list as the page shows them: every word is ready here, so that the template only puts them in place."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ..mailbox import Row
from ..templatetags.postern import icon
from ..words import say

#: What the structure alone says (words.md section 2.7, M3), and its drawing.
MARKS = {
    "encrypted": ("mark-encrypted-unopened", "envelope"),
    "signed": ("mark-signed-unchecked", "signed"),
    "": ("mark-not-encrypted", ""),
}
#: In these the person wrote themselves, so whom they wrote to tells the rows apart.
OWN = frozenset({"sent", "drafts"})


#: Small drawings at the end of a row, each with its words for those who listen.
BITS = (
    ("answered", "reply", _("Answered")),
    ("forwarded", "forward", _("Forwarded")),
    ("starred", "flag", _("Starred")),
    ("has_attachment", "clip", _("Has attachments")),
)


def show(rows: Iterable[Row], role: str, prefix: str, suffix: str) -> list[dict[str, str]]:
    """Dictionaries of strings: the cheapest thing a Django template can read fifty times. `prefix` + UID + `suffix` is the address."""
    marks = {kind: {"mark": mark, "words": say(mark), "drawing": icon(drawing) if drawing else ""} for kind, (mark, drawing) in MARKS.items()}
    nobody, no_subject, to = gettext("(no sender)"), gettext("(no subject)"), gettext("To %(names)s")
    words = {"select": gettext("Select"), "unread": gettext("Unread.")}
    bits: dict[tuple[bool, ...], SafeString] = {}
    shown = []
    for row in rows:
        own = role in OWN and bool(row.to)
        which = (row.answered, row.forwarded, row.starred, row.has_attachment)
        if which not in bits:
            bits[which] = _bits(which)
        shown.append(
            words
            | marks[row.mark]
            | {
                "uid": str(row.uid),
                "url": f"{prefix}{row.uid}{suffix}",
                "who": to % {"names": row.to} if own else row.from_name or row.from_address or nobody,
                "address": "" if own else row.from_address,
                "subject": row.subject or no_subject,
                "when": row.date.isoformat(),
                "day": row.date.date().isoformat(),
                "new": "" if row.seen else "new",
                "star": "star" if row.starred else "",
                "bits": bits[which],
            }
        )
    return shown


def _bits(which: tuple[bool, ...]) -> SafeString:
    return format_html_join(
        "",
        '{}<span class="unseen">{}. </span>',
        ((icon(drawing), word) for wanted, (_name, drawing, word) in zip(which, BITS, strict=True) if wanted),
    )
