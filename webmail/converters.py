"""Mailbox names in addresses: any name as one path segment, and each name in one way only."""

from __future__ import annotations

import re

# Unicode letters, digits and a few signs stand for themselves; Django percent-encodes what is not ASCII.
_ASCII = re.compile(r"[\x00-\x7f]")
_PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_ ,=@'()")
_ESCAPED = re.compile(r"~([0-9A-F]{2})")


class MailboxConverter:
    """`Lists/a.b` ↔ `Lists~2Fa~2Eb`.

    Servers decode "%2F" before they route, and proxies tidy "." and "//" away, so such characters are written
    with a tilde, which RFC 3986 section 2.3 leaves alone.
    """

    regex = r"[^/]+"

    def to_python(self, value: str) -> str:
        name = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), value)
        if self.to_url(name) != value:
            raise ValueError("each mailbox has one address")
        return name

    def to_url(self, value: str) -> str:
        return _ASCII.sub(lambda found: found[0] if found[0] in _PLAIN else f"~{ord(found[0]):02X}", value)
