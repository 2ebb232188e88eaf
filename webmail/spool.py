"""The body of a request while it arrives: in memory while it is small, then on the disk, and there unreadable.

Django's own would write it as it is: a letter that goes out in the clear would stand in a temporary file. The key is
made for this one body and is nowhere but in this process.
"""

from __future__ import annotations

import errno
import io
import os
import secrets
import tempfile
from typing import IO

from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CTR
from django.conf import settings


def is_full(error: OSError) -> bool:
    """Whether it says that the disk has no room."""
    return error.errno in (errno.ENOSPC, errno.EDQUOT)


class Spool(io.RawIOBase):
    """Written to its end, then read from its start.

    A disk that is full is told to the reader, not to the writer: so the body is taken to its end, the browser hears the
    answer, and the view that reads finds the words for it.
    """

    def __init__(self) -> None:
        super().__init__()
        self._file: IO[bytes] = io.BytesIO()
        self._on_disk = False
        self._full: OSError | None = None
        self._key = secrets.token_bytes(32)
        self._stream = self._begin()

    def _begin(self) -> CipherContext:
        # Every key is used for one body, so the counter may begin at zero.
        return Cipher(AES256(self._key), CTR(bytes(16))).encryptor()

    def writable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True

    def take(self, data: bytes) -> None:
        """The next bytes of the body."""
        if self._full is not None:
            return
        try:
            self._write(self._stream.update(data))
            if not self._on_disk and self._file.tell() > settings.FILE_UPLOAD_MAX_MEMORY_SIZE:
                self._to_disk()
        except OSError as error:
            if not is_full(error):
                raise
            self._full = error
            self._file.close()

    def _to_disk(self) -> None:
        waiting = self._file
        # Without a name and without Python's buffer: what the disk does not take is heard of here.
        self._file = tempfile.TemporaryFile(buffering=0, dir=settings.FILE_UPLOAD_TEMP_DIR)  # noqa: SIM115
        self._on_disk = True
        waiting.seek(0)
        while piece := waiting.read(io.DEFAULT_BUFFER_SIZE):
            self._write(piece)
        waiting.close()

    def _write(self, data: bytes) -> None:
        # A disk that is nearly full takes some of it; the next try says that it is full.
        rest = memoryview(data)
        while rest:
            rest = rest[self._file.write(rest) :]

    def rewind(self) -> None:
        """To the start, for who reads. Raises OSError where the disk did not take all of it."""
        if self._full is not None:
            raise self._full
        self._file.seek(0, os.SEEK_SET)
        self._stream = self._begin()

    def begin_reading(self) -> io.BufferedReader:
        """For who reads once, and hears then that the disk was full."""
        if self._full is None:
            self.rewind()
        return io.BufferedReader(self, 1 << 16)

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        if self._full is not None:
            raise self._full
        data = self._stream.update(self._file.read(len(buffer)))
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._file.close()
        super().close()
