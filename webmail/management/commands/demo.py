"""`make run`: the whole site in one process, with a mail server of its own and nothing to configure."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from webmail import together
from webmail.demo import mailbox, people, web
from webmail.demo.server import MailServer, Ports

PORT = 8025


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
        call_command("migrate", verbosity=0, interactive=False)
        sockets = together.listen(options["port"])
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
        ending = threading.Event()
        with together.work(), web.pictures():
            # Leaving at once, in the middle of the loop's own set-up, would not be clean any more.
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, lambda _number, _frame: ending.set())
            self._say_hello()
            asyncio.run(together.serve(sockets, ending))

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
