"""The beginning of a submission: greeting, TLS, what the server can do, and signing in."""

import base64
import re
import smtplib
from collections.abc import Iterator
from contextlib import contextmanager

from . import errors
from .login import Endpoint, Login
from .wire import COMMAND_SECONDS, CONNECT_SECONDS, Channel, dial, guard

# RFC 5321 section 4.5.3.1.5: a reply line has 512 octets. An endless reply is read no further than this.
REPLY_CAP = 256 << 10
_NO_LIMIT = 1 << 63
#: RFC 4954 section 6: what AUTH is answered where this password does not sign in.
_REFUSED = (534, 535)


class Smtp(smtplib.SMTP):
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


@contextmanager
def before_the_end(channel: Channel) -> Iterator[None]:
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


def refusal(code: int, text: bytes | str, endpoint: Endpoint) -> errors.SubmissionError:
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    kind = errors.TemporaryRefusal if 400 <= code < 500 else errors.PermanentRefusal
    return kind(f"{code} {words}", host=endpoint.host, port=endpoint.port, code=code)


def expect(code: int, text: bytes, wanted: int, endpoint: Endpoint) -> None:
    if code // 100 == wanted:
        return
    if not 400 <= code < 600:
        raise errors.ProtocolError(f"an answer that does not fit: {code}", host=endpoint.host, port=endpoint.port)
    raise refusal(code, text, endpoint)


def greet(channel: Channel) -> Smtp:
    """Hear what the server can do, over TLS where the account wants it."""
    endpoint = channel.endpoint
    smtp = Smtp(channel)
    channel.begin(CONNECT_SECONDS, REPLY_CAP)
    expect(*smtp.getreply(), 2, endpoint)
    expect(*smtp.ehlo(), 2, endpoint)
    if endpoint.tls == "starttls":
        if not smtp.has_extn("starttls"):
            raise errors.TlsNotTrusted("STARTTLS is not offered", host=endpoint.host, port=endpoint.port)
        code, _ = smtp.docmd("STARTTLS")
        if code != 220:
            raise errors.TlsNotTrusted("STARTTLS was refused", host=endpoint.host, port=endpoint.port)
        channel.start_tls()
        smtp.forget_greeting()
        expect(*smtp.ehlo(), 2, endpoint)
    if endpoint.tls != "plain" and not channel.encrypted:
        raise errors.TlsNotTrusted("no TLS", host=endpoint.host, port=endpoint.port)
    return smtp


def sign_in(login: Login, channel: Channel) -> Smtp:
    guard(login.user, login.password)
    smtp = greet(channel)
    channel.begin(COMMAND_SECONDS, REPLY_CAP)
    _authenticate(smtp, login)
    return smtp


def size_limit(smtp: Smtp) -> int:
    """The largest message the server says it takes (RFC 1870 section 3), 0 where it states none.

    Nor does it where it states more than a database's number holds: RFC 1870 allows twenty digits.
    """
    stated = smtp.esmtp_features.get("size", "").split()
    if not stated or not re.fullmatch("[0-9]{1,20}", stated[0]):
        return 0
    octets = int(stated[0])
    return octets if octets < _NO_LIMIT else 0


def announced_limit(endpoint: Endpoint) -> int:
    """`size_limit` of a server, asked without signing in there."""
    channel = dial(endpoint)
    try:
        with before_the_end(channel):
            return size_limit(greet(channel))
    finally:
        channel.close()


def _authenticate(smtp: Smtp, login: Login) -> None:
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
    if code == 432 or (code in _REFUSED and "expired" in text.lower()):
        # RFC 4954 section 6: 432 asks for a password transition.
        raise errors.PasswordExpired(f"{code} {text}", host=endpoint.host, port=endpoint.port)
    if code in _REFUSED:
        raise errors.LoginRefused(f"{code} {text}", host=endpoint.host, port=endpoint.port)
    if 500 <= code < 600:
        # It speaks of the command or of the server, and not of the password, which may be right the next time.
        raise errors.TemporaryRefusal(f"{code} {text}", host=endpoint.host, port=endpoint.port, code=code)
    expect(code, answer, 2, endpoint)
    raise errors.ProtocolError(f"an answer that does not fit: {code}", host=endpoint.host, port=endpoint.port)


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode("ascii")
