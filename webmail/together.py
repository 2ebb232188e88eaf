"""The site's processes as threads of one: worker, sweep and watch beside the web server (design section 3)."""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import uvicorn

SWEEP_SECONDS = 30.0

log = logging.getLogger(__name__)


@contextmanager
def work() -> Iterator[None]:
    """The Celery worker and the sweep, each in a thread that ends with the process."""
    from celery.worker import state

    from webmail import outbox, tasks
    from webmail.celery import app

    # Whoever held a row did so in a process that is no more.
    outbox.free_all()
    worker = app.WorkController(
        pool="solo", concurrency=1, hostname="site@localhost", without_gossip=True, without_mingle=True,
        without_heartbeat=True,
    )  # fmt: skip
    ending = threading.Event()

    def sweep() -> None:
        while not ending.is_set():
            try:
                tasks.sweep()
            except Exception:
                # The next sweep comes; a thread that ended here would leave messages lying.
                log.exception("the sweep failed")
            ending.wait(SWEEP_SECONDS)

    threading.Thread(target=worker.start, name="worker", daemon=True).start()
    threading.Thread(target=sweep, name="sweep", daemon=True).start()
    try:
        yield
    finally:
        ending.set()
        # Take no new task, and let one that runs come to its end for a moment; a send that takes longer goes on
        # at the next start.
        state.should_stop = 0  # type: ignore[assignment]  # an exit code, or None while it goes on
        until = time.monotonic() + 0.8
        while state.active_requests and time.monotonic() < until:
            time.sleep(0.02)


class _Server(uvicorn.Server):
    """uvicorn hears signals from the middle of its start on; `asked_to_end` knows of one that came before."""

    asked_to_end: threading.Event

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.asked_to_end.is_set():
            self.should_exit = True


async def serve(sockets: list[socket.socket], asked_to_end: threading.Event | None = None) -> None:
    """The site and, on the same loop, the watch over open mailboxes."""
    from webmail import watch
    from webmail.asgi import application

    config = uvicorn.Config(
        application, log_level="warning", lifespan="off", ws="websockets-sansio", timeout_graceful_shutdown=1,
        server_header=False,
    )  # fmt: skip
    server = _Server(config)
    server.asked_to_end = asked_to_end or threading.Event()
    watching = asyncio.create_task(watch.serve())
    try:
        await server.serve(sockets)
    finally:
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching


def listen(first: int) -> list[socket.socket]:
    """Loopback in both families on one port, so that `localhost` works whichever the browser asks first."""
    for port in range(first, first + 100):
        try:
            four = socket.create_server(("127.0.0.1", port))
        except OSError:
            continue
        try:
            return [four, socket.create_server(("::1", port), family=socket.AF_INET6)]
        except OSError:
            return [four]
    raise OSError(f"No free port from {first} on.")
