"""Small real files for the demo's attachments: a picture, a PDF, a calendar, a table."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

# A sky over water, from top to bottom.
DAWN = ((246, 214, 180), (236, 170, 140), (120, 140, 160), (24, 70, 82))
DUSK = ((40, 52, 86), (122, 86, 120), (226, 140, 98), (30, 34, 44))


def picture(width: int, height: int, colours: Sequence[tuple[int, int, int]], sun: float = 0.35) -> bytes:
    """A PNG of a horizon with a sun."""
    rows = bytearray()
    steps = len(colours) - 1
    for y in range(height):
        rows.append(0)
        place = y / (height - 1) * steps
        one, other, part = colours[int(place)], colours[min(int(place) + 1, steps)], place % 1
        base = [round(a + (b - a) * part) for a, b in zip(one, other, strict=True)]
        for x in range(width):
            near = (x - width * 0.62) ** 2 + (y - height * sun) ** 2 < (height * 0.11) ** 2
            rows += bytes(min(255, channel + 70) for channel in base) if near else bytes(base)

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(bytes(rows), 9))
        + chunk(b"IEND", b"")
    )


def pdf(lines: Iterable[str]) -> bytes:
    """A one-page PDF (ISO 32000-1) with these lines; plain ASCII only."""
    text = b"BT /F1 12 Tf 72 770 Td 18 TL\n"
    for line in lines:
        escaped = line.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
        text += b"(" + escaped.encode("ascii") + b") Tj T*\n"
    text += b"ET"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(text), text),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    out = bytearray(b"%PDF-1.4\n")
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table)
    return bytes(out)


def calendar(uid: str, summary: str, place: str, start: datetime, organiser: str, guest: str) -> str:
    """An invitation (RFC 5545, RFC 5546)."""
    stamp = "%Y%m%dT%H%M%SZ"
    lines = [
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Postern//Demo//EN", "METHOD:REQUEST", "BEGIN:VEVENT",
        f"UID:{uid}", f"DTSTAMP:{start - timedelta(days=9):{stamp}}", f"DTSTART:{start:{stamp}}",
        f"DTEND:{start + timedelta(hours=2):{stamp}}", f"SUMMARY:{summary}", f"LOCATION:{place}",
        f"ORGANIZER:mailto:{organiser}", f"ATTENDEE;RSVP=TRUE;PARTSTAT=NEEDS-ACTION:mailto:{guest}",
        "END:VEVENT", "END:VCALENDAR", "",
    ]  # fmt: skip
    return "\r\n".join(lines)


def table(year: int) -> str:
    """A year of household costs as CSV (RFC 4180)."""
    rows = ["month,rent,electricity,water,internet"]
    rows += [
        f"{year}-{month:02},840.00,{52 + month % 5 * 3.7:.2f},{18 + month % 3:.2f},29.90" for month in range(1, 13)
    ]
    return "\r\n".join(rows) + "\r\n"
