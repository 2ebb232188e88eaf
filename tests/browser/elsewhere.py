"""A web server that letters' pictures lead to: what it was asked, by whom, and a picture for every name ending .png."""

from __future__ import annotations

import http.server
import struct
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

HOST = "pictures.example"


@dataclass
class Elsewhere:
    port: int
    heard: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    @property
    def paths(self) -> list[str]:
        return sorted(path for path, _ in self.heard)


def png(width: int, height: int) -> bytes:
    """One colour."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = (b"\x00" + b"\x0f\x58\x60" * width) * height
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    packed = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + packed


@contextmanager
def elsewhere() -> Iterator[Elsewhere]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            here.heard.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
            picture = png(40, 30) if self.path.endswith(".png") else b"<svg xmlns='http://www.w3.org/2000/svg'/>"
            self.send_response(200 if "missing" not in self.path else 404)
            # Its own word for what it is counts for nothing.
            self.send_header("Content-Type", "text/html")
            self.send_header("Set-Cookie", "tracked=1")
            self.send_header("Content-Length", str(len(picture)))
            self.end_headers()
            self.wfile.write(picture)

        def log_message(self, format: str, *args: object) -> None:
            """Kept in `heard`."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        here = Elsewhere(int(server.server_address[1]))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield here
        server.shutdown()
