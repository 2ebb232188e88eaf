"""This server's own directory: certificates that people with an account here published."""

from __future__ import annotations

from django.utils import timezone

from accounts.models import Account

from .. import openpgp
from ..address import folded
from ..models import Certificate
from .found import Found, Held

# The current certificate and those that signed earlier mail.
MOST = 8


def find(address: str) -> Found | None:
    """The certificates of the account with exactly this address, the current one first."""
    rows = Certificate.objects.filter(address=folded(address), account__enabled=True, source="directory")[:MOST]
    held = tuple(Held(row.fingerprint, bytes(row.data)) for row in rows)
    return Found("source-here", held) if held else None


def publish(account: Account, data: bytes) -> Certificate:
    """Put the account's own certificate in the directory, where it becomes the current one.

    Its owner proved the address by signing in to its mail account. Raises
    CertificateRefused unless the judge finds exactly that address in it.
    """
    judged = openpgp.judge(data, account.address)
    row, _ = Certificate.objects.update_or_create(
        account=account,
        fingerprint=judged.fingerprint,
        defaults={
            "address": folded(account.address),
            "data": judged.data,
            "made": judged.made,
            "expires": judged.expires,
            "published": timezone.now(),
        },
    )
    return row
