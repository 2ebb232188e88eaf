"""What templates on every page may ask: has this person been given keys."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from . import ring


def key_ring(request: HttpRequest) -> dict[str, object]:
    """`has_key_ring`, asked of the database only by templates that use it."""

    def has() -> bool:
        account = getattr(request, "account", None)
        return account is not None and ring.has_ring(account.person)

    return {"has_key_ring": SimpleLazyObject(has)}
