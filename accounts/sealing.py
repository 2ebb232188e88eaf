"""Bytes sealed under the server's master key: HKDF-SHA-256 and AES-256-GCM, one fresh key for each sealing."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import cast

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

SALT = 32
# A zero nonce is right here: the salt makes every key new, so no key ever seals twice.
NONCE = bytes(12)


class NotOpened(Exception):
    """The bytes, their associated data or the key are not those that were sealed. Nothing says which."""


def master_keys() -> Mapping[str, bytes]:
    """kid → 32 bytes; the first seals, all of them open, so that a new key can be put in front of an old one."""
    return cast(Mapping[str, bytes], settings.POSTERN_MASTER_KEYS)


def current_kid() -> str:
    return next(iter(master_keys()))


def master_key(kid: str) -> bytes:
    key = master_keys().get(kid)
    if key is None:
        raise NotOpened
    return key


def derive(ikm: bytes, salt: bytes, info: str) -> bytes:
    return HKDF(SHA256(), 32, salt, info.encode("ascii")).derive(ikm)


def pack(*fields: str | int | bytes) -> bytes:
    """Fields with their lengths before them, so that no two lists of fields give the same bytes."""
    packed = bytearray()
    for field in fields:
        value = field if isinstance(field, bytes) else str(field).encode("utf-8")
        packed += len(value).to_bytes(2, "big") + value
    return bytes(packed)


def unpack(packed: bytes) -> list[bytes]:
    """The fields of `pack`; bytes that it cannot have written are refused."""
    fields = []
    at = 0
    while at < len(packed):
        end = at + 2 + int.from_bytes(packed[at : at + 2], "big")
        if len(packed) < at + 2 or len(packed) < end:
            raise NotOpened
        fields.append(packed[at + 2 : end])
        at = end
    return fields


def seal(magic: bytes, ikm: bytes, info: str, aad: bytes, data: bytes) -> bytes:
    """magic ‖ u16 n ‖ aad[n] ‖ salt ‖ GCM(data). The associated data is the stored bytes before the salt."""
    head = magic + len(aad).to_bytes(2, "big") + aad
    salt = secrets.token_bytes(SALT)
    return head + salt + AESGCM(derive(ikm, salt, info)).encrypt(NONCE, data, head)


def split(magic: bytes, sealed: bytes) -> tuple[bytes, bytes, bytes]:
    """(aad, salt, box) of `seal`; nothing of it is proven yet."""
    start = len(magic) + 2
    end = start + int.from_bytes(sealed[len(magic) : start], "big")
    if not sealed.startswith(magic) or len(sealed) < end + SALT + 16:
        raise NotOpened
    return sealed[start:end], sealed[end : end + SALT], sealed[end + SALT :]


def unseal(magic: bytes, ikm: bytes, info: str, sealed: bytes) -> bytes:
    _, salt, box = split(magic, sealed)
    head = sealed[: len(sealed) - len(box) - SALT]
    try:
        return AESGCM(derive(ikm, salt, info)).decrypt(NONCE, box, head)
    except InvalidTag:
        raise NotOpened from None


_BYTES = b"postern-server-1\n"


def seal_bytes(label: str, aad: bytes, data: bytes) -> bytes:
    """Seal what the server must keep for a while, such as the finished bytes in the outbox.

    `label` names the use (ASCII), `aad` the row it belongs to; both must be given again to open it.
    """
    kid = current_kid()
    return seal(_BYTES, master_key(kid), f"postern server-1 {label}", pack(kid, aad), data)


def open_bytes(label: str, aad: bytes, sealed: bytes) -> bytes:
    """The data of `seal_bytes`, or NotOpened."""
    fields = unpack(split(_BYTES, sealed)[0])
    if len(fields) != 2 or fields[1] != aad:
        raise NotOpened
    ikm = master_key(fields[0].decode("utf-8", "replace"))
    return unseal(_BYTES, ikm, f"postern server-1 {label}", sealed)
