"""Chunks open as they were sealed, in their order, to their end, for what they belong to; and else not at all."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest
from django.test import override_settings

from accounts.sealed_chunks import Chunks
from accounts.sealing import NotOpened

DATA = [b"one" * 100, b"two" * 100, b"three"]
Sealed = list[tuple[int, bool, bytes]]


def sealed(chunks: Chunks) -> Sealed:
    return [
        (number, number == len(DATA) - 1, chunks.seal(number, number == len(DATA) - 1, data))
        for number, data in enumerate(DATA)
    ]


def opened(chunks: Chunks, kept: Sealed) -> list[bytes]:
    return [chunks.open(number, last, data) for number, last, data in kept]


def test_they_open_again() -> None:
    chunks = Chunks.new("test", b"row")
    kept = sealed(chunks)
    assert opened(Chunks.of("test", b"row", chunks.head), kept) == DATA
    assert not any(data in b"".join(each for _, _, each in kept) for data in DATA)


CHANGES: dict[str, Callable[[Sealed], Sealed]] = {
    "exchanged": lambda kept: [(0, False, kept[1][2])],
    "the end cut off": lambda kept: [(1, True, kept[1][2])],
    "the end not the end": lambda kept: [(2, False, kept[2][2])],
    "moved up": lambda kept: [(0, True, kept[2][2])],
    "a bit": lambda kept: [(0, False, bytes([kept[0][2][0] ^ 1]) + kept[0][2][1:])],
    "shorter": lambda kept: [(0, False, kept[0][2][:-1])],
    "nothing": lambda kept: [(0, False, b"")],
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_was_changed_does_not_open(change: str) -> None:
    chunks = Chunks.new("test", b"row")
    with pytest.raises(NotOpened):
        opened(chunks, CHANGES[change](sealed(chunks)))


def test_the_head_says_what_they_belong_to() -> None:
    chunks = Chunks.new("test", b"row")
    kept = sealed(chunks)
    with pytest.raises(NotOpened):
        Chunks.of("test", b"another row", chunks.head)
    with pytest.raises(NotOpened):
        opened(Chunks.of("another use", b"row", chunks.head), kept)
    with pytest.raises(NotOpened):
        opened(Chunks.new("test", b"row"), kept)
    for place in range(len(chunks.head)):
        head = bytearray(chunks.head)
        head[place] ^= 1
        with pytest.raises(NotOpened):
            opened(Chunks.of("test", b"row", bytes(head)), kept)


def test_an_older_key_still_opens_and_a_missing_one_does_not() -> None:
    older, newer = os.urandom(32), os.urandom(32)
    with override_settings(POSTERN_MASTER_KEYS={"a": older}):
        chunks = Chunks.new("test", b"row")
        kept = sealed(chunks)
    with override_settings(POSTERN_MASTER_KEYS={"b": newer, "a": older}):
        assert opened(Chunks.of("test", b"row", chunks.head), kept) == DATA
    with override_settings(POSTERN_MASTER_KEYS={"b": newer}), pytest.raises(NotOpened):
        Chunks.of("test", b"row", chunks.head)
