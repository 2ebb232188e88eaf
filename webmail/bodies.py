"""How much of a request is taken at all.

Django under ASGI writes the whole body into a temporary file before anybody asks who sends it, and its own limits
count later and only what a form parser reads. So this stands in front of it.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings

#: Anything but a letter. A sealed key ring is the largest (keys.ring.LARGEST), with room for what is around it.
ELSEWHERE = 9 << 20
_HEADERS = [
    (b"content-type", b"text/plain; charset=utf-8"),
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
        # Every group of recipients has its own bytes (webmail/orders.py).
        most = 4 * settings.MESSAGE_LIMIT + (1 << 20) if scope["path"] == "/send/" else ELSEWHERE
        announced = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
        if not announced.isdigit() or int(announced) > most:
            await _refuse(send)
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
            await _refuse(send)


async def _refuse(send: Any) -> None:
    await send({"type": "http.response.start", "status": 413, "headers": _HEADERS})
    await send({"type": "http.response.body", "body": b"This is more than the site takes.\n"})
