"""The composer's page: a frame for writing, in which nothing has a name that could be submitted."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from accounts.models import Domain
from tests.accounts import people

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice() -> Client:
    return people.browser(people.account("alice"))


def _composer(html: str) -> str:
    found = re.search(r"<message-composer.*?</message-composer>", html, re.DOTALL)
    assert found is not None
    return found[0]


def test_a_new_message_has_a_page_of_its_own(alice: Client) -> None:
    response = alice.get("/compose/")
    assert response.status_code == 200
    assert "<html" in response.content.decode()
    assert 'data-self="alice@example.test"' in _composer(response.content.decode())


def test_in_the_reader_it_is_a_fragment(alice: Client) -> None:
    response = alice.get("/compose/", headers={"HX-Request": "true", "HX-Target": "reader"})
    assert "<html" not in response.content.decode()


def test_nothing_written_can_be_submitted_by_the_browser(alice: Client) -> None:
    html = _composer(alice.get("/compose/").content.decode())
    assert "<form" not in html
    assert not re.search(r"<(?:input|textarea)[^>]*\sname=", html)
    for field in re.findall(r"<(?:textarea|input)[^>]*>", html):
        if 'type="file"' in field:
            continue
        assert 'autocomplete="off"' in field, field
        assert 'spellcheck="false"' in field, field
        assert 'translate="no"' in field, field


def test_an_answer_names_the_message_and_holds_nothing_of_it(alice: Client) -> None:
    html = _composer(alice.get("/compose/?answer=Lists/a.b/17/42&how=all").content.decode())
    assert 'data-answered="Lists/a.b/17/42"' in html
    assert 'data-mailbox="Lists/a.b"' in html
    assert 'data-uidvalidity="17"' in html
    assert 'data-uid="42"' in html
    assert 'data-original="/mailbox/Lists~2Fa~2Eb/17/42/"' in html


@pytest.mark.parametrize(
    "query",
    [
        "answer=INBOX/1/2",
        "how=reply",
        "answer=INBOX/1/2&how=steal",
        "answer=INBOX&how=reply",
        "answer=INBOX/x/2&how=reply",
        "answer=/1/2&how=reply",
    ],
)
def test_half_an_answer_is_404(alice: Client, query: str) -> None:
    assert alice.get(f"/compose/?{query}").status_code == 404


def test_recipients_of_a_link_are_text(alice: Client) -> None:
    html = alice.get("/compose/", {"to": '"><script>alert(1)</script>@x'}).content.decode()
    assert "<script>alert(1)" not in html


def test_the_house_rule_stands_in_the_page(alice: Client) -> None:
    assert 'data-policy="warn"' in alice.get("/compose/").content.decode()
    Domain.objects.create(name="example.test", imap_host="i.example.test", smtp_host="s.example.test", policy="block")
    assert 'data-policy="block"' in alice.get("/compose/").content.decode()


def test_it_takes_no_post(alice: Client) -> None:
    assert alice.post("/compose/").status_code == 405


def test_nobody_writes_signed_out() -> None:
    assert Client().get("/compose/").status_code == 302


def test_a_persons_own_rule_is_stricter_than_the_domains_and_never_milder(alice: Client) -> None:
    settings = {"rule": "1", "only_encrypted": "on"}
    assert alice.post("/settings/", settings).status_code == 302
    html = alice.get("/compose/").content.decode()
    assert 'data-policy="block" data-organisation="Your own rule"' in html
    # The form of the name says nothing of the rule.
    alice.post("/settings/", {"name": "Alice"})
    assert 'data-policy="block"' in alice.get("/compose/").content.decode()
    Domain.objects.create(name="example.test", imap_host="i.example.test", smtp_host="s.example.test", policy="block")
    assert 'data-organisation="example.test"' in alice.get("/compose/").content.decode()
    Domain.objects.update(policy="warn")
    alice.post("/settings/", {"rule": "1"})
    assert 'data-policy="warn" data-organisation="example.test"' in alice.get("/compose/").content.decode()
