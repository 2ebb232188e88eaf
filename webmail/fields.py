"""Header fields (RFC 5322) as text for lists and the reader's head: unfolded, decoded once (RFC 2047), made harmless.

Only for showing. What is signed or decides anything is read in the browser, from the untouched bytes.
"""

import base64
import binascii
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from email.utils import getaddresses

_FOLD = re.compile(rb"\r?\n[ \t]+")
_FIELD = re.compile(rb"^([!-9;-~]+)[ \t]*:[ \t]*(.*?)[ \t]*\r?$", re.MULTILINE)
_WORD = re.compile(r"=\?([^?\s*]+)(?:\*[^?\s]*)?\?([bBqQ])\?([^?]*)\?=")
_BETWEEN = re.compile(r"(\?=)[ \t]+(=\?[^?\s]+\?[bBqQ]\?)")
_QUOTED = re.compile(rb"=([0-9A-Fa-f]{2})")
# Controls, and what turns the direction of the text around it: a file or subject may not rearrange the page.
_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
_ONE_ADDRESS = re.compile(
    r"""\s*(?:"((?:[^"\\]|\\.)*)"|([^"<>@,;:()\\\[\]]*?))\s*<([^<>\s@,;:"()]+@[^<>\s@,;:"()]+)>\s*\Z"""
)
_BARE_ADDRESS = re.compile(r"\s*([^<>\s@,;:\"()]+@[^<>\s@,;:\"()]+)\s*\Z")
_DATE = re.compile(
    r"(?:\s*[A-Za-z]{3},)?\s*(\d{1,2})\s+([A-Za-z]{3})[a-z]*\s+(\d{4})\s+(\d{1,2}):(\d\d)(?::(\d\d))?\s*([+-]\d{4}|[A-Za-z]{1,4})?"
)
_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = {name: number for number, name in enumerate(_NAMES, 1)}
ADDRESS_CAP = 500


@dataclass(frozen=True)
class Address:
    """A display name (may be empty) and an addr-spec."""

    name: str
    address: str

    @property
    def shown(self) -> str:
        """The name, or the address where there is none."""
        return self.name or self.address


def split(header: bytes) -> dict[str, bytes]:
    """Field bodies by lower-case name, unfolded; of fields that stand twice the first."""
    found: dict[str, bytes] = {}
    for name, value in _FIELD.findall(_FOLD.sub(b" ", header)):
        found.setdefault(name.decode("ascii").lower(), value)
    return found


def _bytes_as_text(value: bytes) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")


def harmless(text: str) -> str:
    """Without controls and direction marks."""
    return _UNSAFE.sub("", text.replace("\t", " ")) if not text.isascii() or not text.isprintable() else text


def decode(value: bytes) -> str:
    """Unstructured text: encoded words decoded once, raw UTF-8 taken as it is."""
    return _decoded(_bytes_as_text(value))


def _decoded(text: str) -> str:
    if "=?" not in text:
        return harmless(text)
    # RFC 2047 section 6.2: white space between encoded words is not part of the text.
    text = _BETWEEN.sub(r"\1\2", text)
    out: list[str] = []
    pending = b""
    charset = ""
    position = 0
    for word in _WORD.finditer(text):
        if pending and (word.start() > position or word[1].lower() != charset):
            out.append(_in_charset(pending, charset))
            pending = b""
        out.append(text[position : word.start()])
        # Writers split characters over two words, against section 5; joined before decoding they read right.
        pending += _word_bytes(word[2], word[3])
        charset = word[1].lower()
        position = word.end()
    if pending:
        out.append(_in_charset(pending, charset))
    out.append(text[position:])
    return harmless("".join(out))


def _word_bytes(encoding: str, text: str) -> bytes:
    raw = text.encode("utf-8", "surrogateescape")
    if encoding in "qQ":
        return _QUOTED.sub(lambda found: bytes.fromhex(found[1].decode()), raw.replace(b"_", b" "))
    try:
        return base64.b64decode(raw + b"=" * (-len(raw) % 4))
    except (binascii.Error, ValueError):
        return raw


def _in_charset(data: bytes, charset: str) -> str:
    if charset in ("gb2312", "gbk"):
        charset = "gb18030"
    elif charset in ("iso-8859-1", "us-ascii", "ascii"):
        charset = "cp1252" if charset == "iso-8859-1" else "utf-8"
    try:
        return data.decode(charset, "replace")
    except (LookupError, UnicodeError, ValueError):
        return _bytes_as_text(data)


def addresses(value: bytes) -> list[Address]:
    """The addresses of a field; groups are opened, and at most 500 read."""
    text = _bytes_as_text(value)
    if found := _ONE_ADDRESS.match(text):
        name = found[1].replace('\\"', '"').replace("\\\\", "\\") if found[1] is not None else found[2]
        return [Address(_decoded(name).strip(), harmless(found[3]))]
    if bare := _BARE_ADDRESS.match(text):
        return [Address("", harmless(bare[1]))]
    try:
        pairs = getaddresses([text[:65536]])[:ADDRESS_CAP]
    except RecursionError:
        # The library goes one call deeper for every address in some lists that are no addresses at all.
        return []
    return [Address(_decoded(name).strip(), harmless(address)) for name, address in pairs if address]


def date(value: bytes) -> datetime | None:
    """An aware datetime, or None. A zone that is unknown counts as UTC."""
    found = _DATE.match(value.decode("latin-1"))
    if found is None:
        return None
    day, month, year, hour, minute, second, zone = found.groups()
    try:
        offset = UTC
        if zone and zone[0] in "+-":
            minutes = int(zone[1:3]) * 60 + int(zone[3:5])
            offset = UTC if not minutes else timezone(timedelta(minutes=-minutes if zone[0] == "-" else minutes))
        return datetime(
            int(year),
            _MONTHS[month.lower()],
            int(day),
            int(hour),
            int(minute),
            min(int(second or 0), 59),
            tzinfo=offset,
        )
    except (ValueError, KeyError):
        return None


def mark(content_type: bytes) -> str:
    """ "encrypted", "signed" or "": what the top Content-Type says, before anybody looked inside."""
    kind, _, rest = content_type.partition(b";")
    kind = kind.strip().lower()
    if kind == b"multipart/encrypted":
        return "encrypted"
    if kind == b"multipart/signed":
        return "signed"
    if kind in (b"application/pkcs7-mime", b"application/x-pkcs7-mime"):
        rest = rest.lower()
        if b"certs-only" in rest or b"smime.p7c" in rest:
            return ""
        return "signed" if b"signed-data" in rest else "encrypted"
    return ""
