"""Where every foreign name leads during an attack: a listener that writes down who comes, by HTTP, TLS or silently."""

from __future__ import annotations

import re
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi"


@dataclass
class _Heard:
    said: str = "connected and said nothing"


class Canary(socketserver.ThreadingTCPServer):
    """`hits`: what each connection said first, in the order in which they came. Empty means that nobody called.

    A connection counts from the moment it stands: browsers open some in advance and say nothing on them for seconds.
    """

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Visit)
        self._visits: list[_Heard] = []

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    @property
    def hits(self) -> list[str]:
        return [visit.said for visit in self._visits]

    def came(self) -> _Heard:
        """A new connection; what it says is told to what is given back."""
        self._visits.append(heard := _Heard())
        return heard

    def forget(self, before: int = 0) -> None:
        """All but the first `before`, also what they are still going to say."""
        del self._visits[before:]

    @property
    def rules(self) -> str:
        """For Chromium's --host-resolver-rules: every name and every port leads here, except the site's own."""
        return f"MAP * 127.0.0.1:{self.port}, EXCLUDE localhost"


class _Visit(socketserver.BaseRequestHandler):
    server: Canary

    def handle(self) -> None:
        heard = self.server.came()
        self.request.settimeout(5)
        try:
            said = self.request.recv(4096)
        except OSError:
            said = b""
        heard.said = _what(said)
        if said[:1].isalpha():
            self.request.sendall(ANSWER)


def _what(said: bytes) -> str:
    if not said:
        return "connected and said nothing"
    if said[0] == 0x16:  # a TLS handshake record; the server's name stands in it as it is
        return f"TLS {re.findall(rb'[a-z0-9-]+(?:[.][a-z0-9-]+)+', said)}"
    host = re.search(rb"(?i)\r\nhost: *([^\r]*)", said)
    return f"{said.split(bytes([13]))[0].decode('latin-1')} {host[1].decode('latin-1') if host else ''}"


@contextmanager
def canary() -> Iterator[Canary]:
    server = Canary()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
