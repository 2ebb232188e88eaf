"""Header fields as text for showing: decoded once, joined right, made harmless; whatever a sender writes."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webmail import fields
from webmail.fields import Address


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"plain", "plain"),
        (b"=?utf-8?q?hall=C3=B6_there?=", "hallö there"),
        (b"=?UTF-8?B?5L2g?= =?utf-8?b?5aW9?=", "你好"),
        (b"=?utf-8?b?5L0=?= =?utf-8?b?oA==?=", "你"),
        (b"=?gb2312?b?xOO6ww==?=", "你好"),
        (b"=?utf-8*zh?q?x?= and =?iso-8859-1?q?=80?=", "x and €"),
        (b"=?x-none?q?abc?=", "abc"),
        (b"=?utf-8?b?!!!?=", ""),
        (b"=?utf-8?q?=3D=3Futf-8=3Fq=3Fx=3F=3D?=", "=?utf-8?q?x?="),
        ("raw ü".encode(), "raw ü"),
        (b"latin \xfc", "latin ü"),
        (b"=?utf-8?q?a=0D=0ABcc:_x?=", "aBcc: x"),
        ("evil\u202egpj.exe".encode(), "evilgpj.exe"),
    ],
)
def test_text_is_decoded_once_and_made_harmless(raw: bytes, text: str) -> None:
    assert fields.decode(raw) == text


@pytest.mark.parametrize(
    ("raw", "wanted"),
    [
        (b"bob@example.test", [Address("", "bob@example.test")]),
        (b'"Bob, B. \\"x\\"" <bob@example.test>', [Address('Bob, B. "x"', "bob@example.test")]),
        (b"=?utf-8?q?B=2C_b?= <bob@example.test>", [Address("B, b", "bob@example.test")]),
        (b"Bob <bob@a.test>, dana@b.test", [Address("Bob", "bob@a.test"), Address("", "dana@b.test")]),
        (b"Team: bob@a.test, dana@b.test;", [Address("", "bob@a.test"), Address("", "dana@b.test")]),
        (b"", []),
        (b"undisclosed-recipients:;", []),
    ],
)
def test_addresses(raw: bytes, wanted: list[Address]) -> None:
    assert fields.addresses(raw) == wanted


@pytest.mark.parametrize(
    ("raw", "wanted"),
    [
        (b"Sun, 22 Nov 2026 10:31:28 +0100", datetime(2026, 11, 22, 9, 31, 28, tzinfo=UTC)),
        (b"22 Nov 2026 09:31 -0000", datetime(2026, 11, 22, 9, 31, tzinfo=UTC)),
        (b"Sun, 22 Nov 2026 09:31:60 GMT (leap)", datetime(2026, 11, 22, 9, 31, 59, tzinfo=UTC)),
        (b"32 Nov 2026 09:31:28 +0000", None),
        (b"1 Jan 2026 00:00:00 +9999", None),
        (b"yesterday", None),
        (b"", None),
    ],
)
def test_dates(raw: bytes, wanted: datetime | None) -> None:
    assert fields.date(raw) == wanted


def test_fields_are_unfolded_and_the_first_of_two_counts() -> None:
    found = fields.split(b"Subject: one\r\n\ttwo\r\nSUBJECT: other\r\nX:\r\nno field\r\n\r\n")
    assert found == {"subject": b"one two", "x": b""}


@given(st.binary(max_size=200))
def test_nothing_a_sender_writes_breaks_the_list(raw: bytes) -> None:
    for value in (raw, b"=?utf-8?q?" + raw + b"?=", b"=?" + raw + b"?b?" + raw + b"?=", b'"' + raw + b'" <a@b.test>'):
        for text in (fields.decode(value), *(each.shown for each in fields.addresses(value))):
            assert not any(letter in text for letter in "\r\n\0\u202e\u2028")
        fields.date(value)
        fields.mark(value)
        fields.split(value)


@pytest.mark.parametrize("raw", [mark * 30_000 for mark in (b"@", b"a:", b"<", b"(", b"[", b";", b",", b"a b")])
def test_a_field_as_long_as_the_stack_is_deep_breaks_no_list(raw: bytes) -> None:
    assert len(fields.addresses(raw)) <= 500
