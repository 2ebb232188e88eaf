"""An open, signed-in IMAP connection, as the rest of the program sees it.

Every argument passes the guard, every text goes as a literal, and every call is one tagged command or, where a
server lacks an extension, a fixed handful.
"""

import re
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from imapclient.exceptions import IMAPClientReadOnlyError

from . import errors, octets
from . import imap_arguments as arguments
from . import imap_parser as parser
from .criteria import Criterion
from .imap_answers import Copied, Listed, Selected, Status, Structure, copied, listed, personal_prefix, status
from .imap_arguments import Streamed, uid_set
from .imap_client import translated
from .imap_conversation import Conversation
from .imap_parser import RawRow, Token
from .octets import Octets
from .wire import ANSWER_CAP, BODY_SECONDS, COMMAND_SECONDS, guard

CHUNK = 1 << 20
LATELY_SECONDS = 10.0
PART_CAP = 8 << 20
HEADER_CAP = 256 << 10
ROW_FIELDS = "DATE FROM TO CC SUBJECT CONTENT-TYPE MESSAGE-ID"
ROW_ITEMS = f"UID FLAGS INTERNALDATE RFC822.SIZE BODYSTRUCTURE BODY.PEEK[HEADER.FIELDS ({ROW_FIELDS})]"

_APPENDED = re.compile(r"\[APPENDUID (\d+) (\d+)\]", re.IGNORECASE)


