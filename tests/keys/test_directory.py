"""This server's directory: people publish their own certificate, and others find it at once."""

from __future__ import annotations

import base64
from collections.abc import Callable

import pysequoia
import pytest
from django.test import Client

from accounts.models import Account
from keys.models import Certificate

from .conftest import SignIn


def made(address: str) -> bytes:
    return bytes(pysequoia.Tsk.generate(f"Somebody <{address}>").extract_certificate())


def publish(client: Client, data: bytes):
    return client.put("/keys/certificates/", data, content_type="application/octet-stream")


def ask(client: Client, *addresses: object):
    return client.post("/keys/recipients/", {"addresses": list(addresses)}, content_type="application/json")


def test_bob_finds_alices_certificate_at_once(sign_in: SignIn) -> None:
    data = made("alice@example.test")
    assert publish(sign_in("alice"), data).status_code == 200
    results = ask(sign_in("bob"), "alice@example.test", "nobody@example.test").json()["results"]
    assert results["nobody@example.test"] == {"state": "none", "source": None, "certificates": []}
    alice = results["alice@example.test"]
    assert (alice["state"], alice["source"]) == ("found", "source-here")
    [certificate] = alice["certificates"]
    found = pysequoia.Cert.from_bytes(base64.b64decode(certificate["data"]))
    assert found.fingerprint == certificate["fingerprint"] == pysequoia.Cert.from_bytes(data).fingerprint


def test_the_answer_is_named_as_it_was_asked(sign_in: SignIn) -> None:
    publish(sign_in("alice"), made("alice@example.test"))
    assert ask(sign_in("bob"), "Alice@Example.test").json()["results"]["Alice@Example.test"]["state"] == "found"


def test_charlie_cannot_publish_for_alice(sign_in: SignIn) -> None:
    answer = publish(sign_in("charlie"), made("alice@example.test"))
    assert answer.status_code == 422
    assert answer.json() == {"error": "certificate-refused", "reason": "other-address"}
    assert not Certificate.objects.exists()


def test_a_secret_key_is_not_taken(sign_in: SignIn) -> None:
    answer = publish(sign_in("alice"), bytes(pysequoia.Tsk.generate("Alice <alice@example.test>")))
    assert answer.json()["reason"] == "secret-key"
    assert not Certificate.objects.exists()


def test_a_backtrace_never_reaches_the_page(sign_in: SignIn) -> None:
    answer = publish(sign_in("alice"), b"\x99\x01\x00" + bytes(50))
    assert set(answer.json()) == {"error", "reason"}


def test_too_many_bytes_are_refused(sign_in: SignIn) -> None:
    assert publish(sign_in("alice"), bytes(1024 * 1024 + 1)).status_code == 413


def test_the_newest_published_stands_first_and_earlier_ones_stay_for_signatures(sign_in: SignIn) -> None:
    alice = sign_in("alice")
    first, second = made("alice@example.test"), made("alice@example.test")
    publish(alice, first)
    publish(alice, second)
    found = ask(alice, "alice@example.test").json()["results"]["alice@example.test"]["certificates"]
    assert [each["fingerprint"] for each in found] == [
        pysequoia.Cert.from_bytes(data).fingerprint for data in (second, first)
    ]


def test_publishing_again_keeps_one_row(sign_in: SignIn) -> None:
    alice, data = sign_in("alice"), made("alice@example.test")
    publish(alice, data)
    publish(alice, data)
    assert Certificate.objects.count() == 1


def test_a_closed_account_is_no_longer_found(sign_in: SignIn, account: Callable[[str], Account]) -> None:
    publish(sign_in("alice"), made("alice@example.test"))
    Account.objects.filter(pk=account("alice").pk).update(enabled=False)
    assert ask(sign_in("bob"), "alice@example.test").json()["results"]["alice@example.test"]["state"] == "none"


@pytest.mark.parametrize(
    "address", ["*", "%", "@example.test", "alice", "alice@", "alice@example.test OR 1=1", 7, None, ["a"]]
)
def test_only_whole_addresses_are_looked_up(sign_in: SignIn, address: object) -> None:
    publish(sign_in("alice"), made("alice@example.test"))
    assert ask(sign_in("bob"), address).json()["results"] == {}


def test_no_more_than_a_hundred_at_once(sign_in: SignIn) -> None:
    assert ask(sign_in("bob"), *[f"a{n}@example.test" for n in range(101)]).status_code == 400


def test_the_directory_is_for_people_here(client: Client, db: None) -> None:
    assert ask(client, "alice@example.test").status_code in (302, 401)
