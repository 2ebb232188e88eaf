"""What is said when a page cannot be shown: what is so, and what to do next."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import loader
from django.urls import reverse
from django.utils.translation import gettext as _


@dataclass(frozen=True)
class Trouble:
    """`head` says what is so, `note` what to do; `retry` offers the same address again."""

    status: int
    head: str
    note: str
    icon: str = "info"
    retry: bool = False


def show(request: HttpRequest, trouble: Trouble) -> HttpResponse:
    """A page of its own, or, where only the reader asked, what stands in the reader."""
    home = reverse("webmail:home")
    retry = request.get_full_path() if trouble.retry and request.method == "GET" else ""
    reader = request.headers.get("HX-Target") == "reader"
    template = "webmail/_error.html" if reader else "webmail/error.html"
    context = {"trouble": trouble, "home": home, "retry": retry, "retry_in_reader": reader}
    return render(request, template, context, status=trouble.status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return show(
        request, Trouble(400, _("This request cannot be read"), _("Go back and try again from the page."), "info")
    )


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return show(request, Trouble(403, _("This is not allowed"), _("Ask your administrator if you need it."), "lock"))


def csrf(request: HttpRequest, reason: str = "") -> HttpResponse:
    note = _("The page was open for too long, or came from elsewhere. Load it again and repeat what you did.")
    return show(request, Trouble(403, _("Nothing was done"), note, "undo"))


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    note = _("It may have been moved or deleted, here or in another mail program.")
    return show(request, Trouble(404, _("Nothing is here"), note, "envelope"))


def failed(request: HttpRequest) -> HttpResponse:
    """Our own mistake. The page needs nothing that could be what failed: no session, no words, no scripts."""
    return HttpResponse(loader.render_to_string("500.html"), status=500)
