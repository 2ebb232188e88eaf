"""GnuPG 2.2 and Sequoia read what we write, of every length at which something of ours begins anew."""

import random
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from tests.crypto.messages import Person, person, run
from tests.crypto.test_interop_gpg import Gpg
from tests.crypto.test_interop_sq import sq

CHUNK = 2**18
PART = 2**17
#: Around what stands before a text in its chunk and its packet: announcement, literal header, random octets, version.
BEFORE = range(40, 65, 3)
SIZES = (
    [0, 1, 100, 191, 192, 8383, 8384, 65535, 65536, 65537]
    + [PART - before for before in BEFORE]
    + [CHUNK - before for before in BEFORE]
    + [PART - 1, PART, PART + 1, CHUNK - 1, CHUNK, CHUNK + 1, 4 * CHUNK, 25_000_000]
)


@pytest.fixture(scope="module")
def alice(tmp_path_factory: pytest.TempPathFactory) -> Person:
    return person("Alice", tmp_path_factory.mktemp("alice"))


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("texts")
    chance = random.Random(7)
    paths = []
    for size in SIZES:
        path = folder / str(size)
        path.write_bytes(chance.randbytes(size))
        paths.append(path)
    return paths


def written(texts: list[Path], alice: Person, certificate: Path, out: Path) -> list[Path]:
    recipients = [certificate, alice.certificate]
    run({"op": "encrypt", "texts": texts, "signer": alice.folder, "recipients": recipients, "out": out})
    return [out / f"{at}.asc" for at in range(len(texts))]


def test_gpg_reads_every_length(tmp_path: Path, gnupg: Callable[..., Gpg], alice: Person, texts: list[Path]) -> None:
    bob = gnupg(tmp_path / "bob")
    bob("--quick-generate-key", "Bob <bob@example.test>", "default", "default", "never")
    bob("--import", alice.certificate)
    certificate = tmp_path / "bob.pgp"
    certificate.write_bytes(bob("--export", "bob@example.test"))
    for text, message in zip(texts, written(texts, alice, certificate, tmp_path), strict=True):
        opened = bob("--decrypt", message)
        assert sha256(opened).digest() == sha256(text.read_bytes()).digest(), text.name
        said = bob.said  # type: ignore[attr-defined]
        assert f"VALIDSIG {alice.fingerprint.upper()}" in said and "GOODMDC" in said, text.name


def test_sequoia_reads_every_length(tmp_path: Path, alice: Person, texts: list[Path]) -> None:
    key = tmp_path / "bob.key"
    sq("key", "generate", "--userid", "Bob <bob@example.test>", "--export", key)
    certificate = tmp_path / "bob.pgp"
    certificate.write_bytes(sq("key", "extract-cert", key))
    for text, message in zip(texts, written(texts, alice, certificate, tmp_path), strict=True):
        opened = sq("decrypt", "--recipient-key", key, "--signer-cert", alice.certificate, "--signatures", "1", message)
        assert sha256(opened).digest() == sha256(text.read_bytes()).digest(), text.name
