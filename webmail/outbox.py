"""The outbox: finished messages waiting for submission, and what a person may do with them.

A row is written before anything else happens; who sends it is `webmail.sending`. The states:

    waiting → submitting → accepted → (copy_pending) → done
                 │  └→ retry → …      nothing crossed the end mark: the same bytes again, later
                 └→ unknown → asking  the reply got lost: look for it in Sent, then ask the person
    refused, too_large, sign_in, gave_up: the person decides; cancelling → cancelled: into Drafts
    copy_pending and cancelling without `due` wait for a sign-in; what was called off is never sent after it
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet, Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Account

from . import live, one_draft, restored, timing
from .errors import Unfit
from .models import AT_WORK, FINISHED, NEEDS_PERSON, Delivery, OutboxBytes, OutboxMessage, Phase, State

# The send lease lives as long as the worker may have something to do with it: sending is tried for
# two days, the copy for fourteen. It is erased at once when the row needs it no more.
CREDENTIAL_FOR = timedelta(days=16)
# What is finished stays listed for a while, without its bytes.
SHOWN_FOR = timedelta(days=30)
# What one account may have lying here unfinished: messages, and times the largest message.
MOST_KEPT, MOST_KEPT_SIZE = 500, 10

Lease = Callable[[UUID, datetime], bytes]


@dataclass(frozen=True)
class Order:
    """What the composer asks for: who gets which bytes, and which bytes are the copy in Sent."""

    key: UUID
    sender: str
    deliveries: tuple[tuple[tuple[str, ...], str], ...]
    copy: str
    protection: str
    message_id: str
    answered: Mapping[str, object] | None
    draft: Mapping[str, object] | None = None
    # When it is to go, and how many seconds it can be taken back; neither where it goes at once.
    send_at: datetime | None = None
    undo: int = 0

    @property
    def parts(self) -> frozenset[str]:
        """The names of the parts it speaks of."""
        return frozenset({self.copy, *(part for _recipients, part in self.deliveries)})


def accept(
    account: Account, message: UUID, order: Order, parts: Mapping[str, OutboxBytes], lease: Lease
) -> OutboxMessage:
    """Write the row of `message`, whose parts' chunks are in the same transaction (`webmail.intake`).

    `lease` seals the person's credential for this row alone. Raises `Unfit`, and IntegrityError where the key is known.
    """
    if sum(part.size for part in parts.values()) > room(account):
        raise full()
    row = OutboxMessage(
        id=message,
        account=account,
        key=order.key,
        sender=order.sender,
        message_id=order.message_id,
        protection=order.protection,
        answered=order.answered,
        draft=order.draft,
    )
    if order.draft:
        one_draft.check(account, order.draft, order.key)
    timing.begin(row, order.send_at, order.undo)
    if row.goes_at is None:
        # What goes later goes under the person's grant, or when they sign in next: no lease is kept for so long.
        _renew(row, lease)
    row.save(force_insert=True)
    OutboxBytes.objects.bulk_create(parts.values())
    row.copy = parts[order.copy]
    row.save(update_fields=["copy"])
    Delivery.objects.bulk_create(
        Delivery(message=row, part=parts[part], recipients=list(recipients)) for recipients, part in order.deliveries
    )
    if order.draft:
        one_draft.replace(account, order.draft, row)
    return row


def room(account: Account) -> int:
    """How many octets more may wait there: the outbox is no store that somebody may fill. Raises `Unfit`."""
    unfinished = account.outbox.exclude(state__in=FINISHED)
    if unfinished.count() >= MOST_KEPT:
        raise full()
    kept = OutboxBytes.objects.filter(message__in=unfinished).aggregate(total=Sum("size"))["total"] or 0
    return max(0, MOST_KEPT_SIZE * settings.MESSAGE_LIMIT - kept)


def full() -> Unfit:
    sentence = _("Too much is waiting in your outbox. Send or cancel something there, then send this again.")
    return Unfit("outbox-full", sentence, 507)


def _renew(row: OutboxMessage, lease: Lease) -> None:
    row.credential_expires = timezone.now() + CREDENTIAL_FOR
    row.credential = lease(row.id, row.credential_expires)


# --- what the page shows ---


def shown(account: Account) -> QuerySet[OutboxMessage]:
    """The account's outbox, newest first; what was finished long ago is left out."""
    recent = Q(finished_at__isnull=True) | Q(finished_at__gt=timezone.now() - SHOWN_FOR)
    seen = account.outbox.filter(recent).exclude(state=State.UNDONE)
    return seen.prefetch_related("deliveries").select_related("copy").defer("copy__sealed")


def tell(row: OutboxMessage) -> None:
    """Tell the account's open pages where the row stands."""
    message: dict[str, object] = {"type": "outbox", "id": str(row.pk), "state": row.state}
    if timing.waits_for_person(row):
        # They may be here: a page of theirs that is open lets it go.
        message["here"] = reverse("webmail:outbox_here", args=[row.pk])
    live.tell_account(row.account_id, message)


# --- what the person decides ---


