"""A small IMAP server over TLS that says exactly what a test tells it to, at the pace the test wants."""

from __future__ import annotations

import base64
import socket
import ssl
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from .authority import Issued

Answer = Callable[[bytes, bytes], bytes | None]


def signs_in(tag: bytes, command: bytes) -> bytes | None:
    """What a friendly server answers; None leaves the command to the test's own script."""
    verb = command.split(b" ")[0].upper()
    if verb == b"CAPABILITY":
        return b"* CAPABILITY IMAP4rev1 IDLE AUTH=PLAIN\r\n" + tag + b" OK done\r\n"
    if verb in (b"EXAMINE", b"SELECT"):
        return b"* 3 EXISTS\r\n* OK [UIDVALIDITY 1] x\r\n* OK [UIDNEXT 4] x\r\n" + tag + b" OK [READ-ONLY] done\r\n"
    if verb == b"IDLE":
        return b"+ idling\r\n"
    return tag + b" OK done\r\n"


def judged(plain: bytes) -> bytes:
    """The verdict on an initial response of SASL PLAIN (RFC 4616)."""
    _, user, password = base64.b64decode(plain).split(b"\0")
    right = password == user.partition(b"@")[0] + b"-pw"
    return b"OK in" if right else b"NO [AUTHENTICATIONFAILED] no"


class Scripted:
    """Listens on loopback; `answer(tag, command)` gives the bytes to send, None falls back to signs_in.

    `verdict` is what a try to sign in gets, without the tag; None: <name>@… come in with <name>-pw, as at the
    real servers, but without a real server's growing wait after each failure.
    """

    def __init__(
        self,
        certificate: Issued,
        answer: Answer = lambda tag, command: None,
        *,
        greeting: bytes = b"* OK here\r\n",
        verdict: bytes | None = b"OK in",
    ) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate.certificate, certificate.key)
        self._context, self._answer, self._greeting, self._verdict = context, answer, greeting, verdict
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.commands: list[bytes] = []
        self.connections: list[ssl.SSLSocket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()
        for connection in self.connections:
            with suppress(OSError):
                connection.close()

    def dribble(self, data: bytes, pause: float = 0.0) -> None:
        """Send to the newest connection byte by byte, each in a TLS record and a packet of its own."""
        connection = self.connections[-1]
        for byte in data:
            connection.sendall(bytes([byte]))
            time.sleep(pause)

    def say(self, data: bytes) -> None:
        self.connections[-1].sendall(data)

    def waited_for(self, command: bytes, times: int = 1, seconds: float = 10.0) -> bool:
        """Whether `command` came at least `times` times within `seconds`."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if sum(command in line for line in list(self.commands)) >= times:
                return True
            time.sleep(0.005)
        return False

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            except OSError:
                return
            threading.Thread(target=self._converse, args=(client,), daemon=True).start()

    def _converse(self, client: socket.socket) -> None:
        with suppress(OSError, ssl.SSLError):
            connection = self._context.wrap_socket(client, server_side=True)
            self.connections.append(connection)
            connection.sendall(self._greeting)
            waiting, idle_tag, signing_in = b"", b"", b""
            while data := connection.recv(65536):
                waiting += data
                while b"\r\n" in waiting:
                    line, _, waiting = waiting.partition(b"\r\n")
                    self.commands.append(line)
                    tag, _, command = line.partition(b" ")
                    if signing_in:
                        verdict = judged(line) if self._verdict is None else self._verdict
                        connection.sendall(signing_in + b" " + verdict + b"\r\n")
                        signing_in = b""
                        continue
                    if command.upper().startswith(b"AUTHENTICATE"):
                        connection.sendall(b"+ \r\n")
                        signing_in = tag
                        continue
                    if line == b"DONE":
                        connection.sendall(idle_tag + b" OK done\r\n")
                        continue
                    if command.upper() == b"IDLE":
                        idle_tag = tag
                    answer = self._answer(tag, command)
                    connection.sendall(signs_in(tag, command) or b"" if answer is None else answer)
