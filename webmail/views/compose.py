"""Writing: the empty page of the composer. What is written in it never comes here; `/send/` gets finished bytes."""

from __future__ import annotations

import re
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.decorators import signed_in
from accounts.models import Domain

HOW = ("reply", "all", "forward")


def answer_url(mailbox: str, uidvalidity: int, uid: int, how: str) -> str:
    return f"{reverse('webmail:compose')}?{urlencode({'answer': f'{mailbox}/{uidvalidity}/{uid}', 'how': how})}"


@require_GET
@signed_in
def page(request: HttpRequest) -> HttpResponse:
    """A new message, an answer or a forward: the composer takes what it answers from the reader in the same page."""
    how = request.GET.get("how", "")
    answered = _answered(request.GET.get("answer", ""))
    if (answered is None) != (how not in HOW):
        raise Http404
    context = {
        "how": how,
        "answered": answered,
        "title": {"reply": _("Reply"), "all": _("Reply to all"), "forward": _("Forward")}.get(how, _("New message")),
        "to": request.GET.get("to", "")[:2000],
        "limit": settings.MESSAGE_LIMIT,
        "policy": _policy(request.account.address),  # type: ignore[attr-defined]
        "back": reverse("webmail:message", kwargs=answered) if answered else reverse("webmail:home"),
    }
    in_reader = request.headers.get("HX-Target") == "reader"
    template = "webmail/_compose.html" if in_reader else "webmail/compose.html"
    return render(request, template, context)


def _policy(address: str) -> str:
    """The house rule of the sender's domain; domains that nobody listed only warn."""
    name = address.rpartition("@")[2]
    return Domain.objects.filter(name=name).values_list("policy", flat=True).first() or Domain.Policy.WARN


def _answered(value: str) -> dict[str, object] | None:
    """`<mailbox>/<uidvalidity>/<uid>`; the mailbox's own name may hold slashes."""
    if not value:
        return None
    found = re.fullmatch(r"(.+)/([0-9]{1,10})/([0-9]{1,10})", value)
    if found is None:
        raise Http404
    return {"mailbox": found[1], "uidvalidity": int(found[2]), "uid": int(found[3])}
