"""The judge: a hostile certificate is refused by name, or reduced to what was verified."""

from __future__ import annotations

import subprocess
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import pysequoia
import pytest
from pysequoia.packet import Packet, PacketPile, Tag

from keys import openpgp
from keys.errors import CertificateRefused, Reason

ALICE = "alice@example.test"
CORPUS = Path(__file__).parents[3] / "shared/corpora/dev/openpgp-bad-keys"


@pytest.fixture(scope="module")
def alice() -> pysequoia.Tsk:
    return pysequoia.Tsk.generate(f"Alice <{ALICE}>")


@pytest.fixture(scope="module")
def mallory() -> pysequoia.Tsk:
    return pysequoia.Tsk.generate(f"Alice <{ALICE}>")


def public(key: pysequoia.Tsk) -> bytes:
    return bytes(key.extract_certificate())


def packets(key: pysequoia.Tsk) -> list[Packet]:
    return list(PacketPile.from_bytes(public(key)))


def joined(parts: list[Packet]) -> bytes:
    return b"".join(bytes(part) for part in parts)


def bound(key: pysequoia.Tsk, tag: Tag, *, encrypting: bool | None = None) -> list[Packet]:
    """A component with the signature behind it, such as the user ID or the encryption subkey."""
    every = packets(key)
    for at, packet in enumerate(every):
        if packet.tag != tag:
            continue
        flags = every[at + 1].key_flags
        if encrypting is None or (flags is not None and flags.transport_encryption == encrypting):
            return every[at : at + 2]
    raise LookupError(tag)


def key_ids(data: bytes) -> set[str]:
    return {packet.key_id or "" for packet in PacketPile.from_bytes(data) if packet.key_id}


def refused(data: bytes, address: str = ALICE) -> Reason:
    with pytest.raises(CertificateRefused) as caught:
        openpgp.judge(data, address)
    assert "\n" not in str(caught.value), "no backtrace leaves the judge"
    return caught.value.reason


def test_alices_own_certificate_holds(alice: pysequoia.Tsk) -> None:
    judged = openpgp.judge(public(alice), ALICE)
    assert judged.fingerprint == alice.extract_certificate().fingerprint
    assert judged.user_ids == (f"Alice <{ALICE}>",)
    assert judged.expires is None
    assert openpgp.judge(judged.data, ALICE) == judged, "what was judged once is judged the same again"


@pytest.mark.parametrize("profile", [pysequoia.Profile.RFC4880, pysequoia.Profile.RFC9580])
@pytest.mark.parametrize(
    "suite", [pysequoia.CipherSuite.Cv25519, pysequoia.CipherSuite.P256, pysequoia.CipherSuite.RSA2k]
)
def test_every_usual_kind_of_key_holds(profile: pysequoia.Profile, suite: pysequoia.CipherSuite) -> None:
    key = pysequoia.Tsk.generate(f"Alice <{ALICE}>", profile=profile, cipher_suite=suite)
    assert openpgp.judge(public(key), ALICE).data


def test_a_certificate_made_by_gnupg_holds(tmp_path: Path) -> None:
    gpg = ["gpg", "--homedir", str(tmp_path), "--batch", "--passphrase", "", "--pinentry-mode", "loopback"]
    tmp_path.chmod(0o700)
    subprocess.run(
        [*gpg, "--quick-generate-key", f"Alice <{ALICE}>", "future-default"], check=True, capture_output=True
    )
    exported = subprocess.run([*gpg, "--export", ALICE], check=True, capture_output=True).stdout
    subprocess.run(["gpgconf", "--homedir", str(tmp_path), "--kill", "gpg-agent"], check=True)
    judged = openpgp.judge(exported, ALICE)
    assert pysequoia.encrypt(b"", [pysequoia.Cert.from_bytes(judged.data)])


def test_a_secret_key_is_refused(alice: pysequoia.Tsk) -> None:
    assert refused(bytes(alice)) == Reason.HOLDS_SECRET


def test_a_secret_subkey_behind_a_public_key_is_refused(alice: pysequoia.Tsk) -> None:
    secret = [each for each in PacketPile.from_bytes(bytes(alice)) if each.tag == Tag.SecretSubkey]
    assert refused(public(alice) + bytes(secret[0])) == Reason.HOLDS_SECRET


