"""imapclient on our own wire: connected, TLS verified, signed in, and with nothing logged.

imapclient connects, signs in, selects and creates, and its modified UTF-7 names mailboxes. All that carries other
arguments is asked by accounts/imap_server.py over the same channel: imapclient 4.1.0 writes CR LF in them through.
"""

import imaplib
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError

from . import errors
from .login import Endpoint, Login
from .wire import COMMAND_SECONDS, CONNECT_SECONDS, Channel, dial, guard

_CODE = re.compile(r"\[([A-Z-]+)")
_TOO_MANY = re.compile(r"too many|maximum (?:number of )?connections|connection limit", re.IGNORECASE)

_NO_MAILBOX = re.compile(r"no such mailbox|(?:mailbox|folder)\W.{0,40}(?:not exist|n't exist|not found)", re.IGNORECASE)

LineSeen = Callable[[bytes], None]


def refuse_farewell(line: bytes, endpoint: Endpoint) -> None:
    """RFC 9051 section 7.1.5: after BYE nothing more comes. We never ask for it, so it is always trouble."""
    if line[:5].upper() != b"* BYE":
        return
    text = line[6:].strip().decode("utf-8", "replace")
    kind = errors.TooManyConnections if _TOO_MANY.search(text) else errors.ServerUnavailable
    raise kind(text, host=endpoint.host, port=endpoint.port)


class Wire(imaplib.IMAP4):
    """imaplib's documented hooks (open, read, readline, send, shutdown) led to a Channel."""

    def __init__(self, channel: Channel, line_seen: LineSeen) -> None:
        self.channel = channel
        self._line_seen = line_seen
        super().__init__(channel.endpoint.host, channel.endpoint.port)

    def open(self, host: str = "", port: int = 0, timeout: float | None = None) -> None:
        self.host = host
        self.port = port
        self.sock = self.channel  # type: ignore[assignment]

    def read(self, size: int) -> bytes:
        return self.channel.read(size)

    def readline(self) -> bytes:
        line = self.channel.readline()
        refuse_farewell(line, self.channel.endpoint)
        self._line_seen(line)
        return line

    def send(self, data: bytes) -> None:  # type: ignore[override]
        self.channel.sendall(data)

    def shutdown(self) -> None:
        self.channel.close()


class Client(IMAPClient):  # type: ignore[misc]
    """imapclient over a Wire."""

    def __init__(self, channel: Channel, line_seen: LineSeen) -> None:
        self.channel = channel
        self._line_seen = line_seen
        super().__init__(channel.endpoint.host, channel.endpoint.port, ssl=False)
        # imapclient asks imaplib to describe each line for its log. The lines hold mail and the password.
        self._imap.debug = 0

    def _create_IMAP4(self) -> Wire:
        return Wire(self.channel, self._line_seen)


def refusal(text: str, endpoint: Endpoint) -> errors.AccountError:
    """The error for a NO or BAD, by its response code (RFC 5530)."""
    code = found[1] if (found := _CODE.search(text)) else ""
    kind: type[errors.AccountError] = {
        "UNAVAILABLE": errors.ServerUnavailable,
        "INUSE": errors.ServerUnavailable,
        "LIMIT": errors.TooManyConnections if _TOO_MANY.search(text) else errors.CommandRefused,
        "NONEXISTENT": errors.NoSuchMailbox,
        "TRYCREATE": errors.NoSuchMailbox,
        "OVERQUOTA": errors.OverQuota,
        "TOOBIG": errors.TooLarge,
        "EXPUNGEISSUED": errors.MessageGone,
    }.get(code, errors.CommandRefused)
    if not code and _NO_MAILBOX.search(text):
        # Dovecot 2.3 and others answer without a response code.
        kind = errors.NoSuchMailbox
    return kind(text, host=endpoint.host, port=endpoint.port)


def _login_refusal(text: str, endpoint: Endpoint) -> errors.AccountError:
    code = found[1] if (found := _CODE.search(text)) else ""
    if code == "EXPIRED":
        return errors.PasswordExpired(text, host=endpoint.host, port=endpoint.port)
    if _TOO_MANY.search(text) or code == "LIMIT":
        return errors.TooManyConnections(text, host=endpoint.host, port=endpoint.port)
    if code in ("UNAVAILABLE", "INUSE", "SERVERBUG", "CONTACTADMIN"):
        return errors.ServerUnavailable(text, host=endpoint.host, port=endpoint.port)
    return errors.LoginRefused(text, host=endpoint.host, port=endpoint.port)


