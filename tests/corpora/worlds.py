"""Who reads a set: the keys in their ring, the certificates this server's directory has, and what day it is.

As each set's SOURCE.txt says. What is not named here is read by somebody with an ordinary key of their own.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests import corpora

TOOL = Path(__file__).with_name("ring.mjs")
NODE = corpora.ROOT / "scripts" / "node"
SECRET = "rotten gravel tinsel uncle sphinx"


@dataclass(frozen=True)
class World:
    """`clock`: the day in the browser, ISO, where the set needs another than today."""

    keys: tuple[Path, ...] = ()
    passphrases: tuple[str, ...] = ()
    certificates: tuple[Path, ...] = ()
    clock: str = ""

    def as_files(self, address: str) -> dict[str, Any]:
        """The sealed ring and the certificates by address: what ring.mjs says."""
        return tool(self.keys, self.passphrases, self.certificates, address)


def tool(
    keys: Iterable[Path], passphrases: Iterable[str], certificates: Iterable[Path], address: str
) -> dict[str, Any]:
    job = {
        "keys": [{"path": str(path), "passphrases": list(passphrases)} for path in keys],
        "certificates": [str(path) for path in certificates],
        "secret": SECRET,
        "address": address,
    }
    done = subprocess.run([str(NODE), str(TOOL)], input=json.dumps(job), capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def world(set_name: str, folder: Path) -> World:
    """`folder` is for what has to be exported first."""
    if set_name in ("html-dompurify", "x509-limbo") or not (corpora.folder() / "sets" / set_name / "support").exists():
        return World()
    here = corpora.support(set_name)
    if set_name == "johnny-fired":
        return World(certificates=_files(here / "public-keys", "*.asc"), clock="2019-04-15T12:00:00Z")
    if set_name == "covert-content":
        return World(
            keys=_files(here / "secret-keys", "*-sec.asc"), certificates=_files(here / "secret-keys", "*-pub.asc")
        )
    if set_name == "decryption-contexts":
        return World(keys=_files(here, "**/*.keys"))
    if set_name == "thunderbird-openpgp":
        # Alice's key is theirs, Bob's certificate known, Carol unknown.
        held = (*_files(here / "keys", "alice@*-secret.asc"), *_files(here / "keys", "carol@pgp.icu*-secret.asc"))
        return World(keys=held, certificates=_files(here / "keys", "bob@*-pub.asc"))
    if set_name == "deltachat-mails":
        return World(keys=_files(here / "key", "*-secret.asc"), certificates=_files(here / "key", "*-public.asc"))
    if set_name == "protected-headers":
        held = (*_files(here, "*.sec.asc"), *_files(here / "notmuch", "*secret-key.asc"))
        return World(keys=held, certificates=_files(here, "*.pub.asc"))
    if set_name == "pgp-signed-realmail":
        return World(certificates=(here / "keys.gpg",))
    if set_name == "openpgp-interop":
        beside = [path for case in corpora.cases(set_name) for path in case.path.parent.glob("*.asc")]
        private = {path for path in beside if "-decrypt" in path.name} | set(_files(here, "*.sec.asc"))
        known = {path for path in beside if "-verify" in path.name}
        return World(keys=tuple(sorted(private)), passphrases=("", "test"), certificates=tuple(sorted(known)))
    if set_name == "gnupg-samples":
        openpgp = here / "openpgp"
        return _of_agent(_files(openpgp / "samplekeys", "*.asc"), _files(openpgp / "privkeys", "*"), folder)
    if set_name == "openpgp-bad-keys":
        return World(
            keys=tuple(path for path in sorted(here.iterdir()) if "-sec" in path.name), passphrases=("password",)
        )
    if set_name == "kde-mimetreeparser":
        return _of_gnupg(here / "gnupg_home", folder)
    return World()


def _files(where: Path, pattern: str) -> tuple[Path, ...]:
    return tuple(sorted(where.glob(pattern)))


def _of_gnupg(home: Path, folder: Path) -> World:
    """The keys of a GnuPG home, exported by gpg from a copy of it."""
    with _home(folder) as (copy, gpg):
        for name in ("pubring.gpg", "secring.gpg"):
            if (home / name).exists():
                shutil.copyfile(home / name, copy / name)
        return _exported(gpg, folder)


def _of_agent(keys: tuple[Path, ...], private: tuple[Path, ...], folder: Path) -> World:
    """Keys of which GnuPG has the private half in its agent's own form, named by keygrip."""
    with _home(folder) as (home, gpg):
        gpg("--import", *map(str, keys))
        agent = home / "private-keys-v1.d"
        agent.mkdir(mode=0o700, exist_ok=True)
        for path in private:
            armored = path.suffix == ".asc"
            (agent / f"{path.stem}.key").write_bytes(
                gpg("--dearmor", str(path), to="-") if armored else path.read_bytes()
            )
        return _exported(gpg, folder)


def _exported(gpg: Callable[..., bytes], folder: Path) -> World:
    (folder / "secret.pgp").write_bytes(gpg("--export-secret-keys"))
    (folder / "public.pgp").write_bytes(gpg("--export"))
    return World(keys=(folder / "secret.pgp",), passphrases=("", "abc"), certificates=(folder / "public.pgp",))


@contextlib.contextmanager
def _home(folder: Path) -> Iterator[tuple[Path, Callable[..., bytes]]]:
    home = folder / "gnupg"
    home.mkdir(mode=0o700)
    options = ["gpg", "--homedir", str(home), "--batch", "--yes", "--pinentry-mode", "loopback", "--passphrase", ""]

    def gpg(*arguments: str, to: str = "") -> bytes:
        out = ["--output", to] if to else []
        return subprocess.run([*options, *out, *arguments], capture_output=True, timeout=60).stdout

    try:
        yield home, gpg
    finally:
        subprocess.run(["gpgconf", "--homedir", str(home), "--kill", "gpg-agent"], check=False, timeout=20)
