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

from .errors import Unfit

# RFC 5322 section 2.1.1: 998 characters without CRLF.
LONGEST_LINE = 998
# RFC 5322 section 3.6: these stand at most once. Two From lines let two readers see two senders.
AT_MOST_ONCE = (
    "from", "sender", "reply-to", "to", "cc", "subject", "date", "message-id",
    "in-reply-to", "references", "mime-version", "content-type", "content-transfer-encoding",
)  # fmt: skip
# RFC 5321 section 4.1.2 without the forms nobody uses (quoted local parts, address literals).
ADDRESS = re.compile(
    r"(?=.{3,254}\Z)[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)*[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
)
# RFC 5322 section 3.6.4, and nothing that could end a line or a string in a SEARCH.
MESSAGE_ID = re.compile(r"<[!#-\[\]-~]{3,250}>")
_LONE = re.compile(rb"\r(?!\n)|(?<!\r)\n")
_OVERLONG = re.compile(rb"[^\n]{%d}" % (LONGEST_LINE + 2))
_FOREIGN = re.compile(rb"[\x00\x80-\xff]")


def is_address(text: str) -> bool:
    """Whether `text` is one plain address that may stand in RCPT TO."""
    return ADDRESS.fullmatch(text) is not None


def same_address(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()


def check(data: bytes, sender: str, message_id: str) -> None:
    """Raise `Unfit` unless `data` may go to a server as it is, from `sender`, under `message_id`."""
    if _LONE.search(data):
        # A bare CR or LF is where SMTP servers disagree about the end of a message (VU#302671).
        raise Unfit("bad-lines", _("The message has a line that does not end in CR LF."))
    if _OVERLONG.search(data):
        raise Unfit("bad-lines", _("The message has a line of more than 998 characters."))
    if _FOREIGN.search(data):
        raise Unfit("not-7-bit", _("The message is not plain 7-bit text on the wire."))
    if not data.endswith(b"\r\n"):
        raise Unfit("bad-lines", _("The last line of the message is not finished."))
    _check_header(data, sender, message_id)


def boundary(data: bytes) -> str:
    """The outermost multipart's boundary, or nothing: it tells deliveries of one Message-ID apart."""
    return header(data).get_boundary("")


def header(data: bytes) -> EmailMessage:
    """The header, read strictly as the wire wants it."""
    end = data.find(b"\r\n\r\n")
    # The header alone: a multipart without its body is no defect to report here.
    return BytesParser(policy=POLICY).parsebytes(data[: end + 4] if end >= 0 else data, headersonly=True)


def _check_header(data: bytes, sender: str, message_id: str) -> None:
    read = header(data)
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
    if counted["bcc"] or counted["resent-bcc"]:
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
