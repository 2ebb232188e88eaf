"""Submission (RFC 6409): hands finished bytes to the account's server, and knows at each moment what is certain.

smtplib cannot tell "lost before the end mark" from "accepted, reply lost" (measured), so DATA is spoken here step
by step, and `on_phase` is called before each point of no return is crossed.
"""

import re
import smtplib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from . import errors, octets
from .lines import Lines, stuffed
from .login import Login
from .octets import Octets
from .smtp_greeting import REPLY_CAP, Smtp, before_the_end, expect, refusal, sign_in, size_limit
from .wire import BODY_SECONDS, COMMAND_SECONDS, END_MARK_SECONDS, Channel, dial, guard

OnPhase = Callable[[str], None]
Refused = dict[str, tuple[int, str]]

# A dot-atom or quoted local part and a domain or address literal (RFC 5321 section 4.1.2), UTF-8 allowed.
_ADDRESS = re.compile(
    r"(?:[^\s\x00-\x20\x7f()<>\[\]:;@\\,\"]+|\"(?:[^\x00-\x1f\x7f\"\\]|\\[\x20-\x7e])*\")"
    r"@(?:[^\s\x00-\x20\x7f()<>\[\]:;@\\,\"]+|\[[0-9A-Fa-f:.]+\]|\[IPv6:[0-9A-Fa-f:.]+\])\Z"
)


@dataclass(frozen=True)
class Submission:
    """Accepted: by whom it was taken, who was refused with code and text, and the server's last words."""

    accepted: list[str]
    refused: Refused = field(default_factory=dict)
    reply: str = ""


def check_message(data: bytes | Octets) -> Lines:
    """Refuse bytes that two servers could read differently; what is known of them then."""
    lines = Lines()
    for piece in octets.of(data):
        if lines.feed(piece):
            break
    if fault := lines.end():
        raise errors.BadArgument(fault.value)
    return lines


def check_address(address: str) -> str:
    """One addr-spec and nothing else; smtplib would cut what is odd, instead of refusing it."""
    guard(address)
    if len(address) > 320 or not _ADDRESS.match(address):
        raise errors.BadArgument(f"not an address: {address!r}")
    return address


def submit(
    login: Login,
    sender: str,
    recipients: Sequence[str],
    data: bytes | Octets,
    on_phase: OnPhase = lambda phase: None,
    on_refused: Callable[[Refused], None] = lambda refused: None,
) -> Submission:
    """Submit one message to the account's server.

    on_phase("connecting"), on_phase("data") and on_phase("sent_end") are called before connecting, before DATA,
    and before the end mark is sent. Errors before "sent_end" mean that nothing was accepted. on_refused is called
    before DATA with the recipients that were refused so far, because the reply to the end mark may get lost.
    """
    check_address(sender)
    wanted = list(dict.fromkeys(check_address(recipient) for recipient in recipients))
    if not wanted:
        raise errors.BadArgument("no recipients")
    data = octets.of(data)
    lines = check_message(data)
    on_phase("connecting")
    channel = dial(login.smtp)
    try:
        with before_the_end(channel):
            smtp = sign_in(login, channel)
            _start(smtp, channel, sender, wanted, lines)
            accepted, refused = _recipients(smtp, channel, wanted)
        on_refused(refused)
        return _hand_over(smtp, channel, octets.exactly(data, lines.size), lines.size, accepted, refused, on_phase)
    finally:
        channel.close()


def _start(smtp: Smtp, channel: Channel, sender: str, recipients: list[str], lines: Lines) -> None:
    endpoint = channel.endpoint
    options: list[str] = []
    if smtp.has_extn("size"):
        if 0 < (limit := size_limit(smtp)) < lines.size:
            raise errors.TooLarge(f"the server takes {limit} octets", host=endpoint.host, port=endpoint.port)
        options.append(f"SIZE={lines.size}")
    if not lines.ascii:
        if not smtp.has_extn("8bitmime"):
            raise errors.PermanentRefusal(
                "the server takes 7-bit messages only", host=endpoint.host, port=endpoint.port
            )
        options.append("BODY=8BITMIME")
    if not all(address.isascii() for address in (sender, *recipients)):
        # RFC 6531 section 3.2.
        if not smtp.has_extn("smtputf8"):
            raise errors.PermanentRefusal(
                "the server takes no addresses outside ASCII", host=endpoint.host, port=endpoint.port
            )
        options.append("SMTPUTF8")
        smtp.command_encoding = "utf-8"
    channel.begin(COMMAND_SECONDS, REPLY_CAP)
    code, text = smtp.docmd("MAIL", " ".join([f"FROM:<{sender}>", *options]))
    if code == 552:
        raise errors.TooLarge(f"552 {text.decode('utf-8', 'replace')}", host=endpoint.host, port=endpoint.port)
    expect(code, text, 2, endpoint)


def _recipients(smtp: Smtp, channel: Channel, recipients: list[str]) -> tuple[list[str], Refused]:
    endpoint = channel.endpoint
    accepted: list[str] = []
    refused: Refused = {}
    for recipient in recipients:
        channel.begin(COMMAND_SECONDS, REPLY_CAP)
        code, text = smtp.docmd("RCPT", f"TO:<{recipient}>")
        if code in (250, 251):
            accepted.append(recipient)
        elif code == 421:
            raise refusal(code, text, endpoint)
        elif 400 <= code < 600:
            refused[recipient] = (code, text.decode("utf-8", "replace"))
        else:
            expect(code, text, 2, endpoint)
    if accepted:
        return accepted, refused
    temporary = any(code < 500 for code, _ in refused.values())
    code, words = next(reply for reply in refused.values() if not temporary or reply[0] < 500)
    kind = errors.TemporaryRefusal if temporary else errors.PermanentRefusal
    raise kind(f"{code} {words}", host=endpoint.host, port=endpoint.port, code=code, refused=refused)


def _hand_over(
    smtp: Smtp,
    channel: Channel,
    pieces: Iterable[bytes],
    size: int,
    accepted: list[str],
    refused: Refused,
    on_phase: OnPhase,
) -> Submission:
    endpoint = channel.endpoint
    on_phase("data")
    with before_the_end(channel):
        channel.begin(COMMAND_SECONDS, REPLY_CAP)
        expect(*smtp.docmd("DATA"), 3, endpoint)
        # The deadline grows with the size: 64 KiB a second is slow, but alive.
        channel.begin(BODY_SECONDS + size / 65536, REPLY_CAP)
        for piece in stuffed(pieces):
            channel.sendall(piece)
    on_phase("sent_end")
    try:
        channel.begin(END_MARK_SECONDS, REPLY_CAP)
        channel.sendall(b".\r\n")
        code, text = smtp.getreply()
    except (smtplib.SMTPException, errors.AccountError, OSError, ValueError, IndexError) as error:
        raise errors.LostAfterEnd("no reply after the end mark", host=endpoint.host, port=endpoint.port) from error
    words = text.decode("utf-8", "replace")
    if code // 100 != 2:
        if not 400 <= code < 600:
            raise errors.LostAfterEnd(f"{code} {words}", host=endpoint.host, port=endpoint.port, code=code)
        raise refusal(code, words, endpoint)
    # RFC 5321 section 4.1.1.10: QUIT is a courtesy. Whatever comes after 250 is no error of the submission, and
    # the connection is simply closed after it.
    try:
        channel.begin(1.0)
        channel.sendall(b"QUIT\r\n")
    except errors.ServerUnreachable:
        return Submission(accepted, refused, f"{code} {words}")
    return Submission(accepted, refused, f"{code} {words}")
