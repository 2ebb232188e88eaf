"""What is not ciphertext alone is never kept as a draft: every place in which text could stand."""

from __future__ import annotations

import base64
from uuid import UUID, uuid4

import pysequoia
import pytest
from django.test import override_settings

from accounts.octets import Whole
from tests.crypto.test_draft_formats import CONTENT
from tests.crypto.test_keyring_formats import page
from webmail import ciphertext, finished
from webmail.draft_bytes import Check, Draft, Stamp, misread
from webmail.errors import Unfit

from .drafting import SECRET, Writing, armored, contents, draft, mac
from .posting import House, demo_server, house, letter

__all__ = ["demo_server", "house"]

ALICE = "alice@example.test"
ID = UUID("0b8cf6a4-3e0b-4f0c-9a55-1c7a3a3f9d10")


def block(*packets: bytes) -> str:
    """Packets in armor."""
    text = base64.encodebytes(b"".join(packets)).decode().replace("\n", "\r\n")
    return f"-----BEGIN PGP MESSAGE-----\r\n\r\n{text}-----END PGP MESSAGE-----\r\n"


def packet(tag: int, body: bytes) -> bytes:
    return bytes([0xC0 | tag, 255]) + len(body).to_bytes(4, "big") + body


KEYS, SEALED, LITERAL = (
    packet(1, b"\3" * 40),
    packet(18, b"\1" + b"\7" * 90),
    packet(11, b"b\0\0\0\0\0" + SECRET.encode()),
)


def judge(data: bytes, address: str, id: UUID, rev: int, piece: int = 1 << 18) -> Draft:
    """As the endpoint does it: in pieces, and then against what the form says."""
    check = Check(address)
    for start in range(0, len(data), piece):
        check.feed(data[start : start + piece])
    check.end()
    if (check.stamp.id, check.stamp.rev) != (id, rev):
        raise misread()
    return Draft(check.stamp, check.message_id, Whole(data))


def refused(data: bytes, id: UUID = ID, rev: int = 1, address: str = ALICE) -> str:
    with pytest.raises(Unfit) as error:
        judge(data, address, id, rev)
    for piece in (1, 7):
        # However it is cut, it is the same fault.
        with pytest.raises(Unfit) as again:
            judge(data, address, id, rev, piece)
        assert again.value.code == error.value.code
    assert error.value.status == 400
    assert error.value.sentence
    return error.value.code


def test_a_real_one_is_taken_as_it_is() -> None:
    data = draft(ALICE, ID, 7)
    judged = judge(data, ALICE, ID, 7)
    assert (judged.stamp.id, judged.stamp.rev) == (ID, 7)
    assert judge(draft(ALICE, ID, 1, content=block(KEYS, KEYS, SEALED)), ALICE, ID, 1)


def test_what_the_page_makes_is_taken() -> None:
    made = page(verb="draft", id=str(ID), rev=3, content=CONTENT)
    data = base64.b64decode(made["raw"])
    assert judge(data, ALICE, ID, 3)


def test_a_checksum_and_a_partial_length_belong_to_it() -> None:
    summed = armored().decode().replace("-----END", "=abcd\r\n-----END")
    assert judge(draft(ALICE, ID, 1, content=summed), ALICE, ID, 1)
    pieces = (
        bytes([0xC0 | 18, 224 + 9]) + b"\1" + b"\7" * 511 + bytes([200, 8]) + b"\7" * (((200 - 192) << 8) + 8 + 192)
    )
    assert judge(draft(ALICE, ID, 1, content=block(KEYS, pieces)), ALICE, ID, 1)


