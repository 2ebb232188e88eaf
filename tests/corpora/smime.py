"""Mail signed by the certificates of x509-limbo, whose cases are chains and not messages."""

from __future__ import annotations

import base64
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs7

TEXT = b"Content-Type: text/plain\r\n\r\nSigned by the certificate of the case.\r\n"


def signed_by(limbo: dict[str, Any]) -> bytes:
    """A message that the peer of the chain signed, with its intermediates."""
    signature = _signature(limbo) or _certificates(limbo)
    parts = (
        b"From: Peer <peer@stranger.test>\r\nSubject: A chain\r\nMIME-Version: 1.0\r\n"
        b'Content-Type: multipart/signed; protocol="application/pkcs7-signature"; micalg=sha-256; boundary="b"\r\n\r\n'
        b"--b\r\n" + TEXT + b"\r\n--b\r\n"
        b'Content-Type: application/pkcs7-signature; name="smime.p7s"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
    )
    return parts + base64.encodebytes(signature).replace(b"\n", b"\r\n") + b"--b--\r\n"


def _signature(limbo: dict[str, Any]) -> bytes | None:
    """None where the certificate or its key is one that cannot even be read, or cannot sign here."""
    if not limbo.get("peer_certificate_key"):
        return None
    try:
        key = serialization.load_pem_private_key(limbo["peer_certificate_key"].encode(), None)
        peer, chain = x509.load_pem_x509_certificate(limbo["peer_certificate"].encode()), _chain(limbo)
        if not isinstance(key, (rsa.RSAPrivateKey, ec.EllipticCurvePrivateKey)):
            return None
        builder = pkcs7.PKCS7SignatureBuilder().set_data(TEXT).add_signer(peer, key, hashes.SHA256())
        for one in chain:
            builder = builder.add_certificate(one)
        return builder.sign(
            serialization.Encoding.DER, [pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.Binary]
        )
    except (ValueError, TypeError):
        return None


def _chain(limbo: dict[str, Any]) -> list[x509.Certificate]:
    return [x509.load_pem_x509_certificate(one.encode()) for one in limbo.get("untrusted_intermediates", [])]


def _certificates(limbo: dict[str, Any]) -> bytes:
    """The certificate's own bytes: nothing is signed, so nothing may pass for it."""
    lines = limbo["peer_certificate"].splitlines()
    return base64.b64decode("".join(line for line in lines if not line.startswith("-")))
