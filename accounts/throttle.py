"""How often somebody may try: per address and per place they come from, kept by django-axes in the database."""

from __future__ import annotations

import ipaddress
import logging
import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

from axes.handlers.proxy import AxesProxyHandler
from axes.helpers import get_cool_off
from axes.models import AccessAttempt
from django.conf import settings
from django.core.cache import cache
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext
from redis.exceptions import RedisError

from .errors import TooManyTries

log = logging.getLogger(__name__)

# Asking which servers belong to a domain makes us look things up elsewhere; nobody needs it more often. Each sign-in
# asks twice: while the address is typed, and when the password is sent.
_LOOKUPS, _LOOKUP_SECONDS = 60, 60
# Tries whose answer is not here yet. People behind one address are many, but do not all press the button at once.
_AT_ONE_ADDRESS, _FROM_ONE_PLACE, _TRY_SECONDS = 4, 32, 120


def name_of(request: HttpRequest, credentials: Mapping[str, str] | None) -> str | None:
    """AXES_USERNAME_CALLABLE: mail people come with an address, administrators with a username."""
    return (credentials or {}).get("address") or (credentials or {}).get("username")


def place_of(request: HttpRequest) -> str:
    """AXES_CLIENT_IP_CALLABLE: where the request comes from. An IPv6 customer has a whole /64 to try from."""
    text = str(request.META.get("REMOTE_ADDR") or "")
    if settings.SECURE_PROXY_SSL_HEADER is not None:
        # Our own proxy appended the last entry; those before it are the client's own claims.
        text = request.headers.get("X-Forwarded-For", text).rpartition(",")[2].strip()
    try:
        number = ipaddress.ip_address(text)
    except ValueError:
        return "0.0.0.0"  # noqa: S104 (no address to listen on: all who come without one are counted together)
    if isinstance(number, ipaddress.IPv6Address):
        return str(ipaddress.IPv6Network((number, 64), strict=False).network_address)
    return str(number)


def check(request: HttpRequest, address: str) -> None:
    """TooManyTries where this address, or this place, has failed too often."""
    if not AxesProxyHandler.is_allowed(request, {"address": address}):
        raise TooManyTries


def minutes_left(request: HttpRequest, address: str) -> int:
    """How long the wait still is, at least one minute."""
    wait = get_cool_off(request)
    last = (
        AccessAttempt.objects.filter(Q(username=address) | Q(ip_address=place_of(request)))
        .order_by("-attempt_time")
        .values_list("attempt_time", flat=True)
        .first()
    )
    if wait is None or last is None:
        return 1
    left: float = (last + wait - timezone.now()).total_seconds()
    return max(1, math.ceil(left / 60))


def forgive(address: str) -> None:
    """After a success. Only tries at this address: a thief with an account of their own must not, by signing
    in to it, wipe what was counted against them at other addresses (AXES_RESET_ON_SUCCESS would)."""
    AccessAttempt.objects.filter(username=address).delete()


@contextmanager
def trying(request: HttpRequest, address: str) -> Iterator[None]:
    """Around one try. TooManyTries where others are under way: axes counts what failed, and a hundred tries sent at
    once would all pass it before the first has failed."""
    kept: list[str] = []
    try:
        for key, most in ((address, _AT_ONE_ADDRESS), (place_of(request), _FROM_ONE_PLACE)):
            if _one_more(f"accounts-trying-{key}", _TRY_SECONDS, kept) > most:
                raise TooManyTries
        yield
    finally:
        for key in kept:
            # It expired, or the broker went away: then it counts nobody any more.
            with suppress(ValueError, RedisError):
                cache.decr(key)


def _one_more(key: str, seconds: int, kept: list[str]) -> int:
    try:
        cache.add(key, 0, seconds)
        count = int(cache.incr(key))
    except ValueError:
        # It expired between the two calls, so this is the first of a new time.
        return 1
    except RedisError as error:
        # What failed is still counted in the database, one after the other.
        log.warning("tries at the same time are not counted: %s", type(error).__name__)
        return 1
    kept.append(key)
    return count


def check_lookups(request: HttpRequest) -> None:
    """TooManyTries where this place asks for servers too often."""
    key = f"accounts-lookups-{place_of(request)}"
    try:
        cache.add(key, 0, _LOOKUP_SECONDS)
        count = int(cache.incr(key))
    except ValueError:
        # It expired between the two calls, so this is the first of a new minute.
        count = 1
    except RedisError:
        # Nobody counts now, so nobody is made to look up anything.
        raise TooManyTries from None
    if count > _LOOKUPS:
        raise TooManyTries


def locked_out(request: HttpRequest, response: HttpResponse, credentials: Mapping[str, str] | None) -> HttpResponse:
    """AXES_LOCKOUT_CALLABLE: the sign-in page has said it in its own words; the admin's page has not."""
    if response.status_code == 429:
        return response
    minutes = minutes_left(request, name_of(request, credentials) or "")
    text = gettext("Too many tries. Wait {minutes} minutes.").format(minutes=minutes)
    return HttpResponse(text, status=429, content_type="text/plain; charset=utf-8")
