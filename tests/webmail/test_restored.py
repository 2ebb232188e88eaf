"""A restored database sends nothing for the second time (fault F18), and says so to the people it concerns."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core import serializers
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from accounts import imap
from webmail import outbox, outbox_words, restored, sending
from webmail.demo.server import MailServer
from webmail.models import Delivery, OutboxBytes, OutboxChunk, OutboxMark, OutboxMessage, State

from .posting import House, demo_server, embedded, settle

__all__ = ["demo_server"]


@pytest.fixture
def house(demo_server: MailServer, transactional_db: None, settings: Any, tmp_path: Path) -> Iterator[House]:
    settings.OUTBOX_MARK = tmp_path / "kept" / "outbox-mark"
    house = embedded(demo_server)
    yield house
    imap.close_account(house.account.pk)


class Backup:
    """The outbox as it is now, to be put back later as a restored database would hold it."""

    KINDS = (OutboxMark, OutboxMessage, OutboxBytes, OutboxChunk, Delivery)

    def __init__(self) -> None:
        self.rows = [serializers.serialize("json", kind._default_manager.all()) for kind in self.KINDS]

    @transaction.atomic
    def restore(self) -> None:
        for kind in reversed(self.KINDS):
            kind._default_manager.all().delete()
        for rows in self.rows:
            for row in serializers.deserialize("json", rows):
                row.save()


def passes(row: OutboxMessage) -> OutboxMessage:
    """All that moves by itself has moved."""
    for _round in range(6):
        OutboxMessage.objects.filter(pk=row.pk, due__isnull=False).update(due=timezone.now())
        for each in outbox.overdue():
            sending.work(each)
    row.refresh_from_db()
    return row


def arrived(house: House, row: OutboxMessage) -> int:
    return len(house.messages("INBOX", row.message_id, house.neighbour))


def test_what_went_out_after_the_backup_is_found_and_not_sent_again(house: House) -> None:
    row = house.post().row(house.browser)
    backup = Backup()
    assert settle(row).state == State.DONE
    backup.restore()
    row.refresh_from_db()
    assert row.state == State.WAITING
    assert passes(row).state == State.DONE
    assert arrived(house, row) == 1
    assert len(house.messages("Sent", row.message_id)) == 1


def test_what_is_not_found_is_asked_about(house: House) -> None:
    """Its copy was moved out of Sent since, or it never went: nobody here can know."""
    row = house.post().row(house.browser)
    backup = Backup()
    settle(row)
    with imap.connect(house.login, fresh=True) as server:
        server.select("Sent")
        server.delete(house.messages("Sent", row.message_id))
    backup.restore()
    row = passes(row)
    assert (row.state, outbox_words.line(row).word, arrived(house, row)) == (State.ASKING, "out-restored", 1)
    page = house.browser.get("/outbox/", headers={"HX-Target": "outbox"}).content.decode()
    assert "The server was restored from a backup" in page and "does not send it again by itself" in page
    assert "It arrived" in page and "Send again" in page
    house.browser.post(f"/outbox/{row.pk}/arrived/")
    assert passes(row).state == State.DONE
    assert arrived(house, row) == 1


def test_the_person_has_it_sent_again(house: House) -> None:
    row = house.post().row(house.browser)
    backup = Backup()
    # Something else of anybody's was handed over since the backup, which is enough to know that there was one.
    settle(house.post().row(house.browser))
    backup.restore()
    row = passes(row)
    assert (row.state, arrived(house, row)) == (State.ASKING, 0)
    house.browser.post(f"/outbox/{row.pk}/again/")
    row = passes(row)
    assert (row.state, arrived(house, row)) == (State.DONE, 1)


def test_what_was_called_off_since_stays_called_off(house: House) -> None:
    """A scheduled message that its person cancelled after the backup comes back with it."""
    house.browser.post("/settings/away/", {"allow": "yes"})
    soon = (timezone.now() + timedelta(hours=1)).isoformat()
    row = house.post(meta={"send_at": soon}).row(house.browser)
    backup = Backup()
    house.browser.post(f"/outbox/{row.pk}/cancel/")
    settle(row)
    settle(house.post().row(house.browser))
    backup.restore()
    assert restored.find() == 1
    row = passes(row)
    assert (outbox_words.line(row).word, arrived(house, row)) == ("out-restored", 0)
    house.browser.post(f"/outbox/{row.pk}/again/")
    row.refresh_from_db()
    # Its time is still to come, so that is when it goes; and no lease is kept until then.
    assert (outbox_words.line(row).word, row.credential) == ("out-scheduled-clear", None)


@pytest.mark.parametrize("act", ["cancel", "undo", "move"])
def test_a_restore_that_lost_only_what_the_person_decided_is_noticed(house: House, act: str) -> None:
    house.browser.post("/settings/away/", {"allow": "yes"})
    soon = (timezone.now() + timedelta(hours=1)).isoformat()
    row = house.post(meta={"undo": 20} if act == "undo" else {"send_at": soon}).row(house.browser)
    backup = Backup()
    later = (timezone.now() + timedelta(days=3)).isoformat()
    for _twice in range(2):
        assert house.browser.post(f"/outbox/{row.pk}/{act}/", {"send_at": later}).status_code in (200, 302)
    # Nobody sent anything since the backup.
    backup.restore()
    assert restored.find() == 1
    row = passes(row)
    assert (outbox_words.line(row).word, arrived(house, row)) == ("out-restored", 0)


def test_a_new_machine_without_the_file_counts_as_restored(house: House, settings: Any) -> None:
    settle(house.post().row(house.browser))
    row = house.post().row(house.browser)
    settings.OUTBOX_MARK.unlink()
    row = passes(row)
    assert (row.state, arrived(house, row)) == (State.ASKING, 0)
    # Once it was noticed, it is over.
    assert restored.find() == 0
    assert settle(house.post().row(house.browser)).state == State.DONE


def test_nothing_was_restored(house: House, settings: Any) -> None:
    for _each in range(3):
        assert settle(house.post().row(house.browser)).state == State.DONE
    assert int(settings.OUTBOX_MARK.read_text()) == OutboxMark.objects.get().number == 3
    assert restored.find() == 0


def test_a_worker_that_died_before_the_file_was_written_is_no_restore(house: House) -> None:
    settle(house.post().row(house.browser))
    restored.count()
    assert restored.find() == 0


def test_a_smaller_number_never_replaces_a_larger_one(house: House, settings: Any) -> None:
    restored.note(7)
    restored.note(5)
    assert settings.OUTBOX_MARK.read_text() == "7\n"


def test_a_folder_that_cannot_be_written_is_said_and_stops_nothing(
    house: House, settings: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("")
    settings.OUTBOX_MARK = tmp_path / "file" / "outbox-mark"
    row = settle(house.post().row(house.browser))
    assert row.state == State.DONE
    assert "a restored database would not be noticed" in caplog.text
    # And what nobody could write down is not missed.
    assert restored.find() == 0
    assert settle(house.post().row(house.browser)).state == State.DONE


def test_an_operator_says_it_by_hand(house: House, settings: Any) -> None:
    settings.OUTBOX_MARK = None
    row = house.post().row(house.browser)
    said = StringIO()
    call_command("restored", stdout=said)
    assert said.getvalue().startswith("1 unfinished message")
    row = passes(row)
    assert (row.state, arrived(house, row)) == (State.ASKING, 0)
