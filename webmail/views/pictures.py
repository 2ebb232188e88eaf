"""A picture from elsewhere, through us: its sender learns that and when it was shown, nothing of device or place."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from redis.exceptions import RedisError

from accounts.decorators import signed_in
from keys.errors import OutboundError

from .. import pictures
from .message import INERT

#: At a time for one person from one process, and in ten minutes: reading asks for no more, a scan would.
MOST_AT_ONCE, MOST, SECONDS = 6, 1000, 600
_under_way: Counter[int] = Counter()
_counting = threading.Lock()


@require_POST
@signed_in
def picture(request: HttpRequest) -> HttpResponse:
    """The picture whose address is the body: an address in ours would stand in logs and histories."""
    account: int = request.account.pk  # type: ignore[attr-defined]
    with _place(account) as free:
        if not free or not _may(account):
            return _refused(429, "picture-wait", _("Too many pictures at once. Try again in a moment."))
        try:
            found = pictures.fetch(request.body.decode("latin-1"))
        except OutboundError:
            # One answer for all: what is inside our network, or answers on it, is nobody's to find out here.
            found = None
    if found is None:
        return _refused(404, "picture-missing", _("This picture could not be loaded."))
    data, kind = found
    return HttpResponse(data, content_type=kind, headers=INERT | {"Cache-Control": "no-store"})


def _refused(status: int, error: str, sentence: str) -> JsonResponse:
    return JsonResponse({"error": error, "sentence": sentence}, status=status)


@contextmanager
def _place(account: int) -> Iterator[bool]:
    with _counting:
        free = _under_way[account] < MOST_AT_ONCE
        _under_way[account] += free
    try:
        yield free
    finally:
        with _counting:
            _under_way[account] -= free
            if not _under_way[account]:
                del _under_way[account]


def _may(account: int) -> bool:
    key = f"webmail-pictures-{account}"
    try:
        cache.add(key, 0, SECONDS)
        return int(cache.incr(key)) <= MOST
    except ValueError:
        # It expired between the two calls, so this is the first of a new time.
        return True
    except RedisError:
        # Nobody counts now, so nobody is sent out.
        return False
