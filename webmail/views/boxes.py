"""How mailboxes are shown: their names in the person's language, their drawing, their place and their count."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from ..mailbox import Mailbox

#: Whatever the server calls a mailbox with a role, the person reads the word of their language.
SPECIAL = {
    "inbox": (_("Inbox"), "inbox"),
    "drafts": (_("Drafts"), "drafts"),
    "sent": (_("Sent"), "send"),
    "archive": (pgettext_lazy("a mailbox", "Archive"), "archive"),
    "junk": (_("Junk"), "junk"),
    "trash": (_("Trash"), "trash"),
    "all": (_("All mail"), "envelope"),
}
#: Deeper ones are drawn no further in, or nothing would be left of their names on a phone.
DEEPEST = 4


@dataclass(frozen=True)
class Box:
    """One mailbox as the page shows it. `count` is of unread messages, or of kept ones in Drafts; "" for none."""

    id: str
    name: str
    role: str
    label: str
    icon: str
    url: str
    act_url: str
    depth: int
    usable: bool
    unread: int
    count: str
    count_of: str


def show(box: Mailbox, number: int = 0) -> Box:
    word, icon = SPECIAL.get(box.role, (box.leaf or box.name, "folder"))
    count, of = (box.messages, gettext("kept")) if box.role == "drafts" else (box.unseen, gettext("unread"))
    if box.role in {"sent", "trash", "all"}:
        count = 0
    # Where everything lies below INBOX (Courier's habit), that level says nothing.
    depth = box.depth - (1 if box.name.startswith(f"INBOX{box.delimiter}") and box.delimiter else 0)
    return Box(
        id=f"box-{box.role or number}",
        name=box.name,
        role=box.role,
        label=str(word),
        icon=icon,
        url=reverse("webmail:mailbox", args=[box.name]),
        act_url=reverse("webmail:act", args=[box.name]),
        depth=min(depth, DEEPEST),
        usable=box.usable,
        unread=box.unseen,
        count=str(count) if count else "",
        count_of=of,
    )


def show_all(found: Iterable[Mailbox]) -> list[Box]:
    return [show(box, number) for number, box in enumerate(found)]
