"""The sealed ring is written by compare-and-swap, and nothing of it is ever lost."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.models import Account
from keys import ring
from keys.errors import RingConflict, RingRefused
from keys.models import KeyRing, OlderKeyRing

from .conftest import SignIn
from .rings import sealed


def put(client: Client, data: bytes, **headers: str):
    return client.put("/keys/ring/", data, content_type="application/octet-stream", headers=headers)


def test_a_new_person_has_no_ring(sign_in: SignIn) -> None:
    answer = sign_in("alice").get("/keys/ring/")
    assert answer.status_code == 204
    assert answer.content == b""


def test_alice_gets_back_exactly_what_she_put(sign_in: SignIn) -> None:
    alice, data = sign_in("alice"), sealed(1)
    assert put(alice, data, if_none_match="*").status_code == 204
    answer = alice.get("/keys/ring/")
    assert answer.content == data
    assert answer["ETag"] == f'"{hashlib.sha256(data).hexdigest()}"'
    assert answer["Content-Type"] == "application/octet-stream"
    assert "no-store" in answer["Cache-Control"]


def test_the_first_ring_is_not_written_over_by_another_first_ring(sign_in: SignIn) -> None:
    alice, first = sign_in("alice"), sealed(1)
    put(alice, first, if_none_match="*")
    answer = put(alice, sealed(1), if_none_match="*")
    assert answer.status_code == 412
    assert answer.json()["error"] == "ring-conflict"
    assert alice.get("/keys/ring/").content == first


def test_a_ring_is_not_written_without_naming_what_it_replaces(sign_in: SignIn) -> None:
    assert put(sign_in("alice"), sealed(1)).status_code == 428


def test_two_writers_with_the_same_revision_in_hand_lose_nothing(sign_in: SignIn) -> None:
    alice = sign_in("alice")
    first, second, third = sealed(1), sealed(2), sealed(2)
    tag = put(alice, first, if_none_match="*")["ETag"]
    assert put(alice, second, if_match=tag).status_code == 204
    assert put(alice, third, if_match=tag).status_code == 412
    assert alice.get("/keys/ring/").content == second
    older = OlderKeyRing.objects.get()
    assert bytes(older.sealed) == first


@pytest.mark.django_db(transaction=True)
def test_of_writers_at_the_same_moment_exactly_one_wins(account: Callable[[str], Account]) -> None:
    person = account("alice").person
    kept = ring.create(person, sealed(1))
    barrier, won, lost = threading.Barrier(4), [], []

    def write(data: bytes) -> None:
        barrier.wait()
        try:
            won.append(ring.replace(person, kept.hash, data).hash)
        except RingConflict:
            lost.append(data)
        finally:
            connection.close()

    writers = [threading.Thread(target=write, args=(sealed(2),)) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert (len(won), len(lost)) == (1, 3)
    assert KeyRing.objects.get().hash == won[0]
    assert OlderKeyRing.objects.get().hash == kept.hash


@pytest.mark.parametrize(
    ("following", "why"),
    [
        (sealed(1), "not newer"),
        (sealed(0), "not newer"),
        (sealed(2, epoch=0), "not newer"),
        (sealed(2, ring="b3RoZXI="), "another ring"),
    ],
)
def test_what_does_not_follow_is_refused(account: Callable[[str], Account], following: bytes, why: str) -> None:
    person = account("alice").person
    kept = ring.create(person, sealed(1))
    with pytest.raises(RingRefused, match=why):
        ring.replace(person, kept.hash, following)
    assert KeyRing.objects.get().hash == kept.hash


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"postern-keyring-1\n",
        b"postern-keyring-2\n" + sealed(1)[18:],
        sealed(1)[:30],
        b"postern-keyring-1\n\xff\xff\xff\xff{}",
        b"postern-keyring-1\n\x00\x00\x00\x02{}x",
        b"postern-keyring-1\n\x00\x00\x00\x02[]x",
        b"postern-keyring-1\n\x00\x00\x27\x10" + b"[" * 10000 + b"x",
        b"postern-keyring-1\n\x00\x00\x00\x23" + b'{"ring":"a","epoch":true,"rev":"1"}x',
        b"-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nunsealed",
    ],
)
def test_what_is_no_sealed_ring_is_refused(sign_in: SignIn, data: bytes) -> None:
    answer = put(sign_in("alice"), data, if_none_match="*")
    assert answer.status_code == 409
    assert not KeyRing.objects.exists()


def test_a_ring_that_is_too_large_is_refused(sign_in: SignIn) -> None:
    answer = put(sign_in("alice"), sealed(1, body=bytes(ring.LARGEST)), if_none_match="*")
    assert answer.status_code == 413


def test_older_revisions_are_kept_for_a_while_and_not_for_ever(account: Callable[[str], Account]) -> None:
    person = account("alice").person
    kept = ring.create(person, sealed(1))
    for rev in range(2, ring.OLDER_KEPT + 5):
        kept = ring.replace(person, kept.hash, sealed(rev))
    assert OlderKeyRing.objects.count() == ring.OLDER_KEPT
    assert OlderKeyRing.objects.first().rev == kept.rev - 1
    OlderKeyRing.objects.filter(rev=kept.rev - 1).update(
        replaced=timezone.now() - ring.OLDER_KEPT_FOR - timedelta(hours=1)
    )
    assert ring.sweep() == 1


def test_an_epoch_that_ended_is_forgotten_once_the_new_one_was_read_back(account: Callable[[str], Account]) -> None:
    person = account("alice").person
    first = ring.create(person, sealed(1))
    second = ring.replace(person, first.hash, sealed(2, epoch=2))
    assert OlderKeyRing.objects.filter(epoch=1).exists(), "nobody has shown yet that the new epoch opens"
    ring.replace(person, second.hash, sealed(3, epoch=2))
    assert not OlderKeyRing.objects.filter(epoch=1).exists()


def test_charlie_gets_nothing_of_alices_ring(sign_in: SignIn) -> None:
    alice, charlie = sign_in("alice"), sign_in("charlie")
    tag = put(alice, sealed(1), if_none_match="*")["ETag"]
    assert charlie.get("/keys/ring/").status_code == 204
    assert put(charlie, sealed(2), if_match=tag).status_code == 412
    assert KeyRing.objects.get().rev == 1


def test_nobody_gets_a_ring_without_signing_in(client: Client, db: None) -> None:
    assert client.get("/keys/ring/").status_code == 302
    assert put(client, sealed(1), if_none_match="*").status_code in (302, 401)
    assert not KeyRing.objects.exists()
