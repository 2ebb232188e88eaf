"""The site on the tests' own database, with its headers on every file (Django's live server leaves those out)."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from django.core.asgi import get_asgi_application
from django.test import override_settings


@contextmanager
def serving() -> Iterator[str]:
    """The origin at which the site answers while the block runs."""
    listening = socket.create_server(("127.0.0.1", 0))
    origin = f"http://localhost:{listening.getsockname()[1]}"
    # The worker's policy names the origin; it is written when the application is made, so it is made here.
    with override_settings(SITE_URL=origin):
        application = get_asgi_application()
    server = uvicorn.Server(uvicorn.Config(application, lifespan="off", log_level="error", ws="none"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    deadline = time.monotonic() + 20
    while not server.started:
        assert thread.is_alive() and time.monotonic() < deadline, "the site did not start"
        time.sleep(0.02)
    try:
        yield origin
    finally:
        server.should_exit = True
        thread.join(10)
        listening.close()
