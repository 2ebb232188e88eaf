"""Beginning, judging and ending the session of one browser."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import partial

from django.conf import settings
from django.contrib.auth import login, logout
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest, HttpResponse

from . import credentials, imap
from .models import Account, Credential
from .signals import signed_in, signed_out

# Told to the person afterwards as the reason of `signin-ended`.
IDLE, OVER = "idle", "over"
_BACKEND = "accounts.backends.MailServerBackend"
# The time of the last request is written at most this often, so that reading mail does not write sessions.
_SEEN_STEP = 60


@dataclass(frozen=True)
class Limits:
    """Seconds a session may last at most, and without any request."""

    absolute: int
    idle: int

    @classmethod
    def current(cls) -> Limits:
        return cls(settings.SESSION_COOKIE_AGE, settings.SESSION_IDLE_SECONDS)


def begin(request: HttpRequest, response: HttpResponse, account: Account, password: str) -> None:
    """Sign the account's person in. The session gets a new id, whatever was in it before is gone."""
    end(request)
    credentials.drop_old()
    login(request, account.person, backend=_BACKEND)
    now = int(time.time())
    request.session.update({"account": account.pk, "began": now, "seen": now})
    request.session.set_expiry(settings.SESSION_COOKIE_AGE)
    credentials.keep_for_session(request, response, account, password)
    credentials.renew_away(account, password)
    signed_in.send(sender=Account, account=account, lease=partial(credentials.lease_with, account, password))


def over(session: SessionBase) -> str | None:
    """Why the session has ended (IDLE or OVER), None while it goes on."""
    limits, now = Limits.current(), time.time()
    began, seen = session.get("began"), session.get("seen")
    if not isinstance(began, int) or not isinstance(seen, int) or now >= began + limits.absolute:
        return OVER
    return IDLE if now >= seen + limits.idle else None


def touch(session: SessionBase) -> None:
    now = int(time.time())
    if now >= session["seen"] + _SEEN_STEP:
        session["seen"] = now


def credential_of(session: SessionBase) -> Credential | None:
    """The session's sealed password and, in the same question to the database, whose it is.

    None where the session ended, the password was dropped, or an administrator turned account or person off.
    """
    kept, key, person = session.get("credential"), session.get("account"), session.get("_auth_user_id")
    if not isinstance(kept, str) or not isinstance(key, int) or not isinstance(person, str) or over(session):
        return None
    return (
        Credential.objects.select_related("account__person")
        .filter(
            pk=kept,
            kind=Credential.Kind.SESSION,
            account_id=key,
            account__enabled=True,
            account__person_id=person,
            account__person__is_active=True,
        )
        .first()
    )


def account_of(session: SessionBase) -> Account | None:
    """The account signed in by this session."""
    credential = credential_of(session)
    return credential.account if credential else None


def end(request: HttpRequest) -> None:
    """End this browser's session: password, warm connections, sockets and halves of unlocked keys go with it."""
    session = request.session
    account, credential, key = session.get("account"), session.get("credential"), session.session_key
    logout(request)
    if isinstance(account, int) and key:
        credentials.drop_session(credential)
        if not Credential.objects.filter(account_id=account, kind=Credential.Kind.SESSION).exists():
            imap.close_account(account)
        signed_out.send(sender=Account, session_key=key, account_id=account)


def forget_share(response: HttpResponse) -> None:
    response.delete_cookie(settings.SHARE_COOKIE_NAME, path="/", samesite="Lax")
