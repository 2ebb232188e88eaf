"""Taking back, sending later, and the grant under which a message goes while its person is away."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from accounts import credentials, errors, imap
from accounts.models import AwayEvent, Domain
from tests.accounts import people
from webmail import lease, one_draft, outbox, outbox_words, sending, store, tasks
from webmail.demo.server import MailServer
from webmail.errors import LeaseLost
from webmail.models import OutboxChunk, OutboxMessage, State

from .breaking import Breaking
from .posting import House, breaking, demo_server, embedded, house, settle

__all__ = ["breaking", "demo_server", "house"]


def at(minutes: float) -> str:
    return (timezone.now() + timedelta(minutes=minutes)).isoformat()


def word(row: OutboxMessage) -> str:
    row.refresh_from_db()
    return outbox_words.line(row).word


def erased(row: OutboxMessage) -> bool:
    return not OutboxChunk.objects.filter(part__message=row).exists()


def listed(house: House) -> str:
    """The list alone: the whole page also carries every sentence there is."""
    return house.browser.get("/outbox/", headers={"HX-Target": "outbox"}).content.decode()


def comes(row: OutboxMessage) -> OutboxMessage:
    """The chosen time comes, and the sweep with it."""
    past = timezone.now() - timedelta(seconds=1)
    OutboxMessage.objects.filter(pk=row.pk).update(goes_at=past, due=past, since=past)
    assert row.pk in outbox.overdue()
    return settle(row)


def allow(browser: Client, answer: str = "yes") -> None:
    assert browser.post("/settings/away/", {"allow": answer}).status_code == 302


# --- undo ---


def test_what_is_taken_back_never_goes(house: House) -> None:
    post = house.post(meta={"undo": 20})
    answer = post.to(house.browser).json()  # type: ignore[attr-defined]
    row = OutboxMessage.objects.get(pk=answer["id"])
    assert word(row) == answer["word"] == "out-undo" and 18 < answer["seconds"] <= 20
    # Nothing moves while it can be taken back.
    assert settle(row).state == State.WAITING and outbox.overdue() == []
    for _answer_got_lost in range(2):
        assert house.browser.post(answer["undo"]).json() == {"undone": True}
    row.refresh_from_db()
    assert (row.state, row.credential) == (State.UNDONE, None)
    assert erased(row)
    # A try of the same key that comes late sends nothing either, and the list does not speak of it.
    late = post.to(house.browser)
    assert (late.status_code, late.json()["word"]) == (200, "out-undone")  # type: ignore[attr-defined]
    assert str(row.pk) not in listed(house)
    settle(row)
    for place, login in (("INBOX", house.neighbour), ("Sent", house.login), ("Drafts", house.login)):
        assert not house.messages(place, row.message_id, login)


def test_after_the_seconds_it_goes_and_cannot_be_taken_back(house: House) -> None:
    row = house.post(meta={"undo": 5}).row(house.browser)
    past = timezone.now() - timedelta(seconds=1)
    OutboxMessage.objects.filter(pk=row.pk).update(undo_until=past, due=past)
    assert settle(row).state == State.DONE
    assert house.browser.post(f"/outbox/{row.pk}/undo/").json() == {"undone": False}
    assert len(house.messages("INBOX", row.message_id, house.neighbour)) == 1


def test_undo_from_the_outbox_page_leaves_a_draft(house: House) -> None:
    row = house.post(meta={"undo": 20}).row(house.browser)
    page = listed(house)
    assert 'data-word="out-undo"' in page and f"/outbox/{row.pk}/cancel/" in page and "Undo" in page
    house.browser.post(f"/outbox/{row.pk}/cancel/")
    assert settle(row).state == State.CANCELLED
    assert len(house.messages("Drafts", row.message_id)) == 1


@pytest.mark.parametrize("undo", [-1, 31, 1.5, "5", True, None])
def test_odd_seconds_are_refused(house: House, undo: object) -> None:
    assert house.post(meta={"undo": undo}).to(house.browser).status_code == 400


def test_a_worker_and_the_person_do_not_both_have_it(house: House) -> None:
    row = house.post(meta={"undo": 5}).row(house.browser)
    soon = timezone.now() + timedelta(seconds=30)
    OutboxMessage.objects.filter(pk=row.pk).update(leased_until=soon)
    assert house.browser.post(f"/outbox/{row.pk}/undo/").json() == {"undone": False}


@pytest.mark.parametrize("act", ["undo", "cancel", "move"])
def test_a_worker_that_slept_past_its_hold_sends_nothing(house: House, act: str) -> None:
    row = house.post(meta={"send_at": at(60)} if act == "move" else {"undo": 20}).row(house.browser)
    chosen = row.goes_at
    OutboxMessage.objects.filter(pk=row.pk).update(due=timezone.now())
    hold = lease.Hold.take(row.pk)
    assert hold is not None
    # It was paused, and its hold lapsed.
    OutboxMessage.objects.filter(pk=row.pk).update(leased_until=timezone.now() - timedelta(seconds=1))
    assert house.browser.post(f"/outbox/{row.pk}/{act}/", {"send_at": at(600)}).status_code in (200, 302)
    row.refresh_from_db()
    assert row.state in (State.UNDONE, State.CANCELLING) or row.goes_at != chosen
    # It wakes in its first step, with the row as it was in its hands and a credential.
    hold.row.credential_expires = timezone.now() + timedelta(days=1)
    hold.row.credential = credentials.lease_with(
        house.account, house.login.password, row.pk, hold.row.credential_expires
    )
    with hold, pytest.raises(LeaseLost):
        sending._submit(hold)
    assert not house.messages("INBOX", row.message_id, house.neighbour)


def test_the_seconds_are_the_persons_own(house: House, settings: Any) -> None:
    settings.UNDO_SECONDS = 5
    assert 'data-undo="5"' in house.browser.get("/compose/").content.decode()
    assert house.browser.post("/settings/undo/", {"seconds": "30"}).status_code == 302
    assert 'data-undo="30"' in house.browser.get("/compose/").content.decode()
    for odd in ("31", "7", "", "x"):
        assert house.browser.post("/settings/undo/", {"seconds": odd}).status_code == 400
    assert '<option value="30" selected>' in house.browser.get("/settings/").content.decode()


# --- later, with the grant ---


def test_it_goes_at_its_time_with_nobody_signed_in(house: House) -> None:
    allow(house.browser)
    row = house.post(meta={"send_at": at(60), "protection": "encrypted"}).row(house.browser)
    assert row.credential is None
    assert word(row) == "out-scheduled"
    page = listed(house)
    assert "already encrypted and signed" in page and "Signed " in page
    house.browser.post("/sign-out/")
    imap.close_account(house.account.pk)
    assert settle(row).state == State.WAITING
    row = comes(row)
    assert row.state == State.DONE
    assert len(house.messages("INBOX", row.message_id, house.neighbour)) == 1
    assert len(house.messages("Sent", row.message_id)) == 1
    # The grant stays the person's until they withdraw it; what was done with it is written down.
    assert credentials.may_away(house.account)
    used = house.account.away_events.filter(act=AwayEvent.Act.USED)
    assert {event.about for event in used} == {f"outbox {row.pk}"}


def test_the_signed_bytes_keep_the_time_of_the_click(house: House) -> None:
    """RFC 5322 section 3.6.1: when the message was put into its final form, not when it is transported."""
    allow(house.browser)
    row = house.post(meta={"send_at": at(60)}).row(house.browser)
    sent = next(iter(row.parts.all()))
    built = b"".join(store.Kept(sent))
    row = comes(row)
    [uid] = house.messages("Sent", row.message_id)
    assert house.source("Sent", uid) == built
    assert b"Date: Sun, 22 Nov 2026 10:00:00 +0000" in built


@pytest.mark.parametrize(
    ("protection", "sentence"),
    [
        ("encrypted", "out-scheduled"),
        ("signed", "out-scheduled-signed"),
        ("clear", "out-scheduled-clear"),
    ],
)
def test_no_more_is_said_than_is_so(house: House, protection: str, sentence: str) -> None:
    allow(house.browser)
    row = house.post(meta={"send_at": at(60), "protection": protection}).row(house.browser)
    assert word(row) == sentence
    page = listed(house)
    assert ("Signed " in page) == (protection != "clear")


def test_a_temporary_refusal_is_tried_again_under_the_grant(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    allow(house.browser)
    row = house.post(meta={"send_at": at(60)}).row(house.browser)
    with monkeypatch.context() as patch:
        patch.setattr("accounts.smtp.submit", raising(errors.TemporaryRefusal("451 later")))
        row = comes(row)
    assert (row.state, word(row)) == (State.RETRY, "out-retry")
    OutboxMessage.objects.filter(pk=row.pk).update(due=timezone.now())
    assert settle(row).state == State.DONE


def raising(error: Exception) -> Any:
    def broken(*_arguments: object, **_more: object) -> None:
        raise error

    return broken


# --- later, without it ---


def test_without_a_grant_it_waits_for_the_person(house: House) -> None:
    row = house.post(meta={"send_at": at(60)}).row(house.browser)
    assert row.credential is None
    assert word(row) == "out-grant"
    assert "Not before " in listed(house)
    row = comes(row)
    assert (row.state, word(row)) == (State.SIGN_IN, "out-grant")
    assert not house.messages("INBOX", row.message_id, house.neighbour)
    tasks.go_on(
        None,
        account=house.account,
        lease=lambda *given: credentials.lease_with(house.account, house.login.password, *given),
    )
    row.refresh_from_db()
    assert settle(row).state == State.DONE
    assert len(house.messages("INBOX", row.message_id, house.neighbour)) == 1


def test_it_goes_when_a_page_says_that_its_person_is_here(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    row = house.post(meta={"send_at": at(60)}).row(house.browser)
    assert house.browser.post(f"/outbox/{row.pk}/here/").json() == {"goes": False}
    told: list[dict[str, object]] = []
    monkeypatch.setattr("webmail.live.tell_account", lambda _account, message: told.append(message))
    row = comes(row)
    assert told[-1]["here"] == f"/outbox/{row.pk}/here/"
    assert house.browser.post(f"/outbox/{row.pk}/here/").json() == {"goes": True}
    # Said by a second page, it changes nothing.
    assert house.browser.post(f"/outbox/{row.pk}/here/").json() == {"goes": False}
    row.refresh_from_db()
    assert settle(row).state == State.DONE


def test_a_refused_password_is_not_tried_again_by_a_page(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    allow(house.browser)
    row = house.post(meta={"send_at": at(60)}).row(house.browser)
    with monkeypatch.context() as patch:
        patch.setattr("accounts.smtp.submit", raising(errors.LoginRefused("535 5.7.8 changed")))
        row = comes(row)
    assert house.browser.post(f"/outbox/{row.pk}/here/").json() == {"goes": False}


def test_allowing_it_later_lets_go_what_waits(house: House) -> None:
    row = comes(house.post(meta={"send_at": at(60)}).row(house.browser))
    assert row.state == State.SIGN_IN
    allow(house.browser)
    row.refresh_from_db()
    assert settle(row).state == State.DONE


def test_what_is_withdrawn_is_deleted_and_holds_the_message(house: House) -> None:
    allow(house.browser)
    row = house.post(meta={"send_at": at(60)}).row(house.browser)
    allow(house.browser, "no")
    assert not house.account.credentials.filter(kind="grant").exists()
    assert word(row) == "out-grant"
    assert comes(row).state == State.SIGN_IN
    acts = list(house.account.away_events.values_list("act", flat=True))
    assert acts == ["withdrawn", "given"]


def test_a_granted_password_that_is_refused_is_deleted(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    allow(house.browser)
    row = house.post(meta={"send_at": at(60)}).row(house.browser)
    monkeypatch.setattr("accounts.smtp.submit", raising(errors.LoginRefused("535 5.7.8 changed")))
    row = comes(row)
    assert (row.state, word(row)) == (State.SIGN_IN, "out-sign-in")
    assert not credentials.may_away(house.account)
    assert house.account.away_events.first().act == AwayEvent.Act.REFUSED  # type: ignore[union-attr]


@pytest.mark.parametrize("off", ["account", "person"])
def test_no_grant_serves_somebody_who_was_turned_off(house: House, off: str) -> None:
    allow(house.browser)
    row = house.post(meta={"send_at": at(60)}).row(house.browser)
    if off == "account":
        house.account.enabled = False
        house.account.save()
    else:
        house.account.person.is_active = False
        house.account.person.save()
    assert comes(row).state == State.SIGN_IN


def test_a_grant_brings_no_password_to_another_server(house: House) -> None:
    allow(house.browser)
    row = house.post(meta={"send_at": at(60)}).row(house.browser)
    house.account.smtp_host = "localhost.evil.example"
    house.account.save()
    assert comes(row).state == State.SIGN_IN


def test_an_ordinary_message_does_not_use_the_grant(house: House) -> None:
    """The lease of a message that goes at once ends; then the person signs in, as before."""
    allow(house.browser)
    row = house.post().row(house.browser)
    OutboxMessage.objects.filter(pk=row.pk).update(credential_expires=timezone.now())
    assert settle(row).state == State.SIGN_IN


# --- changed, called off, sent now ---


def test_another_time(house: House) -> None:
    row = house.post(meta={"send_at": at(60)}).row(house.browser)
    assert house.browser.post(f"/outbox/{row.pk}/move/", {"send_at": at(600)}).json() == {"moved": True}
    row.refresh_from_db()
    assert row.goes_at == row.due and row.due is not None
    assert row.due - timezone.now() > timedelta(hours=9)
    for odd in ("", "tomorrow", "2026-11-30T08:00", at(60 * 24 * 400)):
        assert house.browser.post(f"/outbox/{row.pk}/move/", {"send_at": odd}).status_code == 400


def test_a_time_that_passed_long_ago_means_from_now_on(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    allow(house.browser)
    row = house.post(meta={"send_at": at(60)}).row(house.browser)
    assert house.browser.post(f"/outbox/{row.pk}/move/", {"send_at": at(-60 * 24 * 3)}).json() == {"moved": True}
    with monkeypatch.context() as patch:
        patch.setattr("accounts.smtp.submit", raising(errors.TemporaryRefusal("451 later")))
        row = settle(row)
    # It is tried for as long as any other.
    assert row.state == State.RETRY
    OutboxMessage.objects.filter(pk=row.pk).update(due=timezone.now())
    assert settle(row).state == State.DONE


def test_send_now(house: House) -> None:
    row = house.post(meta={"send_at": at(60)}).row(house.browser)
    house.browser.post(f"/outbox/{row.pk}/now/")
    assert settle(row).state == State.DONE


def test_cancelled_before_its_time(house: House) -> None:
    allow(house.browser)
    row = house.post(meta={"send_at": at(60)}).row(house.browser)
    house.browser.post(f"/outbox/{row.pk}/cancel/")
    assert settle(row).state == State.CANCELLED
    assert len(house.messages("Drafts", row.message_id)) == 1
    assert not house.messages("INBOX", row.message_id, house.neighbour)


def test_what_went_cannot_be_moved(house: House) -> None:
    row = settle(house.post().row(house.browser))
    house.browser.post(f"/outbox/{row.pk}/move/", {"send_at": at(60)})
    house.browser.post(f"/outbox/{row.pk}/now/")
    row.refresh_from_db()
    assert (row.state, row.goes_at) == (State.DONE, None)


@pytest.mark.parametrize("when", ["", "08:00", "2026-11-30T08:00", 5])
def test_a_time_without_its_zone_is_refused(house: House, when: object) -> None:
    assert house.post(meta={"send_at": when}).to(house.browser).status_code == 400


def test_times_are_kept_as_they_are_in_every_zone(house: House) -> None:
    when = timezone.now().replace(microsecond=0) + timedelta(days=1)
    for zone in ("+05:30", "-03:30", "+14:00"):
        local = when.astimezone(datetime.fromisoformat(f"2026-01-01T00:00:00{zone}").tzinfo)
        row = house.post(meta={"send_at": local.isoformat()}).row(house.browser)
        assert row.due == when


def test_a_time_that_has_just_passed_means_at_once(house: House) -> None:
    row = house.post(meta={"send_at": at(-1)}).row(house.browser)
    assert row.credential is not None
    assert settle(row).state == State.DONE


def test_a_year_is_the_farthest(house: House) -> None:
    answer = house.post(meta={"send_at": at(60 * 24 * 400)}).to(house.browser)
    assert (answer.status_code, answer.json()["error"]) == (400, "too-late")  # type: ignore[attr-defined]


def test_asked_once(house: House) -> None:
    assert 'data-away="ask"' in house.browser.get("/compose/").content.decode()
    allow(house.browser, "no")
    assert 'data-away="no"' in house.browser.get("/compose/").content.decode()
    # Nothing was there to withdraw, so nothing is written down.
    assert not house.account.away_events.exists()
    allow(house.browser)
    assert 'data-away="yes"' in house.browser.get("/compose/").content.decode()
    settings_page = house.browser.get("/settings/").content.decode()
    assert 'data-away="yes"' in settings_page and "Withdraw" in settings_page


def test_the_sweep_finds_what_is_due_and_nothing_else(house: House) -> None:
    allow(house.browser)
    due, later = (house.post(meta={"send_at": at(60)}).row(house.browser) for _each in range(2))
    past = timezone.now() - timedelta(seconds=1)
    OutboxMessage.objects.filter(pk=due.pk).update(goes_at=past, due=past, since=past)
    assert outbox.overdue() == [due.pk]
    sending.work(later.pk)
    later.refresh_from_db()
    assert later.state == State.WAITING


def test_a_reply_that_got_lost_is_looked_for_under_the_grant(small_house: House, breaking: Breaking) -> None:
    small_house.account.smtp_port = breaking.port
    small_house.account.save()
    Domain.objects.create(name="breaking.test", imap_host="127.0.0.1", smtp_host="127.0.0.1", smtp_port=breaking.port)
    browser = people.browser(small_house.account, small_house.login.password)
    allow(browser)
    row = small_house.post(meta={"send_at": at(60)}).row(browser)
    breaking.at("reply", "drop")
    row = comes(row)
    assert row.state == State.UNKNOWN
    for _look in range(3):
        OutboxMessage.objects.filter(pk=row.pk, due__isnull=False).update(due=timezone.now())
        settle(row)
    assert word(row) == "out-unknown-ask"
    assert breaking.taken[row.message_id] == 1


@pytest.fixture
def small_house(demo_server: MailServer, transactional_db: None) -> Iterator[House]:
    house = embedded(demo_server)
    yield house
    imap.close_account(house.account.pk)


def test_neither_password_nor_letter_stands_in_a_row(small_house: House) -> None:
    from django.apps import apps
    from django.core import serializers

    small_house.browser.post("/settings/away/", {"allow": "yes"})
    row = small_house.post(meta={"send_at": at(60)}).row(small_house.browser)
    for model in apps.get_models():
        rows = serializers.serialize("json", model._default_manager.all())
        assert small_house.login.password not in rows, model
        assert "A letter" not in rows, model
        for each in model._default_manager.all():
            for field in each._meta.concrete_fields:
                value = field.value_from_object(each)
                if isinstance(value, bytes | memoryview):
                    assert small_house.login.password.encode() not in bytes(value)
                    assert b"Hello." not in bytes(value)
    assert b"A letter" in b"".join(store.Kept(row.parts.get()))


# --- one draft, one message ---


def of_draft(house: House, draft: str, **meta: object) -> Any:
    place = {"mailbox": "Drafts", "uidvalidity": 1, "uid": 1, "draft": draft}
    return house.post(meta={"draft": place, **meta})


def test_a_page_loaded_anew_after_send_does_not_send_its_draft_again(small_house: House) -> None:
    """The browser died after Send: its draft comes back in a new composer, with a new key."""
    draft = str(uuid4())
    post = of_draft(small_house, draft)
    row = post.row(small_house.browser)
    assert post.to(small_house.browser).status_code == 200
    again = of_draft(small_house, draft).to(small_house.browser)
    assert (again.status_code, again.json()["error"]) == (409, "draft-sent")
    assert settle(row).state == State.DONE
    assert of_draft(small_house, draft).to(small_house.browser).status_code == 409
    # Another draft is another message.
    assert of_draft(small_house, str(uuid4())).to(small_house.browser).status_code == 201


@pytest.mark.parametrize("called_off", ["undo", "cancel"])
def test_what_was_called_off_can_be_sent(small_house: House, called_off: str) -> None:
    draft = str(uuid4())
    row = of_draft(small_house, draft, undo=20).row(small_house.browser)
    small_house.browser.post(f"/outbox/{row.pk}/{called_off}/")
    assert of_draft(small_house, draft).to(small_house.browser).status_code == 201


def test_undo_in_the_outbox_goes_on_with_the_draft(small_house: House) -> None:
    row = of_draft(small_house, str(uuid4()), undo=20).row(small_house.browser)
    answer = small_house.browser.post(f"/outbox/{row.pk}/cancel/")
    assert answer["Location"] == "/compose/?draft=Drafts/1/1"


def test_a_refused_message_is_edited_in_its_draft_and_replaced(
    small_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = str(uuid4())
    row = of_draft(small_house, draft).row(small_house.browser)
    with monkeypatch.context() as patch:
        patch.setattr("accounts.smtp.submit", raising(errors.PermanentRefusal("552 no")))
        assert settle(row).state == State.REFUSED
    assert "/compose/?draft=Drafts%2F1%2F1" in listed(small_house)
    new = of_draft(small_house, draft).row(small_house.browser)
    row.refresh_from_db()
    assert row.state == State.UNDONE and erased(row)
    assert str(row.pk) not in listed(small_house) and str(new.pk) in listed(small_house)


def test_try_again_and_its_correction_do_not_both_go(small_house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """ "Try again" comes from another tab while the corrected message is taken."""
    draft = str(uuid4())
    row = of_draft(small_house, draft).row(small_house.browser)
    with monkeypatch.context() as patch:
        patch.setattr("accounts.smtp.submit", raising(errors.TemporaryRefusal("451 later")))
        OutboxMessage.objects.filter(pk=row.pk).update(since=timezone.now() - sending.TRY_FOR - timedelta(minutes=1))
        assert settle(row).state == State.GAVE_UP
    # As the other tab read it.
    seen = OutboxMessage.objects.get(pk=row.pk)
    tried: list[bool] = []
    erase = store.erase

    def in_between(old: OutboxMessage) -> None:
        tried.append(outbox.retry(seen, lambda *given: b""))
        erase(old)

    with monkeypatch.context() as patch:
        patch.setattr(store, "erase", in_between)
        new = of_draft(small_house, draft).row(small_house.browser)
    row.refresh_from_db()
    assert tried == [False] and row.state == State.UNDONE and erased(row)
    assert settle(new).state == State.DONE


def test_what_is_tried_again_keeps_its_bytes(small_house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """It was given up when the list was read, and is on its way when the row is replaced."""
    draft = str(uuid4())
    row = of_draft(small_house, draft).row(small_house.browser)
    OutboxMessage.objects.filter(pk=row.pk).update(state=State.GAVE_UP, due=None)
    place = {"mailbox": "Drafts", "uidvalidity": 1, "uid": 1, "draft": draft}
    new = small_house.post().row(small_house.browser)

    class Read:
        """The rows as they were read; `Try again` comes right after it."""

        def __init__(self, rows: Any) -> None:
            self.rows = rows

        def filter(self, **asked: object) -> Read:
            return Read(self.rows.filter(**asked))

        def exclude(self, **asked: object) -> Read:
            return Read(self.rows.exclude(**asked))

        def __iter__(self) -> Iterator[OutboxMessage]:
            read = list(self.rows)
            OutboxMessage.objects.filter(pk=row.pk).update(state=State.WAITING, due=timezone.now())
            return iter(read)

    of = one_draft._of
    monkeypatch.setattr(one_draft, "_of", lambda *given: Read(of(*given)))
    one_draft.replace(small_house.account, place, new)
    row.refresh_from_db()
    assert row.state == State.WAITING and not erased(row)
    assert settle(row).state == State.DONE
