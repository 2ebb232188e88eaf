"""The composer's post, read as it comes: each part goes through the checks into the store, and is whole nowhere.

Key and order stand before the parts (static/elements/compose-send.js), so that whatever can be refused for what they
say is refused before anything is sealed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.core.exceptions import TooManyFilesSent
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParser, MultiPartParserError
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from accounts.octets import PIECE

from . import orders, outbox
from .errors import Unfit
from .finished import Check
from .limits import Limit
from .models import OutboxBytes
from .outbox import Order
from .store import Writer

#: The fields that stand before the parts.
Fields = MultiValueDict[str, str]


class _Parts(FileUploadHandler):
    """Takes the parts that the order speaks of into the store."""

    chunk_size = PIECE

    def __init__(self, message: UUID, limit: Limit, order: Callable[[], Order], room: Callable[[], int]) -> None:
        super().__init__()
        self.order: Order | None = None
        self.taken: dict[str, OutboxBytes] = {}
        self._message = message
        self._limit = limit
        self._read_order = order
        self._ask_room = room

    def new_file(self, *arguments: Any, **more: Any) -> None:
        super().new_file(*arguments, **more)
        if self.order is None:
            self.order = self._read_order()
            self._room = self._ask_room()
        if self.field_name not in self.order.parts or self.field_name in self.taken:
            raise orders.not_understood()
        self._writer = Writer(self._message)
        delivered = any(part == self.field_name for _recipients, part in self.order.deliveries)
        self._check = Check(self.order.sender, self.order.message_id, delivered=delivered)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        # What is over the limit is counted to its end, for the sentence, and kept no more.
        if start + len(raw_data) <= self._limit.octets:
            # All the parts together, before they are stored: nobody fills the database with what is refused in the end.
            self._room -= len(raw_data)
            if self._room < 0:
                raise outbox.full()
            self._check.feed(raw_data)
            self._writer.write(raw_data)

    def file_complete(self, file_size: int) -> None:
        if file_size > self._limit.octets:
            raise orders.too_large(self._limit, file_size)
        self._check.end()
        if self.order is not None and self.order.protection == "encrypted" and not self._check.encrypted:
            raise orders.not_understood()
        self.taken[str(self.field_name)] = self._writer.end(self._check.boundary)


class _Parser(MultiPartParser):
    """Django's, which can be asked in the middle of its work for the fields that came so far."""

    def so_far(self) -> Fields:
        fields: Fields = self._post  # type: ignore[attr-defined]
        return fields


def read(
    request: HttpRequest, message: UUID, limit: Limit, order: Callable[[Fields], Order], room: Callable[[], int]
) -> tuple[Order, dict[str, OutboxBytes]]:
    """The order, as `order` reads it from the fields, and the parts that are in the store now. Raises `Unfit`.

    `room` says how many octets all the parts may have; it is asked once the order was read.
    """
    parts = _Parts(message, limit, lambda: order(parser.so_far()), room)
    try:
        parser = _Parser(request.META, request, [parts], request.encoding)
        fields, _files = parser.parse()
    except (MultiPartParserError, TooManyFilesSent) as error:
        raise orders.not_understood() from error
    wanted = parts.order or order(fields)
    if wanted.parts != parts.taken.keys():
        raise Unfit("bad-order", _("A part of the message is missing. Send it again."))
    return wanted, parts.taken
