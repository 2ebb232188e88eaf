"""Certificates that must not be used: forged, unbound, expired, revoked (rnp's and openpgp-interop's cases)."""

import json
from pathlib import Path

from tests import corpora
from tests.crypto.messages import run


def inspected(paths: list[Path]) -> list[list[dict[str, object]]]:
    return run({"op": "inspect", "paths": paths})


def test_forged_keys_have_nothing_to_encrypt_to() -> None:
    chosen = [
        case
        for case in corpora.cases("openpgp-bad-keys")
        if case.name.startswith("forged/") and "-sec" not in case.name
    ]
    for case, certificates in zip(chosen, inspected([case.path for case in chosen]), strict=True):
        verdict = case.expected["verdict"]
        usable = any(one["encryption"] and one["userIds"] for one in certificates)
        if verdict == "valid" and "dsa" not in case.name:
            assert usable, case.name
        if verdict.startswith("must-not-be-usable"):
            assert not usable, case.name


def test_validity_cases_are_judged_as_their_readme_says() -> None:
    chosen = {
        case.name.split("/")[1]: case.path
        for case in corpora.cases("openpgp-bad-keys")
        if case.name.startswith("validity/") and case.name.endswith("pubring.gpg")
    }
    found = dict(zip(chosen, inspected(list(chosen.values())), strict=True))

    def alice(case: str) -> dict[str, object]:
        # Without a self-signature a certificate names nobody, so it is found by being the first.
        return next((one for one in found[case] if "Alice" in str(one["userIds"])), found[case][0])

    assert alice("case1")["userIds"]
    assert not alice("case3")["userIds"], "no self-signature"
    assert alice("case4")["keys"] == 1, "invalid binding"
    assert alice("case5")["keys"] == 1, "bound by another's key"
    assert alice("case6")["revoked"]
    for case in ("case11", "case12", "case13"):
        assert not alice(case)["encryption"], "one statement lets the key expire"
    assert alice("case9")["encryption"], "the newer self-signature takes the expiry back"
    assert len(alice("case15")["signing"]) == 1, "the subkey's consent expired; the primary key signs"  # type: ignore[arg-type]


def test_imports_keep_what_is_valid_and_drop_the_rest() -> None:
    chosen = [case for case in corpora.cases("openpgp-interop") if case.expected["type"] == "import"]
    assert chosen
    for case, [certificate] in zip(chosen, inspected([case.path for case in chosen]), strict=True):
        about = json.loads(case.path.with_suffix(".json").read_text())
        assert certificate["fingerprint"] == about["expected_fingerprint"], case.name
        if case.name.rpartition("/")[2].startswith(("uid-", "subkey-")):
            assert certificate["userIds"] == about["expected_uids"], case.name
            assert certificate["encryption"] is False or about["expected_subkeys"], case.name
