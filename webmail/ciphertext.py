"""Whether a message holds OpenPGP ciphertext and nothing beside it, seen from outside, without any key.

Stricter than RFC 3156 section 4 on purpose: it judges what our own page wrote, and whatever else stands in it could be
text that was to be encrypted. It is looked at a piece at a time, and no more of it is held than a piece.
"""

from __future__ import annotations

import binascii
import re
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import SMTP as POLICY

# RFC 9580 section 5: the session key for one recipient, and the encrypted data.
SESSION_KEY, ENCRYPTED = 1, 18
# RFC 9580 section 6.2.
_BEGIN, _END = b"-----BEGIN PGP MESSAGE-----\r\n\r\n", b"-----END PGP MESSAGE-----"
_CHECKSUM = re.compile(rb"(?:\r\n)=[A-Za-z0-9+/]{4}\Z")
_CONTROL_FIELDS = frozenset({"content-type", "content-description", "content-transfer-encoding", "content-disposition"})
#: Two delimiters and the header fields of two parts; and what follows the ciphertext.
_LONGEST_HEAD, _LONGEST_TAIL = 16 << 10, 1 << 10
#: Padding, checksum and line ends, which are the last of the armor or nowhere.
_KEPT_BACK = 64
#: A packet, or a piece of one. 50 MB in the smallest pieces that RFC 9580 section 4.2.1.4 lets a packet begin with.
_MOST_LENGTHS = 100_000


class NotCiphertext(ValueError):
    """Something in the message is not encrypted, or cannot be told."""


class Check:
    """Raises `NotCiphertext` unless the message is multipart/encrypted (RFC 3156) and all of its body is ciphertext.

    Of the lines in the body it takes for granted that they end in CR LF (accounts.lines).
    """

    def __init__(self, header: EmailMessage) -> None:
        protocol = str(header.get_param("protocol", "")).lower()
        if header.get_content_type() != "multipart/encrypted" or protocol != "application/pgp-encrypted":
            raise NotCiphertext("not multipart/encrypted")
        boundary = header.get_boundary("").encode("ascii", "replace")
        if not boundary:
            raise NotCiphertext("no boundary")
        self._delimiter = b"\r\n--" + boundary
        # The line end before the first delimiter is that of the header.
        self._head: bytearray | None = bytearray(b"\r\n")
        self._armor = _Armor()
        self._tail = bytearray()

    def feed(self, piece: bytes) -> None:
        """The next piece of the body."""
        if self._head is not None:
            self._head += piece
            before, begin, piece = bytes(self._head).partition(_BEGIN)
            if not begin:
                if len(self._head) > _LONGEST_HEAD:
                    raise NotCiphertext("no armor")
                return
            self._head = None
            self._check_head(before)
        if not self._tail:
            # No base64 has a hyphen, and the line after it begins with one.
            text, hyphen, piece = piece.partition(b"-")
            self._armor.feed(text)
            piece = hyphen + piece
        self._tail += piece
        if len(self._tail) > _LONGEST_TAIL:
            raise NotCiphertext("something after the ciphertext")

    def end(self) -> None:
        """After the last piece."""
        if self._head is not None:
            raise NotCiphertext("no armor")
        self._armor.end()
        # Nothing after the second part.
        pieces = (b"\r\n" + self._tail).split(self._delimiter)
        if len(pieces) != 2 or pieces[0].strip(b"\r\n") != _END or pieces[1].rstrip(b"\r\n") != b"--":
            raise NotCiphertext("something after the ciphertext")

    def _check_head(self, before: bytes) -> None:
        # Nothing before the first part.
        pieces = (before + _BEGIN).split(self._delimiter)
        if len(pieces) != 3 or pieces[0]:
            raise NotCiphertext("not two parts")
        version, armored = _part(pieces[1], "application/pgp-encrypted"), _part(pieces[2], "application/octet-stream")
        if version.strip() != b"Version: 1":
            raise NotCiphertext("not version 1")
        if armored.lstrip(b"\r\n") != _BEGIN:
            raise NotCiphertext("not armored")


def _part(piece: bytes, kind: str) -> bytes:
    """The body of a part that is of this kind and says nothing else."""
    head, _, body = piece.removeprefix(b"\r\n").partition(b"\r\n\r\n")
    part = BytesParser(policy=POLICY).parsebytes(head + b"\r\n\r\n", headersonly=True)
    if part.defects or part.get_content_type() != kind or {name.lower() for name in part.keys()} - _CONTROL_FIELDS:  # noqa: SIM118
        raise NotCiphertext(f"not {kind}")
    return body


class _Armor:
    """What stands in armor (RFC 9580 section 6.2) without header lines: they are text."""

    def __init__(self) -> None:
        self._packets = _Packets()
        # Base64 that is no group of four yet, and the text behind it.
        self._group = b""
        self._back = b""

    def feed(self, text: bytes) -> None:
        text = self._back + text
        self._back = text[-_KEPT_BACK:]
        text = self._group + text[:-_KEPT_BACK].translate(None, b"\r\n")
        whole = len(text) & ~3
        self._group = text[whole:]
        if b"=" in text:
            raise NotCiphertext("base64 goes on after its end")
        self._packets.feed(_decoded(text[:whole]))

    def end(self) -> None:
        last = _CHECKSUM.sub(b"", self._back.rstrip(b"\r\n"))
        self._packets.feed(_decoded(self._group + last.translate(None, b"\r\n")))
        self._packets.end()


def _decoded(text: bytes) -> bytes:
    try:
        return binascii.a2b_base64(text, strict_mode=True)
    except binascii.Error:
        raise NotCiphertext("not base64") from None


class _Packets:
    """Session keys, then the encrypted data, then nothing (RFC 9580 section 10.3)."""

    def __init__(self) -> None:
        self._keys = self._lengths = 0
        self._tag: int | None = None
        # The octets of a length that is not read whole, what is left of the body that it spoke of, and whether another
        # piece of the same packet follows.
        self._octets = b""
        self._left = 0
        self._within = False

    def feed(self, data: bytes) -> None:
        at = 0
        while at < len(data):
            if self._left:
                step = min(self._left, len(data) - at)
                self._left -= step
            else:
                step = 1
                if self._within:
                    self._read_length(data[at])
                else:
                    self._begin(data[at])
            at += step

    def end(self) -> None:
        if self._tag != ENCRYPTED or not self._keys or self._within or self._left:
            raise NotCiphertext("not an encrypted message")

    def _begin(self, octet: int) -> None:
        """RFC 9580 section 4.2. The old format and indeterminate lengths are not ours."""
        if octet & 0xC0 != 0xC0 or self._tag == ENCRYPTED:
            raise NotCiphertext("not a packet")
        self._tag = octet & 0x3F
        if self._tag not in (SESSION_KEY, ENCRYPTED):
            raise NotCiphertext("not an encrypted message")
        self._keys += self._tag == SESSION_KEY
        self._within = True

    def _read_length(self, octet: int) -> None:
        self._octets += bytes([octet])
        first = self._octets[0]
        if len(self._octets) < (1 if first < 192 or 224 <= first < 255 else 5 if first == 255 else 2):
            return
        self._within = 224 <= first < 255
        if self._within:
            self._left = 1 << (first & 0x1F)
        elif first < 192:
            self._left = first
        elif first < 224:
            self._left = ((first - 192) << 8) + octet + 192
        else:
            self._left = int.from_bytes(self._octets[1:], "big")
        self._octets = b""
        self._lengths += 1
        if self._lengths > _MOST_LENGTHS:
            raise NotCiphertext("in too many pieces")
