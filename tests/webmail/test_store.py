"""Finished bytes in the store: the whole of them or nothing, and never more than a piece in memory."""

from __future__ import annotations

import hashlib
import tracemalloc
from collections.abc import Iterator
from uuid import UUID

import pytest
from django.db import transaction
from django.test import override_settings

from accounts import credentials
from accounts.models import Account
from tests.accounts import people
from webmail.models import OutboxBytes, OutboxChunk, OutboxMessage
from webmail.store import CHUNK, LABEL, Kept, Writer, erase

pytestmark = pytest.mark.django_db


@pytest.fixture
def row() -> OutboxMessage:
    return made(people.account("alice"))


def made(account: Account) -> OutboxMessage:
    return OutboxMessage.objects.create(
        account=account,
        key=UUID(int=OutboxMessage.objects.count()),
        sender=account.address,
        message_id="<1@example.test>",
        protection="clear",
    )


def kept(row: OutboxMessage, pieces: Iterator[bytes]) -> OutboxBytes:
    writer = Writer(row.pk)
    with transaction.atomic():
        for piece in pieces:
            writer.write(piece)
        part = writer.end("")
        part.save(force_insert=True)
    return OutboxBytes.objects.get(pk=part.pk)


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 77])
def test_what_was_written_is_read(row: OutboxMessage, size: int) -> None:
    data = (b"0123456789abcdef" * (size // 16 + 1))[:size]
    part = kept(row, (data[start : start + 10_007] for start in range(0, size, 10_007)))
    assert part.size == size
    assert b"".join(Kept(part)) == data
    assert b"".join(Kept(part)) == data, "and again"
    everything = b"".join(bytes(chunk) for chunk in part.chunks.values_list("sealed", flat=True))
    # One octet by itself is somewhere in any ciphertext.
    assert size < 16 or data[:16] not in everything


def test_a_large_one_is_never_whole_in_memory(row: OutboxMessage) -> None:
    written, read = hashlib.sha256(), hashlib.sha256()

    def pieces() -> Iterator[bytes]:
        for number in range(400):
            piece = number.to_bytes(4, "big") * (CHUNK // 32)
            written.update(piece)
            yield piece

    tracemalloc.start()
    try:
        part = kept(row, pieces())
        for piece in Kept(part):
            read.update(piece)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert part.size == 400 * CHUNK // 8
    assert read.digest() == written.digest()
    assert peak < 8 * CHUNK


def damaged(part: OutboxBytes, how: str) -> None:
    middle = OutboxChunk.objects.get(part=part, number=1)
    match how:
        case "left out":
            middle.delete()
        case "the end cut off":
            OutboxChunk.objects.filter(part=part, last=True).delete()
            OutboxChunk.objects.filter(pk=middle.pk).update(last=True)
        case "a bit":
            middle.sealed = bytes(middle.sealed)[:-1] + bytes([bytes(middle.sealed)[-1] ^ 1])
            middle.save()
        case "exchanged":
            first = OutboxChunk.objects.get(part=part, number=0)
            first.sealed, middle.sealed = middle.sealed, first.sealed
            first.save()
            middle.save()


@pytest.mark.parametrize("how", ["left out", "the end cut off", "a bit", "exchanged"])
def test_what_is_not_whole_is_said_before_its_end(row: OutboxMessage, how: str) -> None:
    part = kept(row, iter([b"x" * (2 * CHUNK + 9)]))
    damaged(part, how)
    with pytest.raises(LookupError):
        b"".join(Kept(part))


def test_another_rows_chunks_do_not_open(row: OutboxMessage) -> None:
    mine = kept(row, iter([b"mine"]))
    other = kept(made(row.account), iter([b"other"]))
    OutboxBytes.objects.filter(pk=mine.pk).update(head=other.head)
    OutboxChunk.objects.filter(part=mine).update(sealed=other.chunks.get().sealed)
    with pytest.raises(LookupError):
        b"".join(Kept(OutboxBytes.objects.get(pk=mine.pk)))


def test_a_key_that_is_gone_is_told(row: OutboxMessage) -> None:
    part = kept(row, iter([b"x"]))
    with override_settings(POSTERN_MASTER_KEYS={"another": bytes(32)}), pytest.raises(LookupError):
        b"".join(Kept(part))


def test_what_is_erased_is_gone(row: OutboxMessage) -> None:
    part = kept(row, iter([b"x" * CHUNK * 2]))
    erase(row)
    assert not OutboxChunk.objects.exists()
    with pytest.raises(LookupError):
        b"".join(Kept(OutboxBytes.objects.get(pk=part.pk)))


def test_chunks_go_with_their_row(row: OutboxMessage) -> None:
    kept(row, iter([b"x" * CHUNK * 2]))
    row.delete()
    assert not OutboxChunk.objects.exists()


def test_what_waited_from_before_there_were_chunks_is_read(row: OutboxMessage) -> None:
    part = OutboxBytes(message=row, size=6)
    part.sealed = credentials.seal_bytes(LABEL, row.pk.bytes + part.pk.bytes, b"hello.")
    part.save()
    before = OutboxBytes.objects.get(pk=part.pk)
    assert b"".join(Kept(before)) == b"hello."
    erase(row)
    with pytest.raises(LookupError):
        b"".join(Kept(OutboxBytes.objects.get(pk=part.pk)))
