"""The right to be here: decorators for views."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def signed_in(view: View[P]) -> View[P]:
    """Only for somebody signed in with a mail account; `request.account` is that account."""

    @wraps(view)
    def judged(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if request.account is None:  # type: ignore[attr-defined]
            return sign_in_again(request)
        return view(request, *args, **kwargs)

    return judged


def sign_in_again(request: HttpRequest) -> HttpResponseBase:
    """To the sign-in page: a redirect, for htmx a header, for scripts a 401 with the sentence's id."""
    query = {}
    if reason := getattr(request, "session_ended", ""):
        query["ended"] = reason
    htmx = request.headers.get("HX-Request") == "true"
    if request.method == "GET" and not htmx and request.path != "/":
        query["next"] = request.get_full_path()
    where = reverse("accounts:sign_in") + (f"?{urlencode(query)}" if query else "")
    if htmx:
        return HttpResponse(status=401, headers={"HX-Redirect": where})
    # Fetch metadata tells a script's request from a person opening a page, in every browser we support.
    if request.headers.get("Sec-Fetch-Mode", "navigate") != "navigate" or "json" in request.headers.get("Accept", ""):
        return JsonResponse({"error": "signin-ended"}, status=401)
    return redirect(where)
