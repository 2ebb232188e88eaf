"""The wire under IMAP and submission: what may go on it, over which TLS, how long and how much may come."""

import ipaddress
import re
import select
import socket
import ssl
import time
from functools import lru_cache

from django.conf import settings

from .addresses import is_host_name, is_public
from .errors import (
    AnswerTooLarge,
    BadArgument,
    DeadlinePassed,
    HostNotAllowed,
    ProtocolError,
    ServerUnreachable,
    TlsNotTrusted,
)
from .login import Endpoint

CONNECT_SECONDS = 10.0
COMMAND_SECONDS = 30.0
BODY_SECONDS = 60.0
# RFC 5321 section 4.5.3.2.6: a server may take ten minutes between the end mark and its reply.
END_MARK_SECONDS = 600.0

# A SEARCH answer of a million messages without ESEARCH is one line of about 8 MB.
LINE_CAP = 8 << 20
ANSWER_CAP = 32 << 20

# Half a surrogate pair cannot be written as UTF-8 at all.
_FORBIDDEN = re.compile(r"[\r\n\0\ud800-\udfff]")


def guard(*arguments: str | bytes) -> None:
    """Refuse any argument that could end the command it stands in (imapclient 4.1.0 lets them through)."""
    for argument in arguments:
        text = argument.decode("latin-1") if isinstance(argument, bytes) else argument
        if _FORBIDDEN.search(text):
            raise BadArgument("an argument holds a line break or NUL")


@lru_cache(maxsize=4)
def _context(ca_file: str) -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if ca_file:
        context.load_verify_locations(ca_file)
    return context


def tls_context() -> ssl.SSLContext:
    """The one context: the system's trust store and optionally settings.MAIL_CA_FILE, names always checked.

    It is shared, which keeps an idle connection at 36 KiB.
    """
    return _context(str(getattr(settings, "MAIL_CA_FILE", "") or ""))


