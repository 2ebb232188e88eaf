"""How the person sends: the seconds to undo, and whether mail may go while they are away."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import credentials
from accounts.decorators import signed_in
from accounts.models import Account
from webmail.models import State

from .. import outbox, tasks, timing
from .outbox import lease_of

UNDO_CHOICES = (0, 5, 10, 20, 30)


def choices(account: Account) -> dict[str, object]:
    """What the settings page shows of this."""
    return {
        "undo": timing.undo_of(account),
        "undo_choices": [(seconds, _undo_words(seconds)) for seconds in UNDO_CHOICES],
        "away": credentials.may_away(account),
        "away_events": account.away_events.all()[:5],
        "waiting": account.outbox.filter(state__in=(State.WAITING, State.SIGN_IN), goes_at__isnull=False).count(),
    }


def _undo_words(seconds: int) -> str:
    return _("%(seconds)s seconds") % {"seconds": seconds} if seconds else _("No time, send at once")


@require_POST
@signed_in
def undo(request: HttpRequest) -> HttpResponse:
    account: Account = request.account  # type: ignore[attr-defined]
    text = request.POST.get("seconds", "")
    if text not in {str(seconds) for seconds in UNDO_CHOICES}:
        return HttpResponse(status=400)
    account.undo_seconds = int(text)
    account.save(update_fields=["undo_seconds"])
    return redirect("webmail:settings")


@require_POST
@signed_in
def away(request: HttpRequest) -> HttpResponse:
    """Give or withdraw the grant, or say "not now", which is not asked about again."""
    account: Account = request.account  # type: ignore[attr-defined]
    answer = request.POST.get("allow", "")
    if answer not in {"yes", "no"}:
        return HttpResponse(status=400)
    if answer == "yes":
        credentials.allow_away(account, credentials.login_for(request).password)
        for waiting in outbox.resume(account, lease_of(request)):
            tasks.enqueue(waiting)
    else:
        credentials.forbid_away(account)
    if not account.asked_away:
        account.asked_away = True
        account.save(update_fields=["asked_away"])
    for row in account.outbox.filter(state=State.WAITING, goes_at__isnull=False):
        outbox.tell(row)
    if request.headers.get("X-Requested-With") == "fetch":
        return JsonResponse({"allowed": answer == "yes"})
    return redirect("webmail:settings")
