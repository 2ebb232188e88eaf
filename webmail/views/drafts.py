"""Drafts: a finished version into the mailbox, and one thrown away. What is written in them never comes here."""

from __future__ import annotations

import json
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import credentials, errors, imap
from accounts.decorators import signed_in
from accounts.models import Account

from .. import draft_bytes, draft_upload, drafts
from ..csrf_first import csrf_by_header
from ..errors import Unfit
from ..place import Place
from ..trouble import told

#: Up to this a draft goes over the warm connection; above, it would keep the page's own requests waiting.
AT_ONCE = 1 << 20


@csrf_by_header
@require_POST
@signed_in
def save(request: HttpRequest) -> HttpResponse:
    """One version of a draft, in place of the one before it."""
    account: Account = request.account  # type: ignore[attr-defined]
    try:
        with draft_upload.read(request, account.address) as (fields, draft):
            replaces = _replaced(fields, draft)
            login = credentials.login_for(request)
            with imap.connect(login, fresh=draft.data.size > AT_ONCE) as server:
                place = drafts.save(server, draft, replaces)
    except Unfit as error:
        return _refused(error)
    except drafts.Elsewhere as error:
        now = error.now.place.fields | {"rev": error.now.stamp.rev} if error.now else None
        return JsonResponse({"error": "write-draft-elsewhere", "sentence": "", "now": now}, status=409)
    except errors.SignInNeeded:
        raise
    except errors.AccountError as error:
        return _trouble(error, account)
    return JsonResponse(place.fields, status=201)


@csrf_by_header
@require_POST
@signed_in
def discard(request: HttpRequest) -> HttpResponse:
    """The person does not want it any more."""
    account: Account = request.account  # type: ignore[attr-defined]
    try:
        asked = json.loads(request.body)
        place, draft = Place.read(asked), UUID(asked["draft"])
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        return _refused(draft_bytes.misread())
    try:
        with imap.connect(credentials.login_for(request)) as server:
            drafts.remove(server, place, draft)
    except errors.SignInNeeded:
        raise
    except errors.AccountError as error:
        return _trouble(error, account)
    return HttpResponse(status=204)


def _replaced(fields: MultiValueDict[str, str], draft: draft_bytes.Draft) -> Place | None:
    """What this version takes the place of. The draft is the one that the fields speak of."""
    try:
        announced = UUID(fields.get("draft", "")), int(fields.get("rev", ""))
        replaces = json.loads(fields.get("replaces", "null"))
        place = None if replaces is None else Place.read(replaces)
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        raise draft_bytes.misread() from error
    if announced != (draft.stamp.id, draft.stamp.rev):
        raise draft_bytes.misread()
    return place


def _refused(error: Unfit) -> HttpResponse:
    return JsonResponse({"error": error.code, "sentence": error.sentence}, status=error.status)


def _trouble(error: errors.AccountError, account: Account) -> HttpResponse:
    """What the mail server's trouble means for the draft. The page keeps its text, and may ask again."""
    if isinstance(error, errors.TooLarge):
        return _refused(Unfit("too-large", _("Your mail server does not take a draft as large as this."), 413))
    if isinstance(error, errors.OverQuota):
        sentence = _("Your mailbox is full, so the draft is not saved there. Delete or move something to make room.")
        return _refused(Unfit("over-quota", sentence, 507))
    trouble = told(error, error.host or account.imap_host)
    return _refused(Unfit("mail-server", f"{trouble.head.removesuffix('.')}. {trouble.note}", trouble.status))
