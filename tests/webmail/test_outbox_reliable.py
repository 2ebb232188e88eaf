"""The outbox where something is wrong that no mail server did: our own faults, lost keys, turned off people."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import OperationalError
from django.utils import timezone

from accounts import errors, imap, smtp
from tests.accounts import people
from webmail import filing, lease, outbox
from webmail.demo.server import MailServer
from webmail.models import OutboxMessage, State

from .posting import House, Post, demo_server, embedded, settle

__all__ = ["demo_server"]


@pytest.fixture
def house(demo_server: MailServer, transactional_db: None) -> Iterator[House]:
    house = embedded(demo_server)
    yield house
    imap.close_account(house.account.pk)


def broken(*_arguments: object, **_more: object) -> None:
    raise RuntimeError("a mistake")


def now(row: OutboxMessage) -> OutboxMessage:
    OutboxMessage.objects.filter(pk=row.pk).update(due=timezone.now())
    return settle(row)


@pytest.mark.parametrize("step", ["copy_to_sent", "keep_as_draft"])
def test_a_fault_of_ours_is_not_repeated_at_every_sweep(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, step: str
) -> None:
    row = house.post().row(house.browser)
    if step == "keep_as_draft":
        house.browser.post(f"/outbox/{row.pk}/cancel/")
    with monkeypatch.context() as patch:
        patch.setattr(filing, step, broken)
        settle(row)
        assert outbox.overdue() == []
        first = row.due
        assert "stumbled" in caplog.text
        now(row)
        # Each time it waits longer.
        assert row.due is not None and first is not None
        assert row.due - timezone.now() > first - row.created
    assert now(row).state in (State.DONE, State.CANCELLED)


def test_a_fault_of_ours_while_looking_ends_with_a_question(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(*_arguments: object, **_more: object) -> None:
        raise errors.LostAfterEnd("no reply after the end mark")

    monkeypatch.setattr(smtp, "submit", lost)
    monkeypatch.setattr(filing, "went_out", broken)
    row = settle(house.post().row(house.browser))
    for _look in range(3):
        now(row)
    assert row.state == State.ASKING


def test_bytes_that_no_key_opens_wait_for_the_key(house: House, settings: Any) -> None:
    row = house.post().row(house.browser)
    kept = settings.POSTERN_MASTER_KEYS
    # Rotated and the old one thrown away; the person signed in since, so that the password opens.
    settings.POSTERN_MASTER_KEYS = {"new": secrets.token_bytes(32)}
    assert settle(row).state == State.SIGN_IN
    browser = people.browser(house.account, house.login.password)
    row.refresh_from_db()
    assert row.state == State.WAITING
    assert settle(row).state == State.RETRY
    assert outbox.overdue() == []
    assert browser.get(f"/outbox/{row.pk}/copy/").status_code == 404
    # The operator finds the old key again.
    settings.POSTERN_MASTER_KEYS = settings.POSTERN_MASTER_KEYS | kept
    assert now(row).state == State.DONE


@pytest.mark.parametrize("off", ["account", "person"])
def test_nothing_goes_out_for_somebody_who_was_turned_off(house: House, off: str) -> None:
    row = house.post().row(house.browser)
    if off == "account":
        house.account.enabled = False
        house.account.save()
    else:
        house.account.person.is_active = False
        house.account.person.save()
    assert settle(row).state == State.SIGN_IN
    assert row.credential is None
    assert not house.messages("INBOX", row.message_id, house.neighbour)


def test_an_answer_of_any_kind_can_be_kept(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL takes no NUL in a text; met after the end mark it would have left the message unknown."""
    taken = smtp.Submission([], {house.neighbour.user: (550, "no\0" + "x" * 5000)}, "250 ok\0")
    monkeypatch.setattr(smtp, "submit", lambda *_arguments: taken)
    row = settle(house.post().row(house.browser))
    delivery = row.deliveries.get()
    for kept in (row.answer, delivery.answer, *delivery.refused.values()):
        assert "\0" not in kept
        assert len(kept) <= lease.LONGEST_ANSWER


def test_a_worker_keeps_no_connection(house: House) -> None:
    imap.close_account(house.account.pk)
    row = settle(house.post().row(house.browser))
    assert row.state == State.DONE
    assert imap.pool.open_connections(house.account.pk) == 0


def test_a_lease_outlives_a_restart_of_the_database(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease, "BEAT_SECONDS", 0.05)
    row = house.post().row(house.browser)
    hold = lease.Hold.take(row.pk)
    assert hold is not None
    mine, down = hold._mine, [True] * 3

    def sometimes() -> Any:
        if down:
            down.pop()
            raise OperationalError("terminating connection due to administrator command")
        return mine()

    monkeypatch.setattr(hold, "_mine", sometimes)
    with hold:
        OutboxMessage.objects.filter(pk=row.pk).update(leased_until=timezone.now())
        for _wait in range(100):
            if not down and OutboxMessage.objects.get(pk=row.pk).is_held(timezone.now()):
                break
            hold._done.wait(0.05)
        assert OutboxMessage.objects.get(pk=row.pk).is_held(timezone.now())


@pytest.mark.parametrize(
    "changes", [{"uid": 0}, {"uid": 1 << 32}, {"uidvalidity": -1}, {"mailbox": "a\r\nb"}, {"mailbox": "\ud800"}]
)
def test_what_was_answered_has_to_be_a_message(house: House, changes: dict[str, object]) -> None:
    """Else setting its flag would fail each time, and the copy that comes after it would never be filed."""
    answered = {"mailbox": "INBOX", "uidvalidity": 1, "uid": 1, "flag": "\\Answered"} | changes
    answer = house.post(meta={"answered": answered}).to(house.browser)
    assert (answer.status_code, json.loads(answer.content)["error"]) == (400, "bad-order")


def test_the_outbox_is_no_store_to_fill(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "MOST_KEPT", 2)
    rows = [house.post().row(house.browser) for _ in range(2)]
    third = house.post()
    answer = third.to(house.browser)
    assert (answer.status_code, json.loads(answer.content)["error"]) == (507, "outbox-full")
    # What is done takes no room, and what was refused can be sent then.
    settle(rows[0])
    assert third.to(house.browser).status_code == 201
    monkeypatch.setattr(outbox, "MOST_KEPT", 500)
    monkeypatch.setattr(outbox, "MOST_KEPT_SIZE", 0)
    assert Post(house.account.address, [house.neighbour.user]).to(house.browser).status_code == 507
