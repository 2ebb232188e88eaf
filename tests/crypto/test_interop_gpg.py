"""GnuPG 2.2 reads what we send, and we read what it sends."""

import os
import re
from collections.abc import Callable
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from tests.crypto.messages import Person, build, open_one, person, run

Gpg = Callable[..., bytes]
SECRET = "Walnussbaum – 核桃树"


@pytest.fixture(scope="module")
def alice(tmp_path_factory: pytest.TempPathFactory) -> Person:
    return person("Alice", tmp_path_factory.mktemp("alice"))


@pytest.fixture(scope="module")
def dana(tmp_path_factory: pytest.TempPathFactory) -> Person:
    return person("Dana", tmp_path_factory.mktemp("dana"))


@pytest.fixture
def bob(tmp_path: Path, gnupg: Callable[..., Gpg], alice: Person) -> Gpg:
    """Bob uses gpg, made his key there and knows Alice's certificate."""
    gpg = gnupg(tmp_path / "bob")
    gpg("--quick-generate-key", "Bob <bob@example.test>", "default", "default", "never")
    gpg("--import", alice.certificate)
    (tmp_path / "bob.pgp").write_bytes(gpg("--export", "bob@example.test"))
    return gpg


def entity_of(path: Path) -> EmailMessage:
    return BytesParser(policy=policy.default).parsebytes(path.read_bytes())


def encrypted_part(path: Path) -> bytes:
    message = entity_of(path)
    assert message.get_content_type() == "multipart/encrypted"
    control, data = message.iter_parts()
    assert control.get_content_type() == "application/pgp-encrypted"
    assert control.get_payload().strip() == "Version: 1"
    return data.get_payload(decode=True)


def test_gpg_decrypts_and_verifies_our_mail(tmp_path: Path, bob: Gpg, alice: Person, dana: Person) -> None:
    attachment = tmp_path / "five.bin"
    attachment.write_bytes(os.urandom(5_000_000))
    built = build(
        alice,
        tmp_path / "out",
        to=[{"name": "Bob", "address": "bob@example.test"}],
        bcc=[{"name": "", "address": dana.address}],
        subject=SECRET,
        text=f"{SECRET}\n\n.\nFrom here on\n-- \nAlice",
        attachments=[{"path": attachment, "name": "Fünf.bin", "type": "application/octet-stream"}],
        protection="encrypted",
        certificates={"bob@example.test": [tmp_path / "bob.pgp"], dana.address: [dana.certificate]},
    )
    [to_bob, to_dana] = built["deliveries"]
    assert to_bob["recipients"] == ["bob@example.test"] and to_dana["recipients"] == [dana.address]
    raw = Path(to_bob["path"]).read_bytes()
    assert SECRET.encode() not in raw and "Fünf".encode() not in raw
    assert max(map(len, raw.split(b"\r\n"))) <= 998 and b"\r\n" in raw
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)|[^\x01-\x7e]", raw)
    assert dana.address.encode() not in raw.lower()

    inner = BytesParser(policy=policy.default).parsebytes(bob("--decrypt", data=encrypted_part(Path(to_bob["path"]))))
    said = bob.said  # type: ignore[attr-defined]
    assert f"VALIDSIG {alice.fingerprint.upper()}" in said
    assert said.count("] ENC_TO ") == 2, "Bob and Alice; Dana's key ID would tell Bob of her"
    assert inner["Subject"] == SECRET
    assert inner["Bcc"] is None
    assert inner.get_param("hp") == "cipher"
    assert "Subject: [...]" in inner.get_all("HP-Outer")
    outer = entity_of(Path(to_bob["path"]))
    assert outer["Subject"] == "[...]" and outer["Message-ID"] == inner["Message-ID"]
    body, file = inner.iter_parts()
    assert body.get_content().replace("\r\n", "\n") == f"{SECRET}\n\n.\nFrom here on\n-- \nAlice\n"
    assert file.get_filename() == "Fünf.bin"
    assert file.get_content() == attachment.read_bytes()

    assert bob("--decrypt", data=encrypted_part(Path(to_dana["path"])), ok=False) == b"", "Dana's copy is hers"


def test_gpg_verifies_our_detached_signature(tmp_path: Path, bob: Gpg, alice: Person) -> None:
    built = build(
        alice,
        tmp_path / "out",
        to=[{"name": "Bob", "address": "bob@example.test"}],
        subject="Grüße",
        text="trailing spaces   \n\nFrom me\n",
        html="<p>Grüße</p>",
        protection="signed",
    )
    raw = Path(built["deliveries"][0]["path"]).read_bytes()
    message = BytesParser(policy=policy.default).parsebytes(raw)
    assert message.get_param("micalg") == "pgp-sha256"
    boundary = message.get_boundary().encode()
    signed = raw.split(b"--" + boundary + b"\r\n")[1][:-2]
    (tmp_path / "signature").write_bytes(list(message.iter_parts())[1].get_payload(decode=True))
    bob("--verify", tmp_path / "signature", "-", data=signed)
    assert f"VALIDSIG {alice.fingerprint.upper()}" in bob.said  # type: ignore[attr-defined]
    bob("--verify", tmp_path / "signature", "-", data=signed.replace(b"Gr", b"gr"), ok=False)
    assert "BADSIG" in bob.said  # type: ignore[attr-defined]


