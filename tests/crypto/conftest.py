"""The other side of every crypto test: GnuPG in a home of its own."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

Gpg = Callable[..., bytes]


@pytest.fixture
def gnupg() -> Iterator[Callable[..., Gpg]]:
    """Makes a home folder and gives a function that runs gpg in it; its agent is ended afterwards."""
    homes: list[Path] = []

    def make(home: Path, copy_of: Path | None = None) -> Gpg:
        home.mkdir(mode=0o700, parents=True)
        if copy_of is not None:
            for name in ("pubring.gpg", "secring.gpg"):
                if (copy_of / name).exists():
                    shutil.copy(copy_of / name, home)
        homes.append(home)

        def gpg(*arguments: object, data: bytes = b"", ok: bool = True) -> bytes:
            command = ["gpg", "--homedir", home, "--batch", "--yes", "--pinentry-mode", "loopback", "--passphrase", ""]
            finished = subprocess.run(
                [str(one) for one in [*command, "--trust-model", "always", "--status-fd", "2", *arguments]],
                input=data,
                capture_output=True,
                timeout=60,
            )
            assert finished.returncode == 0 or not ok, finished.stderr.decode(errors="replace")
            gpg.said = finished.stderr.decode(errors="replace")  # type: ignore[attr-defined]
            return finished.stdout

        return gpg

    yield make
    for home in homes:
        subprocess.run(["gpgconf", "--homedir", str(home), "--kill", "gpg-agent"], check=False, timeout=20)
