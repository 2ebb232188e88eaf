"""A case as mail that arrives: messages as they are, everything else inside the message it would come in."""

from __future__ import annotations

import base64
import json
import re
from email.utils import formatdate

from tests.corpora import Case

HTML_SETS = ("html-httpleaks", "html-roundcube", "html-h5sc", "html-dompurify", "html-proton-tracking")
#: Object identifiers by which CMS says what it is (RFC 5652 section 4; RFC 5083 section 3), in DER.
CMS_KINDS = {
    bytes.fromhex("06092a864886f70d010702"): "signed-data",
    bytes.fromhex("06092a864886f70d010703"): "enveloped-data",
    bytes.fromhex("060b2a864886f70d0109100117"): "authEnveloped-data",
}
#: All of its content types but one begin with this.
CMS = bytes.fromhex("06092a864886f70d0107")
#: First bytes of OpenPGP: a packet's tag with its first bit set, and what files of the sets begin with.
ARMOR = b"-----BEGIN PGP "
FIELD = re.compile(rb"(?:From [^\n]*\n)?(?:>?From [^\n]*\n)*[!-9;-~]+[ \t]*:")
#: Kinds of cases that are files and no messages.
FILES = ("sample", "message", "fuzz", "key", "key-validity", "cms", "decrypt", "import")
STRANGER = "Somebody <somebody@stranger.test>"


def is_html(case: Case) -> bool:
    return case.set in HTML_SETS


def html(case: Case) -> bytes:
    """The payload of a case about HTML."""
    data = case.path.read_bytes()
    if case.path.suffix != ".json":
        return data
    given = json.loads(data)
    return str(given.get("payload", given.get("input"))).encode()


def letters(case: Case) -> list[bytes]:
    """The messages of a case, mostly one."""
    data = case.path.read_bytes()
    if case.path.suffix == ".tnef":
        return [attached(data, "application/ms-tnef", "winmail.dat")]
    if case.set == "x509-limbo":
        from .smime import signed_by

        return [signed_by(json.loads(data))]
    if case.kind == "imap":
        return _of_mailbox(case, data)
    if ARMOR in data[:2000] and not FIELD.match(data.lstrip()):
        return [_armored(data)]
    if b"-----BEGIN CMS" in data[:400] or b"-----BEGIN PKCS7" in data[:400] or _is_cms(data):
        return [cms(_without_pem(data))]
    if case.kind in ("sample", "message", "fuzz", "key", "key-validity", "cms", "decrypt", "import") and not _is_mail(
        data
    ):
        return [_binary(case, data)]
    return [_as_mail(data)]


def _is_mail(data: bytes) -> bool:
    return FIELD.match(data.lstrip()) is not None


def _as_mail(data: bytes) -> bytes:
    """Without the line that mailbox files put before a message; something, because no server keeps nothing."""
    data = re.sub(rb"\AFrom [^\n]*\n", b"", data)
    return data or b"\r\n"


def _of_mailbox(case: Case, data: bytes) -> list[bytes]:
    """Scripts for testing IMAP servers come with a mailbox; those without have their messages in the script."""
    mailbox = case.path if case.path.suffix == ".mbox" else case.path.with_name(case.path.name + ".mbox")
    if not mailbox.exists():
        return [_as_mail(data)]
    found = re.split(rb"(?m)^From [^\n]*\n", mailbox.read_bytes())
    return [one or b"\r\n" for one in found[1:]] or [_as_mail(data)]


def head(subject: str = "A case", sender: str = STRANGER) -> bytes:
    return (
        f"From: {sender}\r\nSubject: {subject}\r\nDate: {formatdate(1_790_000_000)}\r\nMIME-Version: 1.0\r\n".encode()
    )


def _armored(data: bytes) -> bytes:
    return head() + b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + data


def _binary(case: Case, data: bytes) -> bytes:
    """OpenPGP that is not armored stands in a text as people paste it; a certificate is attached."""
    if case.kind in ("key", "import", "key-validity"):
        return attached(data, "application/pgp-keys", "certificate.pgp")
    if data[:1] and data[0] & 0x80:
        return _armored(armor(data))
    return head() + b"Content-Type: text/plain\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + data


def armor(data: bytes, kind: str = "MESSAGE") -> bytes:
    lines = base64.encodebytes(data).decode()
    return f"-----BEGIN PGP {kind}-----\n\n{lines}-----END PGP {kind}-----\n".encode()


def attached(data: bytes, kind: str, name: str) -> bytes:
    return (
        head()
        + b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nSee the file.\r\n'
        + f'--b\r\nContent-Type: {kind}; name="{name}"\r\nContent-Transfer-Encoding: base64\r\n'.encode()
        + f'Content-Disposition: attachment; filename="{name}"\r\n\r\n'.encode()
        + base64.encodebytes(data)
        + b"--b--\r\n"
    )


def cms(data: bytes) -> bytes:
    """A CMS object as the whole message (RFC 8551 section 3.2)."""
    kind = _cms_kind(data)
    field = f'Content-Type: application/pkcs7-mime;{kind and f" smime-type={kind};"} name="smime.p7m"\r\n'
    return head() + field.encode() + b"Content-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(data)


def _is_cms(data: bytes) -> bool:
    return data[:1] == b"\x30" and (CMS in data[:60] or _cms_kind(data) != "")


def _cms_kind(data: bytes) -> str:
    start = data[:60] if data[:1] == b"\x30" else b""
    return next((name for oid, name in CMS_KINDS.items() if oid in start), "")


def _without_pem(data: bytes) -> bytes:
    if not data.lstrip().startswith(b"-----"):
        return data
    return base64.b64decode(b"".join(line for line in data.splitlines() if line and not line.startswith(b"-")))
