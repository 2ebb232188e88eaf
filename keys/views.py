"""Key pages, and the endpoints through which the page keeps sealed bytes here.

Every row is reached through the signed-in person, so another's things do not exist.
"""

from __future__ import annotations

import base64
import json
import re
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import rate
from accounts.decorators import signed_in

from . import lookup, ring, state, stay
from .errors import (
    CertificateRefused,
    RingConflict,
    RingRefused,
    StateConflict,
    StateRefused,
)
from .sources import directory

if TYPE_CHECKING:
    from django.http import HttpRequest

    from accounts.models import Person

    from .sources.found import Found

BYTES = "application/octet-stream"
MOST_ADDRESSES = 100


@signed_in
@never_cache
@require_GET
def own_keys(request: HttpRequest) -> HttpResponse:
    """The person's keys as a ledger; the page fills it once they are open."""
    kept = ring.current(_person(request))
    return render(request, "keys/keys.html", {"has_ring": kept is not None, "kept": kept})


@signed_in
@never_cache
@require_GET
def set_up(request: HttpRequest) -> HttpResponse:
    """First sign-in: choose a passphrase, get keys and a recovery code."""
    if ring.has_ring(_person(request)):
        return redirect("keys:own_keys")
    return render(request, "keys/set_up.html")


@signed_in
@require_http_methods(["GET", "PUT"])
def ring_bytes(request: HttpRequest) -> HttpResponse:
    """The sealed ring. Written only over the revision named in If-Match."""
    person = _person(request)
    if request.method == "GET":
        kept = ring.current(person)
        if kept is None:
            return _sealed(None, None)
        return _sealed(bytes(kept.sealed), kept.hash)
    sealed = _body(request, ring.LARGEST)
    if sealed is None:
        return _refused("ring-refused", 413)
    expected = _if_match(request)
    try:
        if request.headers.get("If-None-Match") == "*":
            new = ring.create(person, sealed)
        elif expected is not None:
            new = ring.replace(person, expected, sealed)
        else:
            return _refused("precondition-needed", 428)
    except RingConflict:
        return _refused("ring-conflict", 412)
    except RingRefused:
        return _refused("ring-refused", 409)
    return _written(new.hash)


@signed_in
@require_http_methods(["GET", "PUT"])
def state_record(request: HttpRequest, kind: str, name: str) -> HttpResponse:
    """A sealed state record; its revision is its ETag and counts up by one."""
    person = _person(request)
    if request.method == "GET":
        kept = state.current(person, kind, name)
        if kept is None:
            return _sealed(None, None)
        return _sealed(bytes(kept.sealed), str(kept.rev))
    sealed = _body(request, state.LARGEST)
    if sealed is None:
        return _refused("state-refused", 413)
    expected = _if_match(request)
    try:
        if request.headers.get("If-None-Match") == "*":
            rev = state.create(person, kind, name, sealed).rev
        elif expected is not None and re.fullmatch(r"[0-9]{1,18}", expected):
            rev = state.replace(person, kind, name, int(expected), sealed)
        else:
            return _refused("precondition-needed", 428)
    except StateConflict:
        return _refused("state-conflict", 412)
    except StateRefused:
        return _refused("state-refused", 409)
    return _written(str(rev))


@signed_in
@require_POST
def stay_half(request: HttpRequest) -> HttpResponse:
    """The server's half of `stay-1`: made, fetched or dropped, always for this session."""
    person, session_key = _person(request), request.session.session_key
    action = _json(request).get("action")
    if session_key is None:
        raise Http404
    if action == "new":
        return _secret(stay.new(person, session_key))
    if action == "fetch":
        half = stay.fetch(person, session_key)
        return _secret(half) if half is not None else HttpResponse(status=204)
    if action == "touch":
        return HttpResponse(status=204 if stay.touch(person, session_key) else 410)
    if action == "drop":
        stay.drop(person, session_key)
        return HttpResponse(status=204)
    return _refused("unknown-action", 400)


@signed_in
@require_http_methods(["PUT"])
def certificates(request: HttpRequest) -> HttpResponse:
    """Publish the account's own certificate in this server's directory."""
    data = _body(request, 1024 * 1024)
    if data is None:
        return _refused("certificate-refused", 413, reason="too-large")
    try:
        row = directory.publish(request.account, data)  # type: ignore[attr-defined]
    except CertificateRefused as refused:
        return _refused("certificate-refused", 422, reason=refused.reason.value)
    return JsonResponse({"fingerprint": row.fingerprint})


@signed_in
@require_POST
def recipients(request: HttpRequest) -> HttpResponse:
    """Certificates for addresses: of recipients to encrypt to, of signers to check."""
    asked = _json(request).get("addresses")
    if not isinstance(asked, list) or len(asked) > MOST_ADDRESSES:
        return _refused("addresses-refused", 400)
    addresses = [each for each in asked if isinstance(each, str) and _is_address(each)]
    # Each address counts, so that nobody reads off who has a certificate here by asking for a hundred at once. While
    # nobody can count, recipients are still found: their mail would go without encryption instead.
    cost, most = max(1, len(addresses)), settings.LOOKUPS_A_MINUTE
    if not rate.within("lookups", _person(request).pk, most, cost=cost, uncounted=True):
        sentence = _("You asked about many addresses in a short time. Wait a minute, then try again.")
        return _refused("too-many-lookups", 429, sentence=sentence)
    results = {answer.address: _as_json(answer.found) for answer in lookup.find_all(addresses)}
    return JsonResponse({"results": results})


def _as_json(found: Found | None) -> dict[str, object]:
    if found is None:
        return {"state": "none", "source": None, "certificates": []}
    return {
        "state": "found",
        "source": found.source,
        "certificates": [
            {"fingerprint": each.fingerprint, "data": base64.b64encode(each.data).decode()}
            for each in found.certificates
        ],
    }


def _person(request: HttpRequest) -> Person:
    person: Person = request.account.person  # type: ignore[attr-defined]
    return person


def _is_address(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return len(text) <= 320


def _json(request: HttpRequest) -> dict[str, object]:
    try:
        data = json.loads(request.body)
    except (ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}


def _body(request: HttpRequest, most: int) -> bytes | None:
    """The request's bytes, or None where there are too many; a longer body is not read."""
    data = request.read(most + 1)
    return None if len(data) > most else bytes(data)


def _if_match(request: HttpRequest) -> str | None:
    """The one entity tag in If-Match (RFC 9110 section 13.1.1), without its quotes."""
    match = re.fullmatch(r'"?([0-9a-f]{1,64})"?', request.headers.get("If-Match", "").strip())
    return match[1] if match else None


def _sealed(data: bytes | None, tag: str | None) -> HttpResponse:
    if data is None:
        response = HttpResponse(status=204)
    else:
        response = HttpResponse(data, content_type=BYTES)
        response["ETag"] = f'"{tag}"'
    patch_cache_control(response, no_store=True, private=True)
    return response


def _secret(half: bytes) -> HttpResponse:
    response = HttpResponse(half, content_type=BYTES)
    patch_cache_control(response, no_store=True, private=True)
    return response


def _written(tag: str) -> HttpResponse:
    response = HttpResponse(status=204)
    response["ETag"] = f'"{tag}"'
    return response


def _refused(error: str, status: int, **more: str) -> JsonResponse:
    return JsonResponse({"error": error, **more}, status=status)
