"""Large data sealed under the server's master key in chunks, so that nobody ever holds the whole of it.

Each sealing has a key of its own, by a salt in its head (`sealing.py`). A chunk's nonce is its number and whether it is
the last one, and its associated data is the head: a chunk left out, moved, taken from elsewhere, or an end cut off, and
nothing opens.
"""

from __future__ import annotations

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from .sealing import SALT, NotOpened, current_kid, derive, master_key, pack, unpack

CHUNK = 1 << 20
_MAGIC = b"postern-chunks-1\n"


class Chunks:
    """Seals and opens the chunks of one sealing. `head` is kept beside them."""

    def __init__(self, head: bytes, key: bytes) -> None:
        self.head = head
        self._gcm = AESGCM(key)

    @classmethod
    def new(cls, label: str, aad: bytes) -> Chunks:
        """`label` names the use (ASCII), `aad` what the data belongs to; both must be given again to open it."""
        kid, salt = current_kid(), secrets.token_bytes(SALT)
        return cls(_MAGIC + pack(kid, aad, salt), derive(master_key(kid), salt, f"postern chunks-1 {label}"))

    @classmethod
    def of(cls, label: str, aad: bytes, head: bytes) -> Chunks:
        """For the chunks beside `head`. Raises NotOpened where it belongs to something else, or the key is gone."""
        fields = unpack(head.removeprefix(_MAGIC)) if head.startswith(_MAGIC) else []
        if len(fields) != 3 or fields[1] != aad or len(fields[2]) != SALT:
            raise NotOpened
        ikm = master_key(fields[0].decode("utf-8", "replace"))
        return cls(head, derive(ikm, fields[2], f"postern chunks-1 {label}"))

    def seal(self, number: int, last: bool, data: bytes) -> bytes:
        """Once for each number: a nonce must not come twice."""
        return self._gcm.encrypt(_nonce(number, last), data, self.head)

    def open(self, number: int, last: bool, sealed: bytes) -> bytes:
        try:
            return self._gcm.decrypt(_nonce(number, last), sealed, self.head)
        except InvalidTag:
            raise NotOpened from None


def _nonce(number: int, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])
