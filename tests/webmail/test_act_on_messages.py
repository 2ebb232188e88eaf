"""Acts on messages in the list: archive, move, delete, mark, star, spam, and taking them back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts import imap
from accounts.login import Login
from tests.webmail import mailbox_people as people

pytestmark = pytest.mark.django_db


def inside(login: Login, mailbox: str) -> dict[int, frozenset[str]]:
    """UID → flags."""
    with imap.connect(login, fresh=True) as server:
        server.select(mailbox)
        return {row.uid: row.flags for row in server.rows_by_uid(server.search([]))}


def act(
    browser: Client, login: Login, uids: list[int], mailbox: str = "INBOX", htmx: bool = True, **fields: str
) -> Any:
    with imap.connect(login, fresh=True) as server:
        uidvalidity = server.select(mailbox).uidvalidity
    given = {"uid": [str(uid) for uid in uids], "uidvalidity": str(uidvalidity)} | fields
    headers = {"HX-Request": "true", "HX-Target": "list"} if htmx else {}
    return browser.post(reverse("webmail:act", args=[mailbox]), given, headers=headers)


def did(answer: HttpResponse) -> dict[str, Any]:
    happened: dict[str, Any] = json.loads(answer["HX-Trigger"])
    return happened["postern:did"]  # type: ignore[no-any-return]


@pytest.fixture
def alice(somebody: Login) -> tuple[Client, Login, list[int]]:
    """Alice's browser and three messages in the inbox."""
    people.fill(somebody, 3)
    return people.browser(somebody)[0], somebody, sorted(inside(somebody, "INBOX"))


@pytest.mark.parametrize(("action", "where"), [("archive", "Archive"), ("delete", "Trash"), ("spam", "Junk")])
def test_it_moves_and_undo_brings_back(alice: tuple[Client, Login, list[int]], action: str, where: str) -> None:
    browser, login, (first, second, third) = alice
    answer = act(browser, login, [first, second], action=action)
    assert answer.status_code == 200
    assert answer.content.decode().count('<li class="row') == 1
    assert list(inside(login, "INBOX")) == [third]
    assert len(inside(login, where)) == 2
    undo = did(answer)["undo"]
    assert undo["url"] == reverse("webmail:act", args=[where])
    assert browser.post(undo["url"], undo["fields"], headers={"X-Requested-With": "fetch"}).status_code == 204
    assert len(inside(login, "INBOX")) == 3
    assert inside(login, where) == {}


def test_moving_to_a_mailbox_of_ones_own(alice: tuple[Client, Login, list[int]]) -> None:
    browser, login, uids = alice
    with imap.connect(login, fresh=True) as server:
        server.create("Bücher/neu")
    answer = act(browser, login, uids, move="Bücher/neu")
    assert len(inside(login, "Bücher/neu")) == 3
    assert "neu" in did(answer)["sentence"]


def test_deleting_in_the_trash_is_for_good(alice: tuple[Client, Login, list[int]]) -> None:
    browser, login, uids = alice
    act(browser, login, uids, action="delete")
    answer = act(browser, login, list(inside(login, "Trash")), mailbox="Trash", action="delete")
    assert inside(login, "Trash") == {}
    assert "undo" not in did(answer)


@pytest.mark.parametrize(
    ("action", "flag", "there"),
    [
        ("read", "\\Seen", True),
        ("unread", "\\Seen", False),
        ("star", "\\Flagged", True),
        ("unstar", "\\Flagged", False),
    ],
)
def test_it_sets_and_takes_flags(alice: tuple[Client, Login, list[int]], action: str, flag: str, there: bool) -> None:
    browser, login, uids = alice
    if not there:
        with imap.connect(login, fresh=True) as server:
            server.select("INBOX")
            server.add_flags(uids, [flag])
    act(browser, login, uids[:2], action=action)
    assert [flag in flags for flags in inside(login, "INBOX").values()] == [there, there, not there]


def test_not_spam_goes_back_to_the_inbox_with_its_keyword(alice: tuple[Client, Login, list[int]]) -> None:
    browser, login, uids = alice
    act(browser, login, uids[:1], action="spam")
    (junk,) = inside(login, "Junk").items()
    assert "$Junk" in junk[1]
    act(browser, login, [junk[0]], mailbox="Junk", action="notspam")
    back = inside(login, "INBOX")[max(inside(login, "INBOX"))]
    assert "$NotJunk" in back
    assert "$Junk" not in back


def test_without_scripts_it_goes_back_to_the_same_page(alice: tuple[Client, Login, list[int]]) -> None:
    browser, login, uids = alice
    answer = act(browser, login, uids[:1], htmx=False, action="archive", page="2", q="number")
    assert answer.status_code == 302
    assert answer["Location"] == reverse("webmail:mailbox", args=["INBOX"]) + "?q=number&page=2"


@pytest.mark.parametrize(
    "fields",
    [
        {"action": "explode"},
        {},
        {"action": "archive", "move": "Trash"},
        {"action": "archive", "uid": "0"},
        {"action": "archive", "uid": "1:*"},
        {"action": "archive", "uidvalidity": "x"},
    ],
)
def test_it_refuses_what_the_page_never_sends(alice: tuple[Client, Login, list[int]], fields: dict[str, str]) -> None:
    browser, login, uids = alice
    assert act(browser, login, uids, **fields).status_code == 400
    assert len(inside(login, "INBOX")) == 3


def test_a_line_break_in_a_mailbox_name_reaches_no_server(alice: tuple[Client, Login, list[int]]) -> None:
    browser, login, uids = alice
    assert act(browser, login, uids, move="Trash\r\nX LOGOUT").status_code in {400, 404}
    assert len(inside(login, "INBOX")) == 3


def test_numbers_of_another_uidvalidity_touch_nothing(alice: tuple[Client, Login, list[int]]) -> None:
    browser, login, uids = alice
    answer = act(browser, login, uids, action="delete", uidvalidity="1")
    assert answer.status_code == 409
    assert len(inside(login, "INBOX")) == 3


def test_it_rejects_get(alice: tuple[Client, Login, list[int]]) -> None:
    assert alice[0].get(reverse("webmail:act", args=["INBOX"])).status_code == 405
