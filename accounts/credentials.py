"""Mail passwords, sealed by credential-1: for a session, a send, or work while the person is away.

The associated data names both servers, their ports, their protection and the sign-in name. It is compared with
the account's row at opening, so a changed row never brings a password to another server; and the session's share
is only in the browser's cookie, so the database and the master key together do not open a session's password.
"""

from __future__ import annotations

import base64
import binascii
import secrets
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.signals import post_save
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from .errors import SignInNeeded
from .login import Login
from .models import Account, AwayEvent, Credential, Person
from .sealed_chunks import CHUNK, Chunks
from .sealing import NotOpened, current_kid, master_key, open_bytes, pack, seal, seal_bytes, split, unpack, unseal

__all__ = [
    "CHUNK", "Chunks", "NotOpened", "allow_away", "drop_old", "drop_session", "forbid_away", "forget_away",
    "keep_for_session", "lease_for_send", "login_away", "login_for", "login_from", "login_of_session", "may_away",
    "open_bytes", "open_send_lease", "renew_away", "seal_bytes", "use",
]  # fmt: skip

_MAGIC = b"postern-credential-1\n"
_CREDENTIAL = "credential"
SHARE = 32
_AWAY_KEPT = timedelta(days=365)


def use(account: Account, kind: str, kid: str, *more: bytes) -> bytes:
    """What a password may be used for, and nothing else: the associated data of credential-1."""
    return pack(
        kid, account.pk, kind, account.login,
        account.imap_host, account.imap_port, account.imap_tls,
        account.smtp_host, account.smtp_port, account.smtp_tls,
        *more,
    )  # fmt: skip


def _seal(account: Account, kind: str, share: bytes, password: str, *more: bytes) -> bytes:
    kid = current_kid()
    aad = use(account, kind, kid, *more)
    return seal(_MAGIC, master_key(kid) + share, f"postern credential-1 {kind}", aad, password.encode("utf-8"))


def _open(account: Account, kind: str, share: bytes, sealed: bytes, *more: bytes) -> Login:
    try:
        kid = _kid(account, kind, sealed, *more)
        password = unseal(_MAGIC, master_key(kid) + share, f"postern credential-1 {kind}", sealed).decode("utf-8")
    except (NotOpened, IndexError):
        raise SignInNeeded("the sealed password does not open for this account") from None
    return login_from(account, password)


def _kid(account: Account, kind: str, sealed: bytes, *more: bytes) -> str:
    """The master key it is sealed under. Raises `NotOpened` where it is for another use, or for other servers."""
    aad = split(_MAGIC, sealed)[0]
    kid = unpack(aad)[0].decode("utf-8", "replace")
    if aad != use(account, kind, kid, *more):
        raise NotOpened
    return kid


def login_from(account: Account, password: str) -> Login:
    return Login(account.pk, account.imap, account.smtp, account.login, password)


# --- for the session of one browser ---


def keep_for_session(request: HttpRequest, response: HttpResponse, account: Account, password: str) -> None:
    """Seal the password for this session; the share goes to the browser with `response`."""
    share = secrets.token_bytes(SHARE)
    row = Credential.objects.create(
        account=account, kind=Credential.Kind.SESSION, sealed=_seal(account, "session", share, password)
    )
    request.session[_CREDENTIAL] = str(row.pk)
    response.set_cookie(
        settings.SHARE_COOKIE_NAME,
        base64.urlsafe_b64encode(share).decode("ascii"),
        max_age=settings.SESSION_COOKIE_AGE,
        path="/",
        secure=bool(settings.SESSION_COOKIE_SECURE),
        httponly=True,
        samesite="Lax",
    )


def login_for(request: HttpRequest) -> Login:
    """The login of the person who asks; SignInNeeded where there is none or it does not open."""
    account = getattr(request, "account", None)
    if account is None:
        raise SignInNeeded("nobody is signed in")
    share = request.COOKIES.get(settings.SHARE_COOKIE_NAME)
    # The row was read when this request was judged (accounts/middleware.py).
    row = getattr(request, "credential", None)
    if row is not None and row.account is account:
        return _opened(row, account, share)
    return login_of_session(account, request.session.get(_CREDENTIAL), share)


def login_of_session(account: Account, credential: object, share: object) -> Login:
    """As login_for, for a websocket, whose handshake carries the same session and cookie."""
    if not isinstance(credential, str):
        raise SignInNeeded("the session holds no password")
    row = Credential.objects.filter(pk=credential, account=account, kind=Credential.Kind.SESSION).first()
    if row is None:
        raise SignInNeeded("the session's password was dropped")
    return _opened(row, account, share)