class Server(Conversation):
    """A connection lent by imap.connect(). Not for two threads at once: the pool lends it to one."""

    _lately: tuple[list[Listed], float] | None = None

    # ── mailboxes ─────────────────────────────────────────────────────────────────────────────────────────

    def list_mailboxes(self) -> list[Listed]:
        """All mailboxes. SPECIAL-USE attributes are asked for where offered (RFC 6154)."""
        if "SPECIAL-USE" in self.capabilities and "LIST-EXTENDED" in self.capabilities:
            answers, _ = self._ask(b'LIST "" "*" RETURN (SPECIAL-USE)')
        else:
            answers, _ = self._ask(b'LIST "" "*"')
        return self._remembered([box for chunks in answers if (box := listed(chunks))])

    def lately_listed(self) -> list[Listed]:
        """As list_mailboxes, possibly as it was some seconds ago: enough to show a role, not to file anything."""
        if self._lately is not None and time.monotonic() < self._lately[1]:
            return self._lately[0]
        return self.list_mailboxes()

    def _remembered(self, found: list[Listed]) -> list[Listed]:
        self._lately = found, time.monotonic() + LATELY_SECONDS
        return found

    def personal_prefix(self) -> str:
        """What the names of the person's own mailboxes begin with, such as "INBOX."; mostly nothing."""
        if "NAMESPACE" in self.capabilities:
            answers, _ = self._ask(b"NAMESPACE")
            for chunks in answers:
                if (prefix := personal_prefix(chunks)) is not None:
                    return prefix
        others = [box for box in self.list_mailboxes() if box.name != "INBOX"]
        below = [box for box in others if box.delimiter and box.name.startswith(f"INBOX{box.delimiter}")]
        return f"INBOX{below[0].delimiter}" if below and len(below) == len(others) else ""

    def list_with_status(self) -> list[tuple[Listed, Status | None]]:
        """All mailboxes and their counts: one command with LIST-STATUS (RFC 5819), else one each."""
        if "LIST-STATUS" not in self.capabilities:
            return [(box, self._status_or_none(box)) for box in self.list_mailboxes()]
        self._hear_news()
        special = b"SPECIAL-USE " if "SPECIAL-USE" in self.capabilities else b""
        answers, _ = self._ask(
            b'LIST "" "*" RETURN (' + special + b"STATUS (MESSAGES UNSEEN UIDNEXT UIDVALIDITY RECENT))"
        )
        found = self._remembered([box for chunks in answers if (box := listed(chunks))])
        counts = dict(count for chunks in answers if (count := status(chunks)))
        return [(box, counts.get(box.name)) for box in found]

    def _hear_news(self, name: str | None = None) -> None:
        """Before counts are asked for: of the selected mailbox a server may tell what this connection knew before
        (RFC 9051 section 6.3.11 discourages STATUS on it for that), and NOOP brings what came since."""
        if self._selected is not None and name in {None, self._selected.name}:
            self.noop()

    def _status_or_none(self, box: Listed) -> Status | None:
        if {"\\noselect", "\\nonexistent"} & {attribute.lower() for attribute in box.attributes}:
            return None
        try:
            return self.status(box.name)
        except errors.CommandRefused:
            return None

    def status(self, name: str) -> Status:
        """Counts of one mailbox."""
        self._hear_news(name)
        answers, _ = self._ask(b"STATUS", arguments.mailbox(name), b"(MESSAGES UNSEEN UIDNEXT UIDVALIDITY RECENT)")
        for chunks in answers:
            if count := status(chunks):
                return count[1]
        raise errors.ProtocolError("STATUS without an answer")

    def statuses(self, names: Sequence[str]) -> dict[str, Status]:
        """Counts of several mailboxes; those that are gone are left out."""
        guard(*names)
        if "LIST-STATUS" in self.capabilities and len(names) > 2:
            wanted = set(names)
            return {box.name: count for box, count in self.list_with_status() if box.name in wanted and count}
        counts: dict[str, Status] = {}
        for name in names:
            try:
                counts[name] = self.status(name)
            except errors.CommandRefused:
                continue
        return counts

    def select(self, name: str, readonly: bool = False) -> Selected:
        """Select the mailbox. Selected already, it costs a NOOP, which brings the news."""
        guard(name)
        held = self._selected
        if held is not None and held.name == name and (readonly or self._writable):
            self.noop()
            self._selected = Selected(name, self._exists, held.uidnext, held.uidvalidity, held.highestmodseq)
            return self._selected
        self._selected = None
        self._begin()
        with translated(self._channel):
            try:
                answer = self._client.select_folder(name, readonly=readonly)
            except IMAPClientReadOnlyError:
                # Shared mailboxes may be read-only for this person: reading works all the same.
                answer = self._client.select_folder(name, readonly=True)
            self._exists = int(answer.get(b"EXISTS", 0))
            modseq = answer.get(b"HIGHESTMODSEQ")
            self._writable = not readonly
            self._selected = Selected(
                name,
                self._exists,
                int(answer.get(b"UIDNEXT") or 0),
                int(answer.get(b"UIDVALIDITY") or 0),
                int(modseq) if modseq else None,
            )
        return self._selected

    def create(self, name: str) -> None:
        """Create and subscribe a mailbox."""
        guard(name)
        self._lately = None
        self._begin()
        with translated(self._channel):
            self._client.create_folder(name)
        self._begin()
        with translated(self._channel):
            self._client.subscribe_folder(name)

    # ── reading ───────────────────────────────────────────────────────────────────────────────────────────

    def rows(self, first_seq: int, last_seq: int) -> list[RawRow]:
        """List rows of a window of sequence numbers, in the server's order."""
        # Beyond the last message a server answers BAD (RFC 9051 section 9, seq-number).
        last_seq = min(last_seq, self._exists)
        if first_seq < 1 or last_seq < first_seq:
            return []
        answers, _ = self._ask(b"FETCH %d:%d (%s)" % (first_seq, last_seq, ROW_ITEMS.encode()))
        return [row for chunks in answers if (row := parser.row(chunks))]

    def rows_by_uid(self, uids: Sequence[int]) -> list[RawRow]:
        """List rows of these messages, in the order asked; those that are gone are left out."""
        if not uids:
            return []
        answers, _ = self._ask(b"UID FETCH", uid_set(uids), b"(" + ROW_ITEMS.encode() + b")")
        found = {row.uid: row for chunks in answers if (row := parser.row(chunks))}
        return [found[uid] for uid in uids if uid in found]

    def uids(self, first_seq: int, last_seq: int) -> list[tuple[int, int]]:
        """(sequence number, UID) of a window."""
        last_seq = min(last_seq, self._exists)
        if first_seq < 1 or last_seq < first_seq:
            return []
        answers, _ = self._ask(b"FETCH %d:%d (UID)" % (first_seq, last_seq))
        pairs: list[tuple[int, int]] = []
        for chunks in answers:
            fetched = parser.fetch_items(chunks)
            if fetched and "UID" in fetched[1]:
                pairs.append((fetched[0], parser.number(fetched[1]["UID"])))
        return sorted(pairs)

    def flags(self, uids: Sequence[int]) -> dict[int, frozenset[str]]:
        """Flags by UID."""
        if not uids:
            return {}
        answers, _ = self._ask(b"UID FETCH", uid_set(uids), b"(UID FLAGS)")
        flags: dict[int, frozenset[str]] = {}
        for chunks in answers:
            fetched = parser.fetch_items(chunks)
            if fetched and "UID" in fetched[1]:
                flags[parser.number(fetched[1]["UID"])] = parser.flag_set(fetched[1].get("FLAGS"))
        return flags

    def search(self, criteria: Sequence[Criterion]) -> list[int]:
        """UIDs, ascending. With ESEARCH (RFC 4731) as ranges: 50,000 hits are then a few bytes."""
        wanted = arguments.search_keys(criteria)
        charset = arguments.charset(wanted)
        if "ESEARCH" in self.capabilities:
            answers, _ = self._ask(b"UID SEARCH RETURN (ALL)", *charset, *wanted, seconds=BODY_SECONDS)
        else:
            answers, _ = self._ask(b"UID SEARCH", *charset, *wanted, seconds=BODY_SECONDS)
        return sorted(parser.found_numbers(answers))

    def sort(self, order: str, criteria: Sequence[Criterion], reverse: bool = False) -> list[int]:
        """UIDs by "date", "arrival", "size", "from" or "subject" (RFC 5256). Needs SORT: see `capabilities`."""
        if order.upper() not in ("DATE", "ARRIVAL", "SIZE", "FROM", "SUBJECT"):
            raise errors.BadArgument(f"unknown order {order!r}")
        if "SORT" not in self.capabilities:
            raise errors.CommandRefused("the server does not sort")
        key = b"(REVERSE " if reverse else b"("
        answers, _ = self._ask(
            b"UID SORT " + key + order.upper().encode() + b") UTF-8",
            *arguments.search_keys(criteria),
            seconds=BODY_SECONDS,
        )
        return parser.found_numbers(answers)

    def fetch_structure(self, uid: int) -> Structure:
        """Header (capped at 256 KiB) and body structure of one message."""
        items = b"(UID FLAGS INTERNALDATE RFC822.SIZE BODYSTRUCTURE BODY.PEEK[HEADER]<0.%d>)" % HEADER_CAP
        seq, found = self._fetch_one(uid, items)
        header = next((value for name, value in found.items() if name.startswith("BODY[")), None)
        when = found.get("INTERNALDATE")
        return Structure(
            seq,
            uid,
            parser.flag_set(found.get("FLAGS")),
            parser.internaldate(when) if isinstance(when, bytes) else parser.EPOCH,
            parser.number(found.get("RFC822.SIZE") or b"0"),
            header if isinstance(header, bytes) else b"",
            found.get("BODYSTRUCTURE"),
        )

    def size(self, uid: int) -> int:
        """RFC822.SIZE of a message."""
        return parser.number(self._fetch_one(uid, b"(UID RFC822.SIZE)")[1].get("RFC822.SIZE"))

    def fetch_part(self, uid: int, section: str, cap: int = PART_CAP) -> bytes:
        """One section as it stands in the message, undecoded. Over `cap` it is TooLarge: stream it instead."""
        data = self._partial(uid, section, 0, cap + 1)
        if len(data) > cap:
            raise errors.TooLarge("the part is over the cap")
        return data

    def fetch_parts(self, uid: int, sections: Mapping[str, int]) -> dict[str, bytes]:
        """Several sections in one command, each cut at its own number of octets. What is not there is left out."""
        for section in sections:
            arguments.section(section)
        wanted = b" ".join(b"BODY.PEEK[%s]<0.%d>" % (name.encode(), length) for name, length in sections.items())
        cap = sum(sections.values()) + (64 << 10)
        _, found = self._fetch_one(uid, b"(UID " + wanted + b")", seconds=BODY_SECONDS, cap=cap)
        return {
            name[5 : name.index("]")]: value
            for name, value in found.items()
            if name.startswith("BODY[") and isinstance(value, bytes)
        }

    def stream(self, uid: int, section: str = "") -> Iterator[bytes]:
        """A section (or the whole message) in pieces of 1 MiB, each its own command."""
        offset = 0
        while True:
            data = self._partial(uid, section, offset, CHUNK)
            if data:
                yield data
            if len(data) < CHUNK:
                return
            offset += len(data)

    def _partial(self, uid: int, section: str, offset: int, length: int) -> bytes:
        items = b"(UID BODY.PEEK[%s]<%d.%d>)" % (arguments.section(section).encode(), offset, length)
        _, found = self._fetch_one(uid, items, seconds=BODY_SECONDS, cap=length + (64 << 10))
        for name, value in found.items():
            if name.startswith("BODY["):
                data = value if isinstance(value, bytes) else b""
                if len(data) > length:
                    raise errors.ProtocolError("more bytes than were asked for")
                return data
        raise errors.CommandRefused(f"no section {section!r}")

    def _fetch_one(
        self, uid: int, items: bytes, seconds: float = COMMAND_SECONDS, cap: int = ANSWER_CAP
    ) -> tuple[int, dict[str, Token]]:
        answers, _ = self._ask(b"UID FETCH %d %s" % (arguments.uid_number(uid), items), seconds=seconds, cap=cap)
        for chunks in answers:
            fetched = parser.fetch_items(chunks) if b"FETCH" in chunks[0][:30].upper() else None
            if fetched and fetched[1].get("UID") == b"%d" % uid and len(fetched[1]) > 1:
                return fetched
        raise errors.MessageGone("the message is no longer there")

    # ── changing ──────────────────────────────────────────────────────────────────────────────────────────

    def add_flags(self, uids: Sequence[int], flags: Iterable[str]) -> None:
        """Set flags."""
        self._store(uids, b"+FLAGS.SILENT", flags)

    def remove_flags(self, uids: Sequence[int], flags: Iterable[str]) -> None:
        """Clear flags."""
        self._store(uids, b"-FLAGS.SILENT", flags)

    def _store(self, uids: Sequence[int], how: bytes, flags: Iterable[str]) -> None:
        names = arguments.flag_list(flags)
        if uids and names != b"()":
            self._ask(b"UID STORE", uid_set(uids), how, names)

    def copy(self, uids: Sequence[int], target: str) -> Copied | None:
        """Copy to another mailbox; tells where to, where the server does (UIDPLUS)."""
        name = arguments.mailbox(target)
        if not uids:
            return None
        return copied(*self._ask(b"UID COPY", uid_set(uids), name, seconds=BODY_SECONDS))

    def move(self, uids: Sequence[int], target: str) -> Copied | None:
        """Move to another mailbox: MOVE (RFC 6851), else COPY and then delete."""
        name = arguments.mailbox(target)
        if not uids:
            return None
        if "MOVE" in self.capabilities:
            return copied(*self._ask(b"UID MOVE", uid_set(uids), name, seconds=BODY_SECONDS))
        there = self.copy(uids, target)
        self.delete(uids)
        return there

    def delete(self, uids: Sequence[int]) -> None:
        """Delete for good. Messages that another client marked \\Deleted stay as they are."""
        if not uids:
            return
        self.add_flags(uids, ["\\Deleted"])
        if "UIDPLUS" in self.capabilities:
            self._ask(b"UID EXPUNGE", uid_set(uids), seconds=BODY_SECONDS)
            return
        # Without UIDPLUS (RFC 4315) EXPUNGE takes all that is marked, so the others' marks are lifted meanwhile.
        # Should the connection break here, they lose a mark, and no message.
        mine = set(uids)
        others = [uid for uid in self.search([Criterion("DELETED")]) if uid not in mine]
        self.remove_flags(others, ["\\Deleted"])
        self._ask(b"EXPUNGE", seconds=BODY_SECONDS)
        self.add_flags(others, ["\\Deleted"])

    def append(
        self, name: str, message: bytes | Octets, flags: Iterable[str] = (), date: datetime | None = None
    ) -> int | None:
        """File a message. Returns its UID where the server tells (UIDPLUS)."""
        when = () if date is None else (arguments.date_time(date),)
        if isinstance(message, bytes) and b"\0" in message:
            # Seen before anything is sent, where it can be: a stream is broken off in the middle.
            raise errors.BadArgument("the message holds NUL")
        whole = Streamed(octets.of(message))
        pieces = (arguments.mailbox(name), arguments.flag_list(flags), *when, whole)
        _, text = self._ask(b"APPEND", *pieces, seconds=BODY_SECONDS + whole.size / 65536)
        found = _APPENDED.search(text)
        return int(found[2]) if found else None
