"""Handing a login to the running watch process: credential-1, for memory only.

HPKE (RFC 9180) base mode: X25519, HKDF-SHA256, AES-256-GCM. The key pair is made at each start of the watch and
never written down, so what passed the broker opens nothing afterwards. Base mode proves nothing about the receiver;
the announcement therefore carries a MAC under the server's master key, which the broker does not have.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from .credentials import login_from, use
from .errors import SignInNeeded
from .login import Login
from .models import Account
from .sealing import NotOpened, current_kid, derive, master_key

_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


@dataclass(frozen=True)
class Announcement:
    """The public key of a running watch, and the proof that it is ours. Bytes, to pass through any broker."""

    kid: str
    key: bytes
    mac: bytes


class WatchKey:
    """The key pair of one run of the watch."""

    def __init__(self) -> None:
        self._private = X25519PrivateKey.generate()

    def announce(self) -> Announcement:
        kid, key = current_kid(), self._private.public_key().public_bytes_raw()
        return Announcement(kid, key, _mac(kid, key))

    def open(self, account: Account, sealed: bytes) -> Login:
        """The login handed over for `account`, as its row is now; SignInNeeded where it does not open."""
        try:
            password = _SUITE.decrypt(sealed, self._private, _info(account))
        except (InvalidTag, ValueError):
            raise SignInNeeded("the login handed over does not open for this account") from None
        return login_from(account, password.decode("utf-8"))


def hand_over(account: Account, login: Login, to: Announcement) -> bytes:
    """The login sealed to the watch that announced itself; NotOpened where the announcement is not ours."""
    if not hmac.compare_digest(_mac(to.kid, to.key), to.mac):
        raise NotOpened
    return _SUITE.encrypt(login.password.encode("utf-8"), X25519PublicKey.from_public_bytes(to.key), _info(account))


def _info(account: Account) -> bytes:
    # The library's one-shot HPKE takes no associated data; `info` goes into the key schedule and binds as well.
    return b"postern credential-1 watch" + use(account, "watch", current_kid())


def _mac(kid: str, key: bytes) -> bytes:
    return hmac.digest(derive(master_key(kid), b"", "postern watch announcement"), key, sha256)