def pgp_mime(armored: bytes, **headers: str) -> bytes:
    fields = {"From": "Bob <bob@example.test>", "To": "alice@example.test", "Subject": "...", **headers}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return (
        (
            f'{head}MIME-Version: 1.0\r\nContent-Type: multipart/encrypted; protocol="application/pgp-encrypted"; '
            'boundary="b"\r\n\r\n--b\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n\r\n--b\r\n'
            "Content-Type: application/octet-stream\r\n\r\n"
        ).encode()
        + armored.replace(b"\n", b"\r\n")
        + b"\r\n--b--\r\n"
    )


def inner_entity(tmp_path: Path) -> tuple[bytes, bytes]:
    attachment = os.urandom(5_000_000)
    message = EmailMessage(policy=policy.SMTP)
    message["Subject"] = SECRET
    message.set_content(f"{SECRET}\n")
    message.add_attachment(attachment, maintype="application", subtype="octet-stream", filename="fünf.bin")
    message.set_param("protected-headers", "v1")
    return message.as_bytes(), attachment


def test_we_open_what_gpg_sends(tmp_path: Path, bob: Gpg, alice: Person) -> None:
    entity, attachment = inner_entity(tmp_path)
    armored = bob("--armor", "--encrypt", "--sign", "-r", alice.address, data=entity)
    path = tmp_path / "message.eml"
    path.write_bytes(pgp_mime(armored))
    by = {"keys": [alice.key], "certificates": [tmp_path / "bob.pgp"]}
    answer = open_one(path, **by)
    assert answer["judged"]["line"] == ["enc-ok", "sig-good-first"]
    assert answer["headers"]["subject"] == SECRET
    text, file = answer["parts"]
    assert text["text"] == f"{SECRET}\n"
    assert file["name"] == "fünf.bin" and file["sha256"] == sha256(attachment).hexdigest()

    pin = {**answer["note"], "count": 4}
    assert pin["address"] == "bob@example.test"
    assert open_one(path, **by, pins={"bob@example.test": pin})["judged"]["sig"] == "sig-good-known"
    verified = {**pin, "verified": pin["since"]}
    assert open_one(path, **by, pins={"bob@example.test": verified})["judged"]["sig"] == "sig-good-verified"
    other = {**pin, "fingerprint": "0" * 40}
    changed = open_one(path, **by, pins={"bob@example.test": other})
    assert changed["judged"]["sig"] == "sig-changed" and changed["note"] is None
    assert open_one(path, keys=[alice.key])["judged"]["sig"] == "sig-no-certificate"
    assert open_one(path, locked=True)["judged"]["line"] == ["enc-locked"]
    mallory = path.with_name("mallory.eml")
    mallory.write_bytes(pgp_mime(armored, From="Mallory <mallory@example.test>"))
    assert open_one(mallory, **by)["judged"]["sig"] == "sig-from-differs"


def test_we_verify_what_gpg_signs(tmp_path: Path, bob: Gpg, alice: Person) -> None:
    signed = b"Content-Type: text/plain; charset=utf-8\r\n\r\nplain words\r\n"
    signature = bob("--armor", "--detach-sign", data=signed)
    path = tmp_path / "signed.eml"

    def mail(text: bytes, line_end: bytes = b"\r\n") -> bytes:
        whole = (
            b"From: bob@example.test\r\nSubject: x\r\nContent-Type: multipart/signed; micalg=pgp-sha512; "
            b'protocol="application/pgp-signature"; boundary=b\r\n\r\n--b\r\n'
            + text
            + b"\r\n--b\r\nContent-Type: application/pgp-signature\r\n\r\n"
            + signature.replace(b"\n", b"\r\n")
            + b"\r\n--b--\r\n"
        )
        return whole.replace(b"\r\n", line_end)

    weak = bob("--armor", "--digest-algo", "SHA1", "--detach-sign", data=signed)
    states = {}
    for name, raw in {
        "as sent": mail(signed),
        "line ends lost on the way": mail(signed, b"\n"),
        "changed": mail(signed.replace(b"plain", b"other")),
        "with SHA-1": mail(signed).replace(signature.replace(b"\n", b"\r\n"), weak.replace(b"\n", b"\r\n")),
    }.items():
        path.write_bytes(raw)
        states[name] = open_one(path, certificates=[tmp_path / "bob.pgp"])["judged"]["sig"]
    assert states == {
        "as sent": "sig-good-first",
        "line ends lost on the way": "sig-good-first",
        "changed": "sig-bad",
        "with SHA-1": "sig-weak",
    }


