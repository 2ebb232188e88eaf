"""Sending, and the page that shows what is on its way."""

from __future__ import annotations

import json
from itertools import chain
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts import credentials
from accounts.decorators import signed_in
from accounts.models import Account

from .. import intake, orders, outbox, outbox_words, store, tasks, timing
from ..csrf_first import csrf_by_header
from ..errors import Unfit
from ..models import OutboxMessage
from ..pieces import from_thread
from . import compose
from .message import INERT


@csrf_by_header
@require_POST
@signed_in
def send(request: HttpRequest) -> HttpResponse:
    try:
        row, new = intake.take(request, _account(request), lease_of(request))
    except Unfit as error:
        return JsonResponse({"error": error.code, "sentence": error.sentence}, status=error.status)
    left = timing.undo_left(row)
    if new and not timing.is_later(row):
        tasks.enqueue(row.pk, left)
    line = outbox_words.line(row)
    answer = {
        "id": str(row.pk), "state": row.state, "word": line.word, "sentence": line.text,
        "url": reverse("webmail:outbox_told", args=[row.pk]), "seconds": left,
        "undo": reverse("webmail:outbox_undo", args=[row.pk]),
        # A further try may find a row of an earlier one, whose text was another.
        "message_id": row.message_id,
    }  # fmt: skip
    return JsonResponse(answer, status=201 if new else 200)


@require_GET
@signed_in
def page(request: HttpRequest) -> HttpResponse:
    lines = [outbox_words.line(row) for row in outbox.shown(_account(request))]
    template = "webmail/_outbox.html" if request.headers.get("HX-Target") == "outbox" else "webmail/outbox.html"
    return render(request, template, {"lines": lines})


@require_GET
@signed_in
def row(request: HttpRequest, row: UUID) -> HttpResponse:
    return render(request, "webmail/_outbox_row.html", {"line": outbox_words.line(_own(request, row))})


@require_GET
@signed_in
def told(request: HttpRequest, row: UUID) -> HttpResponse:
    """What stands in the composer's place after Send."""
    return render(request, "webmail/_outbox_told.html", {"line": outbox_words.line(_own(request, row))})


@require_POST
@signed_in
def act(request: HttpRequest, row: UUID, act: str) -> HttpResponse:
    if act not in outbox.ACTS:
        raise Http404
    own = _own(request, row)
    taken_back = act == "cancel" and bool(own.draft) and timing.undo_left(own) > 0
    if outbox.ACTS[act](own, lease_of(request)):
        outbox.tell(own)
        tasks.enqueue(own.pk)
        if taken_back and own.draft:
            # Nobody has it open any more, so writing goes on in the draft.
            place = {name: own.draft[name] for name in ("mailbox", "uidvalidity", "uid")}
            return _go_to(request, compose.draft_url(**place))
    # Where the row moved on meanwhile, what the page shows now is the answer.
    return _go_to(request, reverse("webmail:outbox"))


def _go_to(request: HttpRequest, where: str) -> HttpResponse:
    """Lead on.

    What was pressed is often gone by then, since every page of the outbox hears at once that a row moved on; htmx
    would read from the form how to put the next page, so it is told here.
    """
    if "HX-Request" not in request.headers:
        return redirect(where)
    how = {"path": where, "target": "#page", "select": "#page", "swap": "outerHTML"}
    return HttpResponse(status=204, headers={"HX-Location": json.dumps(how)})


@require_POST
@signed_in
def undo(request: HttpRequest, row: UUID) -> JsonResponse:
    """The composer takes its message back, while that can be."""
    own = _own(request, row)
    undone = timing.undo(own)
    outbox.tell(own)
    return JsonResponse({"undone": undone})


@require_POST
@signed_in
def here(request: HttpRequest, row: UUID) -> JsonResponse:
    """An open page says that its person is here, so what waits for a sign-in only goes."""
    own = _own(request, row)
    goes = outbox.here(own, lease_of(request))
    if goes:
        outbox.tell(own)
        tasks.enqueue(own.pk)
    return JsonResponse({"goes": goes})


@require_POST
@signed_in
def move(request: HttpRequest, row: UUID) -> JsonResponse:
    """Another time for a message that waits for its own."""
    own = _own(request, row)
    try:
        moved = outbox.move(own, orders.moment(request.POST.get("send_at", "")))
    except ValueError:
        return JsonResponse({"error": "bad-time", "sentence": _("Choose a date and a time.")}, status=400)
    except Unfit as error:
        return JsonResponse({"error": error.code, "sentence": error.sentence}, status=error.status)
    if moved:
        outbox.tell(own)
        if own.due is not None and own.due <= timezone.now():
            tasks.enqueue(own.pk)
    return JsonResponse({"moved": moved})


@require_GET
@signed_in
def download(request: HttpRequest, row: UUID) -> HttpResponseBase:
    own = _own(request, row)
    if own.copy is None:
        raise Http404
    kept = iter(store.Kept(own.copy))
    try:
        first = next(kept)
    except LookupError:
        raise Http404 from None
    headers = {
        **INERT,
        "Content-Disposition": f'attachment; filename="{own.pk}.eml"',
        "Content-Length": str(own.copy.size),
    }
    kind = "application/octet-stream"
    if len(first) == own.copy.size:
        return HttpResponse(first, content_type=kind, headers=headers)
    return StreamingHttpResponse(from_thread(chain([first], kept)), content_type=kind, headers=headers)


def _account(request: HttpRequest) -> Account:
    account: Account = request.account  # type: ignore[attr-defined]
    return account


def _own(request: HttpRequest, row: UUID) -> OutboxMessage:
    return get_object_or_404(OutboxMessage.objects.filter(account=_account(request)), pk=row)


def lease_of(request: HttpRequest) -> outbox.Lease:
    return lambda row, expires: credentials.lease_for_send(request, row, expires)
