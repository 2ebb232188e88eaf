"""A mailbox of 50,000 messages as people have them, the same at every run.

Plain, alternative and HTML letters, attachments from 7 KB to 24 MB, threads, subjects in several scripts, and the
shapes (not the secrets) of PGP and S/MIME messages. `zebrafinch` stands in some subjects, `quokkaword` in some bodies.
"""

import base64
import random
import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

PEOPLE = ("Bob Beck", "Charlie Rae", "Dana Wolf", "李小龙", "Zoë Ünal", "Владимир Орлов", "Support", "News of the week")
WORDS = (
    *("report", "meeting", "lunch", "invoice", "question", "answer", "plan", "draft", "holiday", "train", "window"),
    *("garden", "letter", "budget", "list", "paper", "river", "table", "music", "number", "friday", "evening"),
    *("picture", "address", "ticket", "harbour", "bread", "lamp", "winter", "colour"),
)
FAR = ("会议纪要", "Übersicht für März", "Отчёт за квартал", "請求書について", "Réunion décalée")
BATCH = 500


def messages(count: int = 50_000, seed: int = 1) -> Iterator[tuple[datetime, bytes, bool]]:
    """(arrival, bytes with CR LF, seen), oldest first."""
    chance = random.Random(seed)
    start = datetime(2019, 1, 1, tzinfo=UTC)
    step = timedelta(days=365 * 7) / count
    recent: list[tuple[str, str]] = []
    for number in range(count):
        when = start + step * number
        message_id = f"<{number}.{chance.getrandbits(48):x}@example.test>"
        subject, before = _subject(chance, number, recent)
        recent.append((subject, message_id))
        if len(recent) > 60:
            del recent[0]
        yield when, _letter(chance, number, when, message_id, subject, before), chance.random() < 0.9


def _subject(chance: random.Random, number: int, recent: list[tuple[str, str]]) -> tuple[str, str]:
    if recent and chance.random() < 0.45:
        subject, before = chance.choice(recent)
        return subject if subject.startswith("Re: ") else f"Re: {subject}", before
    if chance.random() < 0.12:
        return f"{chance.choice(FAR)} {number}", ""
    words = " ".join(chance.choices(WORDS, k=chance.randint(2, 7)))
    return (f"{words} zebrafinch" if number % 997 == 0 else words), ""


def _text(chance: random.Random, number: int) -> str:
    lines = [" ".join(chance.choices(WORDS, k=11)) for _ in range(chance.randint(3, 40))]
    if number % 1009 == 0:
        lines.append("and a quokkaword")
    return "\r\n".join(lines) + "\r\n"


def _encoded(text: str) -> str:
    if text.isascii():
        return text
    return f"=?utf-8?b?{base64.b64encode(text.encode()).decode()}?="


def _letter(chance: random.Random, number: int, when: datetime, message_id: str, subject: str, before: str) -> bytes:
    name = chance.choice(PEOPLE)
    fields = [
        f"Return-Path: <person{number % 211}@example.org>",
        "Received: from mail.example.org by mail.example.test with ESMTPS;\r\n " + format_datetime(when),
        f"From: {_encoded(name)} <person{number % 211}@example.org>",
        "To: Alice <alice@example.test>" + (", bob@example.test" if number % 7 == 0 else ""),
        f"Subject: {_encoded(subject)}",
        f"Date: {format_datetime(when)}",
        f"Message-ID: {message_id}",
        *([f"In-Reply-To: {before}", f"References: {before}"] if before else []),
        "MIME-Version: 1.0",
    ]
    content = _content(chance, number)
    return ("\r\n".join(fields) + "\r\n" + content).encode()


