"""People of one's own domain, found by three letters: few, no strangers, not without end, nobody unwilling."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from accounts.models import Account, Domain, Person
from tests.accounts import people

pytestmark = pytest.mark.django_db
SERVERS = {"imap_host": "imap.example.test", "smtp_host": "smtp.example.test"}


def account(address: str, name: str = "") -> Account:
    person = Person.objects.create(username=address)
    return Account.objects.create(person=person, address=address, name=name, login=address, **SERVERS)


def ask(client: Client, prefix: object) -> Any:
    return client.post("/compose/people/", {"prefix": prefix}, content_type="application/json")


def found(client: Client, prefix: str) -> list[str]:
    answer = ask(client, prefix)
    assert answer.status_code == 200
    return [each["address"] for each in answer.json()["people"]]


@pytest.fixture
def domain() -> Domain:
    cache.clear()
    return Domain.objects.create(name="example.test", **SERVERS)


@pytest.fixture
def alice(domain: Domain) -> Client:
    return people.browser(account("alice@example.test", "Alice Miller"))


def test_by_the_beginning_of_a_name_a_word_of_it_or_the_address(alice: Client) -> None:
    account("bob@example.test", "Robert Özgür Young")
    account("wang@example.test", "王小明")
    for prefix in ("bob", "BOB@ex", "robert", "rob", "Robert Öz", "özg", "young", "you"):
        assert found(alice, prefix) == ["bob@example.test"], prefix
    assert found(alice, "王小") == ["wang@example.test"]
    for prefix in ("", "bo", "  bo ", "王", "obert", "%%%", "___", "b_b", ".....", "x" * 200):
        assert found(alice, prefix) == [], prefix


def test_no_stranger_and_not_oneself(alice: Client) -> None:
    account("bob@elsewhere.example", "Bob Elsewhere")
    account("bob@sub.example.test", "Bob Sub")
    account("bob@notexample.test", "Bob Not")
    off = account("bobby@example.test", "Bobby")
    off.enabled = False
    off.save()
    for prefix in ("bob", "Alice", "ali", "mill"):
        assert found(alice, prefix) == []


def test_few_at_once(alice: Client) -> None:
    for number in range(20):
        account(f"bob{number:02}@example.test", f"Bob {number:02}")
    assert found(alice, "bob") == [f"bob{number:02}@example.test" for number in range(6)]


def test_a_person_and_an_administrator_can_switch_it_off(alice: Client, domain: Domain) -> None:
    bob = account("bob@example.test", "Bob")
    browser = people.browser(bob)
    assert found(alice, "bob") == [bob.address]
    browser.post("/settings/", {"name": "Bob"})
    assert found(alice, "bob") == [bob.address], "another form takes no tick off"
    assert browser.post("/settings/", {"shown": "1"}).status_code == 302
    assert found(alice, "bob") == []
    assert b'name="shown_to_others" value="on">' in browser.get("/settings/").content
    browser.post("/settings/", {"shown": "1", "shown_to_others": "on"})
    assert found(alice, "bob") == [bob.address]
    domain.shows_people = False
    domain.save()
    assert found(alice, "bob") == []


def test_nobody_is_named_at_a_domain_that_nobody_listed(db: None) -> None:
    cache.clear()
    alice = people.browser(account("alice@example.net", "Alice"))
    account("bob@example.net", "Bob")
    assert found(alice, "bob") == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b"{}",
        b'{"prefix": 3}',
        b"[" * 100_000,
        b'{"prefix": "bob\\u0000"}',
        b'{"prefix": "bob\\ud800"}',
    ],
)
def test_what_is_no_question(alice: Client, body: bytes) -> None:
    answer = alice.post("/compose/people/", body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.json()["sentence"]


def test_not_without_end_and_each_for_themselves(alice: Client) -> None:
    bob = people.browser(account("bob@example.test", "Bob"))
    for _ in range(60):
        assert ask(alice, "bob").status_code in {200, 429}
    answers = [ask(alice, "bob") for _ in range(61)]
    assert answers[-1].status_code == 429
    assert answers[-1].json()["sentence"].startswith("You asked for many people")
    assert ask(bob, "ali").status_code == 200


def test_recipients_are_counted_by_address(alice: Client, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.LOOKUPS_A_MINUTE = 100
    monkeypatch.setattr("accounts.rate.time", SimpleNamespace(time=lambda: 1_800_000_000.0))

    def look_up(client: Client, count: int) -> Any:
        addresses = [f"p{number}@example.test" for number in range(count)]
        return client.post("/keys/recipients/", json.dumps({"addresses": addresses}), content_type="application/json")

    assert look_up(alice, 60).status_code == 200
    refused = look_up(alice, 60)
    assert refused.status_code == 429
    assert refused.json()["error"] == "too-many-lookups"
    assert "Wait a minute" in refused.json()["sentence"]
    assert look_up(people.browser(account("bob@example.test")), 60).status_code == 200
    monkeypatch.setattr("accounts.rate.time", SimpleNamespace(time=lambda: 1_800_000_060.0))
    assert look_up(alice, 60).status_code == 200, "the next minute begins anew"


def test_without_the_counter_recipients_are_found_and_people_are_not_listed(
    alice: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from redis.exceptions import ConnectionError as Away

    def away(*args: object, **kwargs: object) -> None:
        raise Away("no broker")

    account("bob@example.test", "Bob")
    monkeypatch.setattr("accounts.rate.cache.add", away)
    assert ask(alice, "bob").status_code == 429
    body = {"addresses": ["bob@example.test"]}
    assert alice.post("/keys/recipients/", body, content_type="application/json").status_code == 200
