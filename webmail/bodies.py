"""How much of a request is taken at all.

Django under ASGI writes the whole body into a temporary file before anybody asks who sends it, and its own limits
count later and only what a form parser reads. So this stands in front of it.
"""

from __future__ import annotations

import io
import json
from typing import Any

from django.conf import settings
from django.core.handlers.asgi import ASGIRequest
from django.utils import translation

from . import draft_upload, orders
from .errors import Unfit
from .limits import Limit

#: Anything but a letter or draft. A sealed key ring is the largest (keys.ring.LARGEST), and room for what is around it.
ELSEWHERE = 9 << 20
_HEADERS = [
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"x-content-type-options", b"nosniff"),
    (b"cache-control", b"no-store"),
    # The rest of the body is not read, so nothing else can come on this connection.
    (b"connection", b"close"),
]


class Bounded:
    """Answers 413 instead of taking more. `webmail.orders` says it in words where somebody only writes much."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        most = _most(scope["path"])
        announced = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
        if not announced.isdigit() or int(announced) > most:
            await _refuse(scope, send)
            return
        taken, begun = 0, False

        async def counted() -> Any:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            # To Django it looks as if the browser had gone.
            return message if taken <= most else {"type": "http.disconnect"}

        async def noted(message: Any) -> None:
            nonlocal begun
            begun = True
            await send(message)

        await self._app(scope, counted, noted)
        if taken > most and not begun:
            await _refuse(scope, send)


def _most(path: str) -> int:
    if path == "/send/":
        # Every group of recipients has its own bytes (webmail/orders.py).
        return max(ELSEWHERE, 4 * settings.MESSAGE_LIMIT + (1 << 20))
    return max(ELSEWHERE, settings.MESSAGE_LIMIT + (1 << 20)) if path == "/drafts/" else ELSEWHERE


async def _refuse(scope: Any, send: Any) -> None:
    kind, body = b"text/plain; charset=utf-8", b"This is more than the site takes.\n"
    if scope["path"] in ("/send/", "/drafts/"):
        error = _in_words(scope)
        kind, body = b"application/json", json.dumps({"error": error.code, "sentence": error.sentence}).encode()
    headers = [(b"content-type", kind), *_HEADERS]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _in_words(scope: Any) -> Unfit:
    """What the view would have said. No middleware has chosen the language yet."""
    language = translation.get_language_from_request(ASGIRequest(scope, io.BytesIO()))
    with translation.override(language):
        if scope["path"] == "/drafts/":
            return draft_upload.too_large()
        return orders.too_large(Limit(settings.MESSAGE_LIMIT, theirs=False), 0)
