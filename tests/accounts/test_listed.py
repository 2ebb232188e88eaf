"""Which servers may stand at inside addresses: those the administrator lists, and no longer than that."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import models
from accounts.models import Domain, listed

pytestmark = pytest.mark.django_db


def domain(**changes: object) -> Domain:
    servers = {"imap_host": "imap.example.test", "imap_port": 993, "smtp_host": "smtp.example.test", "smtp_port": 465}
    return Domain.objects.create(name="example.test", **(servers | changes))


def test_both_servers_of_a_domain_are_listed_and_nothing_else_there() -> None:
    domain()
    assert listed("imap.example.test", 993)
    assert listed("smtp.example.test", 465)
    assert not listed("imap.example.test", 22)
    assert not listed("elsewhere.example.test", 993)


def test_it_is_not_asked_of_the_database_each_time() -> None:
    domain()
    listed("imap.example.test", 993)
    with CaptureQueriesContext(connection) as asked:
        assert listed("imap.example.test", 993)
    assert len(asked) == 0


@pytest.mark.parametrize("change", ["turned off", "taken away", "moved"])
def test_a_change_counts_at_once(change: str) -> None:
    mine = domain()
    assert listed("imap.example.test", 993)
    if change == "taken away":
        mine.delete()
    else:
        mine.enabled = change != "turned off"
        mine.imap_host = "elsewhere.example.test" if change == "moved" else mine.imap_host
        mine.save()
    assert not listed("imap.example.test", 993)


def test_a_domain_that_is_new_counts_at_once() -> None:
    assert not listed("imap.example.test", 993)
    domain()
    assert listed("imap.example.test", 993)


def test_what_another_process_changed_counts_when_the_seconds_are_over(monkeypatch: pytest.MonkeyPatch) -> None:
    domain()
    assert listed("imap.example.test", 993)
    # As another process does it: no signal comes here.
    Domain.objects.update(enabled=False)
    now = models.time.monotonic()
    monkeypatch.setattr(models.time, "monotonic", lambda: now + 5.1)
    assert not listed("imap.example.test", 993)
