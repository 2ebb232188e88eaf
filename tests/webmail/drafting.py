"""Drafts as a page saves them, made without a browser: real ciphertext in a real message."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
from collections.abc import Iterator
from functools import cache
from itertools import chain
from typing import Any
from uuid import UUID, uuid4

import pysequoia
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from accounts import imap
from accounts.login import Login
from webmail.place import Place

SECRET = "The zebrafinch sings at dawn."


@cache
def _key() -> pysequoia.Tsk:
    return pysequoia.Tsk.generate("Alice <alice@example.test>")


def armored(text: str = SECRET) -> bytes:
    """Ciphertext for one key, not signed, as the page writes it: no header lines, lines of 64."""
    binary = pysequoia.encrypt(recipients=[_key().extract_certificate()], bytes=text.encode(), armor=False)
    lines = re.findall(".{1,64}", base64.b64encode(binary).decode())
    return "\r\n".join(["-----BEGIN PGP MESSAGE-----", "", *lines, "-----END PGP MESSAGE-----", ""]).encode()


def mac(content: bytes) -> str:
    """A MAC in form. The server holds no key of it: to it, it tells one content from another."""
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()


def draft(address: str, id: UUID, rev: int, text: str = SECRET, **changes: str | None) -> bytes:
    """One version. `changes` are header fields in place of the usual ones, None for no such field."""
    content = changes.pop("content", None) or armored(text).decode()
    head: dict[str, str | None] = {
        "From": address,
        "Subject": "[...]",
        "Date": "Sun, 22 Nov 2026 10:00:00 +0000",
        "Message-ID": f"<{id}@{address.partition('@')[2]}>",
        "X-Postern-Draft": f"v=1; id={id}; rev={rev}; mac={mac(content.encode())}",
        "MIME-Version": "1.0",
        "Content-Type": 'multipart/encrypted; protocol="application/pgp-encrypted"; boundary="=_b"',
    }
    head |= {name.replace("_", "-"): value for name, value in changes.items()}
    lines = "".join(f"{name}: {value}\r\n" for name, value in head.items() if value is not None)
    return (
        f"{lines}\r\n--=_b\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n\r\n--=_b\r\n"
        'Content-Type: application/octet-stream; name="encrypted.asc"\r\n'
        f'Content-Disposition: inline; filename="encrypted.asc"\r\n\r\n{content}\r\n--=_b--\r\n'
    ).encode()


class Writing:
    """A page with one draft open."""

    def __init__(self, browser: Client, login: Login) -> None:
        self.browser, self.login = browser, login
        self.id, self.rev = uuid4(), 0
        self.place: dict[str, Any] | None = None
        self.bytes = b""

    def write(self, text: str = SECRET) -> bytes:
        """The next version, not posted yet."""
        self.rev += 1
        self.bytes = draft(self.login.user, self.id, self.rev, text)
        return self.bytes

    def post(self, **changes: Any) -> HttpResponse:
        """The version written last, as often as wanted."""
        form = {
            "draft": str(self.id),
            "rev": str(self.rev),
            "replaces": json.dumps(self.place),
            "bytes": SimpleUploadedFile("bytes", self.bytes, "message/rfc822"),
        } | changes
        return self.browser.post("/drafts/", form)  # type: ignore[return-value]

    def save(self, text: str = SECRET) -> dict[str, Any]:
        """Written, posted and answered."""
        self.write(text)
        answer = self.post()
        assert answer.status_code == 201, answer.content
        place: dict[str, Any] = answer.json()  # type: ignore[attr-defined]
        self.place = place
        return place

    def discard(self, **changes: Any) -> HttpResponse:
        asked = json.dumps({**(self.place or {}), "draft": str(self.id), **changes})
        return self.browser.post("/drafts/discard", asked, content_type="application/json")  # type: ignore[return-value]

    def twin(self) -> Writing:
        """The same draft in another tab, as this one knows it now."""
        other = Writing(self.browser, self.login)
        other.id, other.rev, other.place, other.bytes = self.id, self.rev, self.place, self.bytes
        return other

    def there(self, mailbox: str = "Drafts") -> list[bytes]:
        """All that lies in the mailbox."""
        return list(contents(self.login, mailbox).values())


class _Body(io.RawIOBase):
    """A form with a draft of much ciphertext, made while it is read."""

    LINE = base64.b64encode(b"\7" * 48) + b"\r\n"

    def __init__(self, writing: Writing, size: int) -> None:
        super().__init__()
        lines = size // len(self.LINE)
        # A session key of 40 octets, and encrypted data that fill the lines: 48 octets, then 48 in each.
        binary = b"\xc1\x28" + b"\3" * 40 + b"\xd2\xff" + (48 * lines).to_bytes(4, "big")
        head, _, tail = draft(writing.login.user, writing.id, writing.rev, content="%%").partition(b"%%")
        first = base64.encodebytes(binary).replace(b"\n", b"\r\n")
        self._before = b"".join(
            b'--form\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (name, value)
            for name, value in (
                (b"draft", str(writing.id).encode()),
                (b"rev", str(writing.rev).encode()),
                (b"replaces", json.dumps(writing.place).encode()),
            )
        )
        self._before += b'--form\r\nContent-Disposition: form-data; name="bytes"; filename="bytes"\r\n\r\n'
        self._message = (head + b"-----BEGIN PGP MESSAGE-----\r\n\r\n" + first, b"-----END PGP MESSAGE-----" + tail)
        self._after = b"\r\n--form--\r\n"
        self._lines = lines
        self.length = len(b"".join((self._before, *self._message, self._after))) + lines * len(self.LINE)
        self.digest = hashlib.sha256()
        self._pieces = self._made()
        self._rest = b""

    def _made(self) -> Iterator[bytes]:
        yield self._before
        for piece in chain(self._message[:1], self._many(), self._message[1:]):
            self.digest.update(piece)
            yield piece
        yield self._after

    def _many(self) -> Iterator[bytes]:
        left = self._lines
        while left:
            step = min(left, 1000)
            left -= step
            yield self.LINE * step

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        self._rest = self._rest or next(self._pieces, b"")
        piece, self._rest = self._rest[: len(buffer)], self._rest[len(buffer) :]
        buffer[: len(piece)] = piece
        return len(piece)


def post_large(writing: Writing, size: int) -> tuple[HttpResponse, bytes]:
    """The next version, with about so many bytes, which are nowhere at once; and the SHA-256 of them."""
    writing.rev += 1
    body = _Body(writing, size)
    answer = writing.browser.request(
        **{
            "REQUEST_METHOD": "POST",
            "PATH_INFO": "/drafts/",
            "CONTENT_TYPE": "multipart/form-data; boundary=form",
            "CONTENT_LENGTH": str(body.length),
            "wsgi.input": body,
        }
    )
    if answer.status_code == 201:
        writing.place = answer.json()  # type: ignore[attr-defined]
    return answer, body.digest.digest()  # type: ignore[return-value]


def contents(login: Login, mailbox: str = "Drafts") -> dict[int, bytes]:
    """The messages of a mailbox by UID."""
    with imap.connect(login, fresh=True) as server:
        server.select(mailbox, readonly=True)
        return {uid: b"".join(server.stream(uid)) for uid in server.search([])}


def flags(login: Login, place: dict[str, Any]) -> set[str]:
    with imap.connect(login, fresh=True) as server:
        server.select(place["mailbox"], readonly=True)
        return {flag.lower() for flag in server.flags([place["uid"]])[place["uid"]]} - {"\\recent"}


def put(login: Login, data: bytes, mailbox: str = "Drafts", flags: tuple[str, ...] = ("\\Draft",)) -> Place:
    """A message that another program left."""
    with imap.connect(login, fresh=True) as server:
        server.append(mailbox, data, flags)
        uidvalidity = server.select(mailbox, readonly=True).uidvalidity
        return Place(mailbox, uidvalidity, max(server.search([])))
