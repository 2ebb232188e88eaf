"""The broker is down: pages are told late, and nothing else suffers."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
from channels.layers import channel_layers
from django.conf import settings as site
from django.test import Client

from tests.accounts import people
from tests.servers.ports import free_ports
from webmail import live

from .test_settings import COMPLETE, ROOT

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def nowhere(settings: object) -> Iterator[str]:
    """The address of a Redis that is not there."""
    (port,) = free_ports(1)
    url = f"redis://127.0.0.1:{port}/0"
    settings.CHANNEL_LAYERS = {  # type: ignore[attr-defined]
        "default": {"BACKEND": "channels_redis.core.RedisChannelLayer", "CONFIG": {"hosts": [url]}}
    }
    settings.CACHES = {  # type: ignore[attr-defined]
        "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": url}
    }
    channel_layers.backends.clear()
    yield url
    channel_layers.backends.clear()


def test_signing_out_ends_the_session_all_the_same() -> None:
    alice = people.account("alice")
    browser = people.browser(alice)
    answer = browser.post("/sign-out/")
    assert (answer.status_code, answer["Location"]) == (302, "/sign-in/")
    # The share goes too: half a sign-out would leave it in the browser.
    assert answer.cookies[site.SHARE_COOKIE_NAME].value == ""
    assert not alice.credentials.exists()  # type: ignore[attr-defined]


def test_telling_a_page_from_a_coroutine_breaks_nothing() -> None:
    broke = []

    async def scenario() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _loop, context: broke.append(context))
        live.tell_account(1, {"type": "outbox"})
        while live._tasks:
            await asyncio.sleep(0.05)

    asyncio.run(scenario())
    assert not broke


def test_nobody_is_made_to_look_servers_up_uncounted() -> None:
    answer = Client().post("/sign-in/found/", {"address": "alice@example.test"})
    assert answer.status_code == 200
    assert b'data-word="signin-too-many"' in answer.content


def test_send_does_not_wait_for_it(nowhere: str) -> None:
    script = (
        "import django, time, uuid; django.setup(); from webmail import tasks;"
        "before = time.monotonic(); tasks.enqueue(uuid.uuid4()); print(time.monotonic() - before)"
    )
    environment = dict(os.environ) | COMPLETE | {"POSTERN_MODE": "production", "POSTERN_REDIS_URL": nowhere}
    environment["DJANGO_SETTINGS_MODULE"] = "webmail.settings"
    result = subprocess.run([sys.executable, "-c", script], env=environment, cwd=ROOT, capture_output=True, text=True)
    assert "the sweep will offer" in result.stderr
    assert float(result.stdout) < 3