def _addresses(endpoint: Endpoint) -> list[tuple[socket.AddressFamily, tuple[str, int]]]:
    """Resolve once; the answers are judged here and connected to by number, so no later answer can differ."""
    guard(endpoint.host)
    if endpoint.public_only and not is_host_name(endpoint.host):
        raise HostNotAllowed("not a full host name", host=endpoint.host, port=endpoint.port)
    try:
        found = socket.getaddrinfo(endpoint.host, endpoint.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        if endpoint.public_only and getattr(error, "errno", None) == socket.EAI_NONAME:
            # An unknown name gets the very answer of an inside one, so that nobody can list inside names with us.
            raise HostNotAllowed("no such name", host=endpoint.host, port=endpoint.port) from error
        raise ServerUnreachable("the name does not resolve", host=endpoint.host, port=endpoint.port) from error
    answers: list[tuple[socket.AddressFamily, tuple[str, int]]] = []
    for family, _, _, _, where in found:
        if family not in (socket.AF_INET, socket.AF_INET6):
            continue
        number = ipaddress.ip_address(str(where[0]).partition("%")[0])
        if isinstance(number, ipaddress.IPv6Address) and number.ipv4_mapped:
            number = number.ipv4_mapped
        if endpoint.tls == "plain" and not (number.is_loopback and getattr(settings, "ALLOW_PLAIN_LOOPBACK", False)):
            raise TlsNotTrusted("plain text is for loopback in the demo only", host=endpoint.host, port=endpoint.port)
        if endpoint.public_only and not is_public(str(where[0])):
            raise HostNotAllowed("not a public address", host=endpoint.host, port=endpoint.port)
        answers.append((family, (str(where[0]), int(where[1]))))
    return answers


class Channel:
    """A socket with a wall-clock deadline and a byte cap for each operation.

    A socket's own timeout is no deadline: a server that drips a byte a second never trips it (measured).
    The methods are those that imaplib and smtplib ask of a socket and of the file made from it.
    """

    def __init__(self, sock: socket.socket, endpoint: Endpoint) -> None:
        self.sock = sock
        self.endpoint = endpoint
        self.closed = False
        self._buffer = bytearray()
        self._start = 0
        self._deadline = time.monotonic() + CONNECT_SECONDS
        self._allowance = ANSWER_CAP

    @property
    def encrypted(self) -> bool:
        """Is there TLS on the wire?"""
        return isinstance(self.sock, ssl.SSLSocket)

    def begin(self, seconds: float = COMMAND_SECONDS, cap: int = ANSWER_CAP) -> None:
        """Start one operation: all of it must be over within `seconds` and `cap` received bytes."""
        self._deadline = time.monotonic() + seconds
        self._allowance = cap

    def _arm(self) -> None:
        left = self._deadline - time.monotonic()
        if left <= 0:
            self.close()
            raise DeadlinePassed("no complete answer in time", host=self.endpoint.host, port=self.endpoint.port)
        self.sock.settimeout(left)

    def _lost(self, error: Exception | None) -> ServerUnreachable:
        self.close()
        kind = DeadlinePassed if isinstance(error, TimeoutError) else ServerUnreachable
        reason = "no complete answer in time" if kind is DeadlinePassed else "the connection was lost"
        return kind(reason, host=self.endpoint.host, port=self.endpoint.port)

    def _spend(self, count: int) -> None:
        self._allowance -= count
        if self._allowance < 0:
            self.close()
            raise AnswerTooLarge("the answer is over the cap", host=self.endpoint.host, port=self.endpoint.port)

    def _receive(self) -> None:
        """Put what arrives next behind the buffer."""
        self._arm()
        try:
            data = self.sock.recv(65536)
        except OSError as error:
            raise self._lost(error) from error
        if not data:
            raise self._lost(None)
        self._spend(len(data))
        if self._start:
            del self._buffer[: self._start]
            self._start = 0
        self._buffer += data

    def readline(self, limit: int = -1) -> bytes:
        """One line with its end. `limit` is there for smtplib, which passes one; ours is the stricter."""
        searched = self._start
        while (end := self._buffer.find(b"\n", searched)) < 0:
            waiting = len(self._buffer) - self._start
            if waiting > LINE_CAP:
                self.close()
                raise ProtocolError("a line without end", host=self.endpoint.host, port=self.endpoint.port)
            self._receive()
            searched = self._start + waiting
        line = bytes(self._buffer[self._start : end + 1])
        self._start = end + 1
        return line

    def read(self, size: int) -> bytes:
        """Exactly `size` bytes. An announced size over what the operation may still receive is refused at once."""
        have = len(self._buffer) - self._start
        if size <= have:
            data = bytes(self._buffer[self._start : self._start + size])
            self._start += size
            return data
        missing = size - have
        if missing > self._allowance:
            self._spend(missing)
        pieces = [bytes(self._buffer[self._start :])]
        self._buffer.clear()
        self._start = 0
        while missing:
            self._arm()
            try:
                data = self.sock.recv(min(missing, 262144))
            except OSError as error:
                raise self._lost(error) from error
            if not data:
                raise self._lost(None)
            self._spend(len(data))
            missing -= len(data)
            pieces.append(data)
        return b"".join(pieces)

    def sendall(self, data: bytes) -> None:
        """Send all, within the operation's deadline (a socket's timeout covers the whole of sendall)."""
        self._arm()
        try:
            self.sock.sendall(data)
        except OSError as error:
            raise self._lost(error) from error

    def start_tls(self) -> None:
        """Go over to TLS. Bytes that came before the handshake were injected: nothing of them is read."""
        if self.pending():
            self.close()
            raise TlsNotTrusted("the server spoke before TLS", host=self.endpoint.host, port=self.endpoint.port)
        self._arm()
        self.sock = _wrapped(self.sock, self.endpoint)

    def pending(self) -> bool:
        """Is there something to read without waiting? Knows of bytes already decrypted or buffered."""
        if len(self._buffer) > self._start:
            return True
        if self.closed:
            return False
        if isinstance(self.sock, ssl.SSLSocket) and self.sock.pending():
            return True
        poll = select.poll()
        poll.register(self.sock, select.POLLIN)
        return bool(poll.poll(0))

    def ready_lines(self) -> list[bytes]:
        """The complete lines that are there now, without waiting; half a line stays for the next call.

        For a selector that saw the socket readable (IDLE). A readable socket may hold only half a line, or
        half a TLS record, and a TLS record may hold more lines than the socket shows as readable.
        """
        self._allowance = ANSWER_CAP
        self.sock.settimeout(0)
        while True:
            try:
                data = self.sock.recv(65536)
            except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
                break
            except OSError as error:
                raise self._lost(error) from error
            if not data:
                raise self._lost(None)
            self._spend(len(data))
            self._buffer += data
        ready = self._buffer[self._start :]
        whole, _, half = ready.rpartition(b"\n")
        if len(half) > LINE_CAP:
            self.close()
            raise ProtocolError("a line without end", host=self.endpoint.host, port=self.endpoint.port)
        self._buffer = bytearray(half)
        self._start = 0
        return [line.rstrip(b"\r") for line in bytes(whole).split(b"\n")] if whole else []

    def fileno(self) -> int:
        """For selectors."""
        return self.sock.fileno()

    def close(self) -> None:
        """Close at once; safe to call twice."""
        self.closed = True
        self.sock.close()

    # What imaplib and smtplib ask besides.
    def makefile(self, mode: str = "rb", buffering: int = -1) -> "Channel":
        """The file is the channel itself, so that both share one buffer."""
        return self

    def settimeout(self, seconds: float | None) -> None:
        """The deadline of the operation stands instead."""

    def shutdown(self, how: int) -> None:
        """Closing says it all."""


def _wrapped(sock: socket.socket, endpoint: Endpoint) -> ssl.SSLSocket:
    try:
        return tls_context().wrap_socket(sock, server_hostname=endpoint.host)
    except ssl.SSLError as error:
        sock.close()
        reason = getattr(error, "verify_message", "") or error.reason or "the TLS handshake failed"
        raise TlsNotTrusted(str(reason), host=endpoint.host, port=endpoint.port) from error
    except TimeoutError as error:
        sock.close()
        raise DeadlinePassed("no TLS handshake in time", host=endpoint.host, port=endpoint.port) from error
    except OSError as error:
        sock.close()
        raise ServerUnreachable("lost in the TLS handshake", host=endpoint.host, port=endpoint.port) from error


def dial(endpoint: Endpoint) -> Channel:
    """Connect; with "implicit" the TLS handshake is done and verified before this returns."""
    if endpoint.tls not in ("implicit", "starttls", "plain"):
        raise BadArgument(f"unknown TLS mode {endpoint.tls!r}")
    deadline = time.monotonic() + CONNECT_SECONDS
    last: OSError | None = None
    for family, where in _addresses(endpoint):
        sock = socket.socket(family, socket.SOCK_STREAM)
        try:
            sock.settimeout(max(deadline - time.monotonic(), 0.1))
            sock.connect(where)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError as error:
            sock.close()
            last = error
            continue
        if endpoint.tls == "implicit":
            sock = _wrapped(sock, endpoint)
        return Channel(sock, endpoint)
    if isinstance(last, TimeoutError):
        raise DeadlinePassed("no connection in time", host=endpoint.host, port=endpoint.port) from last
    raise ServerUnreachable("no connection", host=endpoint.host, port=endpoint.port) from last
