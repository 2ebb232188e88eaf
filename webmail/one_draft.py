"""One draft becomes one message: a second tab, or a page loaded anew after Send, does not send it again."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Account

from . import store
from .errors import Unfit
from .models import OutboxMessage, State

# Called off, or never taken by anybody: the person goes on with the draft and sends it anew.
_CALLED_OFF = (State.CANCELLING, State.CANCELLED, State.UNDONE)
GIVEN_BACK = (State.REFUSED, State.TOO_LARGE, State.GAVE_UP)


def check(account: Account, draft: Mapping[str, object], key: UUID) -> None:
    """Raise `Unfit` where another message of this draft is on its way or out; `key` is the one that asks."""
    # The account's row stands for "one at a time"; the draft itself is in the mailbox and has no row.
    Account.objects.select_for_update().get(pk=account.pk)
    # Locked until the new row is there: "Try again" of an old one comes before this, or finds that it was replaced.
    others = list(_of(account, draft).exclude(key=key).select_for_update().values_list("state", flat=True))
    if not set(others) <= {*_CALLED_OFF, *GIVEN_BACK}:
        sentence = _("This draft was sent already, from another tab or device. The outbox says how it stands.")
        raise Unfit("draft-sent", sentence, 409)


def replace(account: Account, draft: Mapping[str, object], new: OutboxMessage) -> None:
    """What the mail server refused is done with, once the corrected message stands in its place."""
    replaced = {
        "state": State.UNDONE, "due": None, "credential": None, "finished_at": timezone.now(),
        "lease": None, "leased_until": None,
    }  # fmt: skip
    for row in _of(account, draft).filter(state__in=GIVEN_BACK).exclude(pk=new.pk):
        # As in outbox.decide: one conditional UPDATE, and only what it moved loses its bytes.
        if OutboxMessage.objects.filter(pk=row.pk, state__in=GIVEN_BACK).update(**replaced):
            store.erase(row)


def _of(account: Account, draft: Mapping[str, object]) -> QuerySet[OutboxMessage]:
    return account.outbox.filter(draft__draft=str(draft["draft"]))
