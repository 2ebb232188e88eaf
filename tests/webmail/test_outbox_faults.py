"""The submission server fails at every point there is: the right state each time, and never a second copy."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.utils import timezone

from accounts import credentials, imap, smtp
from accounts.errors import LoginRefused, OverQuota, ServerUnreachable
from tests.accounts import people
from webmail import filing, lease, outbox, outbox_words, sending, tasks
from webmail.demo.server import MailServer
from webmail.models import OutboxBytes, OutboxMessage, Phase, State

from .breaking import Breaking
from .posting import House, breaking, breaking_house, demo_server, letter, put, settle

__all__ = ["breaking", "breaking_house", "demo_server"]


def make_due(row: OutboxMessage, **changes: Any) -> OutboxMessage:
    """As if the time had come."""
    OutboxMessage.objects.filter(pk=row.pk).update(due=timezone.now(), **changes)
    row.refresh_from_db()
    return row


def word(row: OutboxMessage) -> str:
    return outbox_words.line(OutboxMessage.objects.get(pk=row.pk)).word


BEFORE_THE_END = ("connect", "ehlo", "auth", "mail", "rcpt", "data", "middle")


@pytest.mark.parametrize("stage", BEFORE_THE_END)
def test_lost_before_the_end_mark_is_tried_again(house: House, breaking: Breaking, stage: str) -> None:
    breaking.at(stage, "drop")
    post = house.post()
    # More than the sockets hold, so that a loss in the middle is felt there and not at the end mark.
    post.parts = {"bytes-0": letter(post.sender, post.recipients[0], post.message_id, "Hello again.\r\n" * 900_000)}
    row = settle(post.row(house.browser))
    assert (row.state, word(row)) == (State.RETRY, "out-retry")
    assert row.due is not None
    assert timedelta(seconds=50) < row.due - timezone.now() <= timedelta(minutes=1)
    assert not breaking.taken
    breaking.mend()
    row = settle(make_due(row))
    assert row.state == State.DONE
    assert breaking.taken == {row.message_id: 1}


@pytest.mark.parametrize("stage", ["connect", "ehlo", "mail", "rcpt", "data", "dot"])
@pytest.mark.parametrize("code", ["421", "451", "452"])
def test_a_temporary_refusal_is_tried_again(house: House, breaking: Breaking, stage: str, code: str) -> None:
    breaking.at(stage, f"{code} not now, please")
    row = settle(house.post().row(house.browser))
    assert row.state == State.RETRY
    assert "not now, please" in row.answer
    assert "not now, please" in outbox_words.line(row).detail
    assert not breaking.taken
    breaking.mend()
    assert settle(make_due(row)).state == State.DONE
    assert breaking.taken == {row.message_id: 1}


@pytest.mark.parametrize("stage", ["mail", "rcpt", "data", "dot"])
def test_a_refusal_for_good_is_said(house: House, breaking: Breaking, stage: str) -> None:
    breaking.at(stage, "550 not here")
    row = settle(house.post().row(house.browser))
    assert (row.state, word(row)) == (State.REFUSED, "out-refused")
    assert "550 not here" in row.answer
    assert row.credential is None
    assert not breaking.taken
    assert "cancel" in outbox.may(row)


def test_too_large_for_the_server_is_said(house: House, breaking: Breaking) -> None:
    breaking.at("mail", "552 too much")
    row = settle(house.post().row(house.browser))
    assert (row.state, word(row)) == (State.TOO_LARGE, "out-too-large")


def test_a_reply_that_got_lost_is_looked_for_and_then_asked_about(house: House, breaking: Breaking) -> None:
    breaking.at("reply", "drop")
    row = settle(house.post().row(house.browser))
    assert breaking.taken == {row.message_id: 1}
    assert (row.state, word(row)) == (State.UNKNOWN, "out-unknown")
    breaking.mend()
    for _look in range(5):
        row = settle(make_due(row)) if row.state == State.UNKNOWN else row
    assert (row.state, word(row)) == (State.ASKING, "out-unknown-ask")
    assert row.credential is None
    # However often anybody works on it, it does not go out again by itself.
    tasks.sweep()
    settle(make_due(row))
    assert breaking.taken == {row.message_id: 1}


def test_the_person_says_that_it_arrived(house: House, breaking: Breaking) -> None:
    row = _asking(house, breaking)
    assert house.browser.post(f"/outbox/{row.pk}/arrived/").status_code == 302
    row.refresh_from_db()
    assert settle(row).state == State.DONE
    assert len(house.messages("Sent", row.message_id)) == 1
    assert breaking.taken == {row.message_id: 1}


def test_the_person_has_it_sent_again(house: House, breaking: Breaking) -> None:
    row = _asking(house, breaking)
    house.browser.post(f"/outbox/{row.pk}/again/")
    row.refresh_from_db()
    assert settle(row).state == State.DONE
    assert breaking.taken == {row.message_id: 2}


def test_the_person_keeps_it_as_a_draft(house: House, breaking: Breaking) -> None:
    row = _asking(house, breaking)
    house.browser.post(f"/outbox/{row.pk}/cancel/")
    row.refresh_from_db()
    row = settle(row)
    assert (row.state, word(row)) == (State.CANCELLED, "out-kept")
    assert len(house.messages("Drafts", row.message_id)) == 1
    assert breaking.taken == {row.message_id: 1}


def _asking(house: House, breaking: Breaking) -> OutboxMessage:
    breaking.at("reply", "drop")
    row = settle(house.post().row(house.browser))
    breaking.mend()
    while row.state == State.UNKNOWN:
        row = settle(make_due(row))
    assert row.state == State.ASKING
    return row


def test_a_server_that_files_by_itself_settles_a_lost_reply(
    house: House, breaking: Breaking, demo_server: MailServer
) -> None:
    breaking.deliver = lambda recipients, data: put(demo_server, house.account.address, "Sent", data)
    breaking.at("reply", "drop")
    row = settle(house.post().row(house.browser))
    assert row.state == State.DONE
    assert len(house.messages("Sent", row.message_id)) == 1
    assert breaking.taken == {row.message_id: 1}


def test_a_copy_to_oneself_settles_a_lost_reply(house: House, breaking: Breaking, demo_server: MailServer) -> None:
    breaking.deliver = lambda recipients, data: put(demo_server, house.account.address, "INBOX", data)
    breaking.at("reply", "drop")
    row = settle(house.post(house.neighbour.user, house.account.address).row(house.browser))
    assert row.state == State.DONE
    assert len(house.messages("Sent", row.message_id)) == 1
    assert breaking.taken == {row.message_id: 1}


def test_another_group_in_sent_does_not_settle_this_one(
    house: House, breaking: Breaking, demo_server: MailServer
) -> None:
    """Both carry one Message-ID; the outer boundary tells them apart."""
    post = house.post()
    for number in range(2):
        head = {"Content_Type": f'multipart/mixed; boundary="b{number}"'}
        text = f"--b{number}\r\n\r\nHi {number}\r\n--b{number}--"
        post.parts[f"bytes-{number}"] = letter(post.sender, house.neighbour.user, post.message_id, text, **head)
    others = ["dana@example.test"]
    post.meta = {
        "deliveries": [
            {"recipients": [house.neighbour.user], "part": "bytes-0"},
            {"recipients": others, "part": "bytes-1"},
        ]
    }
    put(demo_server, house.account.address, "Sent", post.parts["bytes-0"])
    taken = []
    # The second group's reply gets lost.
    breaking.deliver = lambda recipients, data: taken.append(recipients)
    breaking.fault = lambda stage, argument: (
        "drop" if stage == "reply" and taken == [[house.neighbour.user], others] else None
    )
    row = settle(post.row(house.browser))
    assert row.state == State.UNKNOWN
    assert [delivery.phase for delivery in row.deliveries.all()] == [Phase.ACCEPTED, Phase.UNKNOWN]


def test_a_broken_quit_is_no_trouble(house: House, breaking: Breaking) -> None:
    breaking.at("quit", "drop")
    row = settle(house.post().row(house.browser))
    assert row.state == State.DONE
    assert breaking.taken == {row.message_id: 1}


def test_one_put_off_of_two_is_tried_again_alone(house: House, breaking: Breaking) -> None:
    late = "late@example.test"
    breaking.fault = lambda stage, argument: "450 greylisted" if argument == late else None
    row = settle(house.post(house.neighbour.user, late).row(house.browser))
    assert row.state == State.RETRY
    assert [(each.recipients, each.phase) for each in row.deliveries.all()] == [
        ([house.neighbour.user], Phase.ACCEPTED),
        ([late], Phase.WAITING),
    ]
    # Somebody has it, so it cannot be called back any more.
    assert "cancel" not in outbox.may(row)
    seen: list[str] = []
    breaking.fault = lambda stage, argument: seen.append(argument) if stage == "rcpt" else None
    assert settle(make_due(row)).state == State.DONE
    assert seen == [late]


LATE, NOBODY = "late@example.test", "nobody@example.test"


def _lost_with_answers(house: House, breaking: Breaking) -> OutboxMessage:
    """One was taken, one refused, one put off, and then the reply to the end mark got lost."""
    answers = {LATE: "450 greylisted", NOBODY: "550 unknown"}
    breaking.fault = lambda stage, argument: "drop" if stage == "reply" else answers.get(argument)
    row = settle(house.post(house.neighbour.user, LATE, NOBODY).row(house.browser))
    assert row.state == State.UNKNOWN
    assert [(each.recipients, each.phase) for each in row.deliveries.all()] == [
        ([house.neighbour.user, NOBODY], Phase.UNKNOWN),
        ([LATE], Phase.WAITING),
    ]
    assert row.refused() == {NOBODY: "550 unknown"}
    return row


def test_a_lost_reply_loses_no_refusal(house: House, breaking: Breaking) -> None:
    row = _lost_with_answers(house, breaking)
    got: list[list[str]] = []
    breaking.mend()
    breaking.deliver = lambda recipients, data: got.append(recipients)
    for _step in range(6):
        row = settle(make_due(row)) if row.due is not None else row
    assert (row.state, got) == (State.ASKING, [[LATE]])
    house.browser.post(f"/outbox/{row.pk}/arrived/")
    row = settle(row)
    assert (row.state, word(row)) == (State.DONE, "out-partly-refused")
    assert (row.refused(), got) == ({NOBODY: "550 unknown"}, [[LATE]])


def test_what_arrived_for_some_still_goes_to_who_was_put_off(house: House, breaking: Breaking) -> None:
    row = _lost_with_answers(house, breaking)
    got: list[list[str]] = []
    breaking.mend()
    breaking.deliver = lambda recipients, data: got.append(recipients)
    assert settle(make_due(row, credential_expires=timezone.now())).state == State.ASKING
    house.browser.post(f"/outbox/{row.pk}/arrived/")
    assert (settle(row).state, got) == (State.DONE, [[LATE]])


def test_sent_again_who_was_refused_is_asked_for_anew(house: House, breaking: Breaking) -> None:
    row = _lost_with_answers(house, breaking)
    breaking.mend()
    settle(make_due(row, credential_expires=timezone.now()))
    house.browser.post(f"/outbox/{row.pk}/again/")
    row = settle(row)
    assert (row.state, row.refused(), breaking.taken[row.message_id]) == (State.DONE, {}, 3)


def test_a_refusal_after_the_end_mark_keeps_the_answers_before_it(house: House, breaking: Breaking) -> None:
    answers = {LATE: "450 greylisted", NOBODY: "550 unknown"}
    breaking.fault = lambda stage, argument: "554 spam" if stage == "dot" else answers.get(argument)
    row = settle(house.post(house.neighbour.user, LATE, NOBODY).row(house.browser))
    first = row.deliveries.all()[0]
    assert (first.phase, first.refused[NOBODY]) == (Phase.REFUSED, "550 unknown")
    assert "554 spam" in first.refused[house.neighbour.user]
    assert row.state == State.RETRY and not breaking.taken
    row = settle(make_due(row, since=timezone.now() - sending.TRY_FOR - timedelta(minutes=1)))
    assert row.state == State.GAVE_UP


@pytest.mark.parametrize("before_the_end_mark", [True, False])
def test_an_answer_written_twice_puts_nobody_off_twice(
    house: House, breaking: Breaking, monkeypatch: pytest.MonkeyPatch, before_the_end_mark: bool
) -> None:
    """The database committed and its own answer got lost, so the same is written once more."""
    surely, submit = lease.Hold.surely, smtp.submit
    lost: list[bool] = []

    def twice(hold: lease.Hold, write: Callable[[], None]) -> None:
        def and_lost() -> None:
            write()
            if not lost:
                lost.append(True)
                raise OperationalError("server closed the connection unexpectedly")

        surely(hold, and_lost)

    monkeypatch.setattr(lease.Hold, "surely", twice)
    if not before_the_end_mark:
        monkeypatch.setattr(smtp, "submit", lambda *given: submit(*given[:5]))
    breaking.fault = lambda stage, argument: "450 greylisted" if argument == LATE else None
    row = settle(house.post(house.neighbour.user, LATE).row(house.browser))
    assert lost and [each.recipients for each in row.deliveries.all()] == [[house.neighbour.user], [LATE]]
    breaking.mend()
    assert settle(make_due(row)).state == State.DONE
    assert breaking.taken == {row.message_id: 2}


def test_after_two_days_it_is_given_up_and_kept(house: House, breaking: Breaking) -> None:
    breaking.at("rcpt", "450 not today")
    row = settle(house.post().row(house.browser))
    row = settle(make_due(row, since=timezone.now() - sending.TRY_FOR - timedelta(minutes=1)))
    assert (row.state, word(row)) == (State.GAVE_UP, "out-gave-up")
    assert row.due is None and row.credential is None
    assert OutboxBytes.objects.get(message=row).chunks.exists()
    assert b"A letter" in house.browser.get(f"/outbox/{row.pk}/copy/").content
    breaking.mend()
    house.browser.post(f"/outbox/{row.pk}/retry/")
    row.refresh_from_db()
    assert settle(row).state == State.DONE


def test_waits_grow_between_tries(house: House, breaking: Breaking) -> None:
    breaking.at("mail", "451 not now")
    row = settle(house.post().row(house.browser))
    waits = []
    for _try in range(7):
        assert row.due is not None
        waits.append(round((row.due - timezone.now()).total_seconds() / 60))
        row = settle(make_due(row))
    assert waits == [1, 5, 15, 30, 120, 120, 120]


@pytest.mark.parametrize("code", ["535 5.7.8 no", "534 5.7.9 expired"])
def test_a_refused_login_waits_for_the_person(house: House, breaking: Breaking, code: str) -> None:
    breaking.at("auth", code)
    row = settle(house.post().row(house.browser))
    assert (row.state, word(row)) == (State.SIGN_IN, "out-sign-in")
    tries = breaking.connections
    # No second try by itself, so that no provider locks the account.
    tasks.sweep()
    settle(row)
    assert breaking.connections == tries


@pytest.mark.parametrize("code", ["550 5.7.1 not now", "500 what"])
def test_another_no_to_signing_in_is_tried_again(house: House, breaking: Breaking, code: str) -> None:
    credentials.allow_away(house.account, house.login.password)
    breaking.at("auth", code)
    row = settle(house.post().row(house.browser))
    assert row.state == State.RETRY
    assert credentials.may_away(house.account)
    breaking.fault = lambda stage, argument: None
    assert settle(make_due(row)).state == State.DONE


def test_a_full_mailbox_does_not_make_it_go_out_twice(
    house: House, breaking: Breaking, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_arguments: object) -> None:
        raise OverQuota("[OVERQUOTA] Mailbox is full")

    with monkeypatch.context() as patch:
        patch.setattr(filing, "copy_to_sent", full)
        row = settle(house.post().row(house.browser))
        assert (row.state, word(row)) == (State.COPY_PENDING, "out-copy-pending")
        assert "OVERQUOTA" in outbox_words.line(row).detail
        # The text stays readable here.
        assert b"A letter" in house.browser.get(f"/outbox/{row.pk}/copy/").content
        assert settle(make_due(row)).state == State.COPY_PENDING
    row = settle(make_due(row))
    assert row.state == State.DONE
    assert len(house.messages("Sent", row.message_id)) == 1
    assert breaking.taken == {row.message_id: 1}


def test_after_fourteen_days_the_copy_is_kept_for_the_person(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_arguments: object) -> None:
        raise OverQuota("full")

    monkeypatch.setattr(filing, "copy_to_sent", full)
    row = settle(house.post().row(house.browser))
    row = settle(make_due(row, accepted_at=timezone.now() - sending.COPY_FOR))
    assert (row.state, row.due, row.credential) == (State.COPY_PENDING, None, None)
    assert OutboxBytes.objects.get(message=row).chunks.exists()
    assert b"A letter" in house.browser.get(f"/outbox/{row.pk}/copy/").content


def test_a_lease_that_ran_out_means_signing_in(house: House, breaking: Breaking) -> None:
    row = house.post().row(house.browser)
    OutboxMessage.objects.filter(pk=row.pk).update(credential_expires=timezone.now())
    assert settle(row).state == State.SIGN_IN
    assert not breaking.connections


def test_a_row_that_somebody_else_took_over_is_let_go_before_the_end_mark(house: House, breaking: Breaking) -> None:
    """A worker that slept through its lease must not finish what another one has begun anew."""
    row = house.post().row(house.browser)

    def steal(stage: str, argument: str) -> str | None:
        if stage == "data":
            OutboxMessage.objects.filter(pk=row.pk).update(lease="00000000-0000-4000-8000-000000000000")
        return None

    breaking.fault = steal
    settle(row)
    assert not breaking.taken
    breaking.mend()
    row = settle(make_due(row, leased_until=timezone.now()))
    assert row.state == State.DONE
    assert breaking.taken == {row.message_id: 1}


def test_a_fault_of_ours_shows_and_loses_nothing(
    house: House, breaking: Breaking, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_arguments: object) -> None:
        raise RuntimeError("a mistake")

    with monkeypatch.context() as patch:
        patch.setattr(smtp, "submit", broken)
        row = settle(house.post().row(house.browser))
    assert row.state == State.RETRY
    assert "submission failed" in caplog.text
    assert settle(make_due(row)).state == State.DONE


def test_the_sweep_offers_what_a_lost_task_left(house: House, breaking: Breaking) -> None:
    row = house.post().row(house.browser)
    assert outbox.overdue() == [row.pk]
    settle(row)
    assert outbox.overdue() == []


def test_finished_rows_are_forgotten_after_a_month(house: House) -> None:
    row = settle(house.post().row(house.browser))
    assert outbox.forget() == 0
    OutboxMessage.objects.filter(pk=row.pk).update(finished_at=timezone.now() - outbox.SHOWN_FOR)
    outbox.forget()
    assert not OutboxMessage.objects.exists()


def test_a_sign_in_lets_waiting_rows_go_on(house: House, breaking: Breaking) -> None:
    breaking.at("auth", "535 no")
    row = settle(house.post().row(house.browser))
    assert row.state == State.SIGN_IN
    breaking.mend()
    # Nothing but the sign-in itself.
    people.browser(house.account, "alice-pw")
    row.refresh_from_db()
    assert row.state == State.WAITING
    assert settle(row).state == State.DONE


def test_the_mailbox_down_after_acceptance(house: House, breaking: Breaking, monkeypatch: pytest.MonkeyPatch) -> None:
    row = house.post().row(house.browser)

    def down(*_arguments: object, **_more: object) -> None:
        raise ServerUnreachable("no connection", host="127.0.0.1")

    with monkeypatch.context() as patch:
        patch.setattr(imap, "connect", down)
        row = settle(row)
    assert row.state == State.COPY_PENDING
    assert settle(make_due(row)).state == State.DONE
    assert breaking.taken == {row.message_id: 1}


# --- called off ---


def _sign_in_files_it(house: House, breaking: Breaking, row: OutboxMessage) -> None:
    """The row waits for a sign-in, which then files it and sends nothing."""
    assert (row.state, row.due, row.credential) == (State.CANCELLING, None, None)
    line = outbox_words.line(OutboxMessage.objects.get(pk=row.pk))
    assert (line.word, line.acts) == ("out-cancelling-sign-in", {"retry", "download"})
    tasks.sweep()
    assert settle(row).state == State.CANCELLING
    people.browser(house.account, "alice-pw")
    row.refresh_from_db()
    assert row.state == State.CANCELLING and row.due is not None
    assert settle(row).state == State.CANCELLED
    assert len(house.messages("Drafts", row.message_id)) == 1
    assert not breaking.taken


def _called_off(house: House, **changes: Any) -> OutboxMessage:
    row = house.post().row(house.browser)
    house.browser.post(f"/outbox/{row.pk}/cancel/")
    return make_due(row, **changes)


def test_called_off_without_a_credential_it_stays_called_off(house: House, breaking: Breaking) -> None:
    row = settle(_called_off(house, credential_expires=timezone.now()))
    assert not house.browser.post(f"/outbox/{row.pk}/here/").json()["goes"]
    _sign_in_files_it(house, breaking, row)


def test_called_off_under_a_refused_login_it_stays_called_off(
    house: House, breaking: Breaking, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_arguments: object, **_more: object) -> None:
        raise LoginRefused("535 5.7.8 changed")

    row = _called_off(house)
    with monkeypatch.context() as patch:
        patch.setattr(imap, "connect", refused)
        settle(row)
    assert "535 5.7.8 changed" in outbox_words.line(row).detail
    _sign_in_files_it(house, breaking, row)


def test_called_off_with_drafts_full_until_the_credential_ends(
    house: House, breaking: Breaking, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_arguments: object) -> None:
        raise OverQuota("[OVERQUOTA] Mailbox is full")

    row = _called_off(house)
    with monkeypatch.context() as patch:
        patch.setattr(filing, "keep_as_draft", full)
        row = settle(row)
        assert row.state == State.CANCELLING and row.due is not None
        row = settle(make_due(row, credential_expires=timezone.now()))
    assert "OVERQUOTA" in outbox_words.line(row).detail
    _sign_in_files_it(house, breaking, row)


def test_what_was_called_off_is_tried_again_by_hand(house: House, breaking: Breaking) -> None:
    row = settle(_called_off(house, credential_expires=timezone.now()))
    page = house.browser.get("/outbox/", headers={"HX-Target": "outbox"}).content.decode()
    assert "It goes into Drafts when you sign in next." in page and f"/outbox/{row.pk}/retry/" in page
    house.browser.post(f"/outbox/{row.pk}/retry/")
    assert settle(row).state == State.CANCELLED
    assert not breaking.taken
