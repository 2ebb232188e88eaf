"""Whom one writes to: the empty page of contacts, and people of one's own domain while a recipient is typed.

Contacts themselves are sealed in the browser (`keys/state/contacts/`) and never come here.
"""

from __future__ import annotations

import json
import re

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts import neighbours, rate
from accounts.decorators import signed_in
from accounts.models import Account

#: Enough for somebody who types fast, and too few to try all beginnings.
QUESTIONS_A_MINUTE = 60
#: What no name holds and no database is asked for: PostgreSQL takes neither NUL nor half of a UTF-16 pair.
_UNFIT = re.compile(r"[\x00\ud800-\udfff]")


@require_GET
@signed_in
def page(request: HttpRequest) -> HttpResponse:
    return render(request, "webmail/contacts.html")


@require_POST
@signed_in
@never_cache
def people(request: HttpRequest) -> HttpResponse:
    """A few people whose name or address begins so. By POST, so that what is typed stands in no log of addresses."""
    account: Account = request.account  # type: ignore[attr-defined]
    prefix = _prefix(request)
    if prefix is None:
        return JsonResponse({"error": "prefix-refused", "sentence": _("That did not work. Try again.")}, status=400)
    if not rate.within("people", account.person_id, QUESTIONS_A_MINUTE, uncounted=False):
        sentence = _("You asked for many people in a short time. Wait a minute, then type on.")
        return JsonResponse({"error": "too-many-questions", "sentence": sentence}, status=429)
    found = neighbours.beginning(account, prefix)
    return JsonResponse({"people": [{"name": each.name, "address": each.address} for each in found]})


def _prefix(request: HttpRequest) -> str | None:
    try:
        asked = json.loads(request.body)
    except (ValueError, RecursionError):
        return None
    prefix = asked.get("prefix") if isinstance(asked, dict) else None
    return prefix if isinstance(prefix, str) and not _UNFIT.search(prefix) else None