@pytest.mark.parametrize(
    "changes",
    [
        {"Subject": SECRET},
        {"Subject": None},
        {"To": "bob@example.test"},
        {"Cc": "bob@example.test"},
        {"In_Reply_To": "<1@example.test>"},
        {"References": "<1@example.test>"},
        {"X_Notes": SECRET},
        {"Comments": SECRET},
        {"Content_Description": SECRET},
        {"Content_Type": "text/plain"},
        {"Content_Type": 'multipart/mixed; boundary="=_b"'},
        {"Content_Type": 'multipart/encrypted; protocol="application/pkcs7-mime"; boundary="=_b"'},
        {"Content_Type": 'multipart/encrypted; protocol="application/pgp-encrypted"'},
        {"Content_Type": 'multipart/signed; protocol="application/pgp-signature"; boundary="=_b"'},
    ],
)
def test_nothing_stands_in_the_header_that_belongs_inside(changes: dict[str, str | None]) -> None:
    assert refused(draft(ALICE, ID, 1, **changes)) == "draft-not-encrypted"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("\r\n\r\n--=_b\r\n", f"\r\n\r\n{SECRET}\r\n--=_b\r\n"),  # before the first part
        ("--=_b--\r\n", f"--=_b--\r\n{SECRET}\r\n"),  # after the last one
        ("--=_b--\r\n", f"--=_b\r\nContent-Type: text/plain\r\n\r\n{SECRET}\r\n--=_b--\r\n"),  # a third part
        ("Version: 1\r\n", f"Version: 1\r\n{SECRET}\r\n"),
        ("application/pgp-encrypted\r\n\r\n", f"application/pgp-encrypted\r\nX-Notes: {SECRET}\r\n\r\n"),
        ("-----BEGIN", f"{SECRET}\r\n-----BEGIN"),
        ("MESSAGE-----\r\n\r\n--=_b--", f"MESSAGE-----\r\n{SECRET}\r\n--=_b--"),
        ("-----BEGIN PGP MESSAGE-----\r\n", f"-----BEGIN PGP MESSAGE-----\r\nComment: {SECRET}\r\n"),
        ("-----END", f"{SECRET}\r\n-----END"),
        ("application/octet-stream", "text/plain"),
        ("BEGIN PGP MESSAGE", "BEGIN PGP SIGNED MESSAGE"),
    ],
)
def test_nothing_stands_beside_the_ciphertext(before: str, after: str) -> None:
    data = draft(ALICE, ID, 1)
    assert before.encode() in data
    assert refused(data.replace(before.encode(), after.encode())) == "draft-not-encrypted"


@pytest.mark.parametrize(
    "packets",
    [
        (LITERAL,),
        (KEYS, LITERAL),
        (KEYS, SEALED, LITERAL),
        (LITERAL, KEYS, SEALED),
        (KEYS, packet(8, b"\0" + LITERAL)),  # compressed
        (SEALED,),  # for nobody
        (KEYS,),
        (KEYS, SEALED[:-1]),
        (KEYS, SEALED, b"\xd2"),
        (KEYS, b"\xd2\xe9"),
        (SECRET.encode(),),
        (b"",),
    ],
)
def test_what_is_in_armor_is_encrypted(packets: tuple[bytes, ...]) -> None:
    assert refused(draft(ALICE, ID, 1, content=block(*packets))) == "draft-not-encrypted"


def test_a_real_signed_message_is_not_encrypted() -> None:
    key = pysequoia.Tsk.generate("Alice <alice@example.test>")
    signed = pysequoia.sign(key.signer(), SECRET.encode(), mode=pysequoia.SignatureMode.INLINE)
    content = signed.decode().replace("\r\n", "\n").replace("\n", "\r\n")
    assert refused(draft(ALICE, ID, 1, content=content)) == "draft-not-encrypted"


@pytest.mark.parametrize(
    "stamp",
    [
        None,
        f"v=2; id={ID}; rev=1; mac={mac(b'')}",
        f"v=1; id=11111111-2222-4333-8444-555555555555; rev=1; mac={mac(b'')}",
        f"v=1; id={ID}; rev=2; mac={mac(b'')}",
        f"v=1; id={ID}; rev=0; mac={mac(b'')}",
        f"v=1; id={ID}; rev=1; mac=short",
        f"v=1; id={ID}; rev=1; mac={mac(b'')}; text=more",
    ],
)
def test_the_stamp_is_the_one_that_was_announced(stamp: str | None) -> None:
    assert refused(draft(ALICE, ID, 1, X_Postern_Draft=stamp)) == "bad-draft"


