"""Really signed and really encrypted mail for the demo, by keys made while seeding and thrown away after it.

Nobody's certificate is known to the site, so a reader honestly says so; what was encrypted to alice's lost key of
earlier stays closed for good.
"""

from __future__ import annotations

import base64
import textwrap
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP

import pysequoia
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs7
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from .letters import Person

Head = dict[str, str]


def entity(text: str) -> bytes:
    """A text/plain entity with CRLF, as it is signed."""
    part = EmailMessage(policy=SMTP.clone(cte_type="7bit"))
    part.set_content(text, cte="quoted-printable")
    del part["MIME-Version"]
    return part.as_bytes()


def _written(head: Head) -> bytes:
    """The header fields, encoded and folded, without the empty line."""
    message = EmailMessage(policy=SMTP)
    for name, value in head.items():
        message[name] = value
    return message.as_bytes().removesuffix(b"\r\n")


def _crlf(text: bytes) -> bytes:
    return text.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


@dataclass(frozen=True)
class OpenPgp:
    """One correspondent's OpenPGP key (RFC 3156 messages)."""

    key: pysequoia.Tsk

    @classmethod
    def make(cls, person: Person) -> OpenPgp:
        return cls(pysequoia.Tsk.generate(f"{person.name} <{person.address}>"))

    @property
    def certificate(self) -> pysequoia.Cert:
        return self.key.extract_certificate()

    def signed(self, head: Head, text: str, boundary: str) -> bytes:
        """multipart/signed (RFC 3156 section 5)."""
        body = entity(text)
        signature = pysequoia.sign(self.key.signer(), body, mode=pysequoia.SignatureMode.DETACHED)
        kind = f'multipart/signed; micalg="pgp-sha512"; protocol="application/pgp-signature"; boundary="{boundary}"'
        parts = (
            body,
            b'Content-Type: application/pgp-signature; name="signature.asc"\r\n'
            b"Content-Description: OpenPGP digital signature\r\n\r\n" + _crlf(signature),
        )
        return _written({**head, "MIME-Version": "1.0"}) + _multipart(kind, boundary, parts)

    def encrypted(self, head: Head, text: str, boundary: str, to: OpenPgp) -> bytes:
        """multipart/encrypted (RFC 3156 section 4), signed inside."""
        sealed = pysequoia.encrypt(
            recipients=[to.certificate, self.certificate], bytes=entity(text), signer=self.key.signer()
        )
        kind = f'multipart/encrypted; protocol="application/pgp-encrypted"; boundary="{boundary}"'
        parts = (
            b"Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n",
            b'Content-Type: application/octet-stream; name="encrypted.asc"\r\n'
            b'Content-Disposition: inline; filename="encrypted.asc"\r\n\r\n' + _crlf(sealed),
        )
        return _written({**head, "MIME-Version": "1.0"}) + _multipart(kind, boundary, parts)

    def in_the_text(self, text: str) -> str:
        """A cleartext signature in the text itself, as some programs still write it (RFC 9580 section 7)."""
        signed = pysequoia.sign(self.key.signer(), text.encode(), mode=pysequoia.SignatureMode.CLEAR)
        return signed.decode()


def _multipart(kind: str, boundary: str, parts: tuple[bytes, ...]) -> bytes:
    line = b"--" + boundary.encode()
    out = b"Content-Type: " + kind.replace("; ", ";\r\n ").encode() + b"\r\n\r\n"
    for part in parts:
        out += line + b"\r\n" + part + (b"" if part.endswith(b"\r\n") else b"\r\n")
        # The line end before the next boundary belongs to the boundary (RFC 2046 section 5.1.1).
        out += b"\r\n"
    return out + line + b"--\r\n"


@dataclass(frozen=True)
class Smime:
    """One correspondent's S/MIME key and self-signed certificate (RFC 8551 messages)."""

    key: rsa.RSAPrivateKey
    certificate: x509.Certificate

    @classmethod
    def make(cls, person: Person) -> Smime:
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, person.name)])
        start = datetime.now(UTC) - timedelta(days=400)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(start)
            .not_valid_after(start + timedelta(days=1200))
            .add_extension(x509.SubjectAlternativeName([x509.RFC822Name(person.address)]), critical=False)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .sign(key, hashes.SHA256())
        )
        return cls(key, certificate)

    def _sign(self, body: bytes, *options: pkcs7.PKCS7Options) -> bytes:
        builder = pkcs7.PKCS7SignatureBuilder().set_data(body).add_signer(self.certificate, self.key, hashes.SHA256())
        return builder.sign(serialization.Encoding.DER, [pkcs7.PKCS7Options.Binary, *options])

    def signed(self, head: Head, text: str, boundary: str) -> bytes:
        """multipart/signed (RFC 8551 section 3.5.3)."""
        body = entity(text)
        signature = self._sign(body, pkcs7.PKCS7Options.DetachedSignature)
        kind = f'multipart/signed; protocol="application/pkcs7-signature"; micalg="sha-256"; boundary="{boundary}"'
        part = (
            b'Content-Type: application/pkcs7-signature; name="smime.p7s"\r\nContent-Transfer-Encoding: base64\r\n'
            b'Content-Disposition: attachment; filename="smime.p7s"\r\n\r\n' + _base64(signature)
        )
        return _written({**head, "MIME-Version": "1.0"}) + _multipart(kind, boundary, (body, part))

    def signed_whole(self, head: Head, text: str) -> bytes:
        """application/pkcs7-mime with the text inside (RFC 8551 section 3.5.2)."""
        return _pkcs7_mime(head, "signed-data", self._sign(entity(text)))

    def encrypted(self, head: Head, text: str, to: Smime) -> bytes:
        """application/pkcs7-mime, enveloped (RFC 8551 section 3.3)."""
        builder = pkcs7.PKCS7EnvelopeBuilder().set_data(entity(text)).add_recipient(to.certificate)
        sealed = builder.encrypt(serialization.Encoding.DER, [pkcs7.PKCS7Options.Binary])
        return _pkcs7_mime(head, "enveloped-data", sealed)


def _pkcs7_mime(head: Head, kind: str, data: bytes) -> bytes:
    return (
        _written({**head, "MIME-Version": "1.0"})
        + f'Content-Type: application/pkcs7-mime; smime-type={kind};\r\n name="smime.p7m"\r\n'.encode()
        + b"Content-Transfer-Encoding: base64\r\n"
        + b'Content-Disposition: attachment; filename="smime.p7m"\r\n\r\n'
        + _base64(data)
    )


def _base64(data: bytes) -> bytes:
    return "\r\n".join(textwrap.wrap(base64.b64encode(data).decode("ascii"), 76)).encode() + b"\r\n"
