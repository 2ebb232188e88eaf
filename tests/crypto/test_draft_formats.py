"""Drafts: a second reader and GnuPG open what the page makes, and the second reader refuses what it must."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest

from . import draft_reader, keyring_reader
from .test_keyring_formats import VECTORS, page

ID = "5c1f7a2e-90b4-4c55-8d1c-0a7f3b6e2d11"
CONTENT = {
    "from": {"name": "Alice", "address": "alice@example.test"},
    "to": [{"name": "Bob", "address": "bob@example.test"}],
    "cc": [],
    "bcc": [{"name": "", "address": "dana@example.test"}],
    "subject": "Walnussbaum – 核桃树",
    "text": "Half a sent",
    "html": None,
    "inReplyTo": "<one@example.test>",
    "references": ["<one@example.test>"],
    "extra": {"how": "reply"},
    "file": "a file",
    "fileName": "Umbau 图.txt",
}


@pytest.fixture(scope="module")
def made() -> dict[str, bytes]:
    return {name: base64.b64decode(value) for name, value in page(verb="draft", id=ID, rev=3, content=CONTENT).items()}


def test_gpg_opens_a_draft_and_finds_no_signature(
    made: dict[str, bytes], gnupg: Callable[..., Any], tmp_path: Path
) -> None:
    draft, rev, armored = draft_reader.message_of(made["raw"], made["root"])
    assert (draft, rev) == (ID, 3)
    gpg = gnupg(tmp_path / "alice")
    gpg("--import", data=made["key"])
    payload = message_from_bytes(gpg("--decrypt", data=armored), policy=policy.default)
    assert "DECRYPTION_OKAY" in gpg.said and "GOODSIG" not in gpg.said
    assert payload["Subject"] == CONTENT["subject"]
    assert (payload["To"], payload["Bcc"]) == ("Bob <bob@example.test>", "dana@example.test")
    assert payload["In-Reply-To"] == "<one@example.test>"
    assert payload.get_body().get_content() == "Half a sent\r\n"  # type: ignore[union-attr]
    [file] = payload.iter_attachments()
    assert (file.get_filename(), file.get_content()) == ("Umbau 图.txt", "a file")
    assert draft_reader.composer_state(payload) == {"extra": {"how": "reply"}}
    outside = message_from_bytes(made["raw"], policy=policy.default)
    assert (outside["Subject"], outside["To"], outside["Bcc"]) == ("[...]", None, None)
    assert outside["Message-ID"] == f"<{ID}@example.test>"


def test_second_reader_refuses_other_roots_and_changes(made: dict[str, bytes]) -> None:
    raw = made["raw"]
    for changed, root in (
        (raw, bytes(32)),
        (raw.replace(b"rev=3", b"rev=4"), made["root"]),
        (raw.replace(b"id=5c", b"id=5d"), made["root"]),
        (raw.replace(b"X-Postern-Draft", b"X-Postern-Other"), made["root"]),
    ):
        with pytest.raises(keyring_reader.Refused):
            draft_reader.message_of(changed, root)


def test_second_reader_opens_the_copy_in_the_browser(made: dict[str, bytes]) -> None:
    kept = json.loads(keyring_reader.open_state(made["ring"], made["root"], "draft", ID, 3, made["record"]))
    assert (kept["text"], kept["subject"], kept["extra"]) == ("Half a sent", CONTENT["subject"], {"how": "reply"})
    [file] = kept["files"]
    name = f"{ID} {file['id']}"
    opened = keyring_reader.open_state(made["ring"], made["root"], "draft-file", name, 1, made["file"])
    assert opened == b"a file"


def test_vectors() -> None:
    vectors = json.loads((VECTORS / "draft-1.json").read_text())
    root = bytes.fromhex(vectors["root"])
    for label in vectors["labels"]:
        assert draft_reader.mac(root, label["id"], label["rev"], base64.b64decode(label["message"])) == label["mac"]
