"""The fixed cast with accounts, as rows, and browsers signed in as them without any mail server."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpResponse
from django.test import Client, RequestFactory

from accounts import sessions
from accounts.models import Account, Person


def account(name: str, **changes: object) -> Account:
    """The account of `name`@example.test on servers that do not exist."""
    address = f"{name}@example.test"
    person = Person(username=address, email=address)
    person.set_unusable_password()
    person.save()
    fields = {
        "address": address, "login": address, "imap_host": "imap.example.test", "imap_port": 993,
        "smtp_host": "smtp.example.test", "smtp_port": 465,
    }  # fmt: skip
    return Account.objects.create(person=person, **(fields | changes))


def browser(of: Account, password: str = "a mail password") -> Client:
    """A browser in which `of` is signed in, with session and share cookie as a real sign-in sets them."""
    client = Client()
    request = RequestFactory().get("/")
    request.session = client.session
    request.account = None
    response = HttpResponse()
    sessions.begin(request, response, of, password)
    request.session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = request.session.session_key
    client.cookies[settings.SHARE_COOKIE_NAME] = response.cookies[settings.SHARE_COOKIE_NAME].value
    return client
