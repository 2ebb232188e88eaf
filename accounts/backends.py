"""Signing in by asking the person's own IMAP server."""

from __future__ import annotations

from django.contrib.auth.backends import BaseBackend
from django.db import transaction
from django.http import HttpRequest

from . import imap
from .discovery import Found, kept
from .errors import AccountDisabled, LoginRefused
from .login import Login
from .models import Account, Person


class MailServerBackend(BaseBackend):
    """Whoever the IMAP server of an address lets in is the person of that address."""

    def authenticate(
        self,
        request: HttpRequest | None,
        address: str | None = None,
        password: str | None = None,
        found: Found | None = None,
        **others: object,
    ) -> Person | None:
        """The person, None where the server said no (left as `request.refusal`); other trouble is raised.

        A wrong password is not raised, so that Django tells the throttle about it.
        """
        if request is None or address is None or password is None or found is None:
            return None
        account = Account.objects.select_related("person").filter(address=address).first()
        if account is not None:
            found = kept(found, account)
        login = Login(account.pk if account else 0, found.imap, found.smtp, found.login, password)
        try:
            # A connection of its own: a warm one would prove only that somebody knew the password before.
            with imap.connect(login, fresh=True):
                pass
        except LoginRefused as error:
            request.refusal = error  # type: ignore[attr-defined]
            return None
        account = keep(address, found)
        # Judged after the password, so that only its owner learns that the account is turned off.
        if not account.enabled or not account.person.is_active:
            raise AccountDisabled("turned off by an administrator", host=found.imap.host)
        return account.person

    def get_user(self, user_id: int) -> Person | None:
        return Person.objects.filter(pk=user_id, is_active=True).first()


@transaction.atomic
def keep(address: str, found: Found) -> Account:
    """The account of `address`, made at its first sign-in, with the servers that let the person in.

    Raises AccountDisabled for an administrator: a mail server must not be able to hand out their rights.
    """
    person, new = Person.objects.get_or_create(username=address, defaults={"email": address})
    if person.is_staff or person.is_superuser:
        raise AccountDisabled("an administrator's name", host=found.imap.host)
    if new:
        person.set_unusable_password()
        person.save(update_fields=["password"])
    servers = {
        "login": found.login,
        "imap_host": found.imap.host, "imap_port": found.imap.port, "imap_tls": found.imap.tls,
        "smtp_host": found.smtp.host, "smtp_port": found.smtp.port, "smtp_tls": found.smtp.tls,
    }  # fmt: skip
    first = servers | {"person": person}
    return Account.objects.update_or_create(address=address, defaults=servers, create_defaults=first)[0]
