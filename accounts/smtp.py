"""Submission (RFC 6409): hands finished bytes to the account's server, and knows at each moment what is certain.

smtplib cannot tell "lost before the end mark" from "accepted, reply lost" (measured), so DATA is spoken here step
by step, and `on_phase` is called before each point of no return is crossed.
"""

import base64
import re
import smtplib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from . import errors
from .login import Endpoint, Login
from .wire import BODY_SECONDS, COMMAND_SECONDS, CONNECT_SECONDS, END_MARK_SECONDS, Channel, dial, guard

LINE_LIMIT = 998
# RFC 5321 section 4.5.3.1.5: a reply line has 512 octets. An endless reply is read no further than this.
REPLY_CAP = 256 << 10

OnPhase = Callable[[str], None]

_DOT = re.compile(rb"^\.", re.MULTILINE)
# A dot-atom or quoted local part and a domain or address literal (RFC 5321 section 4.1.2), UTF-8 allowed.
_ADDRESS = re.compile(
    r"(?:[^\s\x00-\x20\x7f()<>\[\]:;@\\,\"]+|\"(?:[^\x00-\x1f\x7f\"\\]|\\[\x20-\x7e])*\")"
    r"@(?:[^\s\x00-\x20\x7f()<>\[\]:;@\\,\"]+|\[[0-9A-Fa-f:.]+\]|\[IPv6:[0-9A-Fa-f:.]+\])\Z"
)


@dataclass(frozen=True)
class Submission:
    """Accepted: by whom it was taken, who was refused with code and text, and the server's last words."""

    accepted: list[str]
    refused: dict[str, tuple[int, str]] = field(default_factory=dict)
    reply: str = ""


class _Smtp(smtplib.SMTP):
    """smtplib over a Channel."""

    def __init__(self, channel: Channel) -> None:
        super().__init__(local_hostname="[127.0.0.1]", timeout=COMMAND_SECONDS)
        self._host = channel.endpoint.host
        self.sock = channel  # type: ignore[assignment]

    def forget_greeting(self) -> None:
        """RFC 3207 section 4.2: what was said before TLS is forgotten."""
        self.helo_resp = None
        self.ehlo_resp = None
        self.esmtp_features = {}
        self.does_esmtp = False


def check_message(data: bytes) -> None:
    """Refuse bytes that two servers could read differently. Repairing them would break signatures.

    A bare CR or LF is how one message is made to look like two (CERT VU#302671); lines over 998 octets are cut
    or broken on the way (RFC 5322 section 2.1.1).
    """
    ends = data.count(b"\r\n")
    if data.count(b"\r") != ends or data.count(b"\n") != ends:
        raise errors.BadArgument("the message holds a bare CR or LF")
    if max(map(len, data.split(b"\r\n"))) > LINE_LIMIT:
        raise errors.BadArgument("the message holds a line of more than 998 octets")
    if b"\0" in data:
        raise errors.BadArgument("the message holds NUL")
    if not data.endswith(b"\r\n"):
        raise errors.BadArgument("the message does not end with CR LF")


def stuffed(data: bytes) -> bytes:
    """Dots doubled at the start of lines (RFC 5321 section 4.5.2)."""
    return _DOT.sub(b"..", data)


def check_address(address: str) -> str:
    """One addr-spec and nothing else; smtplib would cut what is odd, instead of refusing it."""
    guard(address)
    if len(address) > 320 or not _ADDRESS.match(address):
        raise errors.BadArgument(f"not an address: {address!r}")
    return address


def submit(
    login: Login, sender: str, recipients: Sequence[str], data: bytes, on_phase: OnPhase = lambda phase: None
) -> Submission:
    """Submit one message to the account's server.

    on_phase("connecting"), on_phase("data") and on_phase("sent_end") are called before connecting, before DATA,
    and before the end mark is sent. Errors before "sent_end" mean that nothing was accepted.
    """
    check_address(sender)
    wanted = list(dict.fromkeys(check_address(recipient) for recipient in recipients))
    if not wanted:
        raise errors.BadArgument("no recipients")
    check_message(data)
    on_phase("connecting")
    channel = dial(login.smtp)
    try:
        with _before_the_end(channel):
            smtp = _sign_in(login, channel)
            _start(smtp, channel, sender, wanted, data)
            accepted, refused = _recipients(smtp, channel, wanted)
        return _hand_over(smtp, channel, data, accepted, refused, on_phase)
    finally:
        channel.close()


@contextmanager
def _before_the_end(channel: Channel) -> Iterator[None]:
    """Until the end mark is sent, a lost connection has lost nothing."""
    endpoint = channel.endpoint
    try:
        yield
    except errors.ServerUnreachable as error:
        raise errors.LostBeforeEnd(error.reason, host=endpoint.host, port=endpoint.port) from error
    except smtplib.SMTPServerDisconnected as error:
        raise errors.LostBeforeEnd("the connection was lost", host=endpoint.host, port=endpoint.port) from error
    except errors.AnswerTooLarge as error:
        # What is too large is the server's talk, and not the message: nobody is told to send less.
        raise errors.ProtocolError("an answer without end", host=endpoint.host, port=endpoint.port) from error
    except errors.AccountError:
        raise
    except (smtplib.SMTPException, ValueError, IndexError, UnicodeError) as error:
        raise errors.ProtocolError("an answer that cannot be read", host=endpoint.host, port=endpoint.port) from error


def _refusal(code: int, text: bytes | str, endpoint: Endpoint) -> errors.SubmissionError:
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    kind = errors.TemporaryRefusal if 400 <= code < 500 else errors.PermanentRefusal
    return kind(f"{code} {words}", host=endpoint.host, port=endpoint.port, code=code)


