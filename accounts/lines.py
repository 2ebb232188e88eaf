"""The lines of a message, looked at a piece at a time for what two servers could read differently.

A bare CR or LF is how one message is made to look like two (CERT VU#302671); lines over 998 octets are cut or broken
on the way (RFC 5322 section 2.1.1). Nothing is repaired: that would break signatures.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import Enum

LINE_LIMIT = 998


class Fault(Enum):
    """What is wrong with the lines."""

    BARE = "the message holds a bare CR or LF"
    LONG = "the message holds a line of more than 998 octets"
    NUL = "the message holds NUL"
    OPEN = "the message does not end with CR LF"


class Lines:
    """Give it the pieces in their order, then ask."""

    def __init__(self) -> None:
        self.size = 0
        self.ascii = True
        self._fault: Fault | None = None
        # A CR at the end of a piece, whose LF may come with the next one.
        self._held = b""
        # Octets of the line that has no end yet.
        self._open = 0

    def feed(self, piece: bytes) -> Fault | None:
        """The first fault so far."""
        self.size += len(piece)
        if self._fault is None:
            self._fault = self._read(self._held + piece)
        return self._fault

    def end(self) -> Fault | None:
        """The first fault of the whole."""
        if self._fault is None and (self._held or self._open or not self.size):
            self._fault = Fault.BARE if self._held else Fault.OPEN
        return self._fault

    def _read(self, data: bytes) -> Fault | None:
        self._held = b"\r" if data.endswith(b"\r") else b""
        data = data.removesuffix(self._held)
        ends = data.count(b"\r\n")
        if data.count(b"\r") != ends or data.count(b"\n") != ends:
            return Fault.BARE
        lines = data.split(b"\r\n")
        longest = max(self._open + len(lines[0]), *map(len, lines))
        self._open = len(lines[-1]) + (self._open if len(lines) == 1 else 0)
        if longest > LINE_LIMIT:
            return Fault.LONG
        if b"\0" in data:
            return Fault.NUL
        self.ascii = self.ascii and data.isascii()
        return None


def stuffed(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Dots doubled at the start of lines (RFC 5321 section 4.5.2). The lines must have been looked at before."""
    starts = True
    for piece in pieces:
        if not piece:
            continue
        doubled = piece.replace(b"\n.", b"\n..")
        yield b"." + doubled if starts and piece.startswith(b".") else doubled
        starts = piece.endswith(b"\n")
