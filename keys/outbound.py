"""The one way out: fetches from a public host over HTTP, and never from the inside (facts on SSRF: T22, T23).

Everything that leaves for an address somebody else wrote goes through `fetch`. The name is resolved once, each of its
addresses is judged, and the connection is made to the judged address by number, so that no later answer of the DNS can
lead elsewhere. TLS checks the name all the same. What is sent says nothing about who asks: no cookie, no referrer, no
proxy of the environment, one user agent for everybody.
"""

from __future__ import annotations

import re
import ssl
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, urljoin, urlsplit

import dns.exception
import dns.resolver
import httpcore
from django.conf import settings

from accounts import addresses, wire

from .errors import AddressRefused, Declined, NoAnswer, OutboundError, TooMuch

LONGEST = 4096
_PORTS = {"https": 443, "http": 80}
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
#: What a browser writes: visible ASCII without what would need escaping. So nothing can begin another header line.
_WRITTEN = re.compile(r"[!#-;=?-\[\]_a-z~]+\Z")


@dataclass(frozen=True)
class Wanted:
    """What one kind of errand may ask for and receive."""

    accept: str
    cap: int
    """bytes of the body"""
    seconds: float = 10.0
    """for everything together: names, connections, redirects, the whole answer"""
    redirects: int = 0
    plain: bool = False
    """http is taken as well as https; never after https"""


def fetch(url: str, wanted: Wanted) -> bytes:
    """The body that `url` answers with. Raises AddressRefused, NoAnswer, TooMuch or Declined."""
    deadline = time.monotonic() + wanted.seconds
    plain = wanted.plain
    for _ in range(wanted.redirects + 1):
        parts = checked(url, plain=plain)
        plain = plain and parts.scheme == "http"
        status, location, body = _ask(parts, wanted, deadline)
        if status == 200:
            return body
        if status not in _REDIRECTS or not location:
            raise Declined(status)
        url = urljoin(url, location)
    raise Declined(status)


def checked(url: str, *, plain: bool) -> SplitResult:
    """The address in its parts. Raises AddressRefused for everything but a plain web address of a full host name."""
    if len(url) > LONGEST or not _WRITTEN.match(url):
        raise AddressRefused("not written as an address")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise AddressRefused("not an address") from error
    if parts.scheme != "https" and not (plain and parts.scheme == "http"):
        raise AddressRefused("not a scheme for this errand")
    # A name before @ is how an address pretends to be another.
    if "@" in parts.netloc or (port is not None and port != _PORTS[parts.scheme]):
        raise AddressRefused("a name or a port that web addresses do not have")
    # An IP address in any notation is no name; mail that means well does not need one.
    if not addresses.is_host_name(parts.hostname or ""):
        raise AddressRefused("not a full host name")
    return parts


def _ask(parts: SplitResult, wanted: Wanted, deadline: float) -> tuple[int, str, bytes]:
    """Status, Location and, with status 200, the body."""
    host = str(parts.hostname)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    url = httpcore.URL(scheme=parts.scheme.encode(), host=host.encode(), port=None, target=target.encode())
    headers: dict[str | bytes, str | bytes] = {
        "Host": host,
        "User-Agent": "Postern",
        "Accept": wanted.accept,
        "Accept-Encoding": "identity",
    }
    door = _Door(deadline)
    try:
        with (
            httpcore.ConnectionPool(network_backend=door, ssl_context=wire.tls_context(), http2=False) as pool,
            pool.stream("GET", url, headers=headers) as answer,
        ):
            said = {name.lower(): value.decode("latin-1") for name, value in answer.headers}
            if answer.status != 200:
                return answer.status, said.get(b"location", ""), b""
            if said.get(b"content-encoding", "identity").strip().lower() != "identity":
                raise NoAnswer("a compressed answer was not asked for")
            return 200, "", _body(answer.iter_stream(), wanted.cap)
    except OutboundError:
        raise
    except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException, ssl.SSLError, OSError) as error:
        raise NoAnswer(type(error).__name__) from error


def _body(pieces: Iterable[bytes], cap: int) -> bytes:
    body = bytearray()
    for piece in pieces:
        body += piece
        if len(body) > cap:
            raise TooMuch("over the cap")
    return bytes(body)


class _Door(httpcore.NetworkBackend):
    """Connects to public addresses alone, and not beyond one deadline for all of an errand."""

    def __init__(self, deadline: float) -> None:
        self._deadline = deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        for where in _public(host, port, self._deadline):
            try:
                stream = httpcore.SyncBackend().connect_tcp(*where, timeout=_left(self._deadline))
            except (httpcore.NetworkError, httpcore.TimeoutException):
                continue
            return _Timed(stream, self._deadline)
        raise httpcore.ConnectError("no connection")


class _Timed(httpcore.NetworkStream):
    """A connection that ends with the errand: a server that drips a byte a second never trips a socket's time-out."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: float) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(self._deadline))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(self._deadline))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Timed(self._stream.start_tls(ssl_context, server_hostname, _left(self._deadline)), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _public(host: str, port: int, deadline: float) -> list[tuple[str, int]]:
    """Where the name leads. Raises AddressRefused when any of its addresses is inside: it is then nobody's picture."""
    named: dict[str, tuple[str, int]] = settings.OUTBOUND_HOSTS
    if host in named:
        return [named[host]]
    if not settings.OUTBOUND:
        raise AddressRefused("this site goes nowhere")
    try:
        found = list(dns.resolver.resolve_name(host, lifetime=_left(deadline)).addresses())
    except dns.exception.DNSException as error:
        raise NoAnswer("no such name") from error
    if not found or not all(addresses.is_public(each) for each in found):
        raise AddressRefused("the name leads inside")
    return [(each, port) for each in found]


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise NoAnswer("not in time")
    return left
