"""What the server answers, as frozen facts: mailboxes, counts, what is selected, what a message is made of."""

import re
from dataclasses import dataclass
from datetime import datetime

from imapclient.imap_utf7 import decode as decode_name

from . import errors
from . import imap_parser as parser
from .imap_parser import Token


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
    """What is known of the selected mailbox, `uidnext` as of SELECT. Dovecot tells HIGHESTMODSEQ only after ENABLE."""

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


@dataclass(frozen=True)
class Copied:
    """Where copied or moved messages are now (COPYUID, RFC 4315 section 3)."""

    uidvalidity: int
    uids: tuple[int, ...]


def _text(token: Token) -> bytes:
    return token if isinstance(token, bytes) else b""


def listed(chunks: list[bytes]) -> Listed | None:
    if chunks[0][:7].upper() != b"* LIST ":
        return None
    tokens = parser.parse(chunks)
    if len(tokens) < 4:
        raise errors.ProtocolError("a LIST answer that cannot be read")
    return Listed(_decoded(_text(tokens[3])), _text(tokens[2]).decode("latin-1"), parser.flag_set(tokens[1]))


def personal_prefix(chunks: list[bytes]) -> str | None:
    """Of a NAMESPACE answer (RFC 2342 section 5): what names of the person's own mailboxes begin with."""
    if chunks[0][:12].upper() != b"* NAMESPACE ":
        return None
    tokens = parser.parse(chunks)
    personal = tokens[1] if len(tokens) > 1 else None
    first = personal[0] if isinstance(personal, tuple) and personal else None
    return _decoded(_text(first[0])) if isinstance(first, tuple) and first else ""


def status(chunks: list[bytes]) -> tuple[str, Status] | None:
    if chunks[0][:9].upper() != b"* STATUS ":
        return None
    tokens = parser.parse(chunks)
    counts = tokens[-1]
    if len(tokens) != 3 or not isinstance(counts, tuple):
        raise errors.ProtocolError("a STATUS answer that cannot be read")
    found = {_text(name).upper(): value for name, value in zip(counts[::2], counts[1::2], strict=False)}
    numbers = [
        parser.number(found.get(name) or b"0")
        for name in (b"MESSAGES", b"UNSEEN", b"UIDNEXT", b"UIDVALIDITY", b"RECENT")
    ]
    return _decoded(_text(tokens[1])), Status(*numbers)


_COPYUID = re.compile(rb"\[COPYUID (\d+) [\d:,]+ ([\d:,]+)\]", re.IGNORECASE)


def copied(answers: list[list[bytes]], text: str) -> Copied | None:
    """From the tagged OK of COPY, or from MOVE's untagged one (RFC 6851 section 4.3); None where neither has it."""
    for line in (text.encode(), *(chunks[0] for chunks in answers)):
        if found := _COPYUID.search(line):
            return Copied(int(found[1]), tuple(parser.uid_set(found[2])))
    return None


def _decoded(raw: bytes) -> str:
    """A mailbox name as text. INBOX is INBOX in any case (RFC 9051 section 5.1)."""
    try:
        name: str = decode_name(raw)
    except (UnicodeError, ValueError):
        name = raw.decode("latin-1")
    return "INBOX" if name.upper() == "INBOX" else name
