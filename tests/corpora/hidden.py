"""What a message would give away: decrypted by GnuPG, independently of the page, from wherever it stands."""

from __future__ import annotations

import email
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests.corpora.seen import bare

BLOCK = re.compile(rb"-----BEGIN PGP MESSAGE-----.*?-----END PGP MESSAGE-----", re.DOTALL)
#: Shorter pieces stand in any text.
LEAST = 6


class Opener:
    """A GnuPG home with the keys of a set."""

    def __init__(self, home: Path, keys: tuple[Path, ...]) -> None:
        self.home = home
        home.mkdir(mode=0o700)
        if keys:
            self._gpg("--import", *map(str, keys))

    def close(self) -> None:
        subprocess.run(["gpgconf", "--homedir", str(self.home), "--kill", "gpg-agent"], check=False, timeout=20)

    def _gpg(self, *arguments: str, data: bytes = b"") -> bytes:
        command = ["gpg", "--homedir", str(self.home), "--batch", "--yes", "--pinentry-mode", "loopback"]
        options = ["--passphrase", "", "--ignore-mdc-error", "--trust-model", "always", "--status-fd", "2", *arguments]
        done = subprocess.run([*command, *options], input=data, capture_output=True, timeout=60)
        # What was only signed was never hidden.
        return done.stdout if b"DECRYPTION_OKAY" in done.stderr or not data else b""

    def hidden(self, message: bytes) -> list[str]:
        """Lines that stand only inside an encrypted part of the message."""
        outside = bare(message.decode("latin-1"))
        lines = []
        for block in dict.fromkeys(_blocks(message)):
            for line in _text(self._gpg("--decrypt", data=block)).splitlines():
                if len(bare(line)) >= LEAST and bare(line) not in outside and not _is_field(line):
                    lines.append(line)
        return lines


def _is_field(line: str) -> bool:
    return re.match(r"(?i)(content-|mime-|--)", line) is not None


def _blocks(message: bytes) -> Iterator[bytes]:
    yield from BLOCK.findall(message.replace(b"\r\n", b"\n"))
    for part in email.message_from_bytes(message).walk():
        payload = part.get_payload(decode=True)
        if isinstance(payload, bytes):
            yield from BLOCK.findall(payload.replace(b"\r\n", b"\n"))


def _text(entity: bytes) -> str:
    """The words of what was decrypted, itself a MIME entity or plain text."""
    texts = [entity]
    for part in email.message_from_bytes(entity).walk():
        payload = part.get_payload(decode=True)
        if isinstance(payload, bytes) and part.get_content_maintype() == "text":
            texts.append(payload)
    return "\n".join(text.decode("utf-8", "replace") for text in texts)
