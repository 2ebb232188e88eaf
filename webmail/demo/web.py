"""Where the demo's newsletters keep their pictures: a web server on this machine, under the names they give."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from django.conf import settings

from .bulk import PAPERS
from .files import DAWN, DUSK, picture

#: What newsletters call the hosts of their pictures, and of the dot that tells who reads.
NAMES = tuple(f"{name}.{paper.address.partition('@')[2]}" for paper in PAPERS for name in ("pictures", "pixel"))


class _Pictures(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        dot = not self.path.endswith(".png")
        data = picture(2, 2, DAWN) if dot else picture(536, 180, DUSK if self.path[-5:-4] in "13579" else DAWN)
        self.send_response(200)
        self.send_header("Content-Type", "image/png")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing is written about who looks."""


@contextmanager
def pictures() -> Iterator[None]:
    """The server runs while the block does, and the site's way out knows its names."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Pictures) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, name="pictures", daemon=True).start()
        where = ("127.0.0.1", int(server.server_address[1]))
        settings.OUTBOUND_HOSTS.update(dict.fromkeys(NAMES, where))
        try:
            yield
        finally:
            server.shutdown()
