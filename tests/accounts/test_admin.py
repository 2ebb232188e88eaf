"""What administrators see, and what not."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.core.management import CommandError, call_command
from django.test import Client

from accounts import credentials
from accounts.models import Credential, Domain, Person

from . import people

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator() -> Client:
    client = Client()
    client.force_login(
        Person.objects.create_superuser("admin", password="an administrator's own password"),
        backend="django.contrib.auth.backends.ModelBackend",
    )
    return client


def test_no_page_shows_a_credential(administrator: Client) -> None:
    alice = people.account("alice")
    credentials.allow_away(alice, "zebrafinch-mail-password")
    assert Credential not in admin.site._registry
    sealed = bytes(Credential.objects.get().sealed)
    for url in (
        "/admin/", "/admin/accounts/", "/admin/accounts/account/", f"/admin/accounts/account/{alice.pk}/change/",
        "/admin/accounts/person/", f"/admin/accounts/person/{alice.person_id}/change/", "/admin/accounts/domain/",
    ):  # fmt: skip
        page = administrator.get(url)
        assert page.status_code == 200, url
        assert b"zebrafinch" not in page.content
        assert sealed not in page.content and sealed.hex().encode() not in page.content


def test_accounts_are_not_made_by_hand(administrator: Client) -> None:
    assert administrator.get("/admin/accounts/account/add/").status_code == 403


def test_a_person_with_mail_does_not_see_the_administration() -> None:
    assert people.browser(people.account("alice")).get("/admin/")["Location"].startswith("/admin/login/")


def test_a_domain_is_listed_from_the_command_line() -> None:
    call_command("postern_domain", "Example.ORG", "--imap", "imap.example.org", "--smtp", "mail.example.org:587",
                 "--smtp-tls", "starttls", "--login", "local")  # fmt: skip
    domain = Domain.objects.get()
    assert (domain.name, domain.imap_host, domain.imap_port, domain.imap_tls) == (
        "example.org", "imap.example.org", 993, "implicit",
    )  # fmt: skip
    assert (domain.smtp_host, domain.smtp_port, domain.login_form) == ("mail.example.org", 587, "local")
    call_command("postern_domain", "example.org", "--imap", "imap2.example.org", "--smtp", "s.example.org", "--disable")
    domain.refresh_from_db()
    assert (domain.imap_host, domain.enabled, Domain.objects.count()) == ("imap2.example.org", False, 1)


@pytest.mark.parametrize("host", ["https://imap.example.org", "imap_1.example.org", "a b", "imap.example.org:99999"])
def test_what_is_no_server_is_not_listed(host: str) -> None:
    with pytest.raises(CommandError):
        call_command("postern_domain", "example.org", "--imap", host, "--smtp", "smtp.example.org")
    assert Domain.objects.count() == 0
