"""Who is asking: `request.account`, and the end of sessions that lasted too long."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from . import sessions
from .decorators import sign_in_again
from .errors import SignInNeeded

GetResponse = Callable[[HttpRequest], HttpResponseBase]


class AccountMiddleware:
    """Sets `request.account` (None if signed out) and ends sessions at their limits."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.account = None  # type: ignore[attr-defined]
        request.credential = None  # type: ignore[attr-defined]
        request.session_ended = ""  # type: ignore[attr-defined]
        if "account" in request.session:
            reason = sessions.over(request.session)
            credential = sessions.credential_of(request.session)
            if reason or credential is None:
                sessions.end(request)
                request.session_ended = reason or sessions.OVER  # type: ignore[attr-defined]
            else:
                sessions.touch(request.session)
                request.account = credential.account  # type: ignore[attr-defined]
                request.credential = credential  # type: ignore[attr-defined]
        response = self.get_response(request)
        if request.session_ended and isinstance(response, HttpResponse):  # type: ignore[attr-defined]
            sessions.forget_share(response)
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponseBase | None:
        """A view whose credential is gone needs no handling of its own: the person signs in again."""
        if isinstance(error, SignInNeeded):
            sessions.end(request)
            request.account = None  # type: ignore[attr-defined]
            request.session_ended = sessions.OVER  # type: ignore[attr-defined]
            return sign_in_again(request)
        return None
