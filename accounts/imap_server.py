"""An open, signed-in IMAP connection, as the rest of the program sees it.

Every argument passes the guard, every text goes as a literal, every call is one tagged command (or, where a
server lacks an extension, a fixed handful), and every call has a wall-clock deadline and a byte cap.
"""

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from imapclient.imap_utf7 import decode as decode_name
from imapclient.imap_utf7 import encode as encode_name

from . import criteria as keys
from . import errors
from . import imap_parser as parser
from .criteria import Criterion
from .imap_client import refusal, sign_in, translated
from .imap_parser import RawRow, Token
from .login import Login
from .wire import BODY_SECONDS, COMMAND_SECONDS, guard

CHUNK = 1 << 20
PART_CAP = 8 << 20
HEADER_CAP = 256 << 10
ROW_FIELDS = "DATE FROM TO CC SUBJECT CONTENT-TYPE"
ROW_ITEMS = f"UID FLAGS INTERNALDATE RFC822.SIZE BODYSTRUCTURE BODY.PEEK[HEADER.FIELDS ({ROW_FIELDS})]"

_FLAG = re.compile(r"\\?[A-Za-z0-9$_.!#&'+,/:;<=>?@^`|~-]{1,100}\Z")
_SECTION = re.compile(r"(?:\d{1,5}(?:\.\d{1,5}){0,100}(?:\.(?:MIME|HEADER|TEXT))?|HEADER|TEXT|)\Z")
_EXISTS = re.compile(rb"\* (\d+) (EXISTS|EXPUNGE)\r?\n\Z", re.IGNORECASE)
_APPENDED = re.compile(r"\[APPENDUID (\d+) (\d+)\]", re.IGNORECASE)
_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


@dataclass(frozen=True)
class Listed:
    """One mailbox of LIST. Attributes as the server wrote them, such as "\\Sent"."""

    name: str
    delimiter: str
    attributes: frozenset[str]


@dataclass(frozen=True)
class Status:
    """STATUS of a mailbox."""

    messages: int
    unseen: int
    uidnext: int
    uidvalidity: int
    recent: int = 0


@dataclass(frozen=True)
class Selected:
    """What is known of the selected mailbox. `uidnext` is as of the SELECT."""

    name: str
    exists: int
    uidnext: int
    uidvalidity: int
    highestmodseq: int | None


@dataclass(frozen=True)
class Structure:
    """Header and body structure of one message. `body` is BODYSTRUCTURE as nested tuples."""

    seq: int
    uid: int
    flags: frozenset[str]
    internaldate: datetime
    size: int
    header: bytes
    body: Token


class _Literal(bytes):
    """Octets that go on the wire as a literal."""


