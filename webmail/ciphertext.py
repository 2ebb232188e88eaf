"""Whether a message holds OpenPGP ciphertext and nothing beside it, seen from outside, without any key.

Stricter than RFC 3156 section 4 on purpose: it judges what our own page wrote, and whatever else stands in it could be
text that was to be encrypted.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import SMTP as POLICY

# RFC 9580 section 5: the session key for one recipient, and the encrypted data.
SESSION_KEY, ENCRYPTED = 1, 18
_BEGIN, _END = b"-----BEGIN PGP MESSAGE-----\r\n\r\n", b"-----END PGP MESSAGE-----"
_CHECKSUM = re.compile(rb"(?:\r\n)=[A-Za-z0-9+/]{4}\Z")
_CONTROL_FIELDS = frozenset({"content-type", "content-description", "content-transfer-encoding", "content-disposition"})


class NotCiphertext(ValueError):
    """Something in the message is not encrypted, or cannot be told."""


def check(header: EmailMessage, body: bytes) -> None:
    """Raise `NotCiphertext` unless the message is multipart/encrypted (RFC 3156) and all of its body is ciphertext."""
    protocol = str(header.get_param("protocol", "")).lower()
    if header.get_content_type() != "multipart/encrypted" or protocol != "application/pgp-encrypted":
        raise NotCiphertext("not multipart/encrypted")
    boundary = header.get_boundary("").encode("ascii", "replace")
    # Nothing before the first part, nothing after the last one.
    pieces = (b"\r\n" + body).split(b"\r\n--" + boundary) if boundary else []
    if len(pieces) != 4 or pieces[0] or pieces[3].rstrip(b"\r\n") != b"--":
        raise NotCiphertext("not two parts")
    version, armored = _part(pieces[1], "application/pgp-encrypted"), _part(pieces[2], "application/octet-stream")
    if version.strip() != b"Version: 1":
        raise NotCiphertext("not version 1")
    _check_packets(_dearmored(armored.strip(b"\r\n")))


def _part(piece: bytes, kind: str) -> bytes:
    """The body of a part that is of this kind and says nothing else."""
    head, _, body = piece.removeprefix(b"\r\n").partition(b"\r\n\r\n")
    part = BytesParser(policy=POLICY).parsebytes(head + b"\r\n\r\n", headersonly=True)
    if part.defects or part.get_content_type() != kind or {name.lower() for name in part.keys()} - _CONTROL_FIELDS:  # noqa: SIM118
        raise NotCiphertext(f"not {kind}")
    return body


def _dearmored(armored: bytes) -> bytes:
    """Armor (RFC 9580 section 6.2) without header lines: they are text."""
    if not armored.startswith(_BEGIN) or not armored.endswith(_END):
        raise NotCiphertext("not armored")
    text = _CHECKSUM.sub(b"", armored[len(_BEGIN) : -len(_END)].rstrip(b"\r\n"))
    try:
        return binascii.a2b_base64(text.replace(b"\r\n", b""), strict_mode=True)
    except binascii.Error:
        raise NotCiphertext("not base64") from None


def _check_packets(data: bytes) -> None:
    """Session keys, then the encrypted data, then nothing (RFC 9580 section 10.3)."""
    tags = list(_tags(data))
    if len(tags) < 2 or tags[-1] != ENCRYPTED or set(tags[:-1]) != {SESSION_KEY}:
        raise NotCiphertext("not an encrypted message")


def _tags(data: bytes) -> Iterator[int]:
    """The type of each packet (RFC 9580 section 4.2). The old format and indeterminate lengths are not ours."""
    at = 0
    while at < len(data):
        if data[at] & 0xC0 != 0xC0:
            raise NotCiphertext("not a packet")
        yield data[at] & 0x3F
        at += 1
        partial = True
        while partial:
            length, at, partial = _length(data, at)
            at += length
    if at != len(data):
        raise NotCiphertext("cut short")


def _length(data: bytes, at: int) -> tuple[int, int, bool]:
    """How long the body, or this piece of it, is; where it begins; whether another piece follows."""
    octets = data[at : at + 5]
    first = octets[0] if octets else 255
    if first < 192:
        return first, at + 1, False
    if first < 224 and len(octets) > 1:
        return ((first - 192) << 8) + octets[1] + 192, at + 2, False
    if first == 255 and len(octets) == 5:
        return int.from_bytes(octets[1:], "big"), at + 5, False
    if 224 <= first < 255:
        return 1 << (first & 0x1F), at + 1, True
    raise NotCiphertext("cut short")
