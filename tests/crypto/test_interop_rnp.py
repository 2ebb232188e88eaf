"""RNP, with which Thunderbird reads, opens what we write to Thunderbird's test keys; the shape is Thunderbird's."""

import re
import subprocess
from collections.abc import Callable
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

import pytest

from tests.crypto.messages import Person, build, person
from tests.crypto.test_interop_gpg import Gpg, encrypted_part, entity_of
from tests.crypto.test_interop_sq import sq

CORPORA = Path(__file__).resolve().parents[3] / "shared" / "corpora"
KEYS = CORPORA / "sets" / "thunderbird-openpgp" / "support" / "keys"
NAMES = {
    "alice@openpgp.example": "alice@openpgp.example-0xf231550c4f47e38e",
    "bob@openpgp.example": "bob@openpgp.example-0xfbfcc82a015e7330",
    "carol@example.com": "carol@example.com-0x3099ff1238852b9f",
}
TEXT = "Walnussbaum – 核桃树\n"
pytestmark = pytest.mark.skipif(not KEYS.is_dir(), reason="Thunderbird's data is not here (../shared/corpora)")


def rnp(home: Path, *arguments: object, program: str = "rnp", data: bytes = b"") -> tuple[bytes, str]:
    command = [program, "--homedir", home, "--password", "", *arguments]
    finished = subprocess.run([str(one) for one in command], input=data, capture_output=True, timeout=60)
    said = finished.stderr.decode(errors="replace")
    assert finished.returncode == 0, said
    return finished.stdout, said


@pytest.fixture(scope="module")
def writer(tmp_path_factory: pytest.TempPathFactory) -> Person:
    return person("Dana", tmp_path_factory.mktemp("dana"))


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory, writer: Person) -> Path:
    """One letter to all three of Thunderbird's people."""
    file = tmp_path_factory.mktemp("file") / "a.bin"
    file.write_bytes(bytes(range(256)) * 1024)
    built = build(
        writer,
        tmp_path_factory.mktemp("out"),
        to=[{"name": "", "address": address} for address in NAMES],
        subject=TEXT.strip(),
        text=TEXT,
        attachments=[{"path": file, "name": "a.bin", "type": "application/octet-stream"}],
        protection="encrypted",
        certificates={address: [KEYS / f"{name}-pub.asc"] for address, name in NAMES.items()},
    )
    [delivery] = built["deliveries"]
    return Path(delivery["path"])


def inner(opened: bytes) -> EmailMessage:
    message: EmailMessage = BytesParser(policy=policy.default).parsebytes(opened)
    text, file = message.iter_parts()
    assert text.get_content().replace("\r\n", "\n") == TEXT and message["Subject"] == TEXT.strip()
    assert file.get_content() == bytes(range(256)) * 1024
    return message


#: Carol's key, of RSA, is in every message too; her secret one has a passphrase that nobody told.
@pytest.mark.parametrize("address", ["alice@openpgp.example", "bob@openpgp.example"])
def test_rnp_opens_and_verifies_with_thunderbirds_keys(
    tmp_path: Path, written: Path, writer: Person, address: str
) -> None:
    rnp(tmp_path, "--import-keys", KEYS / f"{NAMES[address]}-secret.asc", program="rnpkeys")
    rnp(tmp_path, "--import-keys", writer.certificate, program="rnpkeys")
    message = tmp_path / "message.pgp"
    message.write_bytes(encrypted_part(written))
    opened, said = rnp(tmp_path, "--decrypt", message, "--output", "-")
    inner(opened)
    assert re.search(r"^Good signature made", said, re.M) and "Signature(s) verified successfully" in said, said
    # Named by the key it is, so that no other good signature passes.
    assert writer.fingerprint[-16:] in said.lower(), said


def test_rnp_verifies_what_is_only_signed(tmp_path: Path, writer: Person) -> None:
    rnp(tmp_path, "--import-keys", writer.certificate, program="rnpkeys")
    built = build(
        writer,
        tmp_path / "out",
        to=[{"name": "", "address": "alice@openpgp.example"}],
        subject="x",
        text=TEXT,
        protection="signed",
    )
    raw = Path(built["deliveries"][0]["path"]).read_bytes()
    message = BytesParser(policy=policy.default).parsebytes(raw)
    signed = raw.split(b"--" + message.get_boundary().encode() + b"\r\n")[1][:-2]
    (tmp_path / "text").write_bytes(signed)
    (tmp_path / "text.sig").write_bytes(list(message.iter_parts())[1].get_payload(decode=True))
    _, said = rnp(tmp_path, "--verify", tmp_path / "text.sig")
    assert "Good signature made" in said and "Signature(s) verified successfully" in said, said


def test_gpg_and_sequoia_open_it_with_thunderbirds_keys(
    tmp_path: Path, written: Path, writer: Person, gnupg: Callable[..., Gpg]
) -> None:
    message = tmp_path / "message.pgp"
    message.write_bytes(encrypted_part(written))
    secret = KEYS / f"{NAMES['alice@openpgp.example']}-secret.asc"
    gpg = gnupg(tmp_path / "gpg")
    gpg("--import", secret)
    gpg("--import", writer.certificate)
    inner(gpg("--decrypt", message))
    assert f"VALIDSIG {writer.fingerprint.upper()}" in gpg.said  # type: ignore[attr-defined]
    inner(sq("decrypt", "--recipient-key", secret, "--signer-cert", writer.certificate, "--signatures", "1", message))


def test_its_shape_is_thunderbirds(tmp_path: Path, written: Path) -> None:
    """Outside the same tree of types; inside the subject at the root of what is protected, as Thunderbird reads it."""
    theirs = entity_of(CORPORA / "dev" / "thunderbird-openpgp" / "encrypted-and-signed-alice-to-bob-nonascii.eml")
    ours = entity_of(written)

    def outside(message: EmailMessage) -> object:
        types = [part.get_content_type() for part in message.walk()]
        control = next(iter(message.iter_parts())).get_payload(decode=True).strip()
        return types, message.get_param("protocol"), control

    assert outside(ours) == outside(theirs)
    assert ours["Subject"] == "[...]" and ours["Autocrypt"].startswith("addr=dana@example.test;")
    rnp(tmp_path, "--import-keys", KEYS / f"{NAMES['bob@openpgp.example']}-secret.asc", program="rnpkeys")
    for message, ends in ((ours, inner), (theirs, None)):
        (tmp_path / "m").write_bytes(list(message.iter_parts())[1].get_payload(decode=True))
        opened, _ = rnp(tmp_path, "--decrypt", tmp_path / "m", "--output", "-")
        root = ends(opened) if ends else BytesParser(policy=policy.default).parsebytes(opened)
        # Here Thunderbird signed inside as a multipart of its own; the headers stand on what is signed.
        content = next(iter(root.iter_parts())) if root.get_content_type() == "multipart/signed" else root
        protects = content.get_param("hp") == "cipher" or content.get_param("protected-headers") == "v1"
        assert protects and all(content[name] for name in ("Subject", "From", "To", "Message-ID")), opened[:600]
