"""Requests over ASGI: one thread each, kept for the next, and never shared by two at once."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path

from webmail.handler import Handler
from webmail.urls import urlpatterns as pages

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls(__name__)]

together = threading.Barrier(2, timeout=10)
#: The thread that answered each request, and its connection to the database; held, so that none is made a second time.
answered: list[tuple[threading.Thread, object]] = []


@pytest.fixture(autouse=True)
def _nothing_answered() -> None:
    answered.clear()


def whose(request: HttpRequest) -> HttpResponse:
    """Notes who answers."""
    connection.ensure_connection()
    answered.append((threading.current_thread(), connection.connection))
    return HttpResponse("here")


def at_once(request: HttpRequest) -> HttpResponse:
    """Answers only when two are asked at the same time."""
    together.wait()
    return whose(request)


def breaks(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("on purpose")


urlpatterns = [path("whose/", whose), path("at-once/", at_once), path("breaks/", breaks), *pages]


async def get(handler: Handler, where: str) -> int:
    """The status of one request."""
    scope = {
        "type": "http", "http_version": "1.1", "method": "GET", "scheme": "http", "path": where, "query_string": b"",
        "headers": [(b"host", b"localhost")],
    }  # fmt: skip
    sent: list[dict[str, Any]] = []
    asked = iter([{"type": "http.request", "body": b"", "more_body": False}])

    async def receive() -> dict[str, Any]:
        for message in asked:
            return message
        await asyncio.Event().wait()
        raise AssertionError("nobody hangs up")

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await handler(scope, receive, send)
    return int(sent[0]["status"])


async def one_by_one(*wheres: str) -> list[int]:
    handler = Handler()
    return [await get(handler, where) for where in wheres]


async def both_at_once() -> Handler:
    handler = Handler()
    assert await asyncio.gather(get(handler, "/at-once/"), get(handler, "/at-once/")) == [200, 200]
    return handler


def test_the_next_request_finds_thread_and_connection_as_they_were() -> None:
    assert asyncio.run(one_by_one("/whose/", "/whose/")) == [200, 200]
    (thread, open_), (second_thread, second_open) = answered
    assert thread is second_thread
    assert open_ is second_open


def test_two_requests_at_once_have_a_thread_each() -> None:
    asyncio.run(both_at_once())
    (thread, open_), (second_thread, second_open) = answered
    assert thread is not second_thread
    assert open_ is not second_open


def test_a_view_that_broke_leaves_its_thread_to_others() -> None:
    assert asyncio.run(one_by_one("/whose/", "/breaks/", "/whose/")) == [200, 500, 200]
    assert answered[0][0] is answered[1][0]


def test_more_threads_than_are_kept_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webmail.handler.MOST_IDLE", 1)
    handler = asyncio.run(both_at_once())
    assert len(handler._idle) == 1
    for thread, _ in answered:
        thread.join(0.5)
    assert sorted(thread.is_alive() for thread, _ in answered) == [False, True]
