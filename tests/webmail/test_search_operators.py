"""What a person types, and what is found."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts import imap
from accounts.criteria import Criterion
from accounts.imap import Login
from accounts.imap_arguments import search_keys
from webmail import mailbox, search


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("from:bob", [Criterion("FROM", "bob")]),
        ("FROM:bob", [Criterion("FROM", "bob")]),
        ('subject:"a phrase"', [Criterion("SUBJECT", "a phrase")]),
        ('subject:"open', [Criterion("SUBJECT", "open")]),
        ("-to:dana cc:bob", [Criterion("TO", "dana", True), Criterion("CC", "bob")]),
        ("is:unread is:starred", [Criterion("UNSEEN"), Criterion("FLAGGED")]),
        ("-is:answered", [Criterion("ANSWERED", None, True)]),
        ("before:2026-11-22", [Criterion("SENTBEFORE", date(2026, 11, 22))]),
        ("after:2026/1/2", [Criterion("SENTSINCE", date(2026, 1, 2))]),
        ("on:2026-02", [Criterion("SENTON", date(2026, 2, 1))]),
        ("larger:5M", [Criterion("LARGER", 5 << 20)]),
        ("smaller:10kb", [Criterion("SMALLER", 10 << 10)]),
        ("larger:999999999999G", [Criterion("LARGER", (1 << 32) - 1)]),
        ("text:whole", [Criterion("TEXT", "whole")]),
        ("has:attachment", [Criterion("HEADER", ("Content-Type", "multipart/mixed"))]),
        ("", []),
        ("   ", []),
    ],
)
def test_operators(typed: str, wanted: list[Criterion]) -> None:
    assert search.parse(typed) == [Criterion("UNDELETED"), *wanted]


@pytest.mark.parametrize(
    "typed", ["before:tomorrow", "larger:big", "is:odd", "has:nothing", "http://x", "a:b", "on:2026-13-40"]
)
def test_what_is_not_understood_is_looked_for_as_it_stands(typed: str) -> None:
    (_, found) = search.parse(typed)
    assert found.key == "OR" and isinstance(found.value, tuple)
    assert found.value[0] == Criterion("SUBJECT", typed)


@given(st.text(max_size=200))
def test_nothing_typed_is_refused_or_leaves_its_literal(typed: str) -> None:
    if any("\ud800" <= letter <= "\udfff" for letter in typed):
        return
    pieces = search_keys(search.parse(typed))
    assert not any(letter in piece for piece in pieces for letter in b"\r\n\0")


LETTERS = [
    b"From: Bob <bob@example.test>\r\nTo: alice@example.test\r\nSubject: The zebrafinch report\r\n"
    b"Date: Sun, 22 Nov 2026 10:00:00 +0000\r\n\r\nnothing\r\n",
    b"From: Dana <dana@example.test>\r\nTo: alice@example.test\r\nSubject: lunch (friday)\r\n"
    b"Date: Mon, 23 Nov 2026 10:00:00 +0000\r\n\r\nwith a zebrafinch and a quokkaword\r\n" + b"x" * 70 + b"\r\n" * 3000,
    b"From: Charlie <charlie@example.test>\r\nTo: bob@example.test\r\nSubject: zebra finch\r\n"
    b"Date: Tue, 24 Nov 2026 10:00:00 +0000\r\n\r\nyes\r\n",
]


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("zebrafinch", [0]),
        ("text:zebrafinch", [1, 0]),
        ("body:quokkaword", [1]),
        ("from:dana", [1]),
        ("bob", [2, 0]),
        ("-bob", [1]),
        ('"zebra finch"', [2]),
        ("zebra finch", [2, 0]),
        ("is:starred", [1]),
        ("is:unread", [2, 1]),
        ("subject:(friday)", [1]),
        ("after:2026-11-23 before:2026-11-24", [1]),
        ("larger:5k", [1]),
        ("smaller:5k from:bob", [0]),
        ("is:unread -from:dana", [2]),
    ],
)
def test_search_finds(anywhere: Login, typed: str, wanted: list[int]) -> None:
    with imap.connect(anywhere) as server:
        for letter, flags in zip(LETTERS, (["\\Seen"], ["\\Flagged"], []), strict=True):
            server.append("INBOX", letter, flags)
        found = mailbox.find(server, "INBOX", typed)
        subjects = ["The zebrafinch report", "lunch (friday)", "zebra finch"]
        assert [row.subject for row in found.rows] == [subjects[number] for number in wanted]
        assert found.total == len(wanted)
