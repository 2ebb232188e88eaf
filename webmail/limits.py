"""How large a message may be: what Postern takes, or what the account's own server takes where that is less.

The server says it in its greeting (RFC 1870), so it is asked while the composer stands open already, without signing in
there, and remembered for an hour.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from accounts import errors
from accounts.models import Account
from accounts.smtp_greeting import announced_limit

log = logging.getLogger(__name__)

KNOWN_FOR = timedelta(hours=1)
# A server that could not be asked is asked again after this, and no sooner.
ASK_AGAIN_AFTER = timedelta(minutes=2)


@dataclass(frozen=True)
class Limit:
    """`theirs` where the account's server is what sets it."""

    octets: int
    theirs: bool


def of(account: Account) -> Limit:
    """As far as it is known now."""
    stated = account.size_limit if _is_known(account) else None
    if stated and stated < settings.MESSAGE_LIMIT:
        return Limit(stated, theirs=True)
    return Limit(settings.MESSAGE_LIMIT, theirs=False)


def ask(account: Account) -> Limit:
    """Asks the account's server where it was not asked lately; one that is away costs the ten seconds of a dial."""
    if not _is_known(account):
        _learn(account)
    return of(account)


def forget(account: Account) -> None:
    """What the server said holds no longer."""
    Account.objects.filter(pk=account.pk).update(size_asked=None)


def _is_known(account: Account) -> bool:
    return account.size_asked is not None and account.size_asked > timezone.now() - KNOWN_FOR


def _learn(account: Account) -> None:
    now = timezone.now()
    soon = now + ASK_AGAIN_AFTER - KNOWN_FOR
    old = Q(size_asked__isnull=True) | Q(size_asked__lte=now - KNOWN_FOR)
    # One conditional UPDATE, so that of many pages that open at once one asks, and the server hears one question.
    if not Account.objects.filter(old, pk=account.pk).update(size_asked=soon):
        account.refresh_from_db(fields=["size_limit", "size_asked"])
        return
    account.size_asked = soon
    try:
        account.size_limit = announced_limit(account.smtp)
    except errors.AccountError as error:
        # Sending will tell; what the server said before stands until then.
        log.info("%s from %s, asked for its SIZE", type(error).__name__, account.smtp_host)
        return
    account.size_asked = timezone.now()
    Account.objects.filter(pk=account.pk).update(size_limit=account.size_limit, size_asked=account.size_asked)
