"""HPKE base mode (RFC 9180) for the second reader: X25519, HKDF-SHA256, AES-256-GCM.

`cryptography` has HPKE itself, but its public interface takes no AAD.
"""

from __future__ import annotations

import hmac
import struct

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

KEM = b"KEM" + struct.pack(">H", 0x20)
SUITE = b"HPKE" + struct.pack(">HHH", 0x20, 0x01, 0x02)


def seal(recipient: X25519PublicKey, info: bytes, aad: bytes, cleartext: bytes) -> tuple[bytes, bytes]:
    """The encapsulated key and the box."""
    ephemeral = X25519PrivateKey.generate()
    enc = raw(ephemeral.public_key())
    key, nonce = _schedule(_shared(ephemeral.exchange(recipient), enc, raw(recipient)), info)
    return enc, AESGCM(key).encrypt(nonce, cleartext, aad)


def open_box(secret: X25519PrivateKey, enc: bytes, info: bytes, aad: bytes, box: bytes) -> bytes:
    """The cleartext; raises InvalidTag."""
    shared = _shared(secret.exchange(X25519PublicKey.from_public_bytes(enc)), enc, raw(secret.public_key()))
    key, nonce = _schedule(shared, info)
    return AESGCM(key).decrypt(nonce, box, aad)


def raw(key: X25519PublicKey) -> bytes:
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw)


def _shared(dh: bytes, enc: bytes, recipient: bytes) -> bytes:
    prk = _extract(KEM, b"", b"eae_prk", dh)
    return _expand(KEM, prk, b"shared_secret", enc + recipient, 32)


def _schedule(shared: bytes, info: bytes) -> tuple[bytes, bytes]:
    context = b"\x00" + _extract(SUITE, b"", b"psk_id_hash", b"") + _extract(SUITE, b"", b"info_hash", info)
    secret = _extract(SUITE, shared, b"secret", b"")
    return _expand(SUITE, secret, b"key", context, 32), _expand(SUITE, secret, b"base_nonce", context, 12)


def _extract(suite: bytes, salt: bytes, label: bytes, ikm: bytes) -> bytes:
    return hmac.digest(salt or bytes(32), b"HPKE-v1" + suite + label + ikm, "sha256")


def _expand(suite: bytes, prk: bytes, label: bytes, info: bytes, length: int) -> bytes:
    block = struct.pack(">H", length) + b"HPKE-v1" + suite + label + info + b"\x01"
    return hmac.digest(prk, block, "sha256")[:length]
