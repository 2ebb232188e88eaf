"""A second reader and writer of keyring-1, state-1 and stay-1, from docs/crypto-inventory.md alone.

It shares no code with static/crypto/: `cryptography` for X25519, HKDF and GCM,
argon2-cffi for Argon2id. What both read the same way is what the page says it is.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import struct
import unicodedata
from dataclasses import dataclass
from typing import Any

from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from . import hpke_reader as hpke

MAGIC = b"postern-keyring-1\n"
NONCE = bytes(12)
BLOCK = 4096
SALTS = {"passphrase": 16, "prf": 32, "code": 0, "transfer": 0, "organisation": 0}
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CHECK = CROCKFORD + "*~$=U"


class Refused(Exception):
    """The file is not what was sealed, or the secret does not open it."""


@dataclass(frozen=True)
class Opened:
    """An open ring: K, the header and the body as read."""

    key: bytes
    header: dict[str, Any]
    body: dict[str, Any]


def hkdf(secret: bytes, salt: bytes, info: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt, info).derive(secret)


def passphrase_secret(passphrase: str, salt: bytes) -> bytes:
    """A2(PW(p), salt); spaces and NFC are all that RFC 8265 OpaqueString changes."""
    mapped = "".join(" " if unicodedata.category(c) == "Zs" else c for c in passphrase)
    prepared = unicodedata.normalize("NFC", mapped).encode()
    return hash_secret_raw(prepared, salt, 3, 65536, 4, 32, Type.ID, 0x13)


def code_secret(code: str) -> bytes:
    """The 160 bits of a recovery code; raises Refused when its check symbol is wrong."""
    symbols = code.upper().replace("-", "").replace(" ", "").replace("O", "0")
    symbols = symbols.replace("I", "1").replace("L", "1")
    value = 0
    for symbol in symbols[:-1]:
        value = value * 32 + CROCKFORD.index(symbol)
    if len(symbols) != 33 or symbols[-1] != CHECK[value % 37]:
        raise Refused("check symbol")
    return value.to_bytes(20, "big")


def split(file: bytes) -> tuple[dict[str, Any], bytes, bytes]:
    """Header, the stored bytes before the body (the AAD), body."""
    if not file.startswith(MAGIC):
        raise Refused("magic")
    (length,) = struct.unpack_from(">I", file, len(MAGIC))
    end = len(MAGIC) + 4 + length
    if end > len(file):
        raise Refused("cut short")
    header = json.loads(file[len(MAGIC) + 4 : end], object_pairs_hook=_no_doubles)
    if set(header) != {"ring", "epoch", "rev", "salt", "commit", "ways"}:
        raise Refused("fields of the header")
    for way in header["ways"]:
        extra = {"cred", "rp"} if way["kind"] == "prf" else set()
        if set(way) != {"id", "kind", "label", "salt", "enc", "box"} | extra:
            raise Refused("fields of a way")
        if len(_b(way["salt"])) != SALTS[way["kind"]]:
            raise Refused("salt of a way")
    return header, file[:end], file[end:]


def open_ring(file: bytes, kind: str, secret: str) -> Opened:
    """Open with a passphrase or a recovery code."""
    header, aad, body = split(file)
    ring = _b(header["ring"])
    for way in header["ways"]:
        if way["kind"] != kind:
            continue
        sk = _way_key(ring, way, secret)
        info = b"postern keyring-1 wrap" + ring + _b(way["id"])
        try:
            key = hpke.open_box(sk, _b(way["enc"]), info, struct.pack(">I", header["epoch"]), _b(way["box"]))
        except InvalidTag:
            continue
        opened = _open_body(header, aad, body, key)
        mine = next(each for each in opened.body["ways"] if each["id"] == way["id"])
        if _b(mine["pk"]) != hpke.raw(sk.public_key()):
            raise Refused("public key of the way")
        return opened
    raise Refused("secret")


def write_ring(
    secrets: list[tuple[str, str]], keys: list[dict[str, Any]], *, epoch: int = 1, rev: int = 1
) -> tuple[bytes, bytes, bytes]:
    """Seal a ring of our own: the file, K and R."""
    ring, key, root, salt = os.urandom(16), os.urandom(32), os.urandom(32), os.urandom(32)
    ways, inner = [], []
    for kind, secret in secrets:
        way = {
            "id": _t(os.urandom(16)),
            "kind": kind,
            "label": "written in Python",
            "salt": _t(os.urandom(SALTS[kind])),
        }
        public = _way_key(ring, way, secret).public_key()
        info = b"postern keyring-1 wrap" + ring + _b(way["id"])
        enc, box = hpke.seal(public, info, struct.pack(">I", epoch), key)
        ways.append(way | {"enc": _t(enc), "box": _t(box)})
        inner.append({"id": way["id"], "kind": kind, "pk": _t(hpke.raw(public))})
    commit = hkdf(key, salt, b"postern keyring-1 commit")
    header = {"ring": _t(ring), "epoch": epoch, "rev": rev, "salt": _t(salt), "commit": _t(commit), "ways": ways}
    # Another spelling of JSON than the browser's: the stored bytes count, not ours made anew.
    written = json.dumps(header, indent=1).encode()
    aad = MAGIC + struct.pack(">I", len(written)) + written
    body = {
        "ring": _t(ring), "epoch": epoch, "rev": rev, "ways": inner, "keys": keys,
        "revocations": [], "state": _t(root), "previous": _t(bytes(32)),
    }  # fmt: skip
    text = json.dumps(body).encode()
    padded = text + b" " * (-len(text) % BLOCK)
    return aad + AESGCM(hkdf(key, salt, b"postern keyring-1 body")).encrypt(NONCE, padded, aad), key, root


def open_state(ring: bytes, root: bytes, kind: str, name: str, rev: int, record: bytes) -> bytes:
    """The cleartext of a state-1 record."""
    if record[:1] != b"\x01":
        raise Refused("version of the record")
    aad = ring + kind.encode() + name.encode() + struct.pack(">Q", rev)
    key = hkdf(root, record[1:33], b"postern state-1 " + kind.encode())
    try:
        return AESGCM(key).decrypt(NONCE, record[33:], aad)
    except InvalidTag:
        raise Refused("record") from None


def seal_state(ring: bytes, root: bytes, kind: str, name: str, rev: int, cleartext: bytes) -> bytes:
    aad = ring + kind.encode() + name.encode() + struct.pack(">Q", rev)
    salt = os.urandom(32)
    key = hkdf(root, salt, b"postern state-1 " + kind.encode())
    return b"\x01" + salt + AESGCM(key).encrypt(NONCE, cleartext, aad)


def draft_mac_key(root: bytes) -> bytes:
    return hkdf(root, b"", b"postern state-1 draft mac")


def open_stay(device_key: bytes, half: bytes, ring: bytes, epoch: int, device: bytes, blob: bytes) -> bytes:
    """K from the two halves of stay-1."""
    aad = b"stay-1" + ring + struct.pack(">I", epoch) + device
    once = AESGCM(device_key).decrypt(blob[:12], blob[12:], aad)
    return AESGCM(hkdf(half, ring + device, b"postern stay-1")).decrypt(once[:12], once[12:], aad)


def seal_stay(device_key: bytes, half: bytes, ring: bytes, epoch: int, device: bytes, key: bytes) -> bytes:
    aad = b"stay-1" + ring + struct.pack(">I", epoch) + device
    inner, outer = os.urandom(12), os.urandom(12)
    once = inner + AESGCM(hkdf(half, ring + device, b"postern stay-1")).encrypt(inner, key, aad)
    return outer + AESGCM(device_key).encrypt(outer, once, aad)


def file_hash(file: bytes) -> str:
    return hashlib.sha256(file).hexdigest()


def _open_body(header: dict[str, Any], aad: bytes, sealed: bytes, key: bytes) -> Opened:
    salt = _b(header["salt"])
    if not hmac.compare_digest(hkdf(key, salt, b"postern keyring-1 commit"), _b(header["commit"])):
        raise Refused("commitment")
    try:
        padded = AESGCM(hkdf(key, salt, b"postern keyring-1 body")).decrypt(NONCE, sealed, aad)
    except InvalidTag:
        raise Refused("body") from None
    if len(padded) % BLOCK:
        raise Refused("padding")
    body = json.loads(padded, object_pairs_hook=_no_doubles)
    if set(body) != {"ring", "epoch", "rev", "ways", "keys", "revocations", "state", "previous"}:
        raise Refused("fields of the body")
    if any(body[name] != header[name] for name in ("ring", "epoch", "rev")):
        raise Refused("header and body differ")
    if [(w["id"], w["kind"]) for w in body["ways"]] != [(w["id"], w["kind"]) for w in header["ways"]]:
        raise Refused("ways differ")
    return Opened(key, header, body)


def _way_key(ring: bytes, way: dict[str, Any], secret: str) -> X25519PrivateKey:
    kind = way["kind"]
    read = passphrase_secret(secret, _b(way["salt"])) if kind == "passphrase" else code_secret(secret)
    info = b"postern keyring-1 way " + kind.encode()
    return X25519PrivateKey.from_private_bytes(hkdf(read, ring + _b(way["id"]), info))


def _b(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def _t(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _no_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({name for name, _ in pairs}) != len(pairs):
        raise Refused("a field twice")
    return dict(pairs)
