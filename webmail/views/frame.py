"""The empty document that mail HTML is shown in."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET

#: Nothing is loaded and nothing runs; inline styles are what mail brings. Scripts stay off even where the sanitiser
#: let one through. Popups only so that a link the person clicks opens in a tab of its own, outside the sandbox.
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data: blob:; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'self'; sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox"
)


@require_GET
@xframe_options_sameorigin
def blocked(request: HttpRequest) -> HttpResponse:
    """No pictures from elsewhere. Holds nothing of anybody's, so nobody has to be signed in."""
    response = render(request, "webmail/frame.html")
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
