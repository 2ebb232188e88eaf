"""The throttle where it is asked many things at once, and where no password is judged at all."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest
from django.conf import settings as site
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import override_settings

from accounts import discovery, throttle
from accounts.errors import SettingsNotFound
from accounts.models import Domain
from tests.servers import scripted
from tests.servers.authority import Authority
from tests.servers.scripted import Scripted

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def slow(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[bytes]]:
    """The passwords tried at the server of example.test, which takes its time to say no."""
    tried: list[bytes] = []

    def refuse(plain: bytes) -> bytes:
        tried.append(plain)
        time.sleep(1.5)
        return b"NO [AUTHENTICATIONFAILED] no"

    monkeypatch.setattr(scripted, "judged", refuse)
    authority = Authority(tmp_path_factory.mktemp("authority"))
    server = Scripted(authority.issue("slow", "localhost"), verdict=None)
    Domain.objects.create(name="example.test", imap_host="localhost", imap_port=server.port, smtp_host="localhost")
    cache.clear()
    with override_settings(MAIL_CA_FILE=str(authority.file)):
        yield tried
    server.close()


def at_once(*knocks: tuple[str, str]) -> list[int]:
    """The statuses of tries (address, place) that are all sent before the first is answered."""
    statuses: list[int] = []

    def knock(number: int, address: str, place: str) -> None:
        form = {"address": address, "password": f"guess-{number}"}
        statuses.append(Client(REMOTE_ADDR=place).post("/sign-in/", form).status_code)
        connection.close()

    threads = [threading.Thread(target=knock, args=(number, *each)) for number, each in enumerate(knocks)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return statuses


def test_guesses_sent_at_once_do_not_pass_the_throttle(slow: list[bytes]) -> None:
    statuses = at_once(*[("alice@example.test", f"198.51.100.{number}") for number in range(20)])
    assert len(slow) <= site.AXES_FAILURE_LIMIT
    assert statuses.count(429) >= 20 - site.AXES_FAILURE_LIMIT


def test_a_try_that_is_over_counts_no_more(slow: list[bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "_AT_ONE_ADDRESS", 1)
    for place in ("198.51.100.1", "198.51.100.2"):
        assert at_once(("alice@example.test", place)) == [403]
    assert len(slow) == 2


def test_signing_in_is_no_way_to_have_us_look_things_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Domains that do not exist are no failed tries, and every one costs questions to servers elsewhere."""
    asked = []

    def find(address: str, named: object = None) -> None:
        asked.append(address)
        raise SettingsNotFound

    monkeypatch.setattr(discovery, "find", find)
    cache.clear()
    client = Client(REMOTE_ADDR="198.51.100.7")
    for number in range(throttle._LOOKUPS + 3):
        answer = client.post("/sign-in/", {"address": f"a@domain{number}.example", "password": "x"})
    assert answer.status_code == 429
    assert len(asked) == throttle._LOOKUPS
