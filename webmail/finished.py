"""Finished RFC 5322 bytes: what must hold before the outbox takes them.

The bytes come from the browser and may be signed, so nothing here is ever repaired: they pass as
they are, or they are refused with a sentence.
"""

from __future__ import annotations

import re
from collections import Counter
from email.headerregistry import AddressHeader
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import SMTP as POLICY
from typing import cast

from django.utils.translation import gettext as _

from accounts.lines import Fault, Lines

from .errors import Unfit

# RFC 5322 section 3.6: these stand at most once. Two From lines let two readers see two senders.
AT_MOST_ONCE = (
    "from", "sender", "reply-to", "to", "cc", "subject", "date", "message-id",
    "bcc", "in-reply-to", "references", "mime-version", "content-type", "content-transfer-encoding",
)  # fmt: skip
# RFC 5321 section 4.1.2 without the forms nobody uses (quoted local parts, address literals).
ADDRESS = re.compile(
    r"(?=.{3,254}\Z)[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)*[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
)
# RFC 5322 section 3.6.4, and nothing that could end a line or a string in a SEARCH.
MESSAGE_ID = re.compile(r"<[!#-\[\]-~]{3,250}>")
# 500 recipients in full, with names; a header is parsed in one.
LONGEST_HEADER = 1 << 20
# RFC 2046 section 5.1.1.
LONGEST_BOUNDARY = 70
HEADER_END = b"\r\n\r\n"


def is_address(text: str) -> bool:
    """Whether `text` is one plain address that may stand in RCPT TO."""
    return ADDRESS.fullmatch(text) is not None


def same_address(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()


def check(data: bytes, sender: str, message_id: str) -> None:
    """Raise `Unfit` unless `data` may go to a server as it is, from `sender`, under `message_id`."""
    checking = Check(sender, message_id)
    checking.feed(data)
    checking.end()


class Check:
    """`check` for bytes that come a piece at a time; only the header is kept, until it is judged."""

    def __init__(self, sender: str, message_id: str, *, delivered: bool = True) -> None:
        """`delivered` is false for the sender's own copy: only that may name who was in Bcc."""
        self._delivered = delivered
        self._sender = sender
        self._message_id = message_id
        self._lines = Lines()
        self._header: bytearray | None = bytearray()
        self.boundary = ""
        #: Whether the whole of it is ciphertext, by its outermost type.
        self.encrypted = False

    def feed(self, piece: bytes) -> None:
        _judge(self._lines.feed(piece))
        if not self._lines.ascii:
            raise _unfit_lines(Fault.NUL)
        if self._header is not None:
            self._header += piece
            if HEADER_END in self._header:
                self._read_header()
            elif len(self._header) > LONGEST_HEADER:
                raise header_too_long()

    def end(self) -> None:
        """After the last piece."""
        _judge(self._lines.end())
        if self._header is not None:
            self._read_header()

    def _read_header(self) -> None:
        assert self._header is not None
        read = header(bytes(self._header))
        self._header = None
        _check_header(read, self._sender, self._message_id, delivered=self._delivered)
        self.encrypted = read.get_content_type() == "multipart/encrypted"
        self.boundary = read.get_boundary("")
        if len(self.boundary) > LONGEST_BOUNDARY:
            raise Unfit("bad-header", _("The header of the message is damaged."))


def header_too_long() -> Unfit:
    return Unfit("bad-header", _("The header of the message is too long."))


def _judge(fault: Fault | None) -> None:
    if fault is not None:
        raise _unfit_lines(fault)


def _unfit_lines(fault: Fault) -> Unfit:
    match fault:
        case Fault.BARE:
            return Unfit("bad-lines", _("The message has a line that does not end in CR LF."))
        case Fault.LONG:
            return Unfit("bad-lines", _("The message has a line of more than 998 characters."))
        case Fault.NUL:
            return Unfit("not-7-bit", _("The message is not plain 7-bit text on the wire."))
        case Fault.OPEN:
            return Unfit("bad-lines", _("The last line of the message is not finished."))


def boundary(data: bytes) -> str:
    """The outermost multipart's boundary, or nothing: it tells deliveries of one Message-ID apart."""
    return header(data).get_boundary("")


def header(data: bytes) -> EmailMessage:
    """The header, read strictly as the wire wants it."""
    end = data.find(HEADER_END)
    # The header alone: a multipart without its body is no defect to report here.
    return BytesParser(policy=POLICY).parsebytes(data[: end + 4] if end >= 0 else data, headersonly=True)


def _check_header(read: EmailMessage, sender: str, message_id: str, *, delivered: bool) -> None:
    if read.defects or read.get_unixfrom():
        # A first line "From …" or "From : …" is the envelope line of a mailbox file to this parser, and a second From
        # to others.
        raise Unfit("bad-header", _("The header of the message is damaged."))
    counted = Counter(name.lower() for name in read.keys())  # noqa: SIM118  (keys repeat here)
    for name in AT_MOST_ONCE:
        if counted[name] > 1:
            raise Unfit("bad-header", _("The header has “%(name)s” twice.") % {"name": name})
    for name in ("from", "date", "message-id"):
        if counted[name] != 1:
            raise Unfit("bad-header", _("The header has no “%(name)s”.") % {"name": name})
    if (counted["bcc"] and delivered) or counted["resent-bcc"]:
        # RFC 5322 section 3.6.3: the people in Bcc are nobody else's business.
        raise Unfit("bcc-inside", _("The message names its blind copies. They must not be in it."))
    for name in ("From", "Sender"):
        if name == "Sender" and not counted["sender"]:
            continue
        addresses = cast(AddressHeader, read[name]).addresses
        if len(addresses) != 1 or not same_address(addresses[0].addr_spec, sender):
            raise Unfit("not-your-address", _("The message does not come from your own address."))
    if str(read["Message-ID"]).strip() != message_id:
        raise Unfit("bad-header", _("The message carries another Message-ID than announced."))
