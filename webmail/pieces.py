"""Bytes of the database on their way to a browser, a piece at a time and however slowly it takes them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor

from asgiref.sync import sync_to_async
from django.db import connections


async def from_thread(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    """Each piece is asked for when the one before is gone, in a thread of its own with its own connection."""
    thread = ThreadPoolExecutor(1, thread_name_prefix="pieces")
    run = sync_to_async(lambda step: step(), thread_sensitive=False, executor=thread)
    try:
        while piece := await run(lambda: next(pieces, b"")):
            yield piece
    finally:
        # Also reached when the browser goes away in the middle.
        await run(connections.close_all)
        thread.shutdown(wait=False)