def _opened(row: Credential, account: Account, share: object) -> Login:
    if not isinstance(share, str):
        raise SignInNeeded("the browser has no share")
    try:
        half = base64.b64decode(share, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise SignInNeeded("the browser's share is not readable") from None
    return _open(account, "session", half, bytes(row.sealed))


def drop_session(credential: object) -> None:
    if isinstance(credential, str):
        Credential.objects.filter(pk=credential, kind=Credential.Kind.SESSION).delete()


def drop_old() -> None:
    """Erase what sessions left behind that ended by their limit instead of by signing out."""
    limit = timezone.now() - timedelta(seconds=settings.SESSION_COOKIE_AGE)
    Credential.objects.filter(kind=Credential.Kind.SESSION, created__lt=limit).delete()


# --- for one outbox row ---


def lease_for_send(request: HttpRequest, outbox_id: UUID, expires: datetime) -> bytes:
    """The session's password sealed again, for this outbox row until `expires`; to be kept and erased with it."""
    login = login_for(request)
    return lease_with(request.account, login.password, outbox_id, expires)  # type: ignore[attr-defined]


def lease_with(account: Account, password: str, outbox_id: UUID, expires: datetime) -> bytes:
    """As lease_for_send, at the moment of signing in."""
    return _seal(account, "send", b"", password, *_lease(outbox_id, expires))


def open_send_lease(account: Account, outbox_id: UUID, expires: datetime, sealed: bytes) -> Login:
    """The login of a lease; SignInNeeded when it is over or belongs to another row."""
    if timezone.now() >= expires:
        raise SignInNeeded("the lease for sending is over")
    return _open(account, "send", b"", bytes(sealed), *_lease(outbox_id, expires))


def _lease(outbox_id: UUID, expires: datetime) -> tuple[bytes, bytes]:
    return outbox_id.bytes, int(expires.timestamp()).to_bytes(8, "big")


# --- for work while the person is away ---


def allow_away(account: Account, password: str) -> None:
    """Keep the password for work without the person, by their own yes; an earlier grant is replaced."""
    with transaction.atomic():
        _grants(account).delete()
        Credential.objects.create(
            account=account, kind=Credential.Kind.GRANT, sealed=_seal(account, "grant", b"", password)
        )
        AwayEvent.objects.create(account=account, act=AwayEvent.Act.GIVEN)


def forbid_away(account: Account, act: AwayEvent.Act = AwayEvent.Act.WITHDRAWN) -> bool:
    """Delete the grant, because the person or the mail server said so; False where there was none."""
    with transaction.atomic():
        deleted, _by_model = _grants(account).delete()
        if deleted:
            AwayEvent.objects.create(account=account, act=act)
    return deleted > 0


def may_away(account: Account) -> bool:
    """Whether the person granted work without them, for the servers as they are now and under a key that is there."""
    row = _grants(account).first()
    try:
        return row is not None and bool(master_key(_kid(account, "grant", bytes(row.sealed))))
    except (NotOpened, IndexError):
        return False


def renew_away(account: Account, password: str) -> None:
    """The person signed in, perhaps with a new password: what they granted goes on with this one."""
    drop_unfit(account)
    if _grants(account).exists():
        _grants(account).update(sealed=_seal(account, "grant", b"", password))


@receiver(post_save, sender=Account)
def drop_unfit(instance: Account, **_more: object) -> None:
    """A grant was given for these servers, to somebody who may be here. No other server ever gets it back."""
    row = _grants(instance).first()
    if row is None:
        return
    try:
        _kid(instance, "grant", bytes(row.sealed))
    except (NotOpened, IndexError):
        forbid_away(instance)
    else:
        if not instance.enabled:
            forbid_away(instance)


@receiver(post_save, sender=Person)
def drop_of_nobody(instance: Person, **_more: object) -> None:
    """An administrator turned somebody off."""
    if not instance.is_active:
        for account in instance.accounts.all():
            forbid_away(account)


def login_away(account: Account, about: str) -> Login:
    """The login for work without the person, written down with what it is for; SignInNeeded where there is none."""
    drop_unfit(account)
    row = _grants(account).first()
    if row is None:
        raise SignInNeeded("no grant to work while the person is away")
    login = _open(account, "grant", b"", bytes(row.sealed))
    AwayEvent.objects.create(account=account, act=AwayEvent.Act.USED, about=about)
    return login


def forget_away() -> None:
    """Drop what was written down about grants longer ago than anybody looks."""
    AwayEvent.objects.filter(at__lt=timezone.now() - _AWAY_KEPT).delete()


def _grants(account: Account) -> QuerySet[Credential]:
    return Credential.objects.filter(account=account, kind=Credential.Kind.GRANT)
