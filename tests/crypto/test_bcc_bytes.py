"""Whoever is in To or Cc cannot tell from the bytes whether others got it: packets as gpg lists them, order, sizes."""

import re
import subprocess
from email import policy
from email.parser import BytesParser
from pathlib import Path

import pytest

from tests.crypto.messages import Person, build, person
from tests.crypto.test_interop_gpg import encrypted_part

PEOPLE = ("Alice", "Bob", "Charlie", "Dana", "Eve")


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Person]:
    return {name: person(name, tmp_path_factory.mktemp(name)) for name in PEOPLE}


def listed(home: Path, packets: Path) -> str:
    """What gpg sees without any key: it cannot decrypt, and says so by its exit."""
    home.mkdir(mode=0o700, exist_ok=True)
    command = [
        "gpg",
        "--homedir",
        str(home),
        "--batch",
        "--no-autostart",
        "--list-only",
        "--list-packets",
        str(packets),
    ]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False).stdout


def encryption_key(home: Path, who: Person) -> str:
    home.mkdir(mode=0o700, exist_ok=True)
    command = ["gpg", "--homedir", str(home), "--batch", "--with-colons", "--show-keys", str(who.certificate)]
    shown = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout
    return next(
        line.split(":")[4] for line in shown.splitlines() if line.startswith("sub:") and "e" in line.split(":")[11]
    )


def delivered(people: dict[str, Person], out: Path, bcc: tuple[str, ...]) -> dict[str, Path]:
    built = build(
        people["Alice"],
        out,
        to=[{"name": "Bob", "address": people["Bob"].address}],
        cc=[{"name": "", "address": people["Charlie"].address}],
        bcc=[{"name": name, "address": people[name].address} for name in bcc],
        subject="Who else",
        text="knows?\n",
        protection="encrypted",
        certificates={who.address: [who.certificate] for name, who in people.items() if name != "Alice"},
    )
    return {" ".join(one["recipients"]): Path(one["path"]) for one in built["deliveries"]}


def test_no_ciphertext_tells_of_bcc(tmp_path: Path, people: dict[str, Person]) -> None:
    home = tmp_path / "gpg"
    keys = {name: encryption_key(home, who) for name, who in people.items()}
    visible = f"{people['Bob'].address} {people['Charlie'].address}"
    wanted = {visible: {"Alice", "Bob", "Charlie"}, people["Dana"].address: {"Alice", "Dana"}}
    wanted[people["Eve"].address] = {"Alice", "Eve"}
    alone = delivered(people, tmp_path / "alone", ())
    secret = delivered(people, tmp_path / "secret", ("Dana", "Eve"))
    assert set(alone) == {visible} and set(secret) == set(wanted)

    shapes = []
    for path, whom in [(alone[visible], wanted[visible]), *((path, wanted[to]) for to, path in secret.items())]:
        packets = tmp_path / "packets"
        packets.write_bytes(encrypted_part(path))
        seen = listed(home, packets)
        ids = re.findall(r"^:pubkey enc packet:.* keyid ([0-9A-F]{16})$", seen, re.M)
        assert sorted(ids) == sorted(keys[name] for name in whom), seen
        # No other packets than session keys and one of data, so nothing is left over for a key that is not named.
        kinds = re.findall(r"^:([a-z ]+?) packet:", seen, re.M)
        assert kinds == ["pubkey enc"] * len(whom) + ["encrypted data"], seen
        shapes.append(
            (path, re.sub(r"keyid [0-9A-F]+", "", "\n".join(re.findall(r"^(?::.*|# off.* tag=1 .*)$", seen, re.M))))
        )

    # With two in Bcc the message to those who see each other has the form, order and sizes that it has without.
    to_all = dict(shapes)
    assert to_all[alone[visible]] == to_all[secret[visible]]
    (plain, length), (other, longer) = (without_chance(paths[visible]) for paths in (alone, secret))
    assert plain == other
    # The two numbers of a signature lose their leading zeros; one more session key would be ninety octets.
    assert abs(length - longer) <= 12


def without_chance(path: Path) -> tuple[list[str], int]:
    """Names of the outer fields, and the length of all of it: what a stranger can count."""
    raw = path.read_bytes()
    message = BytesParser(policy=policy.default).parsebytes(raw)
    assert message["Bcc"] is None and not re.search(rb"dana@|eve@", raw, re.I)
    return message.keys(), len(raw)
