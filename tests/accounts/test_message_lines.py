"""Looking at lines, and doubling dots, comes to the same however the bytes are cut into pieces."""

from __future__ import annotations

from collections.abc import Iterator

from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.lines import LINE_LIMIT, Fault, Lines, stuffed

PIECES = st.lists(
    st.sampled_from([b"\r\n", b"\r", b"\n", b".", b"a", b"\0", b".\r\n", b"\r\n.\r\n", b"x" * 500, b"\xc3\xa9"]),
    max_size=14,
)


def cut(data: bytes, places: list[int]) -> Iterator[bytes]:
    start = 0
    for place in sorted(place % (len(data) + 1) for place in places):
        yield data[start:place]
        start = max(start, place)
    yield data[start:]


def fault(pieces: Iterator[bytes]) -> tuple[Fault | None, Lines]:
    lines = Lines()
    for piece in pieces:
        lines.feed(piece)
    return lines.end(), lines


def is_fit(data: bytes) -> bool:
    """As RFC 5322 section 2.3 says it, without pieces."""
    lines = data.split(b"\r\n")
    return (
        lines.pop() == b""
        and bool(data)
        and all(len(line) <= LINE_LIMIT and not set(line) & set(b"\r\n\0") for line in lines)
    )


@given(PIECES, st.lists(st.integers(0, 10_000), max_size=6))
@settings(max_examples=500, deadline=None)
def test_pieces_are_judged_like_the_whole(pieces: list[bytes], places: list[int]) -> None:
    data = b"".join(pieces)
    found, lines = fault(cut(data, places))
    assert (found is None) == is_fit(data)
    assert lines.size == len(data)
    if found is None:
        assert lines.ascii == data.isascii()
        whole = b"".join(stuffed([data]))
        assert b"".join(stuffed(cut(data, places))) == whole
        assert whole == b"".join(
            (b"." if line.startswith(b".") else b"") + line + b"\r\n" for line in data.split(b"\r\n")[:-1]
        )


def test_the_first_fault_is_the_one_that_is_told() -> None:
    assert fault(iter([b"a\r", b"\nb\n", b"x" * 2000]))[0] is Fault.BARE
    assert fault(iter([b"x" * 998, b"\r", b"\n"]))[0] is None
    assert fault(iter([b"x" * 998, b"x", b"\r\n"]))[0] is Fault.LONG
    assert fault(iter([b"a\r\n", b"b"]))[0] is Fault.OPEN
    assert fault(iter([b"a\r"]))[0] is Fault.BARE
    assert fault(iter([]))[0] is Fault.OPEN
