"""A proxy before a real server that breaks a connection at a named point, once."""

from __future__ import annotations

import selectors
import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Literal

from .authority import Authority
from .talks import Talk


@dataclass
class Cut:
    """Break at the first point that `where` is true of.

    "before": the server never gets that piece. "after": the server gets it and answers, and the client never hears.
    `meanwhile` is done in between (a process is killed, a server restarted); with `goes_on` nothing is cut after it.
    """

    where: Callable[[str], bool]
    when: Literal["before", "after"] = "before"
    meanwhile: Callable[[], object] = lambda: None
    goes_on: bool = False
    #: Set when all of it has happened.
    made: threading.Event = field(default_factory=threading.Event)


class Cutting:
    """Listens on `port`, by TLS where an authority is given (which then also judges the server), else plain."""

    def __init__(self, target: int, talk: Callable[[], Talk], authority: Authority | None = None) -> None:
        self._target, self._talk = target, talk
        self._inner: ssl.SSLContext | None = None
        self._outer: ssl.SSLContext | None = None
        if authority is not None:
            issued = authority.issue(f"cutting-{target}", "localhost")
            self._outer = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._outer.load_cert_chain(issued.certificate, issued.key)
            self._inner = ssl.create_default_context(cafile=str(authority.file))
        self._lock = threading.Lock()
        self._plan: Cut | None = None
        self.trouble: list[BaseException] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        # What lies in a socket has not passed; little does, so that who sends much is stopped at the point itself.
        self._listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        self.port: int = self._listening.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def break_at(self, plan: Cut) -> Cut:
        with self._lock:
            self._plan = plan
        return plan

    def mend(self) -> None:
        with self._lock:
            self._plan = None

    def close(self) -> None:
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def _due(self, point: str) -> Cut | None:
        """The plan, if this is its point; it is nobody else's then."""
        with self._lock:
            plan = self._plan
            if plan is None or not plan.where(point):
                return None
            self._plan = None
            return plan

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        try:
            if (plan := self._due("CONNECT")) is not None:
                self._do(plan)
                client.close()
                plan.made.set()
                return
            self._converse(client)
        except OSError:
            # One of the two ends went away, which is what these tests are about.
            client.close()
        except BaseException as error:
            self.trouble.append(error)
            client.close()
            raise

    def _do(self, plan: Cut) -> None:
        plan.meanwhile()

    def _converse(self, client: socket.socket) -> None:
        client.settimeout(60)
        if self._outer is not None:
            client = self._outer.wrap_socket(client, server_side=True)
        server = socket.create_connection(("127.0.0.1", self._target), timeout=60)
        if self._inner is not None:
            server = self._inner.wrap_socket(server, server_hostname="localhost")
        talk = self._talk()
        with client, server, selectors.DefaultSelector() as selector:
            for end in (client, server):
                selector.register(end, selectors.EVENT_READ)
            while True:
                # In one thread: a TLS socket is not for two at once.
                for key, _ in selector.select():
                    source = key.fileobj
                    assert isinstance(source, socket.socket)
                    data = _received(source)
                    if not data:
                        return
                    if source is server:
                        client.sendall(data)
                    elif not self._pass_on(talk, data, client, server):
                        return

    def _pass_on(self, talk: Talk, data: bytes, client: socket.socket, server: socket.socket) -> bool:
        """Whether the connection still stands."""
        for point, piece in talk.pieces(data):
            plan = self._due(point) if point else None
            if plan is None:
                server.sendall(piece)
                continue
            answer = b""
            if plan.when == "after":
                server.sendall(piece)
                answer = _received(server)
            self._do(plan)
            if not plan.goes_on:
                client.close()
                server.close()
                plan.made.set()
                return False
            if plan.when == "before":
                server.sendall(piece)
            else:
                client.sendall(answer)
            plan.made.set()
        return True


def _received(source: socket.socket) -> bytes:
    data = source.recv(65536)
    # What a TLS socket has already decrypted does not wake the selector again.
    while isinstance(source, ssl.SSLSocket) and source.pending():
        data += source.recv(source.pending())
    return data