def may(row: OutboxMessage) -> frozenset[str]:
    """What the person can do with the row as it stands."""
    acts: dict[str, tuple[str, ...]] = {
        State.WAITING: timing.acts(row),
        State.RETRY: ("retry", "cancel"),
        State.SIGN_IN: ("retry", "cancel"),
        State.GAVE_UP: ("retry", "cancel"),
        State.REFUSED: ("cancel",),
        State.TOO_LARGE: ("cancel",),
        State.ASKING: ("arrived", "again", "cancel"),
        State.COPY_PENDING: ("retry", "download"),
        # Until the draft is filed, the words are here alone.
        State.CANCELLING: ("retry", "download") if row.due is None else (),
    }
    allowed = set(acts.get(State(row.state), ()))
    if row.state != State.ASKING and any(
        delivery.phase in (Phase.ACCEPTED, Phase.UNKNOWN) for delivery in row.deliveries.all()
    ):
        # Some already have it: it cannot be called back.
        allowed.discard("cancel")
    if row.copy is not None and row.state in NEEDS_PERSON:
        allowed.add("download")
    return frozenset(allowed)


def cancel(row: OutboxMessage, lease: Lease) -> bool:
    """Nothing of it goes out from now on; the message is filed in Drafts."""
    return decide(row, "cancel", State.CANCELLING, lease)


def retry(row: OutboxMessage, lease: Lease) -> bool:
    """Try at once what would be tried later, or was given up."""
    return decide(row, "retry", _goes_on(row), lease)


def _goes_on(row: OutboxMessage) -> State:
    """What trying again means: for what went out, or was called off, only that it is filed."""
    return State(row.state) if row.state in (State.COPY_PENDING, State.CANCELLING) else State.WAITING


def arrived(row: OutboxMessage, lease: Lease) -> bool:
    """The person knows that it went out: the copy goes into Sent."""
    # Who was put off meanwhile has a delivery of their own, which still has to go.
    rest = row.deliveries.filter(phase=Phase.WAITING).exists()
    return decide(row, "arrived", State.WAITING if rest else State.ACCEPTED, lease, Phase.ACCEPTED)


def again(row: OutboxMessage, lease: Lease) -> bool:
    """The person wants it sent once more, knowing that it may arrive twice; before its time it waits for that."""
    due = timing.still(row)
    changes: dict[str, object] = {"restored": False, "due": due, "since": due}
    if due > timezone.now():
        changes |= {"credential": None, "credential_expires": None}
    return decide(row, "again", State.WAITING, lease, Phase.WAITING, **changes)


def now(row: OutboxMessage, lease: Lease) -> bool:
    """What was to go later goes now."""
    return decide(row, "now", State.WAITING, lease, goes_at=None)


def here(row: OutboxMessage, lease: Lease) -> bool:
    """Its time came without a grant, and the person is signed in."""
    return timing.waits_for_person(row) and decide(row, "retry", State.WAITING, lease)


ACTS: Mapping[str, Callable[[OutboxMessage, Lease], bool]] = {
    "cancel": cancel,
    "retry": retry,
    "arrived": arrived,
    "again": again,
    "now": now,
}


def decide(row: OutboxMessage, act: str, to: State, lease: Lease, unknown: Phase | None = None, **more: object) -> bool:
    """Move a row that no worker holds, with `more` changes; False when it moved on meanwhile."""
    if act not in may(row):
        return False
    now = timezone.now()
    before = row.state
    _renew(row, lease)
    changes: dict[str, object] = {
        "state": to,
        "due": now,
        "since": now,
        "attempts": 0,
        "looks": 0,
        "undo_until": None,
        # A worker whose hold lapsed may only be asleep: it must find at its next write that the row was taken away.
        "lease": None,
        "leased_until": None,
        "credential": row.credential,
        "credential_expires": row.credential_expires,
        **more,
    }
    if to == State.ACCEPTED:
        changes["accepted_at"] = now
    with transaction.atomic():
        free = Q(leased_until__isnull=True) | Q(leased_until__lte=now)
        # One conditional UPDATE, so that a worker and the person cannot both have the row.
        if not OutboxMessage.objects.filter(free, pk=row.pk, state=before).update(**changes):
            return False
        if unknown is not None:
            row.deliveries.filter(phase=Phase.UNKNOWN).update(phase=unknown)
        if to == State.WAITING:
            # A worker that died in these left them before the end mark.
            row.deliveries.filter(phase__in=(Phase.CONNECTING, Phase.DATA)).update(phase=Phase.WAITING)
        # A backup from before this would send what was called off.
        number = restored.count() if act == "cancel" else 0
    restored.note(number)
    row.refresh_from_db()
    return True


def move(row: OutboxMessage, when: datetime) -> bool:
    """It goes at another time than was chosen first; False when it moved on meanwhile."""
    return "move" in may(row) and timing.move(row, when)


def resume(account: Account, lease: Lease) -> list[UUID]:
    """After a sign-in: give what waited for one a credential again. Returns the rows to work on."""
    going: list[UUID] = []
    to_file = Q(state__in=(State.COPY_PENDING, State.CANCELLING), due__isnull=True)
    for row in account.outbox.filter(Q(state=State.SIGN_IN) | to_file):
        if retry(row, lease):
            going.append(row.pk)
    return going


# --- the beat ---


def overdue() -> list[UUID]:
    """Rows that have something to be done now and that no worker holds."""
    now = timezone.now()
    free = Q(leased_until__isnull=True) | Q(leased_until__lte=now)
    return list(
        OutboxMessage.objects.filter(free, state__in=AT_WORK, due__lte=now)
        .order_by("due")
        .values_list("pk", flat=True)[:500]
    )


def free_all() -> None:
    """At the start of a process that is the only one: nobody holds a row any more."""
    OutboxMessage.objects.exclude(lease=None).update(lease=None, leased_until=None)


def forget() -> int:
    """Drop rows that were finished long ago; returns how many."""
    gone, _by_model = OutboxMessage.objects.filter(
        state__in=FINISHED, finished_at__lte=timezone.now() - SHOWN_FOR
    ).delete()
    return gone