def test_a_folded_stamp_reads_the_same() -> None:
    text = f"v=1; id={ID}; rev=3; mac={mac(b'')}"
    assert Stamp.read(text.replace("; ", ";\r\n ")) == Stamp.read(text) == Stamp(ID, 3, mac(b""))


def test_it_comes_from_the_persons_own_address_under_its_own_id() -> None:
    assert refused(draft("mallory@example.test", ID, 1)) == "not-your-address"
    assert refused(draft(ALICE, ID, 1, Message_ID=f"<{uuid4()}@example.test>")) == "bad-draft"
    assert refused(draft(ALICE, ID, 1, Date=None)) == "bad-header"
    assert refused(draft(ALICE, ID, 1).replace(b"Subject: [...]", b"Subject: [...]\r\nSubject: more")) == "bad-header"
    assert refused(draft(ALICE, ID, 1).replace(b"\r\n", b"\n")) in {"bad-draft", "bad-lines"}
    assert refused(b"") == "bad-draft"


def test_a_boundary_with_odd_signs_is_only_a_boundary() -> None:
    header = finished.header(
        b'Content-Type: multipart/encrypted; protocol="application/pgp-encrypted"; boundary=""\r\n\r\n'
    )
    with pytest.raises(ciphertext.NotCiphertext):
        ciphertext.Check(header)


# ── at the endpoint ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def writing(house: House) -> Writing:
    return Writing(house.browser, house.login)


def test_bytes_in_clear_are_refused_and_nothing_is_kept(writing: Writing, caplog: pytest.LogCaptureFixture) -> None:
    """The canary: text that was to be encrypted comes to the server by a mistake of the page."""
    address = writing.login.user
    writing.rev = 1
    for data in (
        letter(address, "bob@example.test", f"<{writing.id}@example.test>", SECRET),
        draft(address, writing.id, 1, content=SECRET),
        draft(address, writing.id, 1, content=block(KEYS, LITERAL)),
        draft(address, writing.id, 1, Subject=SECRET),
        SECRET.encode(),
    ):
        writing.bytes = data
        answer = writing.post()
        assert answer.status_code == 400
        assert answer.json()["sentence"]  # type: ignore[attr-defined]
        assert SECRET.encode() not in answer.content
    assert contents(writing.login) == {}
    assert SECRET not in caplog.text


@pytest.mark.parametrize(
    "changes",
    [
        {"draft": ""},
        {"draft": "../../x"},
        {"rev": "one"},
        {"rev": "2"},
        {"replaces": "{"},
        {"replaces": "[]"},
        {"replaces": '{"mailbox": "Drafts\\r\\nX", "uidvalidity": 1, "uid": 1}'},
        {"replaces": '{"mailbox": "Drafts", "uidvalidity": 1}'},
        {"replaces": '{"mailbox": "Drafts", "uidvalidity": 1, "uid": 4294967296}'},
        {"replaces": '{"mailbox": "Drafts", "uidvalidity": 1, "uid": Infinity}'},
        {"replaces": "[" * 100_000},
        {"bytes": "text"},
    ],
)
def test_half_a_request_is_refused(writing: Writing, changes: dict[str, str]) -> None:
    writing.write()
    answer = writing.post(**changes)
    assert answer.status_code == 400
    assert answer.json()["error"] == "bad-draft"  # type: ignore[attr-defined]
    assert writing.there() == []


def test_too_large_is_refused_with_the_limit(writing: Writing) -> None:
    writing.write("a long text " * 120_000)
    with override_settings(MESSAGE_LIMIT=1 << 20):
        answer = writing.post()
    assert answer.status_code == 413
    assert "1 MB" in answer.json()["sentence"]  # type: ignore[attr-defined]
    assert writing.there() == []
