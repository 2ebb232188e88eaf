"""What the outbox does in the mailbox: look for a message, file the copy, set the flag on what was answered."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from uuid import UUID

from django.utils import timezone

from accounts import errors
from accounts.criteria import Criterion
from accounts.imap import Server

from . import drafts, finished, store
from .models import Delivery, OutboxMessage
from .place import Place
from .roles import mailbox_for, mailboxes_like

log = logging.getLogger(__name__)

Filed = dict[str, object]


def went_out(server: Server, row: OutboxMessage, delivery: Delivery) -> bool:
    """Whether the message of a lost reply is found where a server that took it would have put it.

    That is Sent (some providers file by themselves), the mailbox of all mail, and the inbox when the
    sender is among the recipients. Other deliveries carry the same Message-ID; the boundary tells them apart.
    """
    to_self = any(finished.same_address(row.sender, recipient) for recipient in delivery.recipients)
    places = mailboxes_like(server, ("sent", "all"))
    if to_self:
        places.append("INBOX")
    only_one = row.deliveries.count() == 1
    wanted = delivery.part.boundary if delivery.part else ""
    for place in places:
        for uid in _with_message_id(server, place, row.message_id):
            if only_one or wanted == _boundary(server, uid):
                return True
    return False


def copy_to_sent(server: Server, row: OutboxMessage) -> Filed | None:
    """Put the copy into Sent, unless it is there: filed by the server, or by us before a crash."""
    name = mailbox_for(server, "sent")
    selected = server.select(name)
    wanted = row.copy.boundary if row.copy else ""
    for uid in _with_message_id(server, name, row.message_id):
        if wanted == _boundary(server, uid):
            return {"mailbox": name, "uidvalidity": selected.uidvalidity, "uid": uid}
    return _append(server, name, row, ("\\Seen",))


def keep_as_draft(server: Server, row: OutboxMessage) -> Filed | None:
    """Put what was called back into Drafts, once; where the draft has the very same words still, that is it.

    A version from before or after has other words, and the outbox is about to forget these: they are filed beside it.
    """
    version = drafts.kept(server, *_draft(row.draft)) if row.draft else None
    # Orders of before name no version.
    if row.draft and version and row.draft.get("rev", version.stamp.rev) == version.stamp.rev:
        return version.place.fields
    name = mailbox_for(server, "drafts")
    selected = server.select(name)
    for uid in _with_message_id(server, name, row.message_id):
        return {"mailbox": name, "uidvalidity": selected.uidvalidity, "uid": uid}
    return _append(server, name, row, ("\\Draft", "\\Seen"))


def delete_draft(server: Server, row: OutboxMessage) -> None:
    """The message went out and its copy is in Sent: the draft goes. Done once more after a crash, it does nothing."""
    # Where no version has its words, the draft is what somebody goes on with in another tab.
    if not row.draft or row.draft.get("rev") == 0:
        return
    try:
        drafts.remove(server, *_draft(row.draft))
    except errors.CommandRefused:
        # A mailbox in which the person may delete nothing: the mail went out all the same.
        log.warning("outbox %s: the mail server did not let its draft be deleted", row.pk)


def _draft(kept: Mapping[str, object]) -> tuple[Place, UUID]:
    return Place.read(kept), UUID(str(kept["draft"]))


def flag_answered(server: Server, answered: Mapping[str, object]) -> None:
    """Set `\\Answered` or `$Forwarded` on the message this one answers, if it is still there."""
    try:
        selected = server.select(str(answered["mailbox"]))
        if selected.uidvalidity == answered["uidvalidity"]:
            server.add_flags([int(str(answered["uid"]))], [str(answered["flag"])])
    except errors.CommandRefused:
        # Moved, deleted, or a mailbox that keeps no such flag: the mail went out all the same.
        log.info("the answered message could not be flagged")


def _append(server: Server, name: str, row: OutboxMessage, flags: Iterable[str]) -> Filed | None:
    if row.copy is None:
        return None
    uid = server.append(name, store.Kept(row.copy), list(flags), row.accepted_at or timezone.now())
    if uid is None:
        return None
    return {"mailbox": name, "uidvalidity": server.select(name, readonly=True).uidvalidity, "uid": uid}


def _with_message_id(server: Server, name: str, message_id: str) -> list[int]:
    server.select(name, readonly=True)
    return server.search([Criterion("HEADER", ("Message-ID", message_id))])


def _boundary(server: Server, uid: int) -> str:
    return finished.boundary(server.fetch_part(uid, "HEADER"))
