"""Pictures that a letter names elsewhere: fetched for the person who asked to see them, so that only we are seen."""

from __future__ import annotations

from keys import outbound

#: Many senders still write http; a picture is shown, never believed.
WANTED = outbound.Wanted(
    accept="image/avif,image/webp,image/png,image/jpeg,image/gif;q=0.9,image/bmp;q=0.5",
    cap=10 << 20,
    seconds=12.0,
    redirects=3,
    plain=True,
)

#: What the bytes begin with; what a server calls them is not asked. SVG is a document and not among them.
_BEGINNINGS = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"BM", "image/bmp"),
)
_AVIF = (b"avif", b"avis")


def fetch(url: str) -> tuple[bytes, str] | None:
    """The picture and its type; None where the answer is none. Raises keys.errors.OutboundError."""
    data = outbound.fetch(url, WANTED)
    kind = kind_of(data)
    return None if kind is None else (data, kind)


def kind_of(data: bytes) -> str | None:
    """The type of a raster picture by its first bytes, None for everything else."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    # ISO/IEC 14496-12 section 4.3: a box "ftyp" with the major brand after it.
    if data[4:8] == b"ftyp" and data[8:12] in _AVIF:
        return "image/avif"
    return next((kind for begins, kind in _BEGINNINGS if data.startswith(begins)), None)