@pytest.mark.parametrize(
    "user_id",
    [
        "Bob <bob@example.test>",
        f"{ALICE} <mallory@example.test>",
        f'"{ALICE}" <mallory@example.test>',
        f"Mallory (<{ALICE}>) <mallory@example.test>",
        f"{ALICE}, mallory@example.test",
        "Alice <alice@example.test.evil.test>",
        "Alice <alice+other@example.test>",
        "Alice <аlice@example.test>",
        "Alice",
    ],
)
def test_another_address_is_refused(user_id: str) -> None:
    assert refused(public(pysequoia.Tsk.generate(user_id))) == Reason.OTHER_ADDRESS


def test_case_makes_no_other_address(alice: pysequoia.Tsk) -> None:
    key = pysequoia.Tsk.generate("Alice <Alice@Example.Test>")
    assert openpgp.judge(public(key), ALICE).address == ALICE


def test_other_addresses_of_the_same_person_fall_away() -> None:
    key = pysequoia.Tsk.generate(user_ids=[f"Alice <{ALICE}>", "Alice <alice@work.test>"])
    judged = openpgp.judge(public(key), ALICE)
    assert judged.user_ids == (f"Alice <{ALICE}>",)
    assert b"work.test" not in judged.data


def test_a_user_id_without_signature_is_refused(alice: pysequoia.Tsk, mallory: pysequoia.Tsk) -> None:
    bob = pysequoia.Tsk.generate("Bob <bob@example.test>")
    unbound = public(bob) + bytes(bound(mallory, Tag.UserID)[0])
    assert refused(unbound) == Reason.OTHER_ADDRESS


def test_a_user_id_bound_by_another_key_is_refused(mallory: pysequoia.Tsk) -> None:
    bob = pysequoia.Tsk.generate("Bob <bob@example.test>")
    assert refused(public(bob) + joined(bound(mallory, Tag.UserID))) == Reason.OTHER_ADDRESS


def test_a_user_id_whose_signature_was_changed_is_refused(alice: pysequoia.Tsk) -> None:
    _user_id, signature = bound(alice, Tag.UserID)
    whole = public(alice)
    at = whole.index(bytes(signature)) + len(bytes(signature)) - 5
    changed = whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]
    assert refused(changed) in (Reason.OTHER_ADDRESS, Reason.NOT_A_CERTIFICATE, Reason.WEAK)


def forged_subkey(alice: pysequoia.Tsk, mallory: pysequoia.Tsk) -> bytes:
    """Mallory's encryption subkey, its binding claiming to be by Alice (facts: PGPy encrypts to it)."""
    ours, theirs = alice.extract_certificate().fingerprint, mallory.extract_certificate().fingerprint
    forged = joined(bound(mallory, Tag.PublicSubkey, encrypting=True))
    forged = forged.replace(bytes.fromhex(theirs), bytes.fromhex(ours))
    return forged.replace(bytes.fromhex(theirs[-16:]), bytes.fromhex(ours[-16:]))


@pytest.mark.parametrize("place", ["before", "after"])
def test_mail_is_never_encrypted_to_a_forged_subkey(alice: pysequoia.Tsk, mallory: pysequoia.Tsk, place: str) -> None:
    honest = joined(bound(alice, Tag.PublicSubkey, encrypting=True))
    forged = forged_subkey(alice, mallory)
    both = forged + honest if place == "before" else honest + forged
    judged = openpgp.judge(public(alice).replace(honest, both), ALICE)
    stranger = bound(mallory, Tag.PublicSubkey, encrypting=True)[0].key_id
    assert stranger not in key_ids(judged.data)


def test_a_forged_subkey_in_the_place_of_the_own_one_is_refused(alice: pysequoia.Tsk, mallory: pysequoia.Tsk) -> None:
    honest = joined(bound(alice, Tag.PublicSubkey, encrypting=True))
    assert refused(public(alice).replace(honest, forged_subkey(alice, mallory))) == Reason.CANNOT_ENCRYPT


def test_a_subkey_without_binding_falls_away(alice: pysequoia.Tsk, mallory: pysequoia.Tsk) -> None:
    bare = bound(mallory, Tag.PublicSubkey, encrypting=True)[0]
    judged = openpgp.judge(public(alice) + bytes(bare), ALICE)
    assert bare.key_id not in key_ids(judged.data)


def test_a_certificate_that_only_signs_is_refused(alice: pysequoia.Tsk) -> None:
    honest = joined(bound(alice, Tag.PublicSubkey, encrypting=True))
    assert refused(public(alice).replace(honest, b"")) == Reason.CANNOT_ENCRYPT


def test_a_revoked_certificate_is_refused(alice: pysequoia.Tsk) -> None:
    cert = alice.extract_certificate()
    revocation = bytes(cert.revoke(alice.certifier()))
    first = bytes(packets(alice)[0])
    assert refused(first + revocation + public(alice)[len(first) :]) == Reason.REVOKED


