"""Alice, Bob and Charlie with mail accounts, signed in without a mail server."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import Account, Person
from tests.accounts import people

SignIn = Callable[[str], Client]


@pytest.fixture
def account(db: None) -> Callable[[str], Account]:
    """`account("alice")`: the account alice@example.test, made when first asked for."""

    def get(name: str) -> Account:
        address = f"{name}@example.test"
        person, _ = Person.objects.get_or_create(username=address)
        account, _ = Account.objects.get_or_create(
            address=address,
            defaults={
                "person": person,
                "login": address,
                "imap_host": "imap.example.test",
                "smtp_host": "smtp.example.test",
            },
        )
        return account

    return get


@pytest.fixture
def sign_in(account: Callable[[str], Account]) -> SignIn:
    """`sign_in("alice")`: a browser in which Alice is signed in, as accounts.sessions.begin leaves it."""

    return lambda name: people.browser(account(name))
