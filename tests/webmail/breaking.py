"""A submission server that breaks where a test tells it to, and logs every full DATA it took by Message-ID."""

from __future__ import annotations

import re
import socket
import threading
from collections import Counter
from collections.abc import Callable
from typing import BinaryIO

# In this order. "middle" is inside DATA; "dot" is when the end mark was read and nothing was taken yet; "reply" is
# when the message was taken and the 250 is not sent yet.
STAGES = ("connect", "ehlo", "auth", "mail", "rcpt", "data", "middle", "dot", "reply", "quit")

# What happens at a stage: None goes on, "drop" closes, anything else is the answer instead of the usual one.
Fault = Callable[[str, str], str | None]


class _Dropped(Exception):
    pass


class Breaking:
    """Plain text on loopback. Set `fault(stage, argument)`; look at `taken` afterwards."""

    def __init__(self) -> None:
        self.taken: Counter[str] = Counter()
        self.fault: Fault = lambda stage, argument: None
        self.deliver: Callable[[list[str], bytes], None] = lambda recipients, data: None
        self.connections = 0
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def at(self, stage: str, answer: str) -> None:
        """Break at one stage, every time."""
        assert stage in STAGES
        self.fault = lambda each, argument: answer if each == stage else None

    def once(self, stage: str, answer: str) -> None:
        """Break at one stage, the first time."""
        left = [answer]
        self.fault = lambda each, argument: left.pop() if each == stage and left else None

    def mend(self) -> None:
        self.fault = lambda stage, argument: None

    def close(self) -> None:
        self._listening.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _address = self._listening.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        connection.settimeout(20)
        try:
            with connection, connection.makefile("rb") as lines:
                self._talk(connection, lines)
        except (OSError, _Dropped):
            return

    def _answer(self, connection: socket.socket, stage: str, usual: str, argument: str = "") -> bool:
        """Whether the usual answer was given."""
        answer = self.fault(stage, argument)
        if answer == "drop":
            raise _Dropped
        connection.sendall((answer or usual).encode() + b"\r\n")
        return answer is None

    def _talk(self, connection: socket.socket, lines: BinaryIO) -> None:
        self._answer(connection, "connect", "220 breaking.example.test")
        recipients: list[str] = []
        while line := lines.readline().decode("latin-1").rstrip("\r\n"):
            verb = line.split(" ")[0].upper()
            if verb == "EHLO":
                self._answer(connection, "ehlo", "250-breaking\r\n250-SIZE 50000000\r\n250 AUTH PLAIN")
            elif verb == "AUTH":
                self._answer(connection, "auth", "235 welcome")
            elif verb == "MAIL":
                self._answer(connection, "mail", "250 ok")
            elif verb == "RCPT":
                address = line[line.index("<") + 1 : line.index(">")]
                if self._answer(connection, "rcpt", "250 ok", address):
                    recipients.append(address)
            elif verb == "DATA":
                if self._answer(connection, "data", "354 go on"):
                    self._data(connection, lines, recipients)
            elif verb == "QUIT":
                self._answer(connection, "quit", "221 bye")
                return
            else:
                connection.sendall(b"500 what\r\n")

    def _data(self, connection: socket.socket, lines: BinaryIO, recipients: list[str]) -> None:
        body = bytearray()
        while (line := lines.readline()) != b".\r\n":
            if not line:
                raise _Dropped
            body += line[1:] if line.startswith(b".") else line
            if len(body) > 200 and self.fault("middle", "") == "drop":
                raise _Dropped
        answer = self.fault("dot", "")
        if answer == "drop":
            raise _Dropped
        if answer is not None:
            connection.sendall(answer.encode() + b"\r\n")
            return
        found = re.search(rb"(?im)^Message-ID: *(<[^>]*>)", bytes(body))
        assert found is not None
        self.taken[found[1].decode()] += 1
        self.deliver(list(recipients), bytes(body))
        self._answer(connection, "reply", "250 taken")
