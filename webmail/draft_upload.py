"""A draft as it comes from the page: its bytes in memory alone, and no more of them than a draft may have.

Django would put them into a temporary file as they are, for anybody, before the token and the session are looked at.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import TooManyFilesSent
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParser, MultiPartParserError
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from accounts.octets import PIECE

from .errors import Unfit

#: What the form takes beside the bytes.
FORM = 64 << 10


class _Bytes(FileUploadHandler):
    """Takes the one file of the form."""

    chunk_size = PIECE

    def __init__(self) -> None:
        super().__init__()
        self.taken: bytes | None = None
        self._pieces: list[bytes] = []
        self._size = 0

    def new_file(self, *arguments: Any, **more: Any) -> None:
        super().new_file(*arguments, **more)
        if self.field_name != "bytes" or self.taken is not None:
            raise misread()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self._size += len(raw_data)
        if self._size > settings.MESSAGE_LIMIT:
            raise too_large()
        self._pieces.append(raw_data)

    def file_complete(self, file_size: int) -> None:
        self.taken = b"".join(self._pieces)
        self._pieces.clear()


def read(request: HttpRequest) -> tuple[MultiValueDict[str, str], bytes]:
    """The fields and the bytes. Raises `Unfit`."""
    if int(request.headers.get("Content-Length") or 0) > settings.MESSAGE_LIMIT + FORM:
        raise too_large()
    handler = _Bytes()
    try:
        fields, _files = MultiPartParser(request.META, request, [handler], request.encoding).parse()
    except (MultiPartParserError, TooManyFilesSent) as error:
        raise misread() from error
    if handler.taken is None:
        raise misread()
    return fields, handler.taken


def misread() -> Unfit:
    return Unfit("bad-draft", _("The page sent something the server does not understand. Reload it."))


def too_large() -> Unfit:
    limit = settings.MESSAGE_LIMIT // (1024 * 1024)
    sentence = _("The draft is larger than %(limit)s MB, the most this server takes.") % {"limit": limit}
    return Unfit("too-large", sentence, 413)
