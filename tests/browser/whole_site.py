"""The whole site as a process of its own, on one of two mail servers, with everything it writes kept for looking at."""

from __future__ import annotations

import contextlib
import imaplib
import json
import os
import signal
import ssl
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.servers.ports import free_ports

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class MailBehind:
    """Where the people's mail is: what the tests need to look into mailboxes past the site."""

    domain: str
    imap: int
    password: str  # with {name}
    ca: str | None = None

    def address(self, name: str) -> str:
        return f"{name}@{self.domain}"

    @contextlib.contextmanager
    def connection(self, name: str) -> Iterator[imaplib.IMAP4]:
        if self.ca:
            server: imaplib.IMAP4 = imaplib.IMAP4_SSL(
                "localhost", self.imap, ssl_context=ssl.create_default_context(cafile=self.ca), timeout=20
            )
        else:
            server = imaplib.IMAP4("127.0.0.1", self.imap, timeout=20)
        with server:
            server.login(self.address(name), self.password.format(name=name))
            yield server

    def append(self, name: str, mailbox: str, *messages: bytes) -> None:
        with self.connection(name) as server:
            server.create(mailbox)
            for message in messages:
                answer, said = server.append(mailbox, "", imaplib.Time2Internaldate(time.time()), message)
                assert answer == "OK", said

    def clear(self, name: str) -> None:
        """Take all messages out of all mailboxes of a person: what tests before this one left there."""
        with self.connection(name) as server:
            for line in server.list()[1]:
                mailbox = line.rpartition(b' "/" ')[2].decode() if isinstance(line, bytes) else ""
                if mailbox and server.select(mailbox)[0] == "OK" and server.search(None, "ALL")[1][0]:
                    server.store("1:*", "+FLAGS", "\\Deleted")
                    server.expunge()

    def messages(self, name: str, mailbox: str) -> list[bytes]:
        """Every message of a mailbox as it lies on the server."""
        with self.connection(name) as server:
            if server.select(f'"{mailbox}"', readonly=True)[0] != "OK":
                return []
            numbers = server.search(None, "ALL")[1][0].split()
            return [server.fetch(number, "(BODY.PEEK[])")[1][0][1] for number in numbers]  # type: ignore[index,misc]

    def flags(self, name: str, mailbox: str) -> list[bytes]:
        with self.connection(name) as server:
            server.select(f'"{mailbox}"', readonly=True)
            return [line for line in server.fetch("1:*", "(FLAGS)")[1] if isinstance(line, bytes)]


class Site:
    """Started by start(). `folder` holds its database; `log` all it printed."""

    def __init__(self, folder: Path, command: list[str], mail: MailBehind | None, **environment: str) -> None:
        self.folder = folder
        self.port = int(environment.pop("PORT", 0)) or free_ports(1)[0]
        self.url = environment.get("POSTERN_SITE_URL", f"http://localhost:{self.port}")
        self.log = folder / "site.log"
        self._command = [part.replace("{port}", str(self.port)) for part in command]
        self._environment = {"POSTERN_DATA": str(folder), "POSTERN_SITE_URL": self.url, **environment}
        self._mail = mail
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def mail(self) -> MailBehind:
        if self._mail is None:
            ports = json.loads((self.folder / "demo" / "ports.json").read_text())
            self._mail = MailBehind("demo.test", ports["imap"], "{name}-demo")
        return self._mail

    @property
    def database(self) -> Path:
        return self.folder / "postern.sqlite3"

    @property
    def environment(self) -> dict[str, str]:
        """For the site's own process and for others that work on its data."""
        clean = {key: value for key, value in os.environ.items() if not key.startswith(("POSTERN_", "DJANGO_"))}
        return {**clean, **self._environment}

    def start(self) -> None:
        """Start, and return when it answers."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, *self._command], cwd=ROOT, env=self.environment, stdout=log, stderr=log
            )
        for _ in range(300):
            if self._process.poll() is not None:
                break
            url = f"http://localhost:{self.port}/sign-in/"
            with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=60):
                return
            time.sleep(0.2)
        raise RuntimeError(f"The site did not start: {self.log.read_text()}")

    def kill(self) -> None:
        """As a power cut would: no goodbye."""
        assert self._process
        self._process.kill()
        self._process.wait(10)

    def stop(self) -> int:
        assert self._process
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(20)


def demo(folder: Path, **environment: str) -> Site:
    """`make run`'s process: embedded mail server, generated mailboxes. Send is not waited for, as in mode "test"."""
    environment = {"POSTERN_UNDO_SECONDS": "0", **environment}
    return Site(folder, ["manage.py", "demo", "--port", "{port}"], None, POSTERN_MODE="demo", **environment)


def one_site(folder: Path, mail: MailBehind, servers: dict[str, object], **environment: str) -> Site:
    """The same processes on mail servers that stand elsewhere; `servers` are the fields of accounts.models.Domain."""
    if mail.ca:
        environment["POSTERN_MAIL_CA_FILE"] = mail.ca
    command = ["-m", "tests.browser.one_site", "{port}", json.dumps(servers)]
    return Site(folder, command, mail, POSTERN_MODE="test", **environment)