class Server:
    """A connection lent by imap.connect(). Not for two threads at once: the pool lends it to one."""

    def __init__(self, login: Login) -> None:
        self.account_id = login.account_id
        self._exists = 0
        self._selected: Selected | None = None
        self._writable = False
        self._tags = itertools.count(1)
        self._client = sign_in(login, self._line_seen)
        self._channel = self._client.channel
        self.capabilities: frozenset[str] = frozenset(
            name.decode("latin-1").upper() for name in self._client.capabilities()
        )

    # ── the connection ────────────────────────────────────────────────────────────────────────────────────

    @property
    def closed(self) -> bool:
        """True after a failure that left the conversation at an unknown place, and after close()."""
        return self._channel.closed

    def close(self) -> None:
        """Close without ceremony: RFC 9051 section 3.4 allows it, and LOGOUT would wait for an answer."""
        self._channel.close()

    def fileno(self) -> int:
        """The socket, for a selector (IDLE)."""
        return self._channel.fileno()

    def has_news(self) -> bool:
        """Does something wait to be read between two commands (news, a farewell, or the end of the stream)?"""
        return self._channel.pending()

    def _line_seen(self, line: bytes) -> None:
        """Keep the count of messages right, whoever reads the line (RFC 9051 sections 7.4.1 and 7.5.1)."""
        if line.startswith(b"* ") and (found := _EXISTS.match(line)):
            if found[2].upper() == b"EXISTS":
                self._exists = int(found[1])
            else:
                self._exists = max(self._exists - 1, 0)

    def _ask(
        self, *pieces: bytes, seconds: float = COMMAND_SECONDS, cap: int = 32 << 20
    ) -> tuple[list[list[bytes]], str]:
        """One command, and its answers: untagged ones as chunks, and the text of the tagged OK."""
        channel = self._channel
        tag = b"P%d" % next(self._tags)
        with translated(channel):
            if channel.closed:
                raise errors.ServerUnreachable("the connection is closed")
            channel.begin(seconds, cap)
            answers: list[list[bytes]] = []
            self._send(tag, pieces, answers)
            while True:
                chunks = self._answer()
                line = chunks[0]
                if line.startswith(b"* "):
                    answers.append(chunks)
                elif line.startswith(tag + b" "):
                    text = line[len(tag) + 1 :].strip().decode("utf-8", "replace")
                    if text[:2].upper() == "OK":
                        return answers, text
                    raise refusal(text, channel.endpoint)
                elif not line.startswith(b"+"):
                    raise errors.ProtocolError("an answer to nothing we asked")

    def _send(self, tag: bytes, pieces: Iterable[bytes], answers: list[list[bytes]]) -> None:
        out = bytearray(tag)
        for piece in pieces:
            out += b" "
            if not isinstance(piece, _Literal):
                out += piece
                continue
            at_once = "LITERAL+" in self.capabilities or ("LITERAL-" in self.capabilities and len(piece) <= 4096)
            out += b"{%d%s}\r\n" % (len(piece), b"+" if at_once else b"")
            if not at_once:
                self._channel.sendall(bytes(out))
                out.clear()
                self._wait_for_go(tag, answers)
            out += piece
        self._channel.sendall(bytes(out + b"\r\n"))

    def _wait_for_go(self, tag: bytes, answers: list[list[bytes]]) -> None:
        while not (chunks := self._answer())[0].startswith(b"+"):
            if not chunks[0].startswith(b"* "):
                text = chunks[0].partition(b" ")[2].strip().decode("utf-8", "replace")
                raise refusal(text, self._channel.endpoint)
            answers.append(chunks)

    def _answer(self) -> list[bytes]:
        """One answer: line, literal, line, …"""
        line = self._channel.readline()
        self._line_seen(line)
        if line[:5].upper() == b"* BYE":
            text = line[6:].strip().decode("utf-8", "replace")
            raise errors.ServerUnavailable(text)
        chunks = [line]
        while (size := parser.literal_size(line)) is not None:
            chunks.append(self._channel.read(size))
            line = self._channel.readline()
            chunks.append(line)
        return chunks

    def _begin(self, seconds: float = COMMAND_SECONDS) -> None:
        """Before a command that imapclient speaks."""
        if self._channel.closed:
            raise errors.ServerUnreachable("the connection is closed")
        self._channel.begin(seconds)

    def noop(self) -> None:
        """Ask for news. After it, `exists` is up to date."""
        self._ask(b"NOOP")

    @property
    def exists(self) -> int:
        """Messages in the selected mailbox, as far as the server has told."""
        return self._exists

    # ── mailboxes ─────────────────────────────────────────────────────────────────────────────────────────

    def list_mailboxes(self) -> list[Listed]:
        """All mailboxes. SPECIAL-USE attributes are asked for where offered (RFC 6154)."""
        if "SPECIAL-USE" in self.capabilities and "LIST-EXTENDED" in self.capabilities:
            answers, _ = self._ask(b'LIST "" "*" RETURN (SPECIAL-USE)')
        else:
            answers, _ = self._ask(b'LIST "" "*"')
        return [listed for chunks in answers if (listed := _listed(chunks))]

    def list_with_status(self) -> list[tuple[Listed, Status | None]]:
        """All mailboxes and their counts: one command with LIST-STATUS (RFC 5819), else one each."""
        if "LIST-STATUS" not in self.capabilities:
            return [(listed, self._status_or_none(listed)) for listed in self.list_mailboxes()]
        special = b"SPECIAL-USE " if "SPECIAL-USE" in self.capabilities else b""
        answers, _ = self._ask(
            b'LIST "" "*" RETURN (' + special + b"STATUS (MESSAGES UNSEEN UIDNEXT UIDVALIDITY RECENT))"
        )
        found = [listed for chunks in answers if (listed := _listed(chunks))]
        counts = dict(status for chunks in answers if (status := _status(chunks)))
        return [(listed, counts.get(listed.name)) for listed in found]

    def _status_or_none(self, listed: Listed) -> Status | None:
        if {"\\noselect", "\\nonexistent"} & {attribute.lower() for attribute in listed.attributes}:
            return None
        try:
            return self.status(listed.name)
        except errors.CommandRefused:
            return None

    def status(self, name: str) -> Status:
        """Counts of one mailbox."""
        answers, _ = self._ask(b"STATUS", _mailbox(name), b"(MESSAGES UNSEEN UIDNEXT UIDVALIDITY RECENT)")
        for chunks in answers:
            if status := _status(chunks):
                return status[1]
        raise errors.ProtocolError("STATUS without an answer")

    def statuses(self, names: Sequence[str]) -> dict[str, Status]:
        """Counts of several mailboxes; those that are gone are left out."""
        guard(*names)
        if "LIST-STATUS" in self.capabilities and len(names) > 2:
            wanted = set(names)
            return {listed.name: status for listed, status in self.list_with_status() if listed.name in wanted and status}
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
            answer = self._client.select_folder(name, readonly=readonly)
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
        wanted = _criteria(criteria)
        charset = _charset(wanted)
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
            b"UID SORT " + key + order.upper().encode() + b") UTF-8", *_criteria(criteria), seconds=BODY_SECONDS
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
            if not _SECTION.match(section):
                raise errors.BadArgument(f"not a section: {section!r}")
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
        if not _SECTION.match(section):
            raise errors.BadArgument(f"not a section: {section!r}")
        items = b"(UID BODY.PEEK[%s]<%d.%d>)" % (section.encode(), offset, length)
        _, found = self._fetch_one(uid, items, seconds=BODY_SECONDS, cap=length + (64 << 10))
        for name, value in found.items():
            if name.startswith("BODY["):
                data = value if isinstance(value, bytes) else b""
                if len(data) > length:
                    raise errors.ProtocolError("more bytes than were asked for")
                return data
        raise errors.CommandRefused(f"no section {section!r}")

    def _fetch_one(
        self, uid: int, items: bytes, seconds: float = COMMAND_SECONDS, cap: int = 32 << 20
    ) -> tuple[int, dict[str, Token]]:
        answers, _ = self._ask(b"UID FETCH %d %s" % (_uid(uid), items), seconds=seconds, cap=cap)
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
        names = list(flags)
        for flag in names:
            guard(flag)
            if not _FLAG.match(flag):
                raise errors.BadArgument(f"not a flag: {flag!r}")
        if uids and names:
            self._ask(b"UID STORE", uid_set(uids), how, b"(" + " ".join(names).encode() + b")")

    def copy(self, uids: Sequence[int], target: str) -> None:
        """Copy to another mailbox."""
        name = _mailbox(target)
        if uids:
            self._ask(b"UID COPY", uid_set(uids), name, seconds=BODY_SECONDS)

    def move(self, uids: Sequence[int], target: str) -> None:
        """Move to another mailbox: MOVE (RFC 6851), else COPY and then delete."""
        name = _mailbox(target)
        if not uids:
            return
        if "MOVE" in self.capabilities:
            self._ask(b"UID MOVE", uid_set(uids), name, seconds=BODY_SECONDS)
            return
        self.copy(uids, target)
        self.delete(uids)

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
        self, name: str, message: bytes, flags: Iterable[str] = (), date: datetime | None = None
    ) -> int | None:
        """File a message. Returns its UID where the server tells (UIDPLUS)."""
        names = list(flags)
        guard(name, *names)
        for flag in names:
            if not _FLAG.match(flag):
                raise errors.BadArgument(f"not a flag: {flag!r}")
        when = () if date is None else (_date_time(date),)
        # RFC 9051 section 9: CHAR8, the octets of a literal, has no NUL.
        if b"\0" in message:
            raise errors.BadArgument("the message holds NUL")
        _, text = self._ask(
            b"APPEND", _mailbox(name), b"(" + " ".join(names).encode() + b")", *when, _Literal(message), seconds=BODY_SECONDS
        )
        found = _APPENDED.search(text)
        return int(found[2]) if found else None

    # ── IDLE (RFC 2177), for one watcher that holds many connections on a selector ────────────────────────

    def idle_begin(self) -> None:
        """Start IDLE on the selected mailbox. Until idle_end() only idle_lines() may be called."""
        self._idle_tag = b"P%d" % next(self._tags)
        with translated(self._channel):
            self._begin()
            self._channel.sendall(self._idle_tag + b" IDLE\r\n")
            self._wait_for_go(self._idle_tag, [])

    def idle_lines(self) -> list[bytes]:
        """The complete lines that have come, without waiting, without line ends; possibly none."""
        with translated(self._channel):
            lines = self._channel.ready_lines()
            for line in lines:
                self._line_seen(line + b"\r\n")
                if line[:5].upper() == b"* BYE" or line.startswith(self._idle_tag):
                    raise errors.ServerUnavailable(line.decode("utf-8", "replace"))
            return lines

    def idle_end(self) -> list[bytes]:
        """End IDLE; returns what came until the server's OK."""
        lines: list[bytes] = []
        with translated(self._channel):
            self._begin()
            self._channel.sendall(b"DONE\r\n")
            while not (chunks := self._answer())[0].startswith(self._idle_tag + b" "):
                lines.append(chunks[0].rstrip(b"\r\n"))
        return lines


