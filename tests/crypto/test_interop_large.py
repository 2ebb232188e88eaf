"""Large messages as GnuPG and Sequoia make them: in pieces, compressed, by several signers; and spoiled on the way."""

import base64
import random
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from tests.crypto.messages import Person, open_all, open_one, person
from tests.crypto.test_interop_gpg import Gpg, pgp_mime
from tests.crypto.test_interop_sq import sq

#: More than one piece of every kind that is worked on at once, and no multiple of a block.
CONTENT = random.Random(3).randbytes(1_300_007)
#: Compresses well, and is more than the bulk path's smallest size when it is compressed.
ENTITY = (
    b"Content-Type: application/octet-stream; name=a.bin\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    + base64.encodebytes(CONTENT).replace(b"\n", b"\r\n")
)

GPG = {
    "from a file": ["--compress-algo", "none"],
    "compressed": ["--compress-algo", "zip", "-z", "6"],
    "zlib": ["--compress-algo", "zlib", "-z", "6"],
    "bzip2": ["--compress-algo", "bzip2", "-z", "6"],
    "AES-128": ["--cipher-algo", "AES", "--compress-algo", "none"],
    "AES-192": ["--cipher-algo", "AES192", "--compress-algo", "none"],
    "a cipher that is left to the library": ["--cipher-algo", "TWOFISH", "--compress-algo", "none"],
    "SHA-384, left to the library": ["--digest-algo", "SHA384", "--compress-algo", "none"],
    "SHA-256": ["--digest-algo", "SHA256", "--compress-algo", "none"],
    "a text": ["--textmode", "--compress-algo", "none"],
}


@pytest.fixture(scope="module")
def alice(tmp_path_factory: pytest.TempPathFactory) -> Person:
    return person("Alice", tmp_path_factory.mktemp("alice"))


@pytest.fixture
def bob(tmp_path: Path, gnupg: Callable[..., Gpg], alice: Person) -> Gpg:
    gpg = gnupg(tmp_path / "bob")
    for name in ("bob", "dana"):
        gpg("--quick-generate-key", f"{name} <{name}@example.test>", "default", "default", "never")
        (tmp_path / f"{name}.pgp").write_bytes(gpg("--export", f"{name}@example.test"))
    gpg("--import", alice.certificate)
    return gpg


def test_gpg_in_all_its_ways(tmp_path: Path, bob: Gpg, alice: Person) -> None:
    file = tmp_path / "entity"
    file.write_bytes(ENTITY)
    messages = []
    for name, options in GPG.items():
        common = ["--armor", "--sign", "--encrypt", "-u", "bob@example.test", "-r", alice.address, *options]
        # From a pipe it does not know the length, and writes pieces.
        for how, armored in ((name, bob("-o", "-", *common, file)), (f"{name}, piped", bob(*common, data=ENTITY))):
            path = tmp_path / f"{how}.eml"
            path.write_bytes(pgp_mime(armored))
            messages.append({"path": path, "keys": [alice.key], "certificates": [tmp_path / "bob.pgp"]})
    for message, answer in zip(messages, open_all(messages), strict=True):
        assert answer["judged"]["line"] == ["enc-ok", "sig-good-first"], message["path"]
        assert answer["parts"][0]["sha256"] == sha256(CONTENT).hexdigest(), message["path"]


def test_two_signers(tmp_path: Path, bob: Gpg, alice: Person) -> None:
    both = ["-u", "bob@example.test", "-u", "dana@example.test"]
    armored = bob("--armor", "--sign", "--encrypt", *both, "-r", alice.address, "-z", "0", data=ENTITY)
    path = tmp_path / "two.eml"
    path.write_bytes(pgp_mime(armored))
    for known, expected in ((["bob", "dana"], "sig-good-first"), (["bob"], "sig-good-first")):
        certificates = [tmp_path / f"{name}.pgp" for name in known]
        answer = open_one(path, keys=[alice.key], certificates=certificates)
        assert answer["judged"]["line"][1] == expected, known


@pytest.mark.parametrize("compression", ["none", "pad", "zip", "zlib"])
def test_sequoia_in_all_its_ways(tmp_path: Path, alice: Person, compression: str) -> None:
    key = tmp_path / "bob.key"
    sq("key", "generate", "--userid", "Bob <bob@example.test>", "--export", key)
    (tmp_path / "bob.pgp").write_bytes(sq("key", "extract-cert", key))
    options = ["--recipient-cert", alice.certificate, "--signer-key", key, "--compression", compression]
    path = tmp_path / "message.eml"
    path.write_bytes(pgp_mime(sq("encrypt", *options, data=ENTITY)))
    answer = open_one(path, keys=[alice.key], certificates=[tmp_path / "bob.pgp"])
    assert answer["judged"]["line"] == ["enc-ok", "sig-good-first"]
    assert answer["parts"][0]["sha256"] == sha256(CONTENT).hexdigest()


def test_nothing_of_a_spoiled_message_is_shown(tmp_path: Path, bob: Gpg, alice: Person) -> None:
    chance = random.Random(4)
    binary = bob("--sign", "--encrypt", "-u", "bob@example.test", "-r", alice.address, "-z", "0", data=ENTITY)
    messages = []
    for number in range(40):
        spoiled = bytearray(binary)
        if number % 4 == 3:
            del spoiled[-chance.randrange(1, 5000) :]
        else:
            # Behind the packet with the session key.
            at = chance.randrange(200, len(spoiled)) if number % 2 else len(spoiled) - 1 - chance.randrange(0, 60)
            spoiled[at] ^= 1 << chance.randrange(8)
        path = tmp_path / f"{number}.eml"
        head = b"-----BEGIN PGP MESSAGE-----\n\n"
        path.write_bytes(pgp_mime(head + base64.encodebytes(bytes(spoiled)) + b"-----END PGP MESSAGE-----\n"))
        messages.append({"path": path, "keys": [alice.key], "certificates": [tmp_path / "bob.pgp"]})
    for answer in open_all(messages):
        assert answer["judged"]["enc"] in ("enc-damaged", "enc-failed", "enc-unsupported", "enc-no-integrity")
        assert answer["parts"] == []
