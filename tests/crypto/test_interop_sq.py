"""Sequoia reads what we send, and we read what it sends."""

import os
import subprocess
from email import policy
from email.parser import BytesParser
from hashlib import sha256
from pathlib import Path

import pytest

from tests.crypto.messages import Person, build, open_one, person
from tests.crypto.test_interop_gpg import encrypted_part, pgp_mime


def sq(*arguments: object, data: bytes = b"") -> bytes:
    finished = subprocess.run(["sq", *map(str, arguments)], input=data, capture_output=True, timeout=60)
    assert finished.returncode == 0, finished.stderr.decode(errors="replace")
    return finished.stdout


@pytest.fixture(scope="module")
def alice(tmp_path_factory: pytest.TempPathFactory) -> Person:
    return person("Alice", tmp_path_factory.mktemp("alice"))


@pytest.fixture
def bob(tmp_path: Path) -> Path:
    """Bob's key file, made by Sequoia."""
    key = tmp_path / "bob.key"
    sq("key", "generate", "--userid", "Bob <bob@example.test>", "--export", key)
    (tmp_path / "bob.pgp").write_bytes(sq("key", "extract-cert", key))
    return key


def test_sequoia_decrypts_and_verifies_our_mail(tmp_path: Path, bob: Path, alice: Person) -> None:
    attachment = tmp_path / "five.bin"
    attachment.write_bytes(os.urandom(5_000_000))
    built = build(
        alice,
        tmp_path / "out",
        to=[{"name": "Bob", "address": "bob@example.test"}],
        subject="Wintergarten",
        text="Wintergarten\n",
        attachments=[{"path": attachment, "name": "five.bin", "type": "application/pdf"}],
        protection="encrypted",
        certificates={"bob@example.test": [tmp_path / "bob.pgp"]},
    )
    armored = encrypted_part(Path(built["deliveries"][0]["path"]))
    # With a signer's certificate given, sq fails unless its signature is good.
    decrypted = sq("decrypt", "--recipient-key", bob, "--signer-cert", alice.certificate, data=armored)
    inner = BytesParser(policy=policy.default).parsebytes(decrypted)
    assert inner["Subject"] == "Wintergarten"
    assert list(inner.iter_parts())[1].get_content() == attachment.read_bytes()


def test_sequoia_verifies_our_detached_signature(tmp_path: Path, alice: Person) -> None:
    to = [{"name": "", "address": "bob@example.test"}]
    built = build(alice, tmp_path / "out", to=to, subject="x", text="words  \n", protection="signed")
    raw = Path(built["deliveries"][0]["path"]).read_bytes()
    message = BytesParser(policy=policy.default).parsebytes(raw)
    signed = raw.split(b"--" + message.get_boundary().encode() + b"\r\n")[1][:-2]
    (tmp_path / "signature").write_bytes(list(message.iter_parts())[1].get_payload(decode=True))
    (tmp_path / "signed").write_bytes(signed)
    (tmp_path / "changed").write_bytes(signed + b" ")
    verify = ("verify", "--signer-cert", alice.certificate, "--detached", tmp_path / "signature")
    sq(*verify, tmp_path / "signed")
    with pytest.raises(AssertionError):
        sq(*verify, tmp_path / "changed")


def test_we_open_what_sequoia_sends(tmp_path: Path, bob: Path, alice: Person) -> None:
    attachment = os.urandom(5_000_000)
    (tmp_path / "entity").write_bytes(
        b"Content-Type: application/octet-stream; name=five.bin\r\nContent-Transfer-Encoding: binary\r\n\r\n"
        + attachment
    )
    armored = sq("encrypt", "--recipient-cert", alice.certificate, "--signer-key", bob, tmp_path / "entity")
    path = tmp_path / "message.eml"
    path.write_bytes(pgp_mime(armored))
    answer = open_one(path, keys=[alice.key], certificates=[tmp_path / "bob.pgp"])
    assert answer["judged"]["line"] == ["enc-ok", "sig-good-first"]
    assert answer["parts"][0]["sha256"] == sha256(attachment).hexdigest()


def test_we_verify_what_sequoia_signs(tmp_path: Path, bob: Path) -> None:
    signed = b"Content-Type: text/plain\r\n\r\nwords\r\n"
    signature = sq("sign", "--detached", "--signer-key", bob, data=signed)
    path = tmp_path / "signed.eml"
    for text, expected in ((signed, "sig-good-first"), (signed.replace(b"words", b"wordz"), "sig-bad")):
        path.write_bytes(
            b'From: bob@example.test\r\nContent-Type: multipart/signed; protocol="application/pgp-signature"; '
            b"boundary=b\r\n\r\n--b\r\n"
            + text
            + b"\r\n--b\r\nContent-Type: application/pgp-signature\r\n\r\n"
            + signature
            + b"\r\n--b--\r\n"
        )
        assert open_one(path, certificates=[tmp_path / "bob.pgp"])["judged"]["sig"] == expected
