"""The mail server goes away, or another client is quicker, in the middle of what the person does there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Literal

import pytest
from django.test import Client
from django.urls import reverse

from accounts import imap
from accounts.login import Login
from tests.servers.authority import Authority
from tests.servers.cutting import Cut, Cutting
from tests.servers.fixtures import MailServers
from tests.servers.scripted import Scripted, signs_in
from tests.servers.talks import Imap

from . import mailbox_people as people
from .test_act_on_messages import act, inside

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def way(mail_servers: MailServers) -> Iterator[Cutting]:
    """The way from the site to Dovecot."""
    way = Cutting(mail_servers.dovecot.imaps_port, Imap, mail_servers.authority)
    yield way
    way.close()
    assert not way.trouble


@pytest.fixture
def alice(way: Cutting, somebody: Login) -> tuple[Client, Login, list[int]]:
    """Her browser, whose site goes the way that breaks; her login beside it, as another client has it."""
    people.fill(somebody, 3)
    through = replace(somebody, imap=replace(somebody.imap, port=way.port))
    return people.browser(through)[0], somebody, sorted(inside(somebody, "INBOX"))


def addresses(login: Login, uid: int) -> dict[str, str]:
    with imap.connect(login, fresh=True) as server:
        where = ["INBOX", server.select("INBOX").uidvalidity, uid]
    return {
        "the list": reverse("webmail:mailbox", args=["INBOX"]),
        "a message": reverse("webmail:message", args=where),
        "its source": reverse("webmail:source", args=where),
    }


@pytest.mark.parametrize("page", ["the list", "a message", "its source"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_server_that_goes_away_in_a_fetch_is_said_and_the_next_try_works(
    way: Cutting, alice: tuple[Client, Login, list[int]], page: str, when: Literal["before", "after"]
) -> None:
    browser, login, uids = alice
    where = addresses(login, uids[1])[page]
    plan = way.break_at(Cut(lambda point: point in ("FETCH", "UID"), when))
    answer = browser.get(where)
    assert plan.made.wait(10)
    # Either it was read again on a new connection, or it is said; never half of it as if it were all.
    if answer.status_code != 200:
        assert answer.status_code == 503
        assert "Try again" in answer.content.decode()
    again = browser.get(where)
    assert again.status_code == 200
    assert b"number 2" in (b"".join(again.streaming_content) if again.streaming else again.content)
    assert len(inside(login, "INBOX")) == 3


@pytest.mark.parametrize("fields", [{"action": "archive"}, {"action": "unread"}, {"action": "star"}])
def test_who_was_quicker_elsewhere_costs_no_neighbour(
    way: Cutting, alice: tuple[Client, Login, list[int]], fields: dict[str, str]
) -> None:
    """Another client expunges the message between the site's SELECT and its command."""
    browser, login, (first, second, third) = alice
    before = inside(login, "INBOX")

    def elsewhere() -> None:
        with imap.connect(login, fresh=True) as server:
            server.select("INBOX")
            server.delete([second])

    plan = way.break_at(Cut(lambda point: point == "UID", "before", elsewhere, goes_on=True))
    answer = act(browser, login, [second], **fields)
    assert plan.made.wait(10)
    assert answer.status_code in (200, 404)
    left = inside(login, "INBOX")
    assert left == {uid: before[uid] for uid in (first, third)}
    assert not inside(login, "Archive")


def test_a_move_into_a_full_mailbox_is_said_and_takes_nothing_away(authority: Authority) -> None:
    def full(tag: bytes, command: bytes) -> bytes | None:
        if command.startswith((b"UID COPY", b"UID MOVE")):
            return tag + b" NO [OVERQUOTA] Mailbox is full\r\n"
        if command == b"CAPABILITY":
            return b"* CAPABILITY IMAP4rev1 UIDPLUS AUTH=PLAIN\r\n" + tag + b" OK done\r\n"
        return signs_in(tag, command)

    server = Scripted(authority.issue("full", "localhost"), full)
    login = Login(
        7_000_001, imap.Endpoint("localhost", server.port), imap.Endpoint("localhost", 1), "alice@x.test", "pw"
    )
    browser, _account = people.browser(login)
    answer = browser.post(
        reverse("webmail:act", args=["INBOX"]), {"uid": ["1"], "uidvalidity": "1", "move": "Keep"},
        headers={"HX-Request": "true", "HX-Target": "list"},
    )  # fmt: skip
    assert answer.status_code == 507
    assert "The mailbox is full" in answer.content.decode()
    assert server.waited_for(b"UID COPY")
    assert not [line for line in server.commands if b"STORE" in line or b"EXPUNGE" in line]
    server.close()