# ── arguments ─────────────────────────────────────────────────────────────────────────────────────────────────


def _mailbox(name: str) -> bytes:
    """A mailbox name as a quoted string in modified UTF-7 (RFC 9051 section A.1)."""
    guard(name)
    try:
        encoded: bytes = encode_name(name)
    except UnicodeError as error:
        raise errors.BadArgument("a mailbox name that cannot be written") from error
    return b'"' + encoded.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'


def _uid(uid: int) -> int:
    if isinstance(uid, bool) or not isinstance(uid, int) or not 0 < uid < 1 << 32:
        raise errors.BadArgument("not a UID")
    return uid


def uid_set(uids: Sequence[int]) -> bytes:
    """UIDs as the shortest sequence-set."""
    ranges: list[str] = []
    first = last = 0
    for uid in sorted({_uid(uid) for uid in uids}):
        if uid == last + 1 and first:
            last = uid
            continue
        if first:
            ranges.append(str(first) if first == last else f"{first}:{last}")
        first = last = uid
    if first:
        ranges.append(str(first) if first == last else f"{first}:{last}")
    return ",".join(ranges).encode()


def _literal(text: str) -> _Literal:
    guard(text)
    return _Literal(text.encode("utf-8", "surrogatepass"))


def _date(day: date) -> bytes:
    return f"{day.day}-{_MONTHS[day.month - 1]}-{day.year:04}".encode()


