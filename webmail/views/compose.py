"""Writing: the empty page of the composer. What is written in it never comes here; `/send/` gets finished bytes."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts import credentials, imap
from accounts.decorators import signed_in
from accounts.errors import BadArgument, NoSuchMailbox
from accounts.models import Account

from .. import limits, roles, rule, timing
from ..errors import MailboxChanged
from ..mailbox import open_at
from ..place import Place

HOW = ("reply", "all", "forward")
#: What the composer of a draft is called with; rows of the list put the UID at the end.
DRAFT = "draft"


def answer_url(mailbox: str, uidvalidity: int, uid: int, how: str) -> str:
    return f"{reverse('webmail:compose')}?{urlencode({'answer': f'{mailbox}/{uidvalidity}/{uid}', 'how': how})}"


def draft_url(mailbox: str, uidvalidity: int, uid: int | str = "") -> str:
    """Where a draft is gone on with. Without a UID, what comes before one."""
    return f"{reverse('webmail:compose')}?{urlencode({DRAFT: f'{mailbox}/{uidvalidity}/{uid}'}, safe='/')}"


@require_GET
@signed_in
def page(request: HttpRequest) -> HttpResponse:
    """A new message, an answer or a forward: the composer takes what it answers from the reader in the same page.

    Or a draft, whose bytes the composer reads itself.
    """
    how = request.GET.get("how", "")
    answered, draft = _place(request.GET.get("answer", "")), _place(request.GET.get(DRAFT, ""))
    if (answered is None) != (how not in HOW) or (answered and draft):
        raise Http404
    if draft is not None:
        _check_draft(request, draft)
    titles = {"reply": _("Reply"), "all": _("Reply to all"), "forward": _("Forward")}
    context = {
        "how": how,
        "answered": answered.fields if answered else None,
        "draft": draft.fields if draft else None,
        "title": _("Draft") if draft else titles.get(how, _("New message")),
        "to": request.GET.get("to", "")[:2000],
        # As far as it is known; the page asks for it when it is there.
        "limit": limits.of(request.account),  # type: ignore[attr-defined]
        "rule": rule.of(request.account),  # type: ignore[attr-defined]
        "undo": timing.undo_of(request.account),  # type: ignore[attr-defined]
        "away": _away(request.account),  # type: ignore[attr-defined]
        "back": _back(answered, draft),
    }
    in_reader = request.headers.get("HX-Target") == "reader"
    template = "webmail/_compose.html" if in_reader else "webmail/compose.html"
    return render(request, template, context)


def _away(account: Account) -> str:
    """Whether mail may go while this person is away, or they are still to be asked."""
    if credentials.may_away(account):
        return "yes"
    return "no" if account.asked_away else "ask"


def _back(answered: Place | None, draft: Place | None) -> str:
    """Where closing leads: to the message that is answered, to the list the draft is in, to the inbox."""
    if answered:
        return reverse("webmail:message", kwargs=answered.fields)
    return reverse("webmail:mailbox", args=[draft.mailbox]) if draft else reverse("webmail:home")


def _place(value: str) -> Place | None:
    if not value:
        return None
    place = Place.parse(value)
    if place is None:
        raise Http404
    return place


def _check_draft(request: HttpRequest, place: Place) -> None:
    """A message elsewhere, or of somebody else, is no draft to go on with."""
    try:
        with imap.connect(credentials.login_for(request)) as server:
            open_at(server, place.mailbox, place.uidvalidity, readonly=True)
            flags = server.flags([place.uid]).get(place.uid)
            here = roles.assign(server.lately_listed()).get("drafts") == place.mailbox
    except (MailboxChanged, NoSuchMailbox, BadArgument):
        raise Http404 from None
    if flags is None or not (here or "\\draft" in {flag.lower() for flag in flags}):
        raise Http404
