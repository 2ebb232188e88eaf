"""A browser's end of a websocket, without a network (channels.testing has one too, but wants daphne)."""

from __future__ import annotations

import asyncio
import json

from asgiref.testing import ApplicationCommunicator
from django.test import Client

from webmail.asgi import application


class Page(ApplicationCommunicator):  # type: ignore[misc]
    """One page's websocket to /ws/mail/, with the cookies of `client`."""

    def __init__(self, client: Client | None, origin: str | None = "http://localhost") -> None:
        headers = [(b"host", b"localhost")]
        if origin is not None:
            headers.append((b"origin", origin.encode()))
        if client is not None:
            cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())
            headers.append((b"cookie", cookies.encode()))
        super().__init__(
            application, {"type": "websocket", "path": "/ws/mail/", "query_string": b"", "headers": headers}
        )

    async def connect(self) -> bool:
        await self.send_input({"type": "websocket.connect"})
        return bool((await self.receive_output(5))["type"] == "websocket.accept")

    async def say(self, text: str) -> None:
        await self.send_input({"type": "websocket.receive", "text": text})

    async def hear(self, seconds: float = 5) -> dict[str, object]:
        """The next message. Waits on the queue itself: ApplicationCommunicator ends the application on a timeout."""
        output = await asyncio.wait_for(self.output_queue.get(), seconds)
        assert output["type"] == "websocket.send", output
        return dict(json.loads(output["text"]))

    async def hears_nothing(self, seconds: float = 0.3) -> bool:
        await asyncio.sleep(seconds)
        return self.output_queue.empty()

    async def closed(self, seconds: float = 5) -> int:
        """The code it was closed with."""
        output = await asyncio.wait_for(self.output_queue.get(), seconds)
        assert output["type"] == "websocket.close", output
        return int(output["code"])

    async def disconnect(self, code: int = 1000) -> None:
        await self.send_input({"type": "websocket.disconnect", "code": code})
        await self.wait(5)
