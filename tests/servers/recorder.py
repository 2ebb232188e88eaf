"""A TCP proxy on loopback that keeps every byte of both directions, for tests that look for what must not be there."""

from __future__ import annotations

import selectors
import socket
import ssl
import threading
from contextlib import suppress


class Recorder:
    """Listens on a free port and relays to `target`, by TLS where a context is given; `bytes` is all that passed."""

    def __init__(self, target: tuple[str, int], tls: ssl.SSLContext | None = None, port: int = 0) -> None:
        self.target = target
        self.tls = tls
        self._kept: list[bytes] = []
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", port))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def bytes(self) -> bytes:
        with self._lock:
            return b"".join(self._kept)

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._relay, args=(client,), daemon=True).start()

    def _relay(self, client: socket.socket) -> None:
        try:
            server = socket.create_connection(self.target, timeout=10)
            if self.tls:
                server = self.tls.wrap_socket(server, server_hostname=self.target[0])
        except OSError:
            client.close()
            return
        with client, server:
            client.settimeout(60)
            server.settimeout(60)
            selector = selectors.DefaultSelector()
            selector.register(client, selectors.EVENT_READ, server)
            selector.register(server, selectors.EVENT_READ, client)
            with suppress(OSError), selector:
                while True:
                    for key, _ in selector.select():
                        source = key.fileobj
                        assert isinstance(source, socket.socket)
                        data = source.recv(65536)
                        # What a TLS socket has already decrypted does not wake the selector again.
                        while isinstance(source, ssl.SSLSocket) and source.pending():
                            data += source.recv(source.pending())
                        if not data:
                            return
                        with self._lock:
                            self._kept.append(data)
                        key.data.sendall(data)