def test_a_revocation_by_somebody_else_changes_nothing(alice: pysequoia.Tsk, mallory: pysequoia.Tsk) -> None:
    foreign = bytes(mallory.extract_certificate().revoke(mallory.certifier()))
    first = bytes(packets(alice)[0])
    judged = openpgp.judge(first + foreign + public(alice)[len(first) :], ALICE)
    assert foreign not in judged.data


def test_an_expired_certificate_is_refused() -> None:
    key = pysequoia.Tsk.generate(f"Alice <{ALICE}>", validity_seconds=1)
    time.sleep(1.2)
    assert refused(public(key)) == Reason.EXPIRED


def test_a_flood_of_foreign_signatures_falls_away(alice: pysequoia.Tsk, mallory: pysequoia.Tsk) -> None:
    _user_id, signature = bound(alice, Tag.UserID)
    foreign = bytes(bound(mallory, Tag.UserID)[1])
    flooded = public(alice).replace(bytes(signature), bytes(signature) + foreign * 500)
    began = time.process_time()
    judged = openpgp.judge(flooded, ALICE)
    assert len(judged.data) <= len(public(alice))
    assert time.process_time() - began < 2


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", Reason.NOT_A_CERTIFICATE),
        (b"hello", Reason.NOT_A_CERTIFICATE),
        (b"\x99\xff\xff\xff\xff", Reason.NOT_A_CERTIFICATE),
        (bytes(openpgp.LARGEST + 1), Reason.TOO_LARGE),
    ],
)
def test_what_is_no_certificate_is_refused(data: bytes, reason: Reason) -> None:
    assert refused(data) == reason


def test_two_certificates_at_once_are_refused(alice: pysequoia.Tsk, mallory: pysequoia.Tsk) -> None:
    assert refused(public(alice) + public(mallory)) == Reason.NOT_A_CERTIFICATE


def test_a_compressed_packet_is_refused_before_anything_is_unpacked(alice: pysequoia.Tsk) -> None:
    bomb = zlib.compress(bytes(8_000_000), 9)[2:-4]
    packet = b"\xc8\xff" + (len(bomb) + 1).to_bytes(4, "big") + b"\x01" + bomb
    began = time.process_time()
    assert refused(packet) == Reason.NOT_A_CERTIFICATE
    assert refused(public(alice) + packet) == Reason.NOT_A_CERTIFICATE
    assert time.process_time() - began < 0.2


def test_a_weak_signature_has_a_name_of_its_own(tmp_path: Path) -> None:
    gpg = ["gpg", "--homedir", str(tmp_path), "--batch", "--passphrase", "", "--pinentry-mode", "loopback"]
    tmp_path.chmod(0o700)
    weak = ["--cert-digest-algo", "SHA1", "--quick-generate-key", f"Alice <{ALICE}>", "rsa2048"]
    subprocess.run([*gpg, *weak], check=True, capture_output=True)
    exported = subprocess.run([*gpg, "--export", ALICE], check=True, capture_output=True).stdout
    subprocess.run(["gpgconf", "--homedir", str(tmp_path), "--kill", "gpg-agent"], check=True)
    assert refused(exported) == Reason.WEAK


def test_a_message_is_no_certificate(alice: pysequoia.Tsk) -> None:
    message = pysequoia.encrypt(b"hello", [alice.extract_certificate()], armor=False)
    assert refused(message) == Reason.NOT_A_CERTIFICATE


def corpus() -> list[Path]:
    return sorted(path for path in CORPUS.rglob("*") if path.is_file()) if CORPUS.is_dir() else []


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpora are not beside the project")
@pytest.mark.parametrize("path", corpus(), ids=lambda path: path.name)
def test_whatever_comes_the_answer_is_quick_and_has_a_name(path: Path) -> None:
    """rnp's bad keys, messages and fuzzing finds: none of them is Alice's certificate."""
    began = time.process_time()
    assert refused(path.read_bytes()) in set(Reason)
    assert time.process_time() - began < 2


def test_a_panic_of_the_engine_is_a_refusal_and_no_crash(alice: pysequoia.Tsk, monkeypatch: pytest.MonkeyPatch) -> None:
    class PanicException(BaseException):
        """As pyo3 names it: not an Exception."""

    def panic(_: bytes) -> Callable[[], None]:
        raise PanicException("thread panicked\n  stack backtrace:\n  0: sequoia")

    monkeypatch.setattr(openpgp, "PacketPile", type("PacketPile", (), {"from_bytes": staticmethod(panic)}))
    assert refused(public(alice)) == Reason.NOT_A_CERTIFICATE
