"""One place that turns trouble with the mail server into a sentence, whichever view met it."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.conf import settings
from django.db import Error as DatabaseTrouble
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from accounts import errors

from .errors import MailboxChanged
from .views.errors import Trouble, show
from .words import say

log = logging.getLogger(__name__)

GetResponse = Callable[[HttpRequest], HttpResponseBase]


class TroubleMiddleware:
    """Views let errors of the mail server through; the person gets what is so and what to do next."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponseBase | None:
        if isinstance(error, MailboxChanged):
            note = _("The mail server gave its messages new numbers. Open them again from the list.")
            return show(request, Trouble(409, _("The mailbox has changed"), note, "undo"))
        if isinstance(error, DatabaseTrouble) and request.headers.get("X-Requested-With") == "fetch":
            # Full, or starting again. A script that posts gets a sentence, or it would speak of a lost connection.
            log.exception("the database did not take it")
            sentence = _("The server cannot keep this right now. Try again in a few minutes.")
            return JsonResponse({"error": "not-kept", "sentence": sentence}, status=503)
        if not isinstance(error, errors.AccountError) or isinstance(error, errors.SignInNeeded):
            return None
        account = getattr(request, "account", None)
        host = error.host or (account.imap_host if account else settings.SITE_HOST)
        # The kind alone: what the server said may name people and mailboxes.
        log.info("%s from %s", type(error).__name__, host)
        return show(request, told(error, host))


def told(error: errors.AccountError, host: str) -> Trouble:
    """Status and sentences for one error; `host` is the server's name. The first kind that fits."""
    match error:
        case errors.NoSuchMailbox() | errors.MessageGone() | errors.BadArgument():
            note = _("It may have been moved or deleted, here or in another mail program.")
            return Trouble(404, _("Nothing is here"), note, "envelope")
        case errors.OverQuota():
            return Trouble(507, _("The mailbox is full"), _("Delete or move something, then try again."), "archive")
        case errors.LoginRefused():
            return Trouble(403, say("signin-changed", host=host), say("signin-changed.detail"), "lock")
        case errors.HostNotAllowed():
            note = _("Ask your administrator to allow it.")
            return Trouble(403, say("signin-host", site=settings.SITE_HOST, host=host), note, "server")
        case errors.TlsNotTrusted():
            return Trouble(502, say("signin-tls", host=host), _("Tell the administrator of your mail server."), "alert")
        case errors.TooManyConnections():
            return Trouble(
                503,
                say("signin-too-many-there", host=host),
                say("signin-too-many-there.detail", minutes=5),
                "clock",
                retry=True,
            )
        case errors.ServerUnreachable():
            note = _("Your mail is safe there. Nothing was changed; try again in a moment.")
            return Trouble(503, say("signin-unreachable", host=host), note, "server", retry=True)
        case errors.TooLarge():
            return Trouble(
                502,
                _("This is more than Postern reads at once"),
                _("Download the original to open it elsewhere."),
                "file",
            )
        case errors.CommandRefused():
            note = _("It said: %(answer)s") % {"answer": error.reason} if error.reason else _("Nothing was changed.")
            return Trouble(502, _("Your mail server refused this"), note, "server")
        case _:
            note = _("Nothing was changed. Try again in a few minutes.")
            return Trouble(503, _("%(host)s has trouble right now") % {"host": host}, note, "server", retry=True)
