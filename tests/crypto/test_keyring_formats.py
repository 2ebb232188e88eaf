"""keyring-1, state-1 and stay-1: the page and an independent reader understand each other."""

from __future__ import annotations

import base64
import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from . import hpke_reader
from . import keyring_reader as reader

HERE = Path(__file__).parent
VECTORS = HERE / "vectors"
NODE = HERE.parent.parent / "scripts" / "node"
PASSPHRASE = "unicorn gravel dwindle passport mosaic"


def page(**asked: Any) -> Any:
    """Ask the page's own code, in Node."""
    done = subprocess.run(
        [str(NODE), str(HERE / "ring_tool.mjs")],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


@pytest.fixture(scope="module")
def made() -> Any:
    return page(verb="create", passphrase="café " + PASSPHRASE, name="Alice", address="alice@example.test")


def test_reader_opens_the_box_of_rfc_9180() -> None:
    vector = json.loads((VECTORS / "hpke.json").read_text())
    at = {name: bytes.fromhex(vector[name]) for name in ("skRm", "enc", "info", "aad", "ct")}
    secret = X25519PrivateKey.from_private_bytes(at["skRm"])
    assert hpke_reader.open_box(secret, at["enc"], at["info"], at["aad"], at["ct"]).hex() == vector["pt"]


@pytest.mark.parametrize("kind", ["passphrase", "code"])
def test_reader_opens_what_the_page_made(made: Any, kind: str) -> None:
    file = base64.b64decode(made["ring"])
    secret = "cafe\N{COMBINING ACUTE ACCENT} " + PASSPHRASE if kind == "passphrase" else made["code"]
    opened = reader.open_ring(file, kind, secret)
    assert opened.body["keys"][0]["fingerprint"] == made["fingerprint"]
    assert opened.body["keys"][0]["address"] == "alice@example.test"
    assert [way["kind"] for way in opened.body["ways"]] == ["passphrase", "code"]
    assert opened.body["revocations"][0]["fingerprint"] == made["fingerprint"]
    assert reader.file_hash(file) == made["head"]["hash"]
    assert base64.b64decode(opened.body["previous"]) == bytes(32)


def test_reader_opens_the_pages_state_record(made: Any) -> None:
    opened = reader.open_ring(base64.b64decode(made["ring"]), "code", made["code"])
    ring, root = (base64.b64decode(opened.body[name]) for name in ("ring", "state"))
    record = base64.b64decode(made["record"])
    assert reader.open_state(ring, root, "pins", "pins", 7, record) == b'{"pins":[]}'
    assert reader.draft_mac_key(root).hex() == made["draftMacKey"]
    with pytest.raises(reader.Refused):
        reader.open_state(ring, root, "pins", "pins", 8, record)


def test_reader_refuses_wrong_secrets_and_changed_files(made: Any) -> None:
    file = bytearray(base64.b64decode(made["ring"]))
    with pytest.raises(reader.Refused, match="secret"):
        reader.open_ring(bytes(file), "passphrase", "not this one")
    file[-1] ^= 1
    with pytest.raises(reader.Refused, match="body"):
        reader.open_ring(bytes(file), "code", made["code"])


@pytest.mark.parametrize("kind", ["passphrase", "code"])
def test_page_opens_what_the_second_writer_made(made: Any, kind: str) -> None:
    keys = reader.open_ring(base64.b64decode(made["ring"]), "code", made["code"]).body["keys"]
    file, _, root = reader.write_ring([("passphrase", PASSPHRASE), ("code", made["code"])], keys, epoch=3, rev=41)
    secret = PASSPHRASE if kind == "passphrase" else made["code"]
    opened = page(verb="open", ring=b64(file), kind=kind, secret=secret)
    assert opened["keys"] == [made["fingerprint"]]
    assert (opened["head"]["epoch"], opened["head"]["rev"]) == (3, 41)
    assert opened["head"]["hash"] == reader.file_hash(file)
    assert opened["root"] == root.hex()
    assert page(verb="open", ring=b64(file), kind="passphrase", secret="not this one") == {"refused": "wrong-secret"}


def test_page_refuses_a_key_of_two_halves(made: Any) -> None:
    """KO: the writer has K, the ring is sealed rightly, and still the key is not used."""
    other = page(verb="create", passphrase=PASSPHRASE, name="Bob", address="bob@example.test")
    mine = reader.open_ring(base64.b64decode(made["ring"]), "code", made["code"]).body["keys"][0]
    theirs = reader.open_ring(base64.b64decode(other["ring"]), "code", other["code"]).body["keys"][0]
    for mixed in (mine | {"key": theirs["key"]}, mine | {"certificate": theirs["certificate"]}):
        file, _, _ = reader.write_ring([("code", made["code"])], [mixed])
        assert page(verb="open", ring=b64(file), kind="code", secret=made["code"]) == {"refused": "key-refused"}


def test_reader_opens_the_pages_stay_blob() -> None:
    ring, device, half, key = os.urandom(16), os.urandom(16), os.urandom(32), os.urandom(32)
    kept = page(verb="stay", ring=b64(ring), epoch=2, device=b64(device), half=b64(half), key=b64(key))
    blob = base64.b64decode(kept["blob"])
    assert reader.open_stay(base64.b64decode(kept["deviceKey"]), half, ring, 2, device, blob) == key


@pytest.mark.parametrize("name", ["keyring-1", "keyring-1-python"])
def test_published_rings_open_in_both(name: str) -> None:
    vector = json.loads((VECTORS / f"{name}.json").read_text())
    file = base64.b64decode(vector["file"])
    for kind in ("passphrase", "code"):
        opened = reader.open_ring(file, kind, vector[kind])
        assert opened.key.hex() == vector["key"]
        assert opened.body["state"] == b64(bytes.fromhex(vector["state"]))
        seen = page(verb="open", ring=vector["file"], kind=kind, secret=vector[kind])
        assert seen["head"] == vector["head"]
        assert seen["keys"] == vector["keys"]
        assert seen["root"] == vector["state"]


def test_published_records_open_in_the_reader() -> None:
    vector = json.loads((VECTORS / "state-1.json").read_text())
    ring, root = bytes.fromhex(vector["ring"]), bytes.fromhex(vector["root"])
    for each in vector["records"]:
        record = base64.b64decode(each["record"])
        cleartext = reader.open_state(ring, root, each["kind"], each["name"], each["rev"], record)
        assert cleartext.decode() == each["cleartext"]
    assert reader.draft_mac_key(root).hex() == vector["draft_mac_key"]


def test_published_stay_blob_opens_in_the_reader() -> None:
    vector = json.loads((VECTORS / "stay-1.json").read_text())
    names = ("device_key", "half", "ring", "device", "blob")
    at = {name: bytes.fromhex(vector[name]) for name in names}
    opened = reader.open_stay(at["device_key"], at["half"], at["ring"], vector["epoch"], at["device"], at["blob"])
    assert opened.hex() == vector["key"]
