"""Our small parser against imapclient's: what both read, they read alike."""

from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from imapclient.response_parser import parse_fetch_response, parse_response

from accounts import imap_parser as parser
from accounts.errors import ProtocolError

ATOM = st.text(alphabet="ABCdef019$\\.-+", min_size=1, max_size=8).filter(lambda text: text.upper() != "NIL")
STRING = st.binary(max_size=20).map(lambda data: bytes(byte for byte in data if byte not in b"\r\n\0"))
TREE = st.recursive(
    st.one_of(
        st.tuples(st.just("atom"), ATOM),
        st.tuples(st.just("number"), st.integers(0, 1 << 40)),
        st.tuples(st.just("quoted"), STRING),
        st.tuples(st.just("literal"), st.binary(max_size=30)),
        st.just(("nil", None)),
    ),
    lambda inner: st.tuples(st.just("list"), st.lists(inner, max_size=6)),
    max_leaves=25,
)


def _written(tree: Any, chunks: list[bytes]) -> None:
    """Append a token to the chunks, as a server would write it."""
    kind, value = tree
    if kind == "literal":
        chunks[-1] += b"{%d}\r\n" % len(value)
        chunks += [value, b""]
    elif kind == "list":
        chunks[-1] += b"("
        for number, inner in enumerate(value):
            if number:
                chunks[-1] += b" "
            _written(inner, chunks)
        chunks[-1] += b")"
    elif kind == "quoted":
        chunks[-1] += b'"' + value.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'
    else:
        chunks[-1] += b"NIL" if kind == "nil" else str(value).encode()


def _meant(tree: Any) -> Any:
    kind, value = tree
    if kind == "list":
        return tuple(_meant(inner) for inner in value)
    return str(value).encode() if kind in ("atom", "number") else value


def _as_imapclient_takes_them(chunks: list[bytes]) -> list[Any]:
    """imapclient takes imaplib's form: (line with the size, literal) pairs and a last line."""
    given: list[Any] = []
    for number in range(0, len(chunks) - 1, 2):
        given.append((chunks[number].rstrip(b"\r\n"), chunks[number + 1]))
    given.append(chunks[-1])
    return given


def _levelled(value: Any) -> Any:
    """imapclient turns digits into int, ours stay bytes."""
    if isinstance(value, tuple | list):
        return tuple(_levelled(inner) for inner in value)
    return str(value).encode() if isinstance(value, int) else value


@given(st.lists(TREE, min_size=1, max_size=5))
@settings(max_examples=600, deadline=None)
def test_trees_are_read_as_written_and_as_imapclient_reads_them(trees: list[Any]) -> None:
    chunks = [b""]
    for number, tree in enumerate(trees):
        if number:
            chunks[-1] += b" "
        _written(tree, chunks)
    chunks[-1] += b"\r\n"
    ours = parser.parse([b"* " + chunks[0], *chunks[1:]])
    assert ours == tuple(_meant(tree) for tree in trees)
    chunks[-1] = chunks[-1].rstrip(b"\r\n")
    theirs = parse_response(_as_imapclient_takes_them(chunks))
    if not any(_leads_imapclient_astray(tree) for tree in trees):
        assert _levelled(theirs) == _levelled(ours)


def _leads_imapclient_astray(tree: Any) -> bool:
    """imapclient reads a quoted "NIL" and quoted digits with leading zeros as if they were unquoted."""
    kind, value = tree
    if kind == "list":
        return any(_leads_imapclient_astray(inner) for inner in value)
    text = str(value).encode() if kind == "atom" else value
    if not isinstance(text, bytes):
        return False
    return text.upper() == b"NIL" or (text.strip().isdigit() and text != str(int(text)).encode()) or b"_" in text


ROWS = st.fixed_dictionaries(
    {
        "seq": st.integers(1, 1 << 31),
        "uid": st.integers(1, (1 << 32) - 1),
        "flags": st.lists(st.sampled_from(["\\Seen", "\\Answered", "$Forwarded", "NonJunk", "\\Recent"]), unique=True),
        "size": st.integers(0, 1 << 33),
        "header": st.binary(max_size=200),
        "name": st.binary(max_size=30).map(lambda data: bytes(byte for byte in data if byte not in b"\r\n\0")),
        "order": st.permutations(range(6)),
        "literal": st.booleans(),
    }
)


