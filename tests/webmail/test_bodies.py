"""How much the site takes from somebody it does not know yet."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings as site

from webmail.asgi import application
from webmail.bodies import ELSEWHERE

pytestmark = pytest.mark.django_db(transaction=True)

CHUNK = bytes(1 << 20)


async def post(
    path: str, chunks: Iterator[bytes], *headers: tuple[bytes, bytes], said: list[bytes] | None = None
) -> tuple[int, int]:
    """The status, and how many octets of the body were taken; `said` is given the answer's body."""
    scope = {
        "type": "http", "http_version": "1.1", "method": "POST", "scheme": "http", "path": path, "query_string": b"",
        "headers": [(b"host", b"localhost"), (b"content-type", b"application/json"), *headers],
    }  # fmt: skip
    taken, sent, over = 0, [], asyncio.Event()

    async def receive() -> dict[str, Any]:
        nonlocal taken
        for chunk in chunks:
            taken += len(chunk)
            return {"type": "http.request", "body": chunk, "more_body": True}
        if over.is_set():
            # Nothing more comes, and nobody hangs up.
            await asyncio.Event().wait()
        over.set()
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await asyncio.wait_for(application(scope, receive, send), 30)
    if said is not None:
        said.append(b"".join(message.get("body", b"") for message in sent))
    return int(sent[0]["status"]), taken


def many(count: int) -> Iterator[bytes]:
    return iter([CHUNK] * count)


@pytest.mark.parametrize("path", ["/sign-in/", "/keys/ring/", "/nowhere/"])
def test_a_body_that_is_announced_too_large_is_not_taken(path: str) -> None:
    length = str(ELSEWHERE + 1).encode()
    assert asyncio.run(post(path, many(100), (b"content-length", length))) == (413, 0)


def test_a_body_without_end_is_not_taken_either() -> None:
    status, taken = asyncio.run(post("/sign-in/", many(1000), (b"transfer-encoding", b"chunked")))
    assert (status, taken) == (413, ELSEWHERE + len(CHUNK))


def test_a_letter_may_be_larger(settings: object) -> None:
    settings.MESSAGE_LIMIT = 4 << 20  # type: ignore[attr-defined]
    # Nobody is signed in; what counts is that the view was asked.
    assert asyncio.run(post("/send/", many(12)))[0] != 413
    assert asyncio.run(post("/send/", many(100)))[0] == 413


def test_a_draft_may_be_as_large_as_a_letter(settings: object) -> None:
    settings.MESSAGE_LIMIT = 12 << 20  # type: ignore[attr-defined]
    assert asyncio.run(post("/drafts/", many(12)))[0] != 413
    assert asyncio.run(post("/drafts/", many(100)))[0] == 413
    # Discarding one takes a few numbers.
    assert asyncio.run(post("/drafts/discard", many(12)))[0] == 413


@pytest.mark.parametrize(
    ("path", "language", "sentence"),
    [
        ("/send/", b"en", "The message is larger than 4 MB, the most this server takes."),
        ("/drafts/", b"en", "The draft is larger than 4 MB, the most this server takes."),
        ("/send/", b"de", "Die Nachricht ist größer als 4 MB"),
    ],
)
def test_who_writes_is_told_in_words(settings: object, path: str, language: bytes, sentence: str) -> None:
    settings.MESSAGE_LIMIT = 4 << 20  # type: ignore[attr-defined]
    for headers in ([], [(b"content-length", b"1000000000")]):
        said: list[bytes] = []
        assert asyncio.run(post(path, many(100), (b"accept-language", language), *headers, said=said))[0] == 413
        told = json.loads(said[0])
        assert told["error"] == "too-large"
        assert told["sentence"].startswith(sentence)


def test_a_key_ring_of_the_largest_size_passes() -> None:
    assert asyncio.run(post("/keys/ring/", many(8)))[0] != 413
    assert site.MESSAGE_LIMIT > ELSEWHERE
