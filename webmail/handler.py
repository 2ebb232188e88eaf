"""Django's handler for HTTP, in threads that stay.

By itself it gives each request a thread of its own, and with it a new connection to the database, and goes to that
thread and back at every middleware. Our middleware and views are all synchronous, so a request goes there once, and
the thread serves another request afterwards: opening a message takes a quarter less time.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from asgiref.sync import ThreadSensitiveContext, sync_to_async
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler
from django.db import connections
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from .spool import Spool

#: Threads that wait for their next request, each with an open connection to the database. More run when needed.
MOST_IDLE = 8


class Handler(ASGIHandler):
    """One for the process; all its methods run on the event loop."""

    def __init__(self) -> None:
        self._idle: list[ThreadPoolExecutor] = []
        super().__init__()

    def load_middleware(self, is_async: bool = False) -> None:
        super().load_middleware(is_async=False)

    async def read_body(self, receive: Any) -> Any:
        """As Django does, into a file of ours."""
        spool = Spool()
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                spool.close()
                raise RequestAborted
            spool.take(message.get("body", b""))
            if not message.get("more_body", False):
                return spool.begin_reading()

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        return await sync_to_async(self.get_response, thread_sensitive=True)(request)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        # The thread that worked last is the warmest, and those that nobody needs any more stay at the bottom.
        thread = self._idle.pop() if self._idle else ThreadPoolExecutor(1, thread_name_prefix="page")
        try:
            async with ThreadSensitiveContext(executor=thread):
                await super().__call__(scope, receive, send)
        finally:
            if len(self._idle) < MOST_IDLE:
                self._idle.append(thread)
            else:
                thread.submit(connections.close_all)
                thread.shutdown(wait=False)