def _content(chance: random.Random, number: int) -> str:
    text = _text(chance, number)
    plain = "Content-Type: text/plain; charset=utf-8\r\n\r\n" + text
    markup = f"Content-Type: text/html; charset=utf-8\r\n\r\n<html><body><p>{text}</p><p>{text}</p></body></html>\r\n"
    if number == 20_000:
        return _mixed(plain, chance, 5 << 20)
    if number == 30_000:
        return _mixed(plain, chance, 24 << 20)
    kind = chance.random()
    if kind < 0.38:
        return plain
    if kind < 0.66:
        return f'Content-Type: multipart/alternative; boundary="b"\r\n\r\n--b\r\n{plain}--b\r\n{markup}--b--\r\n'
    if kind < 0.78:
        return markup
    if kind < 0.9:
        return _mixed(plain, chance, chance.randint(7_000, 45_000))
    if kind < 0.9014:
        return _mixed(plain, chance, chance.randint(300_000, 3_700_000))
    if kind < 0.932:
        return _encrypted(chance)
    if kind < 0.962:
        return (
            'Content-Type: multipart/signed; micalg=pgp-sha256; protocol="application/pgp-signature"; boundary="b"\r\n'
            f"\r\n--b\r\n{plain}--b\r\nContent-Type: application/pgp-signature; name=signature.asc\r\n\r\n"
            "-----BEGIN PGP SIGNATURE-----\r\n\r\nxx\r\n-----END PGP SIGNATURE-----\r\n--b--\r\n"
        )
    if kind < 0.983:
        return (
            "Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m\r\n"
            f"Content-Transfer-Encoding: base64\r\n\r\n{_base64(chance, 3000)}"
        )
    # Broken: no end of the boundary, an unknown charset, nothing at all.
    return chance.choice(
        [
            f'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n{plain}',
            f"Content-Type: text/plain; charset=x-none\r\n\r\n{text}",
            "\r\n",
            f"Content-Type: nonsense\r\n\r\n{text}",
        ]
    )


def _base64(chance: random.Random, size: int) -> str:
    block = base64.encodebytes(chance.randbytes(min(size, 57 * 200))).decode().replace("\n", "\r\n")
    return block * max(size // (57 * 200), 1)


def _mixed(plain: str, chance: random.Random, size: int) -> str:
    return (
        f'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n{plain}--b\r\nContent-Type: application/pdf\r\n'
        "Content-Disposition: attachment; filename=paper.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        f"{_base64(chance, size)}--b--\r\n"
    )


def _encrypted(chance: random.Random) -> str:
    return (
        'Content-Type: multipart/encrypted; protocol="application/pgp-encrypted"; boundary="b"\r\n\r\n--b\r\n'
        "Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n--b\r\n"
        "Content-Type: application/octet-stream\r\n\r\n"
        f"-----BEGIN PGP MESSAGE-----\r\n\r\n{_base64(chance, 4000)}-----END PGP MESSAGE-----\r\n--b--\r\n"
    )


def fill(host: str, port: int, context: ssl.SSLContext, user: str, password: str, count: int = 50_000) -> None:
    """APPEND them all, 500 in one command (MULTIAPPEND, RFC 3502), over one connection."""
    with socket.create_connection((host, port)) as plain, context.wrap_socket(plain, server_hostname=host) as sock:
        reading = sock.makefile("rb")
        reading.readline()
        sock.sendall(f'a LOGIN "{user}" "{password}"\r\n'.encode())
        _expect(reading, b"a")
        batch: list[bytes] = []
        for when, message, seen in messages(count):
            flags = b"(\\Seen)" if seen else b"()"
            date = f"{when.day:2}-{when:%b-%Y %H:%M:%S} +0000".encode()
            batch.append(b' %s "%s" {%d+}\r\n%s' % (flags, date, len(message), message))
            if len(batch) == BATCH:
                _append(sock, reading, batch)
        if batch:
            _append(sock, reading, batch)


def _append(sock: ssl.SSLSocket, reading: object, batch: list[bytes]) -> None:
    sock.sendall(b"m APPEND INBOX" + b"".join(batch) + b"\r\n")
    batch.clear()
    _expect(reading, b"m")


def _expect(reading: object, tag: bytes) -> None:
    while not (line := reading.readline()).startswith(tag + b" "):  # type: ignore[attr-defined]
        if not line:
            raise ConnectionError("the server hung up")
    if not line.startswith(tag + b" OK"):
        raise RuntimeError(line.decode("utf-8", "replace"))
