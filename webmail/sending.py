"""The worker's side of the outbox: lease a row, submit, settle what is unknown, file the copy.

Its connections are its own and closed at once: warm ones in every worker would outlive the person's signing out and
count against what their server allows.

Two rules carry all of it. The phase is in the database before the point it names is crossed, so that
whoever comes after a crash knows what may have happened. And nothing that crossed the end mark is ever
sent again by itself: it is looked for, and then the person is asked.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts import credentials, errors, imap, smtp
from accounts.login import Login
from accounts.models import AwayEvent

from . import filing, limits, restored, store
from .errors import LeaseLost
from .lease import Hold, said
from .models import AT_WORK, Delivery, OutboxMessage, Phase, State

log = logging.getLogger(__name__)

# After each try that nothing came of; the last one repeats.
RETRY_AFTER = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 30, 120))
TRY_FOR = timedelta(hours=48)
# A server that files what it takes does so within seconds; a copy to oneself may take a little longer.
LOOK_AFTER = (timedelta(0), timedelta(seconds=20), timedelta(minutes=1))
COPY_FOR = timedelta(days=14)


def work(row: UUID) -> None:
    """Do all that is due for the row now; does nothing when another worker has it."""
    restored.find()
    hold = Hold.take(row)
    if hold is None:
        return
    with hold:
        try:
            _recover(hold)
            while hold.row.state in AT_WORK and hold.row.due is not None and hold.row.due <= timezone.now():
                _STEPS[State(hold.row.state)](hold)
        except LeaseLost:
            log.warning("outbox %s went on with another worker", row)
        except Exception:
            # A fault of ours. Offered again at every sweep it would ask the mail server for the same thing for ever.
            log.exception("outbox %s: stumbled when %s", row, hold.row.state)
            _stumbled(hold)


def _stumbled(hold: Hold) -> None:
    """As after any other failure of that step: later, less and less often, and in the end the person is told."""
    row = hold.row
    match State(row.state):
        case State.SUBMITTING:
            # The next worker judges by the phases what may have happened.
            _later_or_never(hold)
        case State.ACCEPTED | State.COPY_PENDING:
            _copy_later(hold, "")
        case State.UNKNOWN:
            with transaction.atomic():
                hold.save(looks=row.looks + 1)
                _conclude(hold)
        case State.WAITING | State.RETRY:
            _later_or_never(hold)
        case _:
            wait = RETRY_AFTER[min(row.attempts, len(RETRY_AFTER) - 1)]
            hold.save(due=timezone.now() + wait, attempts=row.attempts + 1)


def _later_or_never(hold: Hold) -> None:
    """What stumbles each time, for two days, is put before the person: none of its steps will ever get there."""
    row, now = hold.row, timezone.now()
    if now - row.since <= TRY_FOR:
        wait = RETRY_AFTER[min(row.attempts, len(RETRY_AFTER) - 1)]
        hold.save(due=now + wait, attempts=row.attempts + 1)
    elif row.deliveries.filter(phase__in=(Phase.ENDED, Phase.UNKNOWN, Phase.ACCEPTED)).exists():
        row.deliveries.filter(phase=Phase.ENDED).update(phase=Phase.UNKNOWN)
        hold.save(state=State.ASKING, due=None, credential=None)
    else:
        hold.save(state=State.GAVE_UP, due=None, credential=None)


# --- submitting ---


def _recover(hold: Hold) -> None:
    """What a worker left that died, or lost its lease, in the middle of a submission."""
    if hold.row.state != State.SUBMITTING:
        return
    with transaction.atomic():
        hold.check()
        hold.row.deliveries.filter(phase=Phase.ENDED).update(phase=Phase.UNKNOWN)
        hold.row.deliveries.filter(phase__in=(Phase.CONNECTING, Phase.DATA)).update(phase=Phase.WAITING)
        _conclude(hold, crashed=True)


def _submit(hold: Hold) -> None:
    row = hold.row
    login = _login(row)
    if login is None:
        _wait_for_sign_in(hold, "")
        return
    with transaction.atomic():
        hold.save(state=State.SUBMITTING, attempts=row.attempts + 1)
        number = restored.count()
    restored.note(number)
    for delivery in row.deliveries.filter(phase=Phase.WAITING).select_related("part"):
        try:
            _deliver(hold, login, delivery)
        except errors.LoginRefused as error:
            _set_phase(hold, delivery, Phase.WAITING, str(error))
            _refused(hold)
            _wait_for_sign_in(hold, error.reason)
            return
        except errors.ServerTrouble as error:
            # The way to the server is at fault, so the next delivery would fare no better.
            _set_phase(hold, delivery, Phase.WAITING, str(error))
            break
    with transaction.atomic():
        _conclude(hold)


def _deliver(hold: Hold, login: Login, delivery: Delivery) -> None:
    """One SMTP transaction. Trouble on the way to the server passes through; all else is in the row after."""

    refused: smtp.Refused = {}

    def crossing(phase: str) -> None:
        _set_phase(hold, delivery, _CROSSED[phase], refused=refused)

    try:
        assert delivery.part is not None  # bytes outlive every phase but the last
        # Where no key opens them any more, there are two days to put it back.
        taken = smtp.submit(
            login, hold.row.sender, delivery.recipients, store.Kept(delivery.part), crossing, refused.update
        )
    except errors.LostAfterEnd as error:
        _set_phase(hold, delivery, Phase.UNKNOWN, error.reason)
    except (errors.TemporaryRefusal, errors.LostBeforeEnd) as error:
        _set_phase(hold, delivery, Phase.WAITING, error.reason)
    except errors.PermanentRefusal as error:
        answers = error.refused or dict.fromkeys(delivery.recipients, (error.code, error.reason))
        _settle_refusals(hold, delivery, answers, Phase.REFUSED, error.reason)
    except (errors.TooLarge, errors.BadArgument) as error:
        _settle_refusals(
            hold, delivery, dict.fromkeys(delivery.recipients, (0, error.reason)), Phase.REFUSED, error.reason
        )
        if isinstance(error, errors.TooLarge):
            hold.too_large = True
            # It takes less than it said before: the next composer asks anew.
            limits.forget(hold.row.account)
    except (errors.LoginRefused, errors.ServerTrouble, LeaseLost):
        raise
    except Exception:
        # A fault of ours. What was written before it says whether the end mark may have been crossed.
        log.exception("outbox %s: submission failed", hold.row.pk)
        delivery.refresh_from_db()
        crossed = delivery.phase == Phase.ENDED
        _set_phase(hold, delivery, Phase.UNKNOWN if crossed else Phase.WAITING)
    else:
        _settle_refusals(hold, delivery, taken.refused, Phase.ACCEPTED, taken.reply)


_CROSSED = {"connecting": Phase.CONNECTING, "data": Phase.DATA, "sent_end": Phase.ENDED}


def _set_phase(
    hold: Hold, delivery: Delivery, phase: Phase, answer: str = "", refused: smtp.Refused | None = None
) -> None:
    with transaction.atomic():
        hold.check()
        delivery.phase = phase
        if answer:
            delivery.answer = said(answer)
            hold.save(answer=answer)
        fields = ["phase", "answer"]
        if refused is not None:
            fields += ["refused", "recipients"]
            # With the phase, since the reply to the end mark may get lost, and what was said before it with it.
            delivery.refused = {}
            _part_refused(delivery, refused)
        delivery.save(update_fields=fields)
    hold.tell()


def _settle_refusals(hold: Hold, delivery: Delivery, refused: smtp.Refused, phase: Phase, reply: str) -> None:
    """Write down an answer to all of a transaction, and give those refused for now one of their own."""

    def write() -> None:
        # No lease is asked for here: what the server answered is true whoever holds the row now. Read anew, because
        # the commit of a first try may have been done and only its answer lost.
        with transaction.atomic():
            kept = Delivery.objects.select_for_update().get(pk=delivery.pk)
            kept.phase = phase
            kept.answer = said(reply)
            _part_refused(kept, refused)
            kept.save()
            if refused:
                answer = said(" ".join(str(part) for part in next(iter(refused.values()))))
                OutboxMessage.objects.filter(pk=hold.row.pk).update(answer=answer)

    hold.surely(write)


def _part_refused(delivery: Delivery, refused: smtp.Refused) -> None:
    """Name in `delivery` who was refused for good, and give those refused for now one of their own.

    Done once more it does nothing: who has one of their own is no recipient of this one any more.
    """
    later = [address for address in delivery.recipients if address in refused and 400 <= refused[address][0] < 500]
    for address, (code, text) in refused.items():
        if not 400 <= code < 500:
            # Refused by name before the end mark, that is the answer to stay.
            delivery.refused.setdefault(address, said(f"{code} {text}".strip() if code else text))
    if later:
        delivery.recipients = [address for address in delivery.recipients if address not in later]
        answer = said(" ".join(str(part) for part in refused[later[0]]))
        Delivery.objects.create(
            message_id=delivery.message_id, part_id=delivery.part_id, recipients=later, answer=answer
        )


def _conclude(hold: Hold, crashed: bool = False) -> None:
    """Where the message stands after its deliveries moved."""
    row = hold.row
    row.refresh_from_db()
    phases = set(row.deliveries.values_list("phase", flat=True))
    now = timezone.now()
    if Phase.WAITING in phases and now - row.since > TRY_FOR:
        _give_up_on_the_rest(hold, phases)
        phases = set(row.deliveries.values_list("phase", flat=True))
    if Phase.UNKNOWN in phases and row.looks < len(LOOK_AFTER):
        hold.save(state=State.UNKNOWN, due=now + LOOK_AFTER[row.looks])
    elif Phase.WAITING in phases and now - row.since > TRY_FOR:
        hold.save(state=State.GAVE_UP, due=None, credential=None)
    elif Phase.WAITING in phases:
        # A crash says nothing about the server, so the first one costs no waiting.
        wait = timedelta(0) if crashed and row.attempts <= 1 else RETRY_AFTER[min(row.attempts, len(RETRY_AFTER)) - 1]
        hold.save(state=State.RETRY, due=now + wait)
    elif Phase.UNKNOWN in phases:
        hold.save(state=State.ASKING, due=None, credential=None)
    elif Phase.ACCEPTED in phases:
        hold.save(state=State.ACCEPTED, due=now, accepted_at=row.accepted_at or now, attempts=0)
    else:
        hold.save(state=State.TOO_LARGE if hold.too_large else State.REFUSED, due=None, credential=None)


def _give_up_on_the_rest(hold: Hold, phases: set[str]) -> None:
    """Some have it and some were put off for two days: the rest counts as refused, with the last answer."""
    if not phases & {Phase.ACCEPTED, Phase.UNKNOWN}:
        return
    for delivery in hold.row.deliveries.filter(phase=Phase.WAITING):
        delivery.phase = Phase.REFUSED
        delivery.refused = dict.fromkeys(delivery.recipients, delivery.answer)
        delivery.save(update_fields=["phase", "refused"])


# --- settling what is unknown ---


def _settle(hold: Hold) -> None:
    """Look for the message where a server that took it would have put it."""
    row = hold.row
    login = _login(row)
    if login is None:
        hold.save(state=State.ASKING, due=None, credential=None)
        return
    unknown = list(row.deliveries.filter(phase=Phase.UNKNOWN).select_related("part"))
    try:
        with imap.connect(login, fresh=True) as server:
            found = [delivery for delivery in unknown if filing.went_out(server, row, delivery)]
    except errors.AccountError as error:
        log.warning("outbox %s: could not look for it: %s", row.pk, type(error).__name__)
        found = []
    with transaction.atomic():
        hold.check()
        for delivery in found:
            delivery.phase = Phase.ACCEPTED
            delivery.save(update_fields=["phase"])
        hold.save(looks=row.looks + 1)
        _conclude(hold)


# --- the copy ---


def _file_in_sent(hold: Hold) -> None:
    """Set the flag on what was answered, put the copy into Sent unless the server did, and delete the draft last."""
    row = hold.row
    login = _login(row)
    if login is None:
        hold.save(state=State.COPY_PENDING, due=None, credential=None)
        return
    try:
        with imap.connect(login, fresh=True) as server:
            if row.answered:
                filing.flag_answered(server, row.answered)
            filed = filing.copy_to_sent(server, row)
            # From here on a failure is the draft's alone, and the outbox says so.
            if row.draft and row.filed != filed:
                hold.save(filed=filed)
            filing.delete_draft(server, row)
    except errors.LoginRefused as error:
        _refused(hold)
        hold.save(state=State.COPY_PENDING, due=None, credential=None, answer=error.reason)
    except errors.AccountError as error:
        _copy_later(hold, error.reason or type(error).__name__)
    else:
        hold.finish(State.DONE, filed)


def _copy_later(hold: Hold, reason: str) -> None:
    now = timezone.now()
    row = hold.row
    wait = RETRY_AFTER[min(row.attempts, len(RETRY_AFTER) - 1)]
    due: datetime | None = now + wait
    if row.accepted_at is not None and now + wait > row.accepted_at + COPY_FOR:
        due = None
    changes = {"credential": None} if due is None else {}
    hold.save(state=State.COPY_PENDING, due=due, attempts=row.attempts + 1, answer=reason, **changes)


def _file_in_drafts(hold: Hold) -> None:
    """The person called it back, so it is theirs to go on with. Whatever is in the way, it stays called off."""
    row = hold.row
    login = _login(row)
    if login is None:
        # What was in the way until the credential ended is still the reason that the person is told.
        hold.save(due=None, credential=None)
        return
    try:
        with imap.connect(login, fresh=True) as server:
            filed = filing.keep_as_draft(server, row)
    except errors.LoginRefused as error:
        _refused(hold)
        hold.save(due=None, credential=None, answer=error.reason)
    except errors.AccountError as error:
        wait = RETRY_AFTER[min(row.attempts, len(RETRY_AFTER) - 1)]
        hold.save(due=timezone.now() + wait, attempts=row.attempts + 1, answer=error.reason)
    else:
        hold.finish(State.CANCELLED, filed)


# --- the credential ---


def _login(row: OutboxMessage) -> Login | None:
    """None where the person has to sign in first. Who was turned off by an administrator cannot."""
    if not row.account.enabled or not row.account.person.is_active:
        return None
    sealed, expires = row.credential, row.credential_expires
    try:
        if sealed is not None and expires is not None and expires > timezone.now():
            return credentials.open_send_lease(row.account, row.pk, expires, bytes(sealed))
        if row.goes_at is not None:
            return credentials.login_away(row.account, f"outbox {row.pk}")
    except errors.SignInNeeded:
        return None
    return None


def _refused(hold: Hold) -> None:
    """A granted password that the mail server does not take any more is of no use, and nobody's to keep."""
    if hold.row.credential is None:
        credentials.forbid_away(hold.row.account, AwayEvent.Act.REFUSED)


def _wait_for_sign_in(hold: Hold, reason: str) -> None:
    hold.save(state=State.SIGN_IN, due=None, credential=None, answer=reason)


_STEPS = {
    State.WAITING: _submit,
    State.RETRY: _submit,
    State.UNKNOWN: _settle,
    State.ACCEPTED: _file_in_sent,
    State.COPY_PENDING: _file_in_sent,
    State.CANCELLING: _file_in_drafts,
}
