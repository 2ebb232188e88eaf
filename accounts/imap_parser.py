"""A small parser for the answers we ask for most: FETCH rows, ESEARCH, LIST and STATUS.

It is 3 to 5 times faster than imapclient's, and the tests fuzz it against that one. An answer is given as the
chunks the wire gave: line, literal, line, literal, …, line. Atoms and strings become bytes, NIL becomes None,
lists become tuples.
"""

import itertools
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import TypeAlias

from .errors import ProtocolError

Token: TypeAlias = "bytes | tuple[Token, ...] | None"  # noqa: S105 - not that kind of token

DEPTH_CAP = 100

_TOKEN = re.compile(
    rb' *(?:(\()|(\))|"((?:[^"\\]++|\\.)*+)"'
    # A FETCH item's name holds spaces and parentheses in its brackets: BODY[HEADER.FIELDS (DATE FROM)]<0>.
    rb"|((?:BODY|BINARY)\[[^\]]*\](?:<\d+>)?|[^\s()\"{]+))",
    re.IGNORECASE,
)
_ESCAPED = re.compile(rb"\\(.)")
_LITERAL_END = re.compile(rb"~?\{(\d+)\}\r?\n\Z")


def literal_size(line: bytes) -> int | None:
    """The octets announced at the end of a line, or None."""
    if not line.endswith(b"}\r\n") and not line.endswith(b"}\n"):
        return None
    found = _LITERAL_END.search(line)
    return int(found[1]) if found else None


def parse(chunks: list[bytes]) -> tuple[Token, ...]:
    """All tokens of one answer, without its leading "* "."""
    stack: list[list[Token]] = [[]]
    for number, chunk in enumerate(chunks):
        if number % 2:
            stack[-1].append(chunk)
            continue
        text = chunk.rstrip(b"\r\n")
        if number + 1 < len(chunks):
            text = text[: text.rindex(b"{")].removesuffix(b"~")
        position = 2 if number == 0 and text.startswith(b"* ") else 0
        end = len(text.rstrip(b" "))
        while position < end:
            found = _TOKEN.match(text, position)
            if found is None:
                raise ProtocolError("an answer that cannot be read")
            position = found.end()
            kind = found.lastindex
            if kind == 4:
                atom = found[4]
                stack[-1].append(None if atom in (b"NIL", b"nil") else atom)
            elif kind == 3:
                string = found[3]
                stack[-1].append(_ESCAPED.sub(rb"\1", string) if b"\\" in string else string)
            elif kind == 1:
                if len(stack) > DEPTH_CAP:
                    raise ProtocolError("an answer nested too deep")
                stack.append([])
            else:
                if len(stack) == 1:
                    raise ProtocolError("an answer with a stray parenthesis")
                inner = tuple(stack.pop())
                stack[-1].append(inner)
    if len(stack) != 1:
        raise ProtocolError("an answer that ends within a list")
    return tuple(stack[0])


@dataclass(frozen=True)
class RawRow:
    """What FETCH gives for one line of the list. `structure_hint` is BODYSTRUCTURE as it came, or empty."""

    seq: int
    uid: int
    flags: frozenset[str]
    internaldate: datetime
    size: int
    header: bytes
    structure_hint: bytes = b""


def _nested(depth: int) -> bytes:
    """A pattern for a parenthesised list that may hold `depth` more levels."""
    pattern = rb'\((?:[^()"]++|"(?:[^"\\]++|\\.)*+")*+\)'
    for _ in range(depth):
        pattern = rb'\((?:[^()"]++|"(?:[^"\\]++|\\.)*+"|' + pattern + rb")*+\)"
    return pattern


