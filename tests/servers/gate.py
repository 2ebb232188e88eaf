"""A gate before a server: everything passes, encrypted or not, until a test shuts it in the middle."""

from __future__ import annotations

import contextlib
import select
import socket
import threading


class Gate:
    """Listens on `port`, passes on to `target`. After `shut(octets)` that many more go in, and nothing after them.

    What comes after is left unread, so that whoever sends more than LARGEST_UNREAD cannot come to its end. After
    `cut(octets)` the connection is lost at that point instead.
    """

    #: Well above what two sockets on loopback take in without a reader.
    LARGEST_UNREAD = 8 * 1024 * 1024

    def __init__(self, target: int) -> None:
        self._target = target
        self._left: int | None = None
        self._cuts = False
        #: Set when somebody stands before the shut gate.
        self.held = threading.Event()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def shut(self, octets: int) -> None:
        self.held.clear()
        self._left = octets

    def cut(self, octets: int) -> None:
        self._cuts = True
        self.shut(octets)

    def open(self) -> None:
        """For those who come from now on; who was held stays so until they hang up."""
        self._left, self._cuts = None, False

    def close(self) -> None:
        self._listening.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                outside, _ = self._listening.accept()
                inside = socket.create_connection(("127.0.0.1", self._target))
                for one, other, counted in ((outside, inside, True), (inside, outside, False)):
                    threading.Thread(target=self._pass_on, args=(one, other, counted), daemon=True).start()

    def _pass_on(self, one: socket.socket, other: socket.socket, counted: bool) -> None:
        with contextlib.suppress(OSError):
            while data := one.recv(16384):
                if counted and self._left is not None:
                    data, self._left = data[: self._left], max(self._left - len(data), 0)
                other.sendall(data)
                if counted and self._left == 0:
                    self.held.set()
                    if not self._cuts:
                        hung_up(one)
                    break
        for end in (one, other):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


def hung_up(one: socket.socket) -> None:
    """Wait until the other side of a socket closes it, without reading what it sent."""
    waiting = select.poll()
    waiting.register(one, select.POLLRDHUP)
    waiting.poll()