def _expect(code: int, text: bytes, wanted: int, endpoint: Endpoint) -> None:
    if code // 100 == wanted:
        return
    if not 400 <= code < 600:
        raise errors.ProtocolError(f"an answer that does not fit: {code}", host=endpoint.host, port=endpoint.port)
    raise _refusal(code, text, endpoint)


def _sign_in(login: Login, channel: Channel) -> _Smtp:
    endpoint = login.smtp
    guard(login.user, login.password)
    smtp = _Smtp(channel)
    channel.begin(CONNECT_SECONDS, REPLY_CAP)
    _expect(*smtp.getreply(), 2, endpoint)
    _expect(*smtp.ehlo(), 2, endpoint)
    if endpoint.tls == "starttls":
        if not smtp.has_extn("starttls"):
            raise errors.TlsNotTrusted("STARTTLS is not offered", host=endpoint.host, port=endpoint.port)
        code, _ = smtp.docmd("STARTTLS")
        if code != 220:
            raise errors.TlsNotTrusted("STARTTLS was refused", host=endpoint.host, port=endpoint.port)
        channel.start_tls()
        smtp.forget_greeting()
        _expect(*smtp.ehlo(), 2, endpoint)
    if endpoint.tls != "plain" and not channel.encrypted:
        raise errors.TlsNotTrusted("no TLS", host=endpoint.host, port=endpoint.port)
    channel.begin(COMMAND_SECONDS, REPLY_CAP)
    _authenticate(smtp, login)
    return smtp


def _authenticate(smtp: _Smtp, login: Login) -> None:
    """One mechanism, tried once: a second try doubles the server's delay and counts against the person."""
    endpoint = login.smtp
    offered = smtp.esmtp_features.get("auth", "").upper().split()
    if "PLAIN" in offered:
        # RFC 4616: UTF-8, which smtplib's own AUTH does not write.
        code, answer = smtp.docmd("AUTH", "PLAIN " + _base64(f"\0{login.user}\0{login.password}"))
    elif "LOGIN" in offered:
        code, answer = smtp.docmd("AUTH", "LOGIN")
        for word in (login.user, login.password):
            if code == 334:
                code, answer = smtp.docmd(_base64(word))
    else:
        raise errors.LoginRefused("no way to sign in with a password", host=endpoint.host, port=endpoint.port)
    if code == 235:
        return
    text = answer.decode("utf-8", "replace")
    if code == 432 or (code >= 500 and "expired" in text.lower()):
        # RFC 4954 section 6: 432 asks for a password transition.
        raise errors.PasswordExpired(f"{code} {text}", host=endpoint.host, port=endpoint.port)
    if 500 <= code < 600:
        raise errors.LoginRefused(f"{code} {text}", host=endpoint.host, port=endpoint.port)
    _expect(code, answer, 2, endpoint)
    raise errors.ProtocolError(f"an answer that does not fit: {code}", host=endpoint.host, port=endpoint.port)


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode("ascii")


def _start(smtp: _Smtp, channel: Channel, sender: str, recipients: list[str], data: bytes) -> None:
    endpoint = channel.endpoint
    options: list[str] = []
    if smtp.has_extn("size"):
        limit = smtp.esmtp_features["size"].split()
        if limit and limit[0].isdigit() and 0 < int(limit[0]) < len(data):
            raise errors.TooLarge(f"the server takes {limit[0]} octets", host=endpoint.host, port=endpoint.port)
        options.append(f"SIZE={len(data)}")
    if not data.isascii():
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
    _expect(code, text, 2, endpoint)


def _recipients(smtp: _Smtp, channel: Channel, recipients: list[str]) -> tuple[list[str], dict[str, tuple[int, str]]]:
    endpoint = channel.endpoint
    accepted: list[str] = []
    refused: dict[str, tuple[int, str]] = {}
    for recipient in recipients:
        channel.begin(COMMAND_SECONDS, REPLY_CAP)
        code, text = smtp.docmd("RCPT", f"TO:<{recipient}>")
        if code in (250, 251):
            accepted.append(recipient)
        elif code == 421:
            raise _refusal(code, text, endpoint)
        elif 400 <= code < 600:
            refused[recipient] = (code, text.decode("utf-8", "replace"))
        else:
            _expect(code, text, 2, endpoint)
    if accepted:
        return accepted, refused
    temporary = any(code < 500 for code, _ in refused.values())
    code, words = next(reply for reply in refused.values() if not temporary or reply[0] < 500)
    kind = errors.TemporaryRefusal if temporary else errors.PermanentRefusal
    raise kind(f"{code} {words}", host=endpoint.host, port=endpoint.port, code=code, refused=refused)


def _hand_over(
    smtp: _Smtp,
    channel: Channel,
    data: bytes,
    accepted: list[str],
    refused: dict[str, tuple[int, str]],
    on_phase: OnPhase,
) -> Submission:
    endpoint = channel.endpoint
    on_phase("data")
    with _before_the_end(channel):
        channel.begin(COMMAND_SECONDS, REPLY_CAP)
        _expect(*smtp.docmd("DATA"), 3, endpoint)
        # The deadline grows with the size: 64 KiB a second is slow, but alive.
        channel.begin(BODY_SECONDS + len(data) / 65536, REPLY_CAP)
        channel.sendall(stuffed(data))
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
        raise _refusal(code, words, endpoint)
    # RFC 5321 section 4.1.1.10: QUIT is a courtesy. Whatever comes after 250 is no error of the submission, and
    # the connection is simply closed after it.
    try:
        channel.begin(1.0)
        channel.sendall(b"QUIT\r\n")
    except errors.ServerUnreachable:
        return Submission(accepted, refused, f"{code} {words}")
    return Submission(accepted, refused, f"{code} {words}")
