"""The half of stay-1 that the server holds lives as long as its session, at most."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from accounts.models import Account
from keys import ring, stay
from keys.models import StayHalf

from .conftest import SignIn
from .rings import sealed


def post(client: Client, action: str):
    return client.post("/keys/stay/", {"action": action}, content_type="application/json")


def test_a_reload_gets_the_same_half(sign_in: SignIn) -> None:
    alice = sign_in("alice")
    half = post(alice, "new")
    assert len(half.content) == 32
    assert "no-store" in half["Cache-Control"]
    assert post(alice, "fetch").content == half.content


def test_locking_drops_it(sign_in: SignIn) -> None:
    alice = sign_in("alice")
    post(alice, "new")
    assert post(alice, "drop").status_code == 204
    assert post(alice, "fetch").status_code == 204
    assert not StayHalf.objects.exists()


def test_a_new_half_ends_the_one_before(sign_in: SignIn) -> None:
    alice = sign_in("alice")
    first, second = post(alice, "new").content, post(alice, "new").content
    assert first != second
    assert post(alice, "fetch").content == second


def test_another_browser_of_alice_has_no_part_in_it(sign_in: SignIn) -> None:
    post(sign_in("alice"), "new")
    assert post(sign_in("alice"), "fetch").content == b""


def test_charlie_gets_nothing_even_with_the_session_in_hand(sign_in: SignIn, account: Callable[[str], Account]) -> None:
    alice = sign_in("alice")
    post(alice, "new")
    assert post(sign_in("charlie"), "fetch").content == b""
    assert stay.fetch(account("charlie").person, alice.session.session_key) is None


def test_signing_out_ends_it(sign_in: SignIn) -> None:
    alice = sign_in("alice")
    post(alice, "new")
    alice.post("/sign-out/")
    assert not StayHalf.objects.exists()


def test_whatever_ends_the_session_ends_it(sign_in: SignIn) -> None:
    alice, other = sign_in("alice"), sign_in("bob")
    post(alice, "new")
    post(other, "new")
    alice.session.flush()
    assert StayHalf.objects.count() == 1
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    call_command("clearsessions")
    assert not StayHalf.objects.exists()


def test_the_signal_of_signing_out_ends_it_also_where_the_session_row_lives_on(sign_in: SignIn) -> None:
    from accounts.signals import signed_out

    alice = sign_in("alice")
    post(alice, "new")
    signed_out.send(sender=Account, session_key=alice.session.session_key, account_id=1)
    assert Session.objects.exists()
    assert not StayHalf.objects.exists()


@pytest.mark.parametrize(("field", "limit"), [("used", stay.IDLE), ("created", stay.ABSOLUTE)])
def test_it_ends_by_itself(sign_in: SignIn, field: str, limit: timedelta) -> None:
    alice = sign_in("alice")
    half = post(alice, "new").content
    StayHalf.objects.update(**{field: timezone.now() - limit + timedelta(seconds=30)})
    assert post(alice, "fetch").content == half
    StayHalf.objects.update(**{field: timezone.now() - limit - timedelta(seconds=1)})
    assert post(alice, "fetch").status_code == 204
    assert post(alice, "touch").status_code == 410
    assert not StayHalf.objects.exists()


def test_work_in_the_page_begins_the_idle_time_anew(sign_in: SignIn) -> None:
    alice = sign_in("alice")
    post(alice, "new")
    StayHalf.objects.update(used=timezone.now() - stay.IDLE + timedelta(seconds=30))
    assert post(alice, "touch").status_code == 204
    assert StayHalf.objects.get().used > timezone.now() - timedelta(seconds=5)


def test_a_new_epoch_ends_every_half_of_the_person(sign_in: SignIn, account: Callable[[str], Account]) -> None:
    person = account("alice").person
    first = ring.create(person, sealed(1))
    post(sign_in("alice"), "new")
    post(sign_in("bob"), "new")
    second = ring.replace(person, first.hash, sealed(2))
    assert StayHalf.objects.count() == 2
    ring.replace(person, second.hash, sealed(3, epoch=2))
    assert [half.person.username for half in StayHalf.objects.all()] == ["bob@example.test"]


def test_an_unknown_action_is_refused(sign_in: SignIn) -> None:
    assert post(sign_in("alice"), "export").status_code == 400


def test_the_half_is_never_given_to_a_get(sign_in: SignIn) -> None:
    assert sign_in("alice").get("/keys/stay/").status_code == 405


def test_it_needs_the_token_against_forged_requests(sign_in: SignIn) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = sign_in("alice").cookies
    assert post(strict, "new").status_code == 403