@given(ROWS)
@settings(max_examples=500, deadline=None)
def test_list_rows_as_imapclient_reads_them(facts: dict[str, Any]) -> None:
    name = [b'"' + facts["name"].replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"']
    if facts["literal"]:
        name = [b"{%d}\r\n" % len(facts["name"]), facts["name"], b""]
    structure = [b'BODYSTRUCTURE ("text" "plain" ("name" ', *name[1:]]
    structure[0] += name[0]
    structure[-1] += b') NIL NIL "7bit" 5 1 NIL ("inline" NIL) NIL NIL)'
    items: list[list[bytes]] = [
        [b"UID %d" % facts["uid"]],
        [b"FLAGS (" + " ".join(facts["flags"]).encode() + b")"],
        [b'INTERNALDATE " 1-Feb-2026 03:04:05 +0130"'],
        [b"RFC822.SIZE %d" % facts["size"]],
        structure,
        [b"BODY[HEADER.FIELDS (DATE FROM)] {%d}\r\n" % len(facts["header"]), facts["header"], b""],
    ]
    chunks = [b"* %d FETCH (" % facts["seq"]]
    for number, place in enumerate(facts["order"]):
        chunks[-1] += (b" " if number else b"") + items[place][0]
        chunks += items[place][1:]
    chunks[-1] += b")\r\n"

    row = parser.row(chunks)
    assert row is not None
    given = _as_imapclient_takes_them([chunks[0].removeprefix(b"* %d FETCH " % facts["seq"]), *chunks[1:]])
    first = given[0]
    prefix = b"%d " % facts["seq"]
    given[0] = (prefix + first[0], first[1]) if isinstance(first, tuple) else prefix + first
    given[-1] = given[-1].rstrip(b"\r\n")
    (theirs,) = parse_fetch_response(given, normalise_times=False, uid_is_key=False).values()
    assert (row.seq, row.uid, row.size) == (facts["seq"], theirs[b"UID"], theirs[b"RFC822.SIZE"])
    assert row.flags == frozenset(flag.decode() for flag in theirs[b"FLAGS"])
    assert row.header == theirs[b"BODY[HEADER.FIELDS (DATE FROM)]"]
    assert row.internaldate == theirs[b"INTERNALDATE"]
    assert parser.parse([row.structure_hint])[0][2][1] == facts["name"]  # type: ignore[index]


def test_the_quick_way_is_taken_for_the_usual_form() -> None:
    usual = [
        b'* 7 FETCH (UID 9 FLAGS (\\Seen) INTERNALDATE "22-Nov-2026 09:42:26 +0000" RFC822.SIZE 257 '
        b'BODYSTRUCTURE (("text" "plain" NIL NIL NIL "7bit" 5 0 NIL NIL NIL NIL) "mixed" ("boundary" "(\\"")) '
        b"BODY[HEADER.FIELDS (DATE FROM TO CC SUBJECT CONTENT-TYPE MESSAGE-ID)] {3}\r\n",
        b"abc",
        b")\r\n",
    ]
    assert parser._ROW.match(usual[0])
    row = parser.row(usual)
    assert row is not None and row.uid == 9 and row.internaldate == datetime.fromisoformat("2026-11-22T09:42:26+00:00")


@given(st.binary(max_size=120), st.binary(max_size=20))
@settings(max_examples=500, deadline=None)
def test_noise_is_read_or_refused(line: bytes, literal: bytes) -> None:
    for chunks in ([b"* " + line], [b"* " + line + b" {%d}\r\n" % len(literal), literal, b")\r\n"]):
        for read in (parser.parse, parser.row, parser.fetch_items, lambda it: parser.found_numbers([it])):
            try:
                read(chunks)  # type: ignore[operator]
            except ProtocolError:
                continue


def test_depth_and_sets_are_capped() -> None:
    for line in (b"(" * 200 + b")" * 200, b"(", b")", b'"open'):
        with pytest.raises(ProtocolError):
            parser.parse([b"* " + line])
    with pytest.raises(ProtocolError):
        parser.uid_set(b"1:4294967295")
    assert parser.uid_set(b"3:1,7") == [1, 2, 3, 7]
    assert parser.found_numbers([[b'* ESEARCH (TAG "P1") UID COUNT 3 ALL 1:2,9\r\n']]) == [1, 2, 9]
    assert parser.found_numbers([[b"* SEARCH 2 84 882 (MODSEQ 917162500)\r\n"]]) == [2, 84, 882]


@pytest.mark.parametrize(
    ("line", "size"),
    [
        (b"x {12}\r\n", 12),
        (b"x ~{3}\r\n", 3),
        (b"x {12}", None),
        (b"x {-1}\r\n", None),
        (b"x {1a}\r\n", None),
        (b"\r\n", None),
    ],
)
def test_announced_sizes(line: bytes, size: int | None) -> None:
    assert parser.literal_size(line) == size
