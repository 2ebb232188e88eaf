"""A second reader of drafts, from docs/crypto-inventory.md alone: it shares no code with static/crypto/."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import struct
import uuid
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from .keyring_reader import Refused, draft_mac_key

FIELD = re.compile(r"v=1;\s*id=([0-9a-f-]{36});\s*rev=([0-9]+);\s*mac=([\w-]{43})")


def mac(root: bytes, draft: str, rev: int, message: bytes) -> str:
    covered = b"postern draft-1\0" + uuid.UUID(draft).bytes + struct.pack(">Q", rev) + hashlib.sha256(message).digest()
    made = hmac.new(draft_mac_key(root), covered, hashlib.sha256).digest()
    return base64.urlsafe_b64encode(made).decode().rstrip("=")


def message_of(raw: bytes, root: bytes) -> tuple[str, int, bytes]:
    """Draft, revision and armored OpenPGP message, after the MAC was found right; raises Refused."""
    entity = message_from_bytes(raw, policy=policy.default)
    labels = entity.get_all("X-Postern-Draft", [])
    label = FIELD.fullmatch(labels[0]) if len(labels) == 1 else None
    if label is None or entity.get_content_type() != "multipart/encrypted":
        raise Refused("not a draft of ours")
    armored = next(part for part in entity.iter_parts() if part.get_content_type() == "application/octet-stream")
    text = armored.get_payload(decode=True)
    assert isinstance(text, bytes)
    if not hmac.compare_digest(mac(root, label[1], int(label[2]), dearmored(text)), label[3]):
        raise Refused("MAC")
    return label[1], int(label[2]), text


def dearmored(text: bytes) -> bytes:
    body = text.split(b"-----BEGIN PGP MESSAGE-----")[1].split(b"-----END PGP MESSAGE-----")[0]
    lines = body.replace(b"\r\n", b"\n").partition(b"\n\n")[2].split(b"\n")
    return base64.b64decode(b"".join(line for line in lines if not line.startswith(b"=")))


def composer_state(payload: EmailMessage) -> Any:
    """What stands inside for the composer."""
    return json.loads(base64.b64decode(re.sub(r"\s", "", str(payload["X-Postern-Composer"]))))
