"""Telling open pages at once: messages to the websockets of an account or of one session."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from typing import cast

from asgiref.sync import async_to_sync
from channels.layers import BaseChannelLayer, get_channel_layer
from redis.exceptions import RedisError

log = logging.getLogger(__name__)

# Where pages ask for a watch, and the group of all pages, which a starting watch tells its key.
WATCH, WATCHED = "watch", "watched"
_SECONDS = 5.0
_loop: asyncio.AbstractEventLoop | None = None


def bind(loop: asyncio.AbstractEventLoop) -> None:
    """Name the loop that websockets live on, where they live in this process.

    The in-memory channel layer is not made for other threads: a message sent from one arrives up to 62 ms late
    (measured), or, with its queue waiting on another loop, never.
    """
    global _loop
    _loop = loop


def layer() -> BaseChannelLayer:
    return cast(BaseChannelLayer, get_channel_layer())


def account_group(account_id: int) -> str:
    return f"account-{account_id}"


def session_group(session_key: str) -> str:
    """The session's key is a secret; the broker needs only its hash."""
    return "session-" + hashlib.sha256(session_key.encode()).hexdigest()[:32]


def tell_account(account_id: int, message: dict[str, object]) -> None:
    """`message` as JSON to all open pages of an account, such as {"type": "outbox", "id": …, "state": …}."""
    send(account_group(account_id), {"type": "page.message", "message": message})


def close_sockets(session_key: str, **_: object) -> None:
    """Receiver of accounts.signals.signed_out: the websockets of that session end now."""
    send(session_group(session_key), {"type": "session.ended"})


def send(group: str, event: dict[str, object]) -> None:
    """From any thread, or from a coroutine's thread. A page that is not told asks later by itself, so trouble with
    the broker is logged and does not stop the work that the message is about."""
    try:
        running = asyncio.get_running_loop()
    except RuntimeError:
        running = None
    try:
        if running is not None:
            task = running.create_task(layer().group_send(group, event))
            _tasks.add(task)
            task.add_done_callback(_sent)
        elif _loop is not None and _loop.is_running():
            asyncio.run_coroutine_threadsafe(layer().group_send(group, event), _loop).result(_SECONDS)
        else:
            async_to_sync(layer().group_send)(group, event)
    except _TROUBLE as error:
        log.warning("could not tell open pages: %s", type(error).__name__)


# redis-py's errors are no OSErrors.
_TROUBLE = (OSError, TimeoutError, RedisError)
# Tasks are held here until they are done: the loop itself holds them only weakly.
_tasks: set[asyncio.Task[None]] = set()


def _sent(task: asyncio.Task[None]) -> None:
    _tasks.discard(task)
    if not task.cancelled() and isinstance(error := task.exception(), _TROUBLE):
        log.warning("could not tell open pages: %s", type(error).__name__)