def _date_time(when: datetime) -> bytes:
    aware = when if when.tzinfo else when.replace(tzinfo=UTC)
    return f'"{aware.day:2}-{_MONTHS[aware.month - 1]}-{aware.year:04} {aware:%H:%M:%S %z}"'.encode()


def _charset(pieces: Sequence[bytes]) -> list[bytes]:
    return [] if all(piece.isascii() for piece in pieces) else [b"CHARSET UTF-8"]


def _criteria(criteria: Sequence[Criterion]) -> list[bytes]:
    pieces = [piece for criterion in criteria for piece in _criterion(criterion)]
    return pieces or [b"ALL"]


def _criterion(criterion: Criterion) -> list[bytes]:
    key, value = criterion.key, criterion.value
    head = [b"NOT"] if criterion.negated else []
    name = key.encode()
    if key in keys.PLAIN_KEYS and value is None:
        return [*head, name]
    if key in keys.TEXT_KEYS and isinstance(value, str):
        return [*head, name, _literal(value)]
    if key in keys.DATE_KEYS and isinstance(value, date):
        return [*head, name, _date(value)]
    if key in keys.SIZE_KEYS and isinstance(value, int) and 0 <= value < 1 << 32:
        return [*head, name, b"%d" % value]
    if key in keys.KEYWORD_KEYS and isinstance(value, str) and _FLAG.match(value) and not value.startswith("\\"):
        return [*head, name, value.encode()]
    if key == "HEADER" and isinstance(value, tuple) and len(value) == 2 and all(isinstance(v, str) for v in value):
        return [*head, name, _literal(str(value[0])), _literal(str(value[1]))]
    if key == "OR" and isinstance(value, tuple) and len(value) == 2:
        either, other = value
        if isinstance(either, Criterion) and isinstance(other, Criterion):
            return [*head, name, *_criterion(either), *_criterion(other)]
    if key == "UID" and isinstance(value, list | tuple) and value:
        return [*head, name, uid_set([uid for uid in value if isinstance(uid, int)])]
    raise errors.BadArgument(f"not a search key: {key!r}")


# ── answers ───────────────────────────────────────────────────────────────────────────────────────────────────


def _text(token: Token) -> bytes:
    return token if isinstance(token, bytes) else b""


def _listed(chunks: list[bytes]) -> Listed | None:
    if chunks[0][:7].upper() != b"* LIST ":
        return None
    tokens = parser.parse(chunks)
    if len(tokens) < 4:
        raise errors.ProtocolError("a LIST answer that cannot be read")
    return Listed(_decoded(_text(tokens[3])), _text(tokens[2]).decode("latin-1"), parser.flag_set(tokens[1]))


def _status(chunks: list[bytes]) -> tuple[str, Status] | None:
    if chunks[0][:9].upper() != b"* STATUS ":
        return None
    tokens = parser.parse(chunks)
    counts = tokens[-1]
    if len(tokens) != 3 or not isinstance(counts, tuple):
        raise errors.ProtocolError("a STATUS answer that cannot be read")
    found = {_text(name).upper(): value for name, value in zip(counts[::2], counts[1::2], strict=False)}
    numbers = [
        parser.number(found.get(name) or b"0") for name in (b"MESSAGES", b"UNSEEN", b"UIDNEXT", b"UIDVALIDITY", b"RECENT")
    ]
    return _decoded(_text(tokens[1])), Status(*numbers)


def _decoded(raw: bytes) -> str:
    """A mailbox name as text. INBOX is INBOX in any case (RFC 9051 section 5.1)."""
    try:
        name: str = decode_name(raw)
    except (UnicodeError, ValueError):
        name = raw.decode("latin-1")
    return "INBOX" if name.upper() == "INBOX" else name
