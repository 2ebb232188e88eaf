"""By what a message is known again after a move: its Message-ID, when it arrived, and its size."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256


def trace(message_id: bytes, arrived: datetime, size: int) -> str:
    """`2026-11/` and 32 hexadecimal digits; "" where the server does not say when it arrived.

    The Message-ID alone could be given to another message by whoever has seen it. A message that came a second later,
    or is a byte longer, has another trace.
    """
    when = arrived.astimezone(UTC)
    if when.year < 1971:
        return ""
    known = b"%s\n%d\n%d" % (message_id.strip(), int(when.timestamp()), size)
    return f"{when:%Y-%m}/{sha256(known).hexdigest()[:32]}"