@contextmanager
def translated(channel: Channel) -> Iterator[None]:
    """imaplib's errors as ours. What leaves the conversation at an unknown place closes the connection."""
    endpoint = channel.endpoint
    try:
        yield
    except errors.CommandRefused:
        raise
    except errors.AccountError:
        channel.close()
        raise
    except IMAPClientAbortError as error:
        channel.close()
        text = str(error)
        kind = errors.TooManyConnections if _TOO_MANY.search(text) else errors.ServerUnavailable
        raise kind(text, host=endpoint.host, port=endpoint.port) from error
    except IMAPClientError as error:
        raise refusal(str(error), endpoint) from error
    except (ValueError, IndexError, KeyError, TypeError, AssertionError, RecursionError) as error:
        # imaplib and imapclient meet nonsense from a server with whatever exception comes about.
        channel.close()
        raise errors.ProtocolError("an answer that cannot be read", host=endpoint.host, port=endpoint.port) from error
    except BaseException:
        channel.close()
        raise


def sign_in(login: Login, line_seen: LineSeen) -> Client:
    """Connect to the account's IMAP server, secure the connection, and sign in."""
    guard(login.user, login.password)
    endpoint = login.imap
    channel = dial(endpoint)
    try:
        return _sign_in(login, channel, line_seen)
    except BaseException:
        channel.close()
        raise


def _sign_in(login: Login, channel: Channel, line_seen: LineSeen) -> Client:
    endpoint = login.imap
    channel.begin(CONNECT_SECONDS)
    with translated(channel):
        client = Client(channel, line_seen)
        if client._imap.state != "NONAUTH":
            # RFC 9051 section 7.1.4: PREAUTH forbids STARTTLS, and says that somebody else is signed in.
            raise errors.TlsNotTrusted("PREAUTH refused", host=endpoint.host, port=endpoint.port)
        if endpoint.tls == "starttls":
            _start_tls(client, channel)
    channel.begin(COMMAND_SECONDS)
    offered = {capability.decode("latin-1").upper() for capability in client.capabilities()}
    if endpoint.tls != "plain" and not channel.encrypted:
        raise errors.TlsNotTrusted("no TLS", host=endpoint.host, port=endpoint.port)
    # One mechanism, tried once: servers hold a failed try for seconds, and count it.
    try:
        if "AUTH=PLAIN" in offered:
            client.plain_login(login.user, login.password)
        elif "LOGINDISABLED" not in offered:
            _plain_login_command(client, login)
        else:
            raise errors.LoginRefused("no way to sign in with a password", host=endpoint.host, port=endpoint.port)
    except IMAPClientAbortError as error:
        raise _login_refusal(f"[UNAVAILABLE] {error}", endpoint) from None
    except IMAPClientError as error:
        raise _login_refusal(str(error), endpoint) from None
    except (ValueError, IndexError, KeyError, TypeError, AssertionError) as error:
        raise errors.ProtocolError("an answer that cannot be read", host=endpoint.host, port=endpoint.port) from error
    with translated(channel):
        client.capabilities()
    return client


def _plain_login_command(client: Client, login: Login) -> None:
    try:
        login.user.encode("ascii")
        login.password.encode("ascii")
    except UnicodeEncodeError:
        raise errors.LoginRefused(
            "the server takes ASCII passwords only", host=login.imap.host, port=login.imap.port
        ) from None
    client.login(login.user, login.password)


def _start_tls(client: Client, channel: Channel) -> None:
    """STARTTLS or nothing: with a server that does not offer it no password is ever sent."""
    endpoint = channel.endpoint
    if not client.has_capability("STARTTLS"):
        raise errors.TlsNotTrusted("STARTTLS is not offered", host=endpoint.host, port=endpoint.port)
    kind, _ = client._imap._simple_command("STARTTLS")
    if kind != "OK":
        raise errors.TlsNotTrusted("STARTTLS was refused", host=endpoint.host, port=endpoint.port)
    channel.start_tls()
    # RFC 9051 section 6.2.1: what was said before TLS is forgotten.
    client._imap.untagged_responses.clear()
    client._imap._tls_established = True
    client._starttls_done = True
