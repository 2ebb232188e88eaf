"""What the composer posts to /send/, read into an `outbox.Order` and the bytes it speaks of."""

from __future__ import annotations

import json
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _

from .errors import Unfit
from .finished import MESSAGE_ID, is_address, same_address
from .outbox import Order
from .place import Place

MOST_RECIPIENTS = 500
MOST_PARTS = 100
PROTECTIONS = ("encrypted", "signed", "clear")
ANSWER_FLAGS = ("\\Answered", "$Forwarded")


def read(request: HttpRequest, address: str) -> tuple[Order, dict[str, bytes]]:
    """The order and its parts as posted by the account `address`. Raises `Unfit`."""
    # Judged before the body is parsed: every group of recipients has its own bytes, so several parts.
    if int(request.headers.get("Content-Length") or 0) > 4 * settings.MESSAGE_LIMIT:
        raise _too_large()
    try:
        key = UUID(request.POST.get("key", ""))
        meta = json.loads(request.POST.get("meta", ""))
        order = _order(key, meta, address)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Unfit("bad-order", _("The page sent something the server does not understand. Reload it.")) from error
    parts: dict[str, bytes] = {}
    for name in {order.copy, *(part for _recipients, part in order.deliveries)}:
        upload = request.FILES.get(name)
        if upload is None or isinstance(upload, list):
            raise Unfit("bad-order", _("A part of the message is missing. Send it again."))
        if (upload.size or 0) > settings.MESSAGE_LIMIT:
            raise _too_large()
        parts[name] = upload.read()
    return order, parts


def _too_large() -> Unfit:
    limit = settings.MESSAGE_LIMIT // (1024 * 1024)
    return Unfit(
        "too-large", _("The message is larger than %(limit)s MB, the most this server takes.") % {"limit": limit}, 413
    )


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
    )


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
    return Place.read(value).fields | {"draft": str(UUID(_text(value["draft"])))}
