"""How large a message may be, asked by a composer that is open."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_POST

from accounts.decorators import signed_in

from .. import limits


@require_POST
@signed_in
def limit(request: HttpRequest) -> HttpResponse:
    """Asked apart from the page, because the mail server may take its time; and by POST, because the answer is kept."""
    known = limits.ask(request.account)  # type: ignore[attr-defined]
    return JsonResponse({"limit": known.octets, "theirs": known.theirs})
