"""Arguments as they go on the wire: guarded, quoted or literal, and never anything else than one argument."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime

from imapclient.imap_utf7 import encode as encode_name

from . import criteria as keys
from . import errors
from .criteria import Criterion
from .octets import Octets, exactly
from .wire import guard

_FLAG = re.compile(r"\\?[A-Za-z0-9$_.!#&'+,/:;<=>?@^`|~-]{1,100}\Z")
_SECTION = re.compile(r"(?:\d{1,5}(?:\.\d{1,5}){0,100}(?:\.(?:MIME|HEADER|TEXT))?|HEADER|TEXT|)\Z")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Literal(bytes):
    """Octets that go on the wire as a literal."""


class Streamed:
    """Octets that go on the wire as a literal, a piece at a time."""

    def __init__(self, data: Octets) -> None:
        self.size = data.size
        self._data = data

    def __iter__(self) -> Iterator[bytes]:
        for piece in exactly(self._data, self.size):
            # RFC 9051 section 9: CHAR8, the octets of a literal, has no NUL.
            if b"\0" in piece:
                raise errors.BadArgument("the message holds NUL")
            yield piece


def mailbox(name: str) -> bytes:
    """A mailbox name as a quoted string in modified UTF-7 (RFC 9051 section A.1)."""
    guard(name)
    try:
        encoded: bytes = encode_name(name)
    except UnicodeError as error:
        raise errors.BadArgument("a mailbox name that cannot be written") from error
    return b'"' + encoded.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'


def uid_number(uid: int) -> int:
    if isinstance(uid, bool) or not isinstance(uid, int) or not 0 < uid < 1 << 32:
        raise errors.BadArgument("not a UID")
    return uid


def uid_set(uids: Sequence[int]) -> bytes:
    """UIDs as the shortest sequence-set."""
    ranges: list[str] = []
    first = last = 0
    for uid in sorted({uid_number(uid) for uid in uids}):
        if uid == last + 1 and first:
            last = uid
            continue
        if first:
            ranges.append(str(first) if first == last else f"{first}:{last}")
        first = last = uid
    if first:
        ranges.append(str(first) if first == last else f"{first}:{last}")
    return ",".join(ranges).encode()


def _literal(text: str) -> Literal:
    guard(text)
    return Literal(text.encode("utf-8", "surrogatepass"))


def _date(day: date) -> bytes:
    return f"{day.day}-{_MONTHS[day.month - 1]}-{day.year:04}".encode()


def date_time(when: datetime) -> bytes:
    aware = when if when.tzinfo else when.replace(tzinfo=UTC)
    return f'"{aware.day:2}-{_MONTHS[aware.month - 1]}-{aware.year:04} {aware:%H:%M:%S %z}"'.encode()


def charset(pieces: Sequence[bytes]) -> list[bytes]:
    return [] if all(piece.isascii() for piece in pieces) else [b"CHARSET UTF-8"]


def search_keys(criteria: Sequence[Criterion]) -> list[bytes]:
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


def flag_list(flags: Iterable[str]) -> bytes:
    """Flags in parentheses."""
    names = list(flags)
    guard(*names)
    for flag in names:
        if not _FLAG.match(flag):
            raise errors.BadArgument(f"not a flag: {flag!r}")
    return b"(" + " ".join(names).encode() + b")"


def section(name: str) -> str:
    """A section of BODY[…]: part numbers, HEADER, TEXT or MIME; "" is the whole message."""
    if not _SECTION.match(name):
        raise errors.BadArgument(f"not a section: {name!r}")
    return name
