"""Our message code, run by node, for tests that have another program as the other side."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TOOL = Path(__file__).with_name("message_tool.mjs")
NODE = Path(__file__).resolve().parents[2] / "scripts" / "node"


def run(job: dict[str, Any], timeout: float = 120) -> Any:
    """One job of message_tool.mjs. Paths may be Path."""
    finished = subprocess.run(
        [str(NODE), str(TOOL)], input=json.dumps(job, default=str), capture_output=True, text=True, timeout=timeout
    )
    assert finished.returncode == 0, finished.stderr
    return json.loads(finished.stdout)


@dataclass(frozen=True)
class Person:
    """Somebody with a key made by our code."""

    name: str
    address: str
    folder: Path
    fingerprint: str

    @property
    def key(self) -> Path:
        return self.folder / "key.pgp"

    @property
    def certificate(self) -> Path:
        return self.folder / "certificate.pgp"

    @property
    def revocation(self) -> Path:
        return self.folder / "revocation.pgp"


def person(name: str, folder: Path) -> Person:
    address = f"{name.lower()}@example.test"
    made = run({"op": "generate", "name": name, "address": address, "folder": folder})
    return Person(name, address, folder, made["fingerprint"])


def build(signer: Person, out: Path, **letter: Any) -> dict[str, Any]:
    """Finished messages from `signer`; the answer names their files."""
    whole = {
        "from": {"name": signer.name, "address": signer.address},
        "to": [],
        "cc": [],
        "bcc": [],
        "text": "",
        "html": None,
        "attachments": [],
        "inReplyTo": None,
        "references": [],
        "certificates": {},
        **letter,
    }
    return run({"op": "build", "letter": whole, "signer": signer.folder, "out": out})


def open_all(messages: list[dict[str, Any]], timeout: float = 120) -> list[dict[str, Any]]:
    """Each of `messages` has path, keys, certificates, pins, now; none may crash."""
    opened = run({"op": "open", "messages": messages}, timeout)
    for message, answer in zip(messages, opened, strict=True):
        assert "crashed" not in answer, f"{message['path']}: {answer['crashed']}\n{answer.get('stack')}"
    return opened


def open_one(path: Path, **by: Any) -> dict[str, Any]:
    return open_all([{"path": path, **by}])[0]
