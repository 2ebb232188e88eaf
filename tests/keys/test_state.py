"""State records: one row each, by compare-and-swap on a revision that counts up by one."""

from __future__ import annotations

import os

import pytest
from django.test import Client

from keys import state
from keys.models import StateRecord

from .conftest import SignIn

URL = "/keys/state/pins/pins/"


def record() -> bytes:
    return state.VERSION + os.urandom(state.SMALLEST + 20)


def put(client: Client, data: bytes, url: str = URL, **headers: str):
    return client.put(url, data, content_type="application/octet-stream", headers=headers)


def test_alice_gets_back_what_she_put_and_its_revision(sign_in: SignIn) -> None:
    alice, first, second = sign_in("alice"), record(), record()
    assert alice.get(URL).status_code == 204
    assert put(alice, first, if_none_match="*")["ETag"] == '"1"'
    assert put(alice, second, if_match='"1"')["ETag"] == '"2"'
    answer = alice.get(URL)
    assert (answer.content, answer["ETag"]) == (second, '"2"')


def test_two_tabs_lose_nothing(sign_in: SignIn) -> None:
    alice, kept = sign_in("alice"), record()
    put(alice, record(), if_none_match="*")
    put(alice, kept, if_match='"1"')
    for headers in ({"if_match": '"1"'}, {"if_none_match": "*"}, {"if_match": '"3"'}):
        answer = put(alice, record(), **headers)
        assert (answer.status_code, answer.json()["error"]) == (412, "state-conflict")
    assert alice.get(URL).content == kept


def test_charlie_has_records_of_his_own(sign_in: SignIn) -> None:
    alice, charlie = sign_in("alice"), sign_in("charlie")
    put(alice, record(), if_none_match="*")
    assert charlie.get(URL).status_code == 204
    assert put(charlie, record(), if_match='"1"').status_code == 412
    assert put(charlie, record(), if_none_match="*").status_code == 204
    assert StateRecord.objects.count() == 2
    assert alice.get(URL)["ETag"] == '"1"'


@pytest.mark.parametrize(
    "data", [b"", b"\x01short", b"\x02" + bytes(80), b'{"pins": {"bob@example.test": "unsealed"}}' * 3]
)
def test_what_is_not_sealed_is_refused(sign_in: SignIn, data: bytes) -> None:
    assert put(sign_in("alice"), data, if_none_match="*").status_code == 409
    assert not StateRecord.objects.exists()


def test_a_kind_that_nobody_knows_is_refused(sign_in: SignIn) -> None:
    assert put(sign_in("alice"), record(), "/keys/state/films/mine/", if_none_match="*").status_code == 409


def test_it_must_be_said_what_is_replaced(sign_in: SignIn) -> None:
    alice = sign_in("alice")
    assert put(alice, record()).status_code == 428
    assert put(alice, record(), if_match='"abc"').status_code == 428


def test_a_kind_has_room_for_so_much_and_no_more(sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    alice = sign_in("alice")
    assert put(alice, record(), "/keys/state/pins/other/", if_none_match="*").status_code == 204
    assert put(alice, record(), if_none_match="*").status_code == 409, "one list of pins"
    monkeypatch.setitem(state.KINDS, "seen", state.Room(2, 200))
    for month, status in (("2026-10", 204), ("2026-11", 204), ("2026-12", 409)):
        assert put(alice, record(), f"/keys/state/seen/{month}/", if_none_match="*").status_code == status
    assert put(alice, record(), "/keys/state/seen/2026-11/", if_match='"1"').status_code == 204
    large = state.VERSION + os.urandom(200)
    assert put(alice, large, "/keys/state/seen/2026-11/", if_match='"2"').status_code == 409
