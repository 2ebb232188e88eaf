"""The frame of OpenPGP packets (RFC 9580 section 4.2), read before any engine sees the bytes.

Sequoia unpacks compressed packets while it parses: 6 KB kept it busy for 40 seconds
(rnp's fuzzing find outofmemory-6111789935624192). Certificates hold no such packets, so
bytes with any other than a certificate's packets are refused by their frame alone.
"""

from __future__ import annotations

SECRET_KEY, PUBLIC_KEY, SECRET_SUBKEY, PUBLIC_SUBKEY = 5, 6, 7, 14
SIGNATURE, MARKER, TRUST, USER_ID, USER_ATTRIBUTE, PADDING = 2, 10, 12, 13, 17, 21
IN_A_CERTIFICATE = frozenset({SIGNATURE, PUBLIC_KEY, MARKER, TRUST, USER_ID, PUBLIC_SUBKEY, USER_ATTRIBUTE, PADDING})
WITH_SECRETS = frozenset({SECRET_KEY, SECRET_SUBKEY})


class BadFrame(ValueError):
    """Not a whole number of packets with definite lengths."""


def tags(data: bytes) -> list[int]:
    """The type of each packet in turn. Partial and indeterminate lengths are for messages only."""
    found, at = [], 0
    while at < len(data):
        first = data[at]
        if not first & 0x80:
            raise BadFrame("not a packet")
        tag, length, begins = _new(data, at) if first & 0x40 else _legacy(data, at)
        at = begins + length
        found.append(tag)
    if at != len(data):
        raise BadFrame("cut short")
    return found


def _new(data: bytes, at: int) -> tuple[int, int, int]:
    """Type, length and beginning of the body (section 4.2.1)."""
    tag, octet = data[at] & 0x3F, _number(data, at + 1, 1)
    if octet < 192:
        return tag, octet, at + 2
    if octet < 224:
        return tag, ((octet - 192) << 8) + _number(data, at + 2, 1) + 192, at + 3
    if octet < 255:
        raise BadFrame("a partial length")
    return tag, _number(data, at + 2, 4), at + 6


def _legacy(data: bytes, at: int) -> tuple[int, int, int]:
    """Type, length and beginning of the body (section 4.2.2)."""
    tag, size = (data[at] >> 2) & 0x0F, data[at] & 0x03
    if size == 3:
        raise BadFrame("an indeterminate length")
    octets: int = 1 << size
    return tag, _number(data, at + 1, octets), at + 1 + octets


def _number(data: bytes, at: int, octets: int) -> int:
    if at + octets > len(data):
        raise BadFrame("cut short")
    return int.from_bytes(data[at : at + octets], "big")
