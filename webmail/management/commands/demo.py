"""`make run`: the whole site in one process, with a mail server of its own and nothing to configure."""

from __future__ import annotations

import asyncio
import json
import logging
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import uvicorn
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from webmail.demo import mailbox, people
from webmail.demo.server import MailServer, Ports

PORT = 8025
SWEEP_SECONDS = 30.0

log = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Runs the site with demo people and their mail server, on this machine only."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=PORT, help="the next free one is taken when it is not free")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.MODE != "demo":
            raise CommandError("The demo runs with POSTERN_MODE=demo only.")
        # From the first moment on, Ctrl-C and SIGTERM end this with exit code 0 and without a traceback.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, _leave)
        settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
        call_command("migrate", verbosity=0, interactive=False)
        sockets = _listen(options["port"])
        with _mail_server() as mail:
            people.list_servers(mail.ports)
            people.make_admin()
            if mail.is_empty():
                self.stdout.write("Writing the demo's mail …")
                mailbox.seed(mail)
            self._serve(sockets)

    def _serve(self, sockets: list[socket.socket]) -> None:
        port = sockets[0].getsockname()[1]
        settings.SITE_URL = f"http://localhost:{port}"
        with _work():
            self._say_hello()
            asyncio.run(_site(sockets))

    def _say_hello(self) -> None:
        lines = ["", f"Postern is at {settings.SITE_URL}", "", "  Sign in with address and password:"]
        lines += [f"    {person.address:<20} {person.password}" for person in people.PEOPLE]
        lines += ["", f"  Administration: {settings.SITE_URL}/admin/  {people.ADMIN}  {people.ADMIN_PASSWORD}"]
        lines += ["", "  Nothing leaves this machine. Ctrl-C ends it; the mail is still there next time.", ""]
        self.stdout.write("\n".join(lines))
        self.stdout.flush()


def _leave(number: int, frame: object) -> None:
    sys.exit(0)


@contextmanager
def _mail_server() -> Iterator[MailServer]:
    """The mail server, on the ports of last time where they are free, because sealed passwords name them."""
    folder = settings.DATA_DIR / "demo"
    kept = folder / "ports.json"
    ports = Ports(**json.loads(kept.read_text())) if kept.exists() else Ports(0, 0)
    with MailServer(folder, people.DOMAIN, people.PASSWORDS, ports) as mail:
        kept.write_text(json.dumps({"imap": mail.ports.imap, "smtp": mail.ports.smtp}))
        yield mail


@contextmanager
def _work() -> Iterator[None]:
    """The Celery worker and the sweep, each in a thread that ends with the process."""
    from celery.worker import state

    from webmail import outbox, tasks
    from webmail.celery import app

    # Whoever held a row did so in a process that is no more.
    outbox.free_all()
    worker = app.WorkController(
        pool="solo", concurrency=1, hostname="demo@localhost", without_gossip=True, without_mingle=True,
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

    threading.Thread(target=worker.start, name="demo-worker", daemon=True).start()
    threading.Thread(target=sweep, name="demo-sweep", daemon=True).start()
    try:
        yield
    finally:
        ending.set()
        # Take no new task, and let one that runs come to its end for a moment; a send that takes longer goes on
        # at the next start.
        state.should_stop = 0
        until = time.monotonic() + 0.8
        while state.active_requests and time.monotonic() < until:
            time.sleep(0.02)


async def _site(sockets: list[socket.socket]) -> None:
    """The site and, on the same loop, the watch over open mailboxes."""
    from webmail import watch
    from webmail.asgi import application

    config = uvicorn.Config(
        application, log_level="warning", lifespan="off", ws="websockets-sansio", timeout_graceful_shutdown=1,
        server_header=False,
    )  # fmt: skip
    watching = asyncio.create_task(watch.serve())
    try:
        await uvicorn.Server(config).serve(sockets)
    finally:
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching


def _listen(first: int) -> list[socket.socket]:
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
    raise CommandError(f"No free port from {first} on.")
