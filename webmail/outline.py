"""The outline of an unprotected message: its own bytes, with the bodies of files left out (design D5).

The browser's one MIME reader reads it like any message, and what was left out is fetched when it is wanted, so a
25 MB attachment does not stand before a line of text. Nothing is decoded or written anew here.
"""

from __future__ import annotations

from accounts.imap import Server

from .structure import Part

#: Bodies up to these sizes (octets, encoded) come along.
TEXT_LIMIT = 1 << 20
PICTURE_LIMIT = 1 << 20
PICTURES_TOGETHER = 4 << 20
#: What the page shows as text (static/crypto/display-parts.js); a delivery report is read, not saved.
TEXTS = frozenset(
    {
        "text/plain",
        "text/html",
        "text/rfc822-headers",
        "message/delivery-status",
        "message/disposition-notification",
    }
)
#: Shown as a card, whether it calls itself a file or not.
CALENDAR = "text/calendar"
#: With more parts than this the round trip for their headers costs more than it saves.
MOST_PARTS = 100


def fits(root: Part) -> bool:
    """Whether the message can be outlined; others are read whole."""
    multiparts = [part for part in root.walk() if part.type.startswith("multipart/")]
    return (
        not root.protected and all(part.boundary for part in multiparts) and sum(1 for _ in root.walk()) <= MOST_PARTS
    )


def left_out(root: Part) -> list[Part]:
    """The parts whose bodies do not come along."""
    wanted = _wanted(root)
    return [part for part in root.leaves if part not in wanted]


def make(server: Server, uid: int, header: bytes, root: Part) -> bytes:
    """Fetch what is shown in one command and put it where it stood."""
    wanted = _wanted(root)
    sections = {f"{part.section}.MIME": 1 << 18 for part in root.walk() if part.section and part is not root}
    sections |= {part.section: part.size + 1 for part in wanted}
    fetched = server.fetch_parts(uid, sections) if sections else {}
    return ended(header) + _body(root, fetched)


def _wanted(root: Part) -> list[Part]:
    wanted: list[Part] = []
    pictures = 0
    for part in root.leaves:
        text = part.type in TEXTS and part.size <= TEXT_LIMIT
        picture = part.type.startswith("image/") and bool(part.cid) and part.size <= PICTURE_LIMIT
        if picture:
            pictures += part.size
        calendar = part.type == CALENDAR and part.size <= TEXT_LIMIT
        if calendar or (text and part.disposition != "attachment") or (picture and pictures <= PICTURES_TOGETHER):
            wanted.append(part)
    return wanted


def _body(part: Part, fetched: dict[str, bytes]) -> bytes:
    if not part.type.startswith("multipart/"):
        return fetched.get(part.section, b"")
    mark = b"--" + part.boundary.encode()
    pieces = []
    for child in part.parts:
        pieces += [mark, b"\r\n", ended(fetched.get(f"{child.section}.MIME", b"")), _body(child, fetched), b"\r\n"]
    return b"".join([*pieces, mark, b"--\r\n"])


def ended(header: bytes) -> bytes:
    """A header with the empty line after it, which some servers leave out where there is no header at all."""
    if header.endswith(b"\r\n\r\n") or header == b"\r\n":
        return header
    return header + (b"\r\n" if header.endswith(b"\n") or not header else b"\r\n\r\n")
