"""Mailboxes: which there are, what is in them page by page, and moving messages about.

A connection is an argument; the views open it and pass it down.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.errors import ProtocolError
from accounts.imap import Copied, RawRow, Selected, Server, parse

from . import fields, roles, search, structure
from .errors import MailboxChanged
from .trace import trace

PAGE_SIZE = 50

# A leaf that is no text, picture or sound is an attachment even where nobody said so.
# The embedded server writes the disposition as one string, against RFC 9051 section 7.5.2: the second form.
_ATTACHED = re.compile(rb'\("attachment"|"attachment;|\("application" |\("message" "rfc822"', re.IGNORECASE)


@dataclass(frozen=True)
class Mailbox:
    """One mailbox of the navigation. `role` is "inbox", "drafts", "sent", "archive", "junk", "trash", "all" or ""."""

    name: str
    role: str
    delimiter: str
    usable: bool
    messages: int = 0
    unseen: int = 0
    uidvalidity: int = 0
    uidnext: int = 0

    @property
    def leaf(self) -> str:
        """The last part of the name."""
        return self.name.rpartition(self.delimiter)[2] if self.delimiter else self.name

    @property
    def depth(self) -> int:
        """How many mailboxes stand above it."""
        return self.name.count(self.delimiter) if self.delimiter else 0


@dataclass(frozen=True)
class Row:
    """One message in the list. `mark` is "encrypted", "signed" or "", from the structure alone."""

    uid: int
    seen: bool
    starred: bool
    answered: bool
    forwarded: bool
    draft: bool
    from_name: str
    from_address: str
    to: str
    subject: str
    date: datetime
    size: int
    has_attachment: bool
    mark: str
    trace: str = ""


@dataclass(frozen=True)
class Page:
    """A page of the list. `first` and `last` count from 1 in the order shown; both 0 where nothing is."""

    mailbox: str
    uidvalidity: int
    rows: list[Row]
    number: int
    pages: int
    total: int
    first: int
    last: int


_ROLE_ORDER = ("inbox", "drafts", "sent", "archive", "junk", "trash", "all", "")


def mailboxes(server: Server) -> list[Mailbox]:
    """All mailboxes with their counts: those with a role first, then the person's own by name."""
    listed = server.list_with_status()
    by_name = {name: role for role, name in roles.assign([box for box, _ in listed]).items()}
    found: list[Mailbox] = []
    for box, status in listed:
        usable = not {"\\noselect", "\\nonexistent"} & {attribute.lower() for attribute in box.attributes}
        role = "inbox" if box.name == "INBOX" else by_name.get(box.name, "")
        facts = (status.messages, status.unseen, status.uidvalidity, status.uidnext) if status else (0, 0, 0, 0)
        found.append(Mailbox(box.name, role, box.delimiter, usable, *facts))
    return sorted(found, key=lambda box: (_ROLE_ORDER.index(box.role), box.name.casefold()))


def one(server: Server, name: str) -> Mailbox:
    """One mailbox, with its role and its counts; cheaper than all of them."""
    listed = server.lately_listed()
    held = {held: role for role, held in roles.assign(listed).items()}
    role = "inbox" if name == "INBOX" else held.get(name, "")
    delimiter = next((box.delimiter for box in listed if box.name == name), "")
    count = server.status(name)
    return Mailbox(name, role, delimiter, True, count.messages, count.unseen, count.uidvalidity, count.uidnext)


def open_at(server: Server, name: str, uidvalidity: int, readonly: bool = False) -> Selected:
    """Select the mailbox, and make sure that its UIDs still mean what they meant."""
    selected = server.select(name, readonly=readonly)
    if selected.uidvalidity != uidvalidity:
        raise MailboxChanged(f"the mailbox {name} was made anew")
    return selected


def page(server: Server, name: str, number: int = 1, *, oldest_first: bool = False, size: int = PAGE_SIZE) -> Page:
    """A page in order of arrival, by a window of sequence numbers: its cost depends on neither depth nor size."""
    selected = server.select(name)
    total = selected.exists
    number, pages, first, last = _window(total, number, size)
    if oldest_first:
        raw = server.rows(first, last)
        raw.sort(key=lambda each: each.seq)
    else:
        raw = server.rows(total - last + 1, total - first + 1) if last else []
        raw.sort(key=lambda each: each.seq, reverse=True)
    rows = [row(each) for each in raw if "\\Deleted" not in each.flags]
    return Page(name, selected.uidvalidity, rows, number, pages, total, first, last)