@pytest.mark.parametrize("position", [0.3, 0.6, 0.9, 0.999])
def test_a_flipped_bit_shows_nothing(tmp_path: Path, bob: Gpg, alice: Person, position: float) -> None:
    binary = bytearray(bob("--encrypt", "--sign", "-r", alice.address, data=SECRET.encode() * 200))
    binary[int(len(binary) * position)] ^= 1
    path = tmp_path / "flipped.eml"
    path.write_bytes(pgp_mime(bob("--enarmor", data=bytes(binary)).replace(b"ARMORED FILE", b"MESSAGE")))
    answer = open_one(path, keys=[alice.key], certificates=[tmp_path / "bob.pgp"])
    assert answer["judged"]["withheld"] == ["all"]
    assert answer["judged"]["enc"] in ("enc-damaged", "enc-failed", "enc-unsupported")
    assert answer["parts"] == []


def test_data_without_integrity_check_is_refused(tmp_path: Path, bob: Gpg, alice: Person) -> None:
    """gpg 2.2 writes an MDC whatever it is told, so the packet is made plain SED by hand: EFAIL's first step."""
    binary = bob("--encrypt", "-z0", "--cipher-algo", "AES128", "--rfc2440", "-r", alice.address, data=b"x" * 500)
    listed = bob("--list-packets", data=binary, ok=False).decode()
    offset = int(re.findall(r"# off=(\d+) ctb=\w+ tag=(?:9|18)", listed)[-1])
    body = binary[offset:]
    if "tag=18" in listed:
        header = 3 if body[1] >= 192 else 2
        length = len(body) - header - 1
        body = bytes([0xC9, 255]) + length.to_bytes(4, "big") + body[header + 1 :]
    path = tmp_path / "sed.eml"
    armored = bob("--enarmor", data=binary[:offset] + body).replace(b"ARMORED FILE", b"MESSAGE")
    path.write_bytes(pgp_mime(armored))
    answer = open_one(path, keys=[alice.key])
    assert answer["judged"]["line"] == ["enc-no-integrity"]
    assert answer["parts"] == []


def test_a_bomb_ends_before_it_grows(tmp_path: Path, bob: Gpg, alice: Person) -> None:
    armored = bob("--armor", "--encrypt", "--compress-level", "9", "-r", alice.address, data=bytes(200 * 1024 * 1024))
    path = tmp_path / "bomb.eml"
    path.write_bytes(pgp_mime(armored))
    answer = open_one(path, keys=[alice.key])
    assert answer["judged"]["line"] == ["enc-too-large"]
    assert answer["ms"] < 3000


def test_our_revocation_is_one_that_gpg_takes(tmp_path: Path, bob: Gpg, alice: Person) -> None:
    bob("--import", alice.revocation)
    listed = bob("--with-colons", "--list-keys", alice.address).decode()
    assert listed.split("pub:")[1].startswith("r")
    (tmp_path / "revoked.pgp").write_bytes(bob("--export", alice.address))
    [judged] = run({"op": "judge", "asked": [{"address": alice.address, "paths": [tmp_path / "revoked.pgp"]}]})
    assert judged["reason"] == "revoked" and not judged["usable"]


def test_what_a_key_may_do_is_judged_like_gpg_does(tmp_path: Path, gnupg: Callable[..., Gpg]) -> None:
    gpg = gnupg(tmp_path / "home")
    asked: list[dict[str, Any]] = []
    for address, algorithm, usage, expires in [
        ("good@example.test", "default", "default", "never"),
        ("rsa@example.test", "rsa2048", "default", "2y"),
        ("sign-only@example.test", "ed25519", "sign", "never"),
        ("weak@example.test", "rsa1024", "default", "never"),
    ]:
        gpg("--quick-generate-key", f"Somebody <{address}>", algorithm, usage, expires)
        if algorithm == "rsa2048":
            # Named an algorithm, gpg makes the primary key alone.
            made = re.search(r"KEY_CREATED P (\w+)", gpg.said)  # type: ignore[attr-defined]
            assert made is not None
            gpg("--quick-add-key", made[1], "rsa2048", "encr", expires)
        (tmp_path / address).write_bytes(gpg("--export", address))
        asked.append({"address": address, "paths": [tmp_path / address]})
    later = "2040-01-01T00:00:00Z"
    asked += [
        {"address": "rsa@example.test", "paths": [tmp_path / "rsa@example.test"], "now": later},
        {"address": "other@example.test", "paths": [tmp_path / "good@example.test"]},
        {"address": "example.test", "paths": [tmp_path / "good@example.test"]},
        {
            "address": "GOOD@Example.test",
            "paths": [tmp_path / "sign-only@example.test", tmp_path / "good@example.test"],
        },
        {"address": "good@example.test", "paths": []},
    ]
    reasons = [judged["reason"] for judged in run({"op": "judge", "asked": asked})]
    assert reasons == [
        "",
        "",
        "no-encryption-key",
        "weak-self-signature",
        "expired",
        "other-address",
        "other-address",
        "",
        "unreadable",
    ]