# The usual form, in one match. Anything else (other order, literals in the structure) takes the slow way.
_ROW = re.compile(
    rb"\* (\d+) FETCH \(UID (\d+) FLAGS \(([^)]*)\) INTERNALDATE \"([^\"]*)\" RFC822\.SIZE (\d+)"
    rb"(?: BODYSTRUCTURE (" + _nested(12) + rb"))? BODY\[HEADER\.FIELDS \([^)]*\)\] \{\d+\}\r\n\Z"
)
_DATE = re.compile(rb" ?(\d{1,2})-(\w{3})-(\d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)\Z")
_MONTHS = {name: number for number, name in enumerate(b"jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)}
_ZONES: dict[bytes, timezone] = {}


def internaldate(text: bytes) -> datetime:
    """An aware datetime from RFC 9051 date-time. The hours stay in the zone the server named."""
    found = _DATE.match(text)
    if found is None:
        raise ProtocolError("a date that cannot be read")
    day, month, year, hour, minute, second, sign, east, past = found.groups()
    zone = _ZONES.get(text[-5:])
    try:
        if zone is None:
            offset = timedelta(hours=int(east), minutes=int(past))
            zone = timezone(-offset if sign == b"-" else offset)
            if len(_ZONES) < 200:
                _ZONES[text[-5:]] = zone
        return datetime(int(year), _MONTHS[month.lower()], int(day), int(hour), int(minute), int(second), tzinfo=zone)
    except (ValueError, KeyError) as error:
        raise ProtocolError("a date that cannot be read") from error


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def row(chunks: list[bytes]) -> RawRow | None:
    """A list row from one FETCH answer; None if it is no full row (such as news about flags)."""
    if len(chunks) == 3 and (found := _ROW.match(chunks[0])) and chunks[2] in (b")\r\n", b")\n"):
        seq, uid, flags, date, size, structure = found.groups()
        return RawRow(
            int(seq),
            int(uid),
            frozenset(flags.decode("latin-1").split()),
            internaldate(date),
            int(size),
            chunks[1],
            structure or b"",
        )
    fetched = fetch_items(chunks)
    if fetched is None:
        return None
    seq_number, items = fetched
    header = next((value for name, value in items.items() if name.startswith("BODY[HEADER")), None)
    identity = items.get("UID")
    if not isinstance(header, bytes) or not isinstance(identity, bytes):
        return None
    when = items.get("INTERNALDATE")
    return RawRow(
        seq_number,
        number(identity),
        flag_set(items.get("FLAGS")),
        internaldate(when) if isinstance(when, bytes) else EPOCH,
        number(items.get("RFC822.SIZE") or b"0"),
        header,
        rendered(items.get("BODYSTRUCTURE")),
    )


def number(token: Token) -> int:
    """A number token as int."""
    if not isinstance(token, bytes) or not token.isdigit():
        raise ProtocolError("a number was expected")
    return int(token)


def flag_set(token: Token) -> frozenset[str]:
    """A flag list as a set of names."""
    if not isinstance(token, tuple):
        return frozenset()
    return frozenset(flag.decode("latin-1") for flag in token if isinstance(flag, bytes))


def fetch_items(chunks: list[bytes]) -> tuple[int, dict[str, Token]] | None:
    """(sequence number, items by upper-case name) of a FETCH answer; None for any other answer."""
    tokens = parse(chunks)
    if len(tokens) != 3 or tokens[1] not in (b"FETCH", b"fetch", b"Fetch") or not isinstance(tokens[2], tuple):
        return None
    items = tokens[2]
    if len(items) % 2:
        raise ProtocolError("a FETCH answer with half an item")
    found: dict[str, Token] = {}
    for name, value in zip(items[::2], items[1::2], strict=True):
        if not isinstance(name, bytes):
            raise ProtocolError("a FETCH item without a name")
        found[name.decode("latin-1").upper()] = value
    return number(tokens[0]), found


def rendered(token: Token) -> bytes:
    """Tokens written out again in the usual form, so that the hint reads the same for every server."""
    if token is None:
        return b"NIL"
    if isinstance(token, bytes):
        return b'"' + token.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'
    return b"(" + b" ".join(rendered(inner) for inner in token) + b")"


def uid_set(text: bytes) -> list[int]:
    """The numbers of a sequence-set such as 1:3,5. Refuses sets that expand beyond ten million."""
    numbers: list[int] = []
    for piece in text.split(b","):
        first, _, last = piece.partition(b":")
        low, high = number(first), number(last or first)
        low, high = min(low, high), max(low, high)
        if high - low > 10_000_000 - len(numbers):
            raise ProtocolError("a sequence set too long")
        numbers.extend(range(low, high + 1))
    return numbers


def found_numbers(answers: list[list[bytes]]) -> list[int]:
    """The numbers of SEARCH, SORT or ESEARCH (RFC 4731) answers, in the server's order."""
    numbers: list[int] = []
    for chunks in answers:
        head = chunks[0][:10].upper()
        if head.startswith((b"* SEARCH", b"* SORT")):
            words = chunks[0].split()[2:]
            # RFC 7162 section 3.1.5: a CONDSTORE server may end the answer with (MODSEQ n).
            for word in words:
                if word.startswith(b"("):
                    break
                numbers.append(number(word))
        elif head.startswith(b"* ESEARCH"):
            tokens = parse(chunks)
            for name, value in itertools.pairwise(tokens):
                if isinstance(name, bytes) and name.upper() == b"ALL" and isinstance(value, bytes):
                    numbers.extend(uid_set(value))
    return numbers
