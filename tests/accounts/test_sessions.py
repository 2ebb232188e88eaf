"""How a session lasts and ends."""

from __future__ import annotations

import time

import pytest
from django.conf import settings as site
from django.contrib.sessions.models import Session
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.test import Client
from django.urls import path
from pytest_django.fixtures import DjangoAssertNumQueries

from accounts import credentials
from accounts.decorators import signed_in
from accounts.models import Account, Credential
from accounts.signals import signed_out
from webmail.urls import urlpatterns as pages

from . import people

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


@signed_in
def whose(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"address": request.account.address, "password": credentials.login_for(request).password})


urlpatterns = [path("whose/", whose), *pages]


def test_the_account_is_the_one_who_signed_in() -> None:
    alice, bob = people.account("alice"), people.account("bob")
    of_alice, of_bob = people.browser(alice, "alice-pw"), people.browser(bob, "bob-pw")
    assert of_alice.get("/whose/").json() == {"address": "alice@example.test", "password": "alice-pw"}
    assert of_bob.get("/whose/").json() == {"address": "bob@example.test", "password": "bob-pw"}


def test_who_is_not_signed_in_goes_to_the_door() -> None:
    response = Client().get("/whose/?page=2")
    assert (response.status_code, response["Location"]) == (302, "/sign-in/?next=%2Fwhose%2F%3Fpage%3D2")


def test_htmx_and_scripts_are_told_in_their_own_way() -> None:
    htmx = Client().get("/whose/", headers={"HX-Request": "true"})
    assert (htmx.status_code, htmx["HX-Redirect"]) == (401, "/sign-in/")
    script = Client().get("/whose/", headers={"Sec-Fetch-Mode": "cors"})
    assert (script.status_code, script.json()) == (401, {"error": "signin-ended"})


def test_signing_out_ends_everything() -> None:
    alice = people.account("alice")
    client = people.browser(alice)
    stolen = {name: morsel.value for name, morsel in client.cookies.items()}
    key = client.session.session_key
    told: list[tuple[str, int]] = []

    def hear(session_key: str, account_id: int, **_: object) -> None:
        told.append((session_key, account_id))

    signed_out.connect(hear)
    try:
        response = client.post("/sign-out/")
    finally:
        signed_out.disconnect(hear)
    assert told == [(key, alice.pk)]
    assert response["Location"] == "/sign-in/"
    # Storage stays: the browser must go on remembering the highest key ring revision.
    assert response["Clear-Site-Data"] == '"cache"'
    assert response.cookies[site.SHARE_COOKIE_NAME]["max-age"] == 0
    assert response.cookies[site.SESSION_COOKIE_NAME]["max-age"] == 0
    assert Credential.objects.count() == 0
    assert not Session.objects.filter(session_key=key).exists()
    thief = Client()
    for name, value in stolen.items():
        thief.cookies[name] = value
    assert thief.get("/whose/").status_code == 302


def test_signing_out_is_no_link() -> None:
    client = people.browser(people.account("alice"))
    assert client.get("/sign-out/").status_code == 405
    assert client.get("/whose/").status_code == 200


def test_the_back_button_shows_nothing_kept() -> None:
    client = people.browser(people.account("alice"))
    assert "no-store" in client.get("/sign-in/")["Cache-Control"]


def aged(client: Client, **seconds: int) -> None:
    session = client.session
    for name, age in seconds.items():
        session[name] = int(time.time()) - age
    session.save()


def test_a_session_ends_when_nothing_was_done() -> None:
    client = people.browser(people.account("alice"))
    aged(client, seen=site.SESSION_IDLE_SECONDS - 60)
    assert client.get("/whose/").status_code == 200
    aged(client, seen=site.SESSION_IDLE_SECONDS + 1)
    response = client.get("/whose/")
    assert response["Location"] == "/sign-in/?ended=idle&next=%2Fwhose%2F"
    assert response.cookies[site.SHARE_COOKIE_NAME]["max-age"] == 0
    assert Credential.objects.count() == 0


def test_a_session_ends_after_twelve_hours_however_busy() -> None:
    client = people.browser(people.account("alice"))
    aged(client, began=12 * 3600 - 60)
    assert client.get("/whose/").status_code == 200
    aged(client, began=12 * 3600 + 1)
    assert "ended=over" in client.get("/whose/")["Location"]


def test_a_request_keeps_the_session_awake() -> None:
    client = people.browser(people.account("alice"))
    aged(client, seen=3600)
    client.get("/whose/")
    assert client.session["seen"] >= time.time() - 5


@pytest.mark.parametrize("turned_off", ["account", "person"])
def test_turning_somebody_off_ends_their_session_at_the_next_request(turned_off: str) -> None:
    alice = people.account("alice")
    client = people.browser(alice)
    if turned_off == "account":
        Account.objects.update(enabled=False)
    else:
        alice.person.is_active = False
        alice.person.save()
    assert client.get("/whose/").status_code == 302
    assert Credential.objects.count() == 0


def test_changed_servers_ask_for_the_password_again() -> None:
    client = people.browser(people.account("alice"))
    Account.objects.update(imap_host="imap.attacker.example")
    assert "/sign-in/" in client.get("/whose/")["Location"]


def test_an_account_number_written_into_a_session_is_not_enough() -> None:
    """The account must be the signed-in person's own."""
    alice, charlie = people.account("alice"), people.account("charlie")
    client = people.browser(charlie)
    session = client.session
    session["account"] = alice.pk
    session.save()
    assert client.get("/whose/").status_code == 302


def test_a_second_browser_stays_signed_in() -> None:
    alice = people.account("alice")
    first, second = people.browser(alice), people.browser(alice)
    first.post("/sign-out/")
    assert second.get("/whose/").status_code == 200
    assert first.get("/whose/").status_code == 302


def test_an_administrator_without_mail_has_no_account() -> None:
    from accounts.models import Person

    admin = Person.objects.create_superuser("admin", password="an administrator's own password")
    client = Client()
    client.force_login(admin, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/whose/").status_code == 302
    assert client.get("/admin/").status_code == 200


def test_a_password_dropped_by_an_administrator_ends_the_session() -> None:
    client = people.browser(people.account("alice"))
    Credential.objects.all().delete()
    response = client.get("/whose/")
    assert response["Location"] == "/sign-in/?ended=over&next=%2Fwhose%2F"
    assert not Session.objects.exists()


def test_another_accounts_password_is_none() -> None:
    client = people.browser(people.account("alice"))
    people.browser(people.account("bob"))
    session = client.session
    session["credential"] = str(Credential.objects.get(account__address="bob@example.test").pk)
    session.save()
    assert client.get("/whose/").status_code == 302


def test_judging_a_request_is_two_questions_to_the_database(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    client = people.browser(people.account("alice"))
    client.get("/whose/")
    with django_assert_num_queries(2):
        assert client.get("/whose/").status_code == 200
