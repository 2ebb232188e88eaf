"""Finished bytes on their way to a server: of a known size, read a piece at a time, so that nobody holds the whole."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

PIECE = 256 << 10


class Octets(Protocol):
    """Read from the start each time it is asked for its pieces."""

    @property
    def size(self) -> int: ...

    def __iter__(self) -> Iterator[bytes]: ...


class Whole:
    """Bytes that are in memory anyway."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    @property
    def size(self) -> int:
        return len(self._data)

    def __iter__(self) -> Iterator[bytes]:
        for start in range(0, len(self._data), PIECE):
            yield self._data[start : start + PIECE]


def of(data: bytes | Octets) -> Octets:
    return Whole(data) if isinstance(data, bytes) else data


def exactly(data: Octets, size: int) -> Iterator[bytes]:
    """The pieces. Raises LookupError where they are not `size` bytes, so that no end mark follows half a message."""
    sent = 0
    for piece in data:
        sent += len(piece)
        if sent > size:
            break
        yield piece
    if sent != size:
        raise LookupError("the bytes are not those that were announced")
