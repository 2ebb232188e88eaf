"""A step of ours that fails each time it is tried: less and less often, and in the end the person has it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from accounts import imap, smtp
from tests.accounts import people
from webmail import outbox, outbox_words, sending
from webmail.demo.server import MailServer
from webmail.models import OutboxMessage, State

from .posting import House, demo_server, embedded

__all__ = ["demo_server"]


@pytest.fixture
def house(demo_server: MailServer, transactional_db: None) -> Iterator[House]:
    house = embedded(demo_server)
    yield house
    imap.close_account(house.account.pk)


@pytest.fixture
def pass_time(monkeypatch: pytest.MonkeyPatch) -> Callable[[OutboxMessage], int]:
    """Days go by, with a sweep each half a minute that anything is due in; how often there was something."""
    real, off = timezone.now, [timedelta(0)]
    monkeypatch.setattr(timezone, "now", lambda: real() + off[0])

    def days(row: OutboxMessage) -> int:
        began: datetime = timezone.now()
        tries = 0
        while timezone.now() - began < timedelta(days=3):
            row.refresh_from_db()
            if row.due is None:
                break
            off[0] += max(row.due - timezone.now(), timedelta(0)) + timedelta(seconds=30)
            for waiting in outbox.overdue():
                tries += 1
                sending.work(waiting)
        row.refresh_from_db()
        return tries

    return days


def broken(*_arguments: object, **_more: object) -> None:
    raise RuntimeError("a mistake of ours")


@pytest.mark.parametrize("step", ["submit", "_submit", "_login", "_deliver"])
def test_it_is_tried_less_and_less_and_then_told(
    house: House, monkeypatch: pytest.MonkeyPatch, pass_time: Callable[[OutboxMessage], int], step: str
) -> None:
    row = house.post().row(house.browser)
    with monkeypatch.context() as patch:
        patch.setattr(smtp if step == "submit" else sending, step, broken)
        if step == "_submit":
            patch.setattr(sending, "_STEPS", sending._STEPS | dict.fromkeys((State.WAITING, State.RETRY), broken))
        tries = pass_time(row)
    # 1, 5, 15, 30 minutes and then each two hours, for two days.
    assert 20 < tries < 40
    assert (row.state, row.due, row.credential) == (State.GAVE_UP, None, None)
    browser = people.browser(house.account, house.login.password)
    page = browser.get("/outbox/").content.decode()
    assert 'data-word="out-gave-up"' in page
    assert b"A letter" in browser.get(f"/outbox/{row.pk}/copy/").content
    assert not house.messages("INBOX", row.message_id, house.neighbour)
    # The mistake is mended, and the person tries again.
    browser.post(f"/outbox/{row.pk}/retry/")
    sending.work(row.pk)
    row.refresh_from_db()
    assert row.state == State.DONE
    assert len(house.messages("INBOX", row.message_id, house.neighbour)) == 1


def test_where_it_may_have_gone_out_the_person_is_asked(
    house: House, monkeypatch: pytest.MonkeyPatch, pass_time: Callable[[OutboxMessage], int]
) -> None:
    """The server took it, and what we do with its answer fails each time."""
    row = house.post().row(house.browser)
    with monkeypatch.context() as patch:
        patch.setattr(sending, "_settle_refusals", broken)
        patch.setattr(sending, "_conclude", broken)
        assert pass_time(row) < 40
    assert outbox_words.line(row).word == "out-unknown-ask"
    assert len(house.messages("INBOX", row.message_id, house.neighbour)) == 1
    people.browser(house.account, house.login.password).post(f"/outbox/{row.pk}/arrived/")
    sending.work(row.pk)
    row.refresh_from_db()
    assert row.state == State.DONE
    assert len(house.messages("Sent", row.message_id)) == 1
    assert len(house.messages("INBOX", row.message_id, house.neighbour)) == 1
