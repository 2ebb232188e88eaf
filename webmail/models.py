"""What the site keeps of its own: the outbox. The mailbox itself is the store of all other mail."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import ClassVar

from django.db import models
from django.utils import timezone

from accounts.models import Account


class State(models.TextChoices):
    """Where a message in the outbox stands; `webmail.outbox` says how it moves."""

    WAITING = "waiting"  # for its turn, or for the time it is due
    SUBMITTING = "submitting"  # a worker holds it and talks to the server
    RETRY = "retry"  # not taken yet; nothing crossed the end mark
    UNKNOWN = "unknown"  # the reply after the end mark got lost; looking for it
    ASKING = "asking"  # looked and did not find it: the person decides
    ACCEPTED = "accepted"  # the server has it; the copy in Sent is next
    COPY_PENDING = "copy_pending"  # the copy did not go into Sent yet
    DONE = "done"
    REFUSED = "refused"  # every recipient was refused for good
    TOO_LARGE = "too_large"
    SIGN_IN = "sign_in"  # no credential to go on with
    GAVE_UP = "gave_up"  # tries used up
    CANCELLING = "cancelling"  # nothing goes out any more; the draft is being filed
    CANCELLED = "cancelled"
    UNDONE = "undone"  # taken back into the composer while that could be; kept so that its key sends nothing


class Phase(models.TextChoices):
    """How far one SMTP transaction came. Written before the point it names is crossed."""

    WAITING = "waiting"
    CONNECTING = "connecting"
    DATA = "data"
    ENDED = "ended"  # the end mark is on its way: from here on nobody sends again by themselves
    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNKNOWN = "unknown"


# What the worker still has something to do for, without being asked.
AT_WORK = (
    State.WAITING,
    State.SUBMITTING,
    State.RETRY,
    State.UNKNOWN,
    State.ACCEPTED,
    State.COPY_PENDING,
    State.CANCELLING,
)
# What the person is told of first: nothing moves until they decide.
NEEDS_PERSON = (
    State.ASKING,
    State.REFUSED,
    State.TOO_LARGE,
    State.SIGN_IN,
    State.GAVE_UP,
)
FINISHED = (State.DONE, State.CANCELLED, State.UNDONE)


class OutboxMessage(models.Model):
    """One finished message on its way out, as the browser built it.

    The row is the truth about the work (state, due, tries, lease); a task carries its id only.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="outbox")
    # Made by the composer when it opens, so that a second POST finds the first row.
    key = models.UUIDField()
    state = models.CharField(max_length=16, choices=State.choices, default=State.WAITING)
    created = models.DateTimeField(default=timezone.now)
    # When the worker does the next thing by itself; none where only a sign-in or the person can.
    due = models.DateTimeField(default=timezone.now, null=True, blank=True)
    # The time the person chose for it to go, and until when its Send can be undone: `due` moves on, these stay.
    goes_at = models.DateTimeField(null=True, blank=True)
    undo_until = models.DateTimeField(null=True, blank=True)
    # The database was set back behind this row, so it may have gone out already (webmail/restored.py).
    restored = models.BooleanField(default=False)
    # Since when it is being tried, for the day to give up on.
    since = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveIntegerField(default=0)
    looks = models.PositiveIntegerField(default=0)
    # The last answer of the mail server, in its own words.
    answer = models.TextField(blank=True)

    # The worker's hold on this row: a token that every write checks, and when it lapses.
    lease = models.UUIDField(null=True, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)

    sender = models.CharField(max_length=320)
    message_id = models.CharField(max_length=998)
    protection = models.CharField(max_length=16)
    # {"mailbox", "uidvalidity", "uid", "flag"} of the message that this one answers or forwards.
    answered = models.JSONField(null=True, blank=True)
    # {"mailbox", "uidvalidity", "uid", "draft"} of its draft: deleted last, kept when it is cancelled.
    draft = models.JSONField(null=True, blank=True)
    copy = models.ForeignKey("OutboxBytes", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    # {"mailbox", "uidvalidity", "uid"} of the copy in Sent or Drafts, when the server told.
    filed = models.JSONField(null=True, blank=True)

    # credential-1 "send": sealed for this row alone, erased when the worker needs it no more.
    credential = models.BinaryField(null=True, blank=True)
    credential_expires = models.DateTimeField(null=True, blank=True)

    accepted_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-created"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "key"], name="outbox_key_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["state", "due"], name="outbox_due"),
            models.Index(fields=["account", "-created"], name="outbox_of_account"),
        ]

    def __str__(self) -> str:
        # No subject, no recipient: this name stands in logs.
        return f"outbox {self.id} {self.state}"

    def is_held(self, now: datetime) -> bool:
        """Whether a worker holds the row at this moment."""
        return self.leased_until is not None and self.leased_until > now

    def recipients(self) -> list[str]:
        """Everybody it goes to, in the order of the deliveries."""
        return [address for delivery in self.deliveries.all() for address in delivery.recipients]

    def refused(self) -> dict[str, str]:
        """Who was refused for good, with the server's answer."""
        return {address: answer for delivery in self.deliveries.all() for address, answer in delivery.refused.items()}


class OutboxBytes(models.Model):
    """Finished RFC 5322 bytes, sealed under the server's master key, erased when done (`webmail.store`).

    Apart from the rows that use them, because a delivery and the copy in Sent are mostly the same bytes.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    message = models.ForeignKey(OutboxMessage, on_delete=models.CASCADE, related_name="parts")
    size = models.PositiveIntegerField()
    # The boundary of the outermost multipart, which tells deliveries of one Message-ID apart.
    boundary = models.CharField(max_length=70, blank=True)
    # What opens the chunks; none where they were erased.
    head = models.BinaryField(null=True)
    # The whole in one, as it was kept before there were chunks. Nothing writes it any more.
    sealed = models.BinaryField(null=True)

    def __str__(self) -> str:
        return f"outbox bytes {self.id}"


class OutboxChunk(models.Model):
    """A piece of finished bytes, sealed. Nothing is asked of it but by part and number."""

    part = models.ForeignKey(OutboxBytes, on_delete=models.CASCADE, related_name="chunks", db_index=False)
    number = models.PositiveIntegerField()
    last = models.BooleanField()
    sealed = models.BinaryField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["part", "number"], name="outbox_chunk_once"),
        ]

    def __str__(self) -> str:
        return f"chunk {self.number} of outbox bytes {self.part_id}"


class Delivery(models.Model):
    """One SMTP transaction: these recipients get these bytes."""

    message = models.ForeignKey(OutboxMessage, on_delete=models.CASCADE, related_name="deliveries")
    part = models.ForeignKey(OutboxBytes, on_delete=models.SET_NULL, null=True, related_name="+")
    recipients = models.JSONField()
    phase = models.CharField(max_length=16, choices=Phase.choices, default=Phase.WAITING)
    # {address: "550 the server's answer"}; temporary refusals get a delivery of their own.
    refused = models.JSONField(default=dict, blank=True)
    answer = models.TextField(blank=True)

    class Meta:
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return f"delivery {self.pk} {self.phase}"


class OutboxMark(models.Model):
    """How often something was handed to a mail server; a file outside says so, too (webmail/restored.py)."""

    number = models.PositiveBigIntegerField(default=0)
    # Whether the file was there at last, so that missing it means something.
    written = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"outbox mark {self.number}"
