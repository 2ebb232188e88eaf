"""A draft that is sent: deleted last, once the copy is in Sent; kept when the message is called back; never both."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest

from accounts import errors
from accounts.imap import Server
from webmail import drafts, outbox_words
from webmail.models import OutboxMessage, State

from .drafting import Writing, contents, put
from .posting import House, Post, demo_server, house, letter, settle
from .test_outbox_faults import make_due

__all__ = ["demo_server", "house"]


def sending(house: House, writing: Writing, **more: object) -> Post:
    """The message written in the draft, as the composer posts it."""
    return house.post(meta={"draft": {**(writing.place or {}), "draft": str(writing.id), **more}})


@pytest.fixture
def writing(house: House) -> Writing:
    writing = Writing(house.browser, house.login)
    writing.save()
    return writing


def test_the_draft_goes_when_the_copy_is_in_sent(house: House, writing: Writing) -> None:
    other = Writing(house.browser, house.login)
    other.save()
    row = sending(house, writing).row(house.browser)
    assert len(writing.there()) == 2
    assert settle(row).state == State.DONE
    assert writing.there() == [other.bytes]
    assert len(house.messages("Sent", row.message_id)) == 1


def test_nothing_else_goes_with_it(house: House, writing: Writing) -> None:
    """What lies under the named number is no version of that draft."""
    foreign = put(house.login, letter(house.login.user, "x@example.test", "<1@x.test>"))
    before = contents(house.login)
    for draft in (
        {**foreign.fields, "draft": str(writing.id)},
        {**(writing.place or {}), "draft": str(uuid4())},
        {"mailbox": "Nowhere", "uidvalidity": 1, "uid": 1, "draft": str(uuid4())},
    ):
        post = sending(house, writing)
        post.meta["draft"] = draft
        assert settle(post.row(house.browser)).state == State.DONE
    assert contents(house.login) == before


def test_a_version_saved_after_sending_began_stays(house: House, writing: Writing) -> None:
    row = sending(house, writing).row(house.browser)
    writing.save("and one thing more")
    assert settle(row).state == State.DONE
    assert writing.there() == [writing.bytes]


def test_called_back_it_is_the_draft_that_is_there_already(house: House, writing: Writing) -> None:
    row = sending(house, writing).row(house.browser)
    assert house.browser.post(f"/outbox/{row.pk}/cancel/").status_code == 302
    row = settle(row)
    assert row.state == State.CANCELLED
    assert row.filed == writing.place
    assert writing.there() == [writing.bytes]
    assert house.messages("Sent", row.message_id) == []


@pytest.mark.parametrize("undo", [0, 30])
def test_the_answer_says_where_the_next_page_goes(house: House, writing: Writing, undo: int) -> None:
    """The button that was pressed is often gone from the page by then, and htmx with what it would read from it."""
    post = sending(house, writing, rev=writing.rev)
    post.meta["undo"] = undo
    row = post.row(house.browser)
    answer = house.browser.post(f"/outbox/{row.pk}/cancel/", headers={"HX-Request": "true"})
    assert answer.status_code == 204
    told = json.loads(answer["HX-Location"])
    assert (told["target"], told["select"], told["swap"]) == ("#page", "#page", "outerHTML")
    assert told["path"].startswith("/compose/?draft=Drafts/" if undo else "/outbox/")


def test_called_back_after_another_save_it_is_the_newer_draft(house: House, writing: Writing) -> None:
    row = sending(house, writing).row(house.browser)
    writing.save("and one thing more")
    house.browser.post(f"/outbox/{row.pk}/cancel/")
    assert settle(row).filed == writing.place
    assert writing.there() == [writing.bytes]


def test_what_another_tab_goes_on_with_stays_when_this_one_has_sent(house: House, writing: Writing) -> None:
    assert settle(sending(house, writing, rev=0).row(house.browser)).state == State.DONE
    assert writing.there() == [writing.bytes]
    assert sending(house, writing, rev=1).to(house.browser).status_code == 409


def test_called_back_it_is_the_draft_where_that_has_the_words_of_the_message(house: House, writing: Writing) -> None:
    row = sending(house, writing, rev=writing.rev).row(house.browser)
    house.browser.post(f"/outbox/{row.pk}/cancel/")
    assert settle(row).filed == writing.place
    assert writing.there() == [writing.bytes]


@pytest.mark.parametrize("rev", [0, 2])
def test_called_back_beside_a_draft_that_has_not_its_last_words(house: House, writing: Writing, rev: int) -> None:
    """What was typed last did not reach Drafts before it was sent: the outbox alone has it."""
    row = sending(house, writing, rev=rev).row(house.browser)
    house.browser.post(f"/outbox/{row.pk}/cancel/")
    row = settle(row)
    assert row.state == State.CANCELLED
    assert len(house.messages("Drafts", row.message_id)) == 1
    assert writing.bytes in writing.there()
    assert len(writing.there()) == 2


def test_called_back_beside_a_draft_that_went_on(house: House, writing: Writing) -> None:
    row = sending(house, writing, rev=writing.rev).row(house.browser)
    writing.save("other words on another device")
    house.browser.post(f"/outbox/{row.pk}/cancel/")
    row = settle(row)
    assert len(house.messages("Drafts", row.message_id)) == 1
    assert writing.bytes in writing.there()


def test_called_back_without_a_draft_the_message_is_filed(house: House, writing: Writing) -> None:
    """Somebody deleted the draft meanwhile: the words are in the outbox alone, and are not lost."""
    row = sending(house, writing).row(house.browser)
    assert writing.discard().status_code == 204
    house.browser.post(f"/outbox/{row.pk}/cancel/")
    assert settle(row).state == State.CANCELLED
    assert len(house.messages("Drafts", row.message_id)) == 1


def test_a_server_in_trouble_is_asked_again_and_nothing_goes_out_twice(
    house: House, writing: Writing, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = sending(house, writing).row(house.browser)

    def gone(*_arguments: object) -> None:
        raise errors.ServerUnreachable("no answer")

    with monkeypatch.context() as patch:
        patch.setattr(drafts, "remove", gone)
        row = settle(row)
    assert (row.state, outbox_words.line(row).word) == (State.COPY_PENDING, "out-draft-pending")
    assert writing.there() == [writing.bytes]
    assert settle(make_due(row)).state == State.DONE
    assert writing.there() == []
    assert len(house.messages("Sent", row.message_id)) == 1


def test_a_server_that_forbids_it_does_not_hold_the_message_up(
    house: House, writing: Writing, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(*_arguments: object) -> None:
        raise errors.CommandRefused("[NOPERM] no")

    row = sending(house, writing).row(house.browser)
    with monkeypatch.context() as patch:
        patch.setattr(Server, "delete", forbidden)
        assert settle(row).state == State.DONE
    assert writing.there() == [writing.bytes]


@pytest.mark.parametrize(
    "draft",
    [
        {},
        [],
        "x",
        {"mailbox": "Drafts", "uidvalidity": 1, "uid": 1},
        {"mailbox": "Drafts", "uidvalidity": 1, "uid": 1, "draft": "x"},
        {"mailbox": "Drafts\r\n", "uidvalidity": 1, "uid": 1, "draft": str(uuid4())},
        {"mailbox": "Drafts", "uidvalidity": 1, "uid": 0, "draft": str(uuid4())},
        {"mailbox": "Drafts", "uidvalidity": 1, "uid": 1, "draft": str(uuid4()), "rev": "1"},
        {"mailbox": "Drafts", "uidvalidity": 1, "uid": 1, "draft": str(uuid4()), "rev": -1},
    ],
)
def test_half_a_draft_is_refused(house: House, draft: object) -> None:
    answer = house.post(meta={"draft": draft}).to(house.browser)
    assert answer.status_code == 400
    assert not OutboxMessage.objects.exists()
