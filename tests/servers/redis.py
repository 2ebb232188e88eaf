"""A real Redis in a folder of its own, with everything that is said to it kept."""

from __future__ import annotations

import socket
import subprocess
import threading
from contextlib import suppress
from pathlib import Path

from .ports import free_ports, wait_for


class Redis:
    """Started by the constructor, stopped by stop(). `heard` is its MONITOR: every command with arguments."""

    def __init__(self, folder: Path) -> None:
        (self.port,) = free_ports(1)
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._folder = folder
        self._kept: list[bytes] = []
        self.start()

    def start(self) -> None:
        """Start, with nothing in it, also after a stop()."""
        self._process = subprocess.Popen(
            ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self._folder), "--save", ""],
            stdout=subprocess.DEVNULL,
        )
        wait_for(self.port)
        self._monitor = socket.create_connection(("127.0.0.1", self.port))
        self._monitor.sendall(b"MONITOR\r\n")
        threading.Thread(target=self._listen, args=(self._monitor,), daemon=True).start()

    @property
    def heard(self) -> bytes:
        return b"".join(self._kept)

    def _listen(self, monitor: socket.socket) -> None:
        with suppress(OSError):
            while data := monitor.recv(65536):
                self._kept.append(data)

    def stop(self) -> None:
        self._monitor.close()
        self._process.terminate()
        self._process.wait(10)
