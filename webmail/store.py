"""Where finished bytes wait: sealed, in chunks, as rows beside the outbox row they belong to.

They are written in the transaction that writes the row, so there is never one without the other, on whichever host the
worker runs (docs/decisions/0150). Neither writing nor reading ever holds more than a chunk.
"""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID, uuid4

from accounts import credentials
from accounts.credentials import CHUNK, Chunks, NotOpened

from .models import OutboxBytes, OutboxChunk, OutboxMessage

__all__ = ["CHUNK", "Kept", "Writer", "erase"]

LABEL = "postern outbox bytes 1"


class Writer:
    """Seals one part of a message that is not there yet. Only inside the transaction that writes the message's row."""

    def __init__(self, message: UUID) -> None:
        self.part = OutboxBytes(id=uuid4(), message_id=message, size=0)
        self._chunks = Chunks.new(LABEL, _bound_to(self.part))
        self.part.head = self._chunks.head
        self._buffer = bytearray()
        self._number = 0

    def write(self, data: bytes) -> None:
        self.part.size += len(data)
        self._buffer += data
        # The last chunk is told from the others, so one is always kept back.
        while len(self._buffer) > CHUNK:
            self._seal(bytes(self._buffer[:CHUNK]), last=False)
            del self._buffer[:CHUNK]

    def end(self, boundary: str) -> OutboxBytes:
        """The row that stands for the part; not saved yet."""
        self._seal(bytes(self._buffer), last=True)
        self._buffer.clear()
        self.part.boundary = boundary
        return self.part

    def _seal(self, data: bytes, last: bool) -> None:
        sealed = self._chunks.seal(self._number, last, data)
        # The part's own row comes at the end: foreign keys are judged when the transaction ends.
        OutboxChunk.objects.create(part_id=self.part.pk, number=self._number, last=last, sealed=sealed)
        self._number += 1


class Kept:
    """The bytes as the browser built them (accounts.octets.Octets).

    Raises LookupError, at the latest before the last piece, where they were erased, or no key opens all of them.
    """

    def __init__(self, part: OutboxBytes) -> None:
        self._part = part

    @property
    def size(self) -> int:
        return self._part.size

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._opened() if self._part.head is not None else self._in_one()
        except NotOpened:
            raise LookupError(f"{self._part} do not open under the server's keys") from None

    def _opened(self) -> Iterator[bytes]:
        assert self._part.head is not None
        chunks = Chunks.of(LABEL, _bound_to(self._part), bytes(self._part.head))
        number, last = 0, False
        while not last:
            row = OutboxChunk.objects.filter(part=self._part, number=number).values_list("sealed", "last").first()
            if row is None:
                raise LookupError(f"{self._part} were erased")
            sealed, last = row
            yield chunks.open(number, last, bytes(sealed))
            number += 1

    def _in_one(self) -> Iterator[bytes]:
        """As they were kept before there were chunks."""
        if self._part.sealed is None:
            raise LookupError(f"{self._part} were erased")
        yield credentials.open_bytes(LABEL, _bound_to(self._part), bytes(self._part.sealed))


def erase(row: OutboxMessage) -> None:
    """Nobody needs the bytes any more; what is shown of the message stays."""
    OutboxChunk.objects.filter(part__message=row).delete()
    row.parts.update(sealed=None, head=None)


def _bound_to(part: OutboxBytes) -> bytes:
    """What the sealed bytes may stand for: exactly this row of this message."""
    return part.message_id.bytes + part.id.bytes