def find(
    server: Server, name: str, query: str, number: int = 1, *, oldest_first: bool = False, size: int = PAGE_SIZE
) -> Page:
    """A page of what a search found, newest arrival first."""
    selected = server.select(name)
    uids = server.search(search.parse(query))
    if not oldest_first:
        uids.reverse()
    number, pages, first, last = _window(len(uids), number, size)
    rows = [row(each) for each in server.rows_by_uid(uids[max(first - 1, 0) : last])]
    return Page(name, selected.uidvalidity, rows, number, pages, len(uids), first, last)


def _window(total: int, number: int, size: int) -> tuple[int, int, int, int]:
    """(page number within bounds, pages, first, last)."""
    pages = max(-(-total // size), 1)
    number = min(max(number, 1), pages)
    last = min(number * size, total)
    return number, pages, (number - 1) * size + 1 if total else 0, last


def row(raw: RawRow) -> Row:
    """A list row from what FETCH gave."""
    found = fields.split(raw.header)
    senders = fields.addresses(found.get("from", b""))
    kind = fields.mark(found.get("content-type", b""))
    flags = {flag.lower() for flag in raw.flags}
    return Row(
        uid=raw.uid,
        seen="\\seen" in flags,
        starred="\\flagged" in flags,
        answered="\\answered" in flags,
        forwarded="$forwarded" in flags,
        draft="\\draft" in flags,
        from_name=senders[0].name if senders else "",
        from_address=senders[0].address if senders else "",
        to=", ".join(each.shown for each in fields.addresses(found.get("to", b""))[:5]),
        subject=fields.decode(found.get("subject", b"")),
        date=fields.date(found.get("date", b"")) or raw.internaldate,
        size=raw.size,
        has_attachment=_has_attachment(raw.structure_hint, kind),
        mark=kind,
        trace=trace(found.get("message-id", b""), raw.internaldate, raw.size),
    )


def _has_attachment(hint: bytes, kind: str) -> bool:
    """Of an encrypted message nobody knows; of a signed one the signature itself does not count."""
    if kind == "encrypted" or not _ATTACHED.search(hint):
        return False
    if kind != "signed":
        return True
    try:
        leaves = structure.read(parse([hint])[0]).leaves
    except ProtocolError:
        return True
    return any(
        (part.disposition == "attachment" or part.type.startswith("application/") or part.type == "message/rfc822")
        and not part.type.endswith(("-signature", "pkcs7-mime"))
        for part in leaves
    )


# ── moving about ──────────────────────────────────────────────────────────────────────────────────────────────
# The mailbox is selected already (open_at), and UIDs are of that mailbox.


@dataclass(frozen=True)
class Moved:
    """Where messages are now: `target` is "" when deleted for good, `there` None when the server did not say."""

    target: str
    there: Copied | None = None


def move(server: Server, uids: Sequence[int], target: str) -> Moved:
    """Move to a mailbox the person chose."""
    return Moved(target, server.move(uids, target))


def archive(server: Server, uids: Sequence[int]) -> Moved:
    """Move to the archive."""
    return _to_role(server, uids, "archive")


def delete(server: Server, uids: Sequence[int], name: str) -> Moved:
    """Move to the trash; in the trash itself, delete for good."""
    trash = roles.mailbox_for(server, "trash")
    if name == trash:
        server.delete(uids)
        return Moved("")
    return move(server, uids, trash)


def spam(server: Server, uids: Sequence[int]) -> Moved:
    """Move to junk, with the keywords that filters learn from (the IANA registry's $Junk and $NotJunk)."""
    server.remove_flags(uids, ["$NotJunk"])
    server.add_flags(uids, ["$Junk"])
    return _to_role(server, uids, "junk")


def not_spam(server: Server, uids: Sequence[int]) -> Moved:
    """Back to the inbox, with the keywords that filters learn from."""
    server.remove_flags(uids, ["$Junk"])
    server.add_flags(uids, ["$NotJunk"])
    return move(server, uids, "INBOX")


def mark_seen(server: Server, uids: Sequence[int], seen: bool = True) -> None:
    """Read or unread."""
    _set(server, uids, "\\Seen", seen)


def star(server: Server, uids: Sequence[int], starred: bool = True) -> None:
    """Starred or not."""
    _set(server, uids, "\\Flagged", starred)


def _set(server: Server, uids: Sequence[int], flag: str, wanted: bool) -> None:
    if wanted:
        server.add_flags(uids, [flag])
    else:
        server.remove_flags(uids, [flag])


def _to_role(server: Server, uids: Sequence[int], role: str) -> Moved:
    return move(server, uids, roles.mailbox_for(server, role))
