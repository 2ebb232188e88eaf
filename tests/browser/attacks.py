"""Hostile HTML as mail: what others collected (tests/corpora.py) and what only this product has to fear."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from pathlib import Path

from tests import corpora
from tests.corpora import sample
from tests.corpora.letters import HTML_SETS, html

#: Aimed at htmx, at our elements, at the frame's edge and at the sanitiser's own work. A script that runs says so.
OURS = Path(__file__).with_suffix(".txt")


@dataclass(frozen=True)
class Attack:
    name: str
    html: bytes


HARMLESS = Attack("harmless", b"<p>Hello, this is a harmless letter with a <b>bold</b> word.</p>")


def collected() -> list[Attack]:
    """The cases of the five collections that `make test` reads."""
    return [Attack(case.id, html(case)) for name in HTML_SETS for case in sample.of(name, corpora.cases(name))]


def ours() -> list[Attack]:
    found = (one.partition("\n") for one in OURS.read_text().split("== ")[1:])
    return [Attack(f"ours/{name}", html.strip().encode()) for name, _, html in found]


def mail(to: str, *letters: Attack) -> bytes:
    """An ordinary message of two alternatives, as every mail program sends it; several letters, one after another."""
    return head(to, "Attack") + body(*letters)


def head(to: str, subject: str) -> bytes:
    return (
        f"From: Mallory <mallory@example.test>\r\nTo: {to}\r\nSubject: {subject}\r\n"
        "Date: Sun, 22 Nov 2026 10:00:00 +0000\r\nMIME-Version: 1.0\r\n"
    ).encode()


def body(*letters: Attack) -> bytes:
    """The body with its own header: what is encrypted in an encrypted message."""
    if len(letters) == 1:
        return alternatives(letters[0].html)
    parts = b"".join(b"--mixed\r\n" + alternatives(one.html) for one in letters)
    return b'Content-Type: multipart/mixed; boundary="mixed"\r\n\r\n' + parts + b"--mixed--\r\n"


def alternatives(html: bytes, text: str = "The plain words.") -> bytes:
    return (
        b'Content-Type: multipart/alternative; boundary="either"\r\n\r\n'
        + leaf("text/plain", text.encode())
        + leaf("text/html", html)
        + b"--either--\r\n"
    )


def leaf(kind: str, data: bytes) -> bytes:
    return b"--either\r\n" + single(kind, data) + b"\r\n"


def single(kind: str, data: bytes) -> bytes:
    encoded = base64.encodebytes(data).replace(b"\n", b"\r\n")
    return f"Content-Type: {kind}; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n".encode() + encoded


def encrypted(to: str, armored: bytes) -> bytes:
    """PGP/MIME (RFC 3156 section 4) around what was encrypted."""
    parts = (
        'Content-Type: multipart/encrypted; protocol="application/pgp-encrypted"; boundary="outer"\r\n\r\n'
        "--outer\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n\r\n"
        "--outer\r\nContent-Type: application/octet-stream\r\n\r\n"
    )
    return head(to, "Attack (inside)") + parts.encode() + armored.replace(b"\n", b"\r\n") + b"\r\n--outer--\r\n"


def grouped(attacks: list[Attack], size: int) -> list[list[Attack]]:
    return [attacks[start : start + size] for start in range(0, len(attacks), size)]
