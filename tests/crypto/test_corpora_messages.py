"""Mail of other programs, through the reader that the worker uses: facts that the page does not show, and its pace.

What a person sees of it is judged in the page (tests/browser/test_corpora.py).
"""

from typing import Any

import pytest

from tests import corpora
from tests.crypto.messages import open_all

GOOD = "sig-good-"


def opened(set_name: str, *, suffixes: tuple[str, ...] = (), **by: Any) -> dict[str, dict[str, Any]]:
    chosen = [case for case in corpora.cases(set_name) if not suffixes or case.path.suffix in suffixes]
    answers = open_all([{"path": case.path, **by} for case in chosen])
    return {case.name: answer for case, answer in zip(chosen, answers, strict=True)}


@pytest.fixture(scope="module")
def thunderbird() -> dict[str, dict[str, Any]]:
    """As Mozilla's tests have it: alice's key is ours, bob's certificate known, carol unknown."""
    keys = corpora.support("thunderbird-openpgp") / "keys"
    bob = "fbfcc82a015e7330"
    found = opened(
        "thunderbird-openpgp",
        keys=[
            keys / "alice@openpgp.example-0xf231550c4f47e38e-secret.asc",
            keys / "carol@pgp.icu-0xEF2FD01608AFD744-revoked-secret.asc",
        ],
        certificates=[keys / f"bob@openpgp.example-0x{bob}-pub.asc"],
    )
    assert len(found) > 30
    return found


def test_what_is_inside_an_old_revoked_key_stays_readable(thunderbird: dict[str, dict[str, Any]]) -> None:
    answer = thunderbird["enc-to-carol@pgp.icu-revoked.eml"]
    assert answer["verdict"]["enc"]["oldKey"] == "revoked"
    assert "note-old-key" in answer["judged"]["notes"]


def test_a_forwarded_signature_says_nothing_about_the_message_around_it(thunderbird: dict[str, dict[str, Any]]) -> None:
    answer = thunderbird["fwd-signed.eml"]
    assert answer["judged"]["line"] == ["plain"]
    assert [card["id"] for card in answer["cards"]] == ["part-message"]


@pytest.mark.parametrize(
    "set_name",
    ["mime-misc", "mime-mimetools", "mime-stalwart", "deltachat-mails", "pgp-signed-realmail", "gnupg-samples"],
)
def test_nothing_crashes_or_hangs(set_name: str) -> None:
    found = opened(set_name)
    assert found
    slowest = max(found.items(), key=lambda one: one[1]["ms"])
    assert slowest[1]["ms"] < 3000, slowest[0]


def test_fuzzed_packets_end_in_words() -> None:
    chosen = [case for case in corpora.cases("openpgp-bad-keys") if case.kind in ("fuzz", "message")]
    answers = open_all([{"path": case.path, "wrap": True} for case in chosen])
    assert len(answers) > 60
    for case, answer in zip(chosen, answers, strict=True):
        assert answer["ms"] < 5000, case.name
        assert not (answer["judged"]["sig"] or "").startswith(GOOD), case.name
