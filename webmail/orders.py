"""What the composer posts to /send/, read into an `outbox.Order`; the bytes it speaks of are for `webmail.uploads`."""

from __future__ import annotations

import json
from datetime import datetime
from uuid import UUID

from django.template.defaultfilters import filesizeformat
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from . import timing
from .errors import Unfit
from .finished import MESSAGE_ID, is_address, same_address
from .limits import Limit
from .outbox import Order
from .place import Place
from .words import say

MOST_RECIPIENTS = 500
MOST_PARTS = 100
PROTECTIONS = ("encrypted", "signed", "clear")
ANSWER_FLAGS = ("\\Answered", "$Forwarded")


def read(fields: MultiValueDict[str, str], address: str) -> Order:
    """The order in the fields as posted by the account `address`. Raises `Unfit`."""
    try:
        key = UUID(fields.get("key", ""))
        meta = json.loads(fields.get("meta", ""))
        return _order(key, meta, address)
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        # The last two: `Infinity` where a number belongs, and JSON that is too deep.
        raise not_understood() from error


def not_understood() -> Unfit:
    return Unfit("bad-order", _("The page sent something the server does not understand. Reload it."))


def too_large(limit: Limit, size: int) -> Unfit:
    if limit.theirs:
        sentence = say("send-too-large.detail", limit=filesizeformat(limit.octets), size=filesizeformat(size))
    else:
        megabytes = limit.octets // (1024 * 1024)
        sentence = _("The message is larger than %(limit)s MB, the most this server takes.") % {"limit": megabytes}
    return Unfit("too-large", sentence, 413)


def _order(key: UUID, meta: dict[str, object], address: str) -> Order:
    sender = _text(meta["from"])
    if not same_address(sender, address):
        raise Unfit("not-your-address", _("The message does not come from your own address."))
    deliveries = meta["deliveries"]
    if not isinstance(deliveries, list) or not 0 < len(deliveries) <= MOST_PARTS:
        raise ValueError("deliveries")
    read = tuple((_recipients(delivery["recipients"]), _text(delivery["part"])) for delivery in deliveries)
    everybody = [recipient for recipients, _part in read for recipient in recipients]
    if len(everybody) > MOST_RECIPIENTS:
        raise Unfit("too-many", _("That is more than %(most)s recipients.") % {"most": MOST_RECIPIENTS})
    if len({recipient.casefold() for recipient in everybody}) != len(everybody):
        raise Unfit("twice", _("Somebody would get the message twice."))
    protection = _text(meta["protection"])
    if protection not in PROTECTIONS:
        raise ValueError("protection")
    message_id = _text(meta["message_id"])
    if not MESSAGE_ID.fullmatch(message_id):
        raise ValueError("message_id")
    return Order(
        key=key,
        sender=address,
        deliveries=read,
        copy=_text(meta["copy"]),
        protection=protection,
        message_id=message_id,
        answered=_answered(meta.get("answered")),
        draft=_draft(meta.get("draft")),
        send_at=None if meta.get("send_at") is None else moment(_text(meta["send_at"])),
        undo=_undo(meta.get("undo", 0)),
    )


def moment(text: str) -> datetime:
    """A time of the page, with its zone. Raises `ValueError`, and `Unfit` where it is too far off."""
    when = datetime.fromisoformat(text)
    if when.tzinfo is None:
        raise ValueError("a time without its zone")
    return timing.check(when)


def _undo(value: object) -> int:
    if type(value) is not int or not 0 <= value <= timing.LONGEST_UNDO:
        raise ValueError("undo")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value


def _recipients(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not value:
        raise TypeError("no recipients")
    for recipient in value:
        if not is_address(_text(recipient)):
            raise Unfit("bad-recipient", _("“%(address)s” is not an address mail can go to.") % {"address": recipient})
    return tuple(value)


def _answered(value: object) -> dict[str, object] | None:
    if value is None:
        return None
    if not isinstance(value, dict) or value["flag"] not in ANSWER_FLAGS:
        raise ValueError("answered")
    return Place.read(value).fields | {"flag": value["flag"]}


def _draft(value: object) -> dict[str, object] | None:
    """The draft that was written in, which goes when the message has gone out."""
    if value is None:
        return None
    if not isinstance(value, dict):
        raise TypeError("draft")
    return Place.read(value).fields | {"draft": str(UUID(_text(value["draft"])))} | _revision(value)


def _revision(draft: dict[str, object]) -> dict[str, object]:
    """Which version of the draft has the very words of the message; pages of before did not say."""
    if "rev" not in draft:
        return {}
    rev = draft["rev"]
    if type(rev) is not int or not 0 <= rev < 1 << 53:
        raise ValueError("rev")
    return {"rev": rev}
