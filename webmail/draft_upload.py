"""A draft as it comes from the page: judged while it comes, then read a piece at a time, and whole nowhere in memory.

Django would put its bytes into a temporary file as they are; ours is unreadable (webmail/spool.py).
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

from django.conf import settings
from django.core.exceptions import TooManyFilesSent
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParser, MultiPartParserError
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from accounts.octets import PIECE

from .draft_bytes import Check, Draft, misread
from .errors import Unfit
from .intake import disk_full
from .spool import Spool, is_full

log = logging.getLogger(__name__)

#: What the form takes beside the bytes.
FORM = 64 << 10


class _Bytes(FileUploadHandler):
    """Takes the one file of the form."""

    chunk_size = PIECE

    def __init__(self, check: Check, spool: Spool) -> None:
        super().__init__()
        self.size = 0
        self.complete = False
        self._check = check
        self._spool = spool

    def new_file(self, *arguments: Any, **more: Any) -> None:
        super().new_file(*arguments, **more)
        if self.field_name != "bytes" or self.complete:
            raise misread()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.size += len(raw_data)
        if self.size > settings.MESSAGE_LIMIT:
            raise too_large()
        self._check.feed(raw_data)
        self._spool.take(raw_data)

    def file_complete(self, file_size: int) -> None:
        self._check.end()
        self.complete = True


class _Kept:
    """The bytes as the browser built them (accounts.octets.Octets)."""

    def __init__(self, spool: Spool, size: int) -> None:
        self._spool = spool
        self.size = size

    def __iter__(self) -> Iterator[bytes]:
        self._spool.rewind()
        while piece := self._spool.read(PIECE):
            yield piece


@contextmanager
def read(request: HttpRequest, address: str) -> Iterator[tuple[MultiValueDict[str, str], Draft]]:
    """The fields, and the draft that came with them, to be used within this. Raises `Unfit`."""
    if int(request.headers.get("Content-Length") or 0) > settings.MESSAGE_LIMIT + FORM:
        raise too_large()
    check = Check(address)
    with closing(Spool()) as spool:
        handler = _Bytes(check, spool)
        try:
            fields, _files = MultiPartParser(request.META, request, [handler], request.encoding).parse()
            # Here, and not in the middle of what the mail server is told.
            spool.rewind()
        except (MultiPartParserError, TooManyFilesSent) as error:
            raise misread() from error
        except OSError as error:
            if not is_full(error):
                raise
            log.error("a draft could not be taken: the disk is full")
            raise disk_full() from error
        if not handler.complete:
            raise misread()
        yield fields, Draft(check.stamp, check.message_id, _Kept(spool, handler.size))


def too_large() -> Unfit:
    limit = settings.MESSAGE_LIMIT // (1024 * 1024)
    sentence = _("The draft is larger than %(limit)s MB, the most this server takes.") % {"limit": limit}
    return Unfit("too-large", sentence, 413)
