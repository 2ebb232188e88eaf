"""Mail of other programs and of attackers, through the reader that the worker uses."""

from pathlib import Path
from typing import Any

import pytest

from tests import corpora
from tests.crypto.messages import open_all, open_one, run

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


def is_encrypted(answer: dict[str, Any]) -> bool:
    return answer["judged"]["enc"] == "enc-ok"


def is_signed(answer: dict[str, Any]) -> bool:
    return (answer["judged"]["sig"] or "").startswith(GOOD)


# Thunderbird marks these otherwise, on purpose:
DIFFERENT = {
    # It compares the signature's time with the unsigned Date. Here the signed text and subject stand, the time is in
    # the details, and the outer subject that differs is noted.
    "signed-mismatch-email-date.eml": ("sig-good-first", "note-outer-subject"),
}


def test_thunderbird_states(thunderbird: dict[str, dict[str, Any]]) -> None:
    checked = 0
    for case in corpora.cases("thunderbird-openpgp"):
        answer = thunderbird[case.name]
        for check in case.expected.get("ui", []):
            asserts = [one for one in check["asserts"] if "[" not in one]
            if asserts.count("hasEncryptedIconState:ok") and "not hasEncryptedIconState:ok" not in asserts:
                assert is_encrypted(answer), case.name
                checked += 1
            if "not hasEncryptedIconState:ok" in asserts:
                assert answer["judged"]["enc"] == "enc-none", case.name
                checked += 1
            if "hasSignedIconState:ok" in asserts:
                assert is_signed(answer), case.name
                checked += 1
            if "hasNoSignedIconState" in asserts or "hasSignedIconState:mismatch" in asserts:
                if case.name in DIFFERENT:
                    sig, note = DIFFERENT[case.name]
                    assert answer["judged"]["sig"] == sig and note in answer["judged"]["notes"]
                else:
                    assert not is_signed(answer), case.name
                checked += 1
    assert checked > 25


def test_thunderbird_engine_flags(thunderbird: dict[str, dict[str, Any]]) -> None:
    checked = 0
    for case in corpora.cases("thunderbird-openpgp"):
        engine = case.expected.get("engine")
        if engine is None:
            continue
        answer = thunderbird[case.name]
        assert is_encrypted(answer) == engine["enc"], case.name
        if "BAD_SIGNATURE" in engine["flags"]:
            assert answer["judged"]["sig"] == "sig-bad", case.name
        if not engine["sig"]:
            assert answer["judged"]["sig"] == "sig-none", case.name
        if "UNCERTAIN_SIGNATURE" in engine["flags"]:
            # Unknown, or first seen because its certificate came along; never known.
            assert answer["judged"]["sig"] in ("sig-no-certificate", "sig-good-first"), case.name
        checked += 1
    assert checked >= 7


def test_what_is_inside_an_old_revoked_key_stays_readable(thunderbird: dict[str, dict[str, Any]]) -> None:
    answer = thunderbird["enc-to-carol@pgp.icu-revoked.eml"]
    assert answer["verdict"]["enc"]["oldKey"] == "revoked"
    assert "note-old-key" in answer["judged"]["notes"]


def test_a_forwarded_signature_says_nothing_about_the_message_around_it(thunderbird: dict[str, dict[str, Any]]) -> None:
    answer = thunderbird["fwd-signed.eml"]
    assert answer["judged"]["line"] == ["plain"]
    assert [card["id"] for card in answer["cards"]] == ["part-message"]


def test_inner_subject_is_adopted_and_phony_ones_are_not() -> None:
    keys = corpora.support("protected-headers")
    found = opened(
        "protected-headers",
        suffixes=(".eml",),
        keys=[keys / "bob@openpgp.example.sec.asc", keys / "notmuch" / "openpgp4-secret-key.asc"],
        certificates=[keys / "alice@openpgp.example.pub.asc"],
    )
    for name in ("pgpmime-layered", "pgpmime-sign+enc", "unfortunately-complex"):
        answer = found[f"dkg/{name}.eml"]
        assert answer["headers"]["subject"] == "BarCorp contract signed, let's go!"
        assert is_encrypted(answer) and is_signed(answer)
        shown = "".join(part.get("text", "") for part in answer["parts"])
        assert shown and "Subject: BarCorp" not in shown, "the legacy display is not shown beside the subject"
    phony = [answer for name, answer in found.items() if "phony" in name or "no-protected-header" in name]
    assert phony
    for answer in phony:
        assert is_encrypted(answer)
        assert answer["headers"]["subject"] == "Subject Unavailable"
        assert answer["confidential"] == []
    legacy = found["notmuch/protected-with-legacy-display.eml"]
    assert legacy["headers"]["subject"] == "Interrupting Cow"
    smime = [answer for name, answer in found.items() if "smime-enc" in name]
    assert smime and all(answer["judged"]["enc"] == "enc-unsupported" for answer in smime)


def test_no_spoof_is_shown_as_signed_by_the_manager() -> None:
    """Johnny, you are fired (USENIX Security 2019): with both certificates at hand, and the manager's pinned."""
    keys = corpora.support("johnny-fired") / "public-keys"
    manager = "manager@bigcorporation.de"
    certificates = [keys / "manager@bigcorporation.asc", keys / "eve@bigcorporation.asc"]
    known = open_one(
        next(case.path for case in corpora.cases("johnny-fired") if case.name == "valid/manager-pgp-mime.eml"),
        certificates=certificates,
    )
    assert known["judged"]["sig"] == "sig-good-first"
    fingerprint = known["signer"]["fingerprint"]
    pins = {manager: {"fingerprint": fingerprint, "since": 1550000000, "source": "source-here", "count": 3}}
    found = opened("johnny-fired", certificates=certificates, pins=pins)
    spoofs = 0
    for case in corpora.cases("johnny-fired"):
        answer = found[case.name]
        judged = answer["judged"]
        says = answer["values"].get(judged["sig"] or "", {}).get("address")
        if case.name.startswith("valid/"):
            continue
        assert not (judged["sig"] or "").startswith(f"{GOOD}known"), case.name
        if is_signed(answer):
            assert says == answer["headers"]["from"]["address"] != manager, case.name
        if "manager@" in (answer["headers"]["from"] or {"name": ""})["name"]:
            assert "note-name-address" in judged["notes"] or judged["sig"] == "sig-from-unclear", case.name
        spoofs += 1
    assert spoofs > 20
    assert found["valid/manager-pgp-mime.eml"]["judged"]["sig"] == "sig-good-known"
    assert found["valid/eve-pgp-inline.eml"]["cards"][0]["id"] == "part-signed"


def test_kde_mail_decrypts(tmp_path: Path, gnupg: Any) -> None:
    home = corpora.support("kde-mimetreeparser") / "gnupg_home"
    gpg = gnupg(tmp_path / "home", copy_of=home)
    (tmp_path / "secret.pgp").write_bytes(gpg("--export-secret-keys"))
    (tmp_path / "public.pgp").write_bytes(gpg("--export"))
    found = opened(
        "kde-mimetreeparser",
        suffixes=(".mbox",),
        keys=[tmp_path / "secret.pgp"],
        certificates=[tmp_path / "public.pgp"],
    )
    assert len(found) > 35
    openable = {name.removesuffix(".mbox") for name, answer in found.items() if is_encrypted(answer)}
    assert openable >= {
        "inlinepgpencrypted",
        "openpgp-encrypted+signed",
        "openpgp-encrypted-applemail",
        "openpgp-inline-charset-encrypted",
        "openpgp-multipart-embedded-signed",
        "openpgp-signed-encrypted",
    }
    assert found["inlinepgpencrypted-error.mbox"]["judged"]["enc"] == "enc-no-key"
    assert found["openpgp-signed-sender-mismatch.mbox"]["judged"]["sig"] == "sig-from-differs"
    # SHA-1 was the habit of 2013.
    assert found["openpgp-signed-encrypted.mbox"]["judged"]["sig"] == "sig-weak"
    # Signed, not encrypted, in armor that says MESSAGE.
    assert found["openpgp-encoded.mbox"]["judged"]["enc"] == "enc-none"
    both = found["openpgp-encrypted-attachment-and-non-encrypted-attachment.mbox"]
    assert [card["id"] for card in both["cards"]] == ["part-encrypted"], "the encrypted part is not opened by itself"


def test_a_part_is_never_decrypted_into_the_message_around_it() -> None:
    """Re: What's up Johnny, decryption contexts: an answer quotes what is shown, so nothing decrypted stands there."""
    for set_name in ("covert-content", "decryption-contexts"):
        for name, answer in opened(set_name, suffixes=(".eml",)).items():
            for part in answer["parts"]:
                assert part["kind"] != "encrypted" or "text" not in part, name


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
        assert not is_signed(answer), case.name


def test_interop_messages_decrypt() -> None:
    """openpgp-interop: GnuPG 1.0 to PGP 10. Ciphers we do not have are named, data without MDC is refused."""
    import json

    folder = corpora.FOLDER / "dev" / "openpgp-interop" / "messages"
    jobs, stated = [], []
    for case in corpora.cases("openpgp-interop"):
        if case.expected["type"] != "decrypt":
            continue
        about = json.loads(case.path.with_suffix(".json").read_text())
        key = folder / about["decryptKey"]
        if not key.exists():
            key = corpora.support("openpgp-interop") / key.name
        secret = f"{key}#{about['passphrase']}" if about["passphrase"] else str(key)
        jobs.append({"path": case.path, "wrap": True, "keys": [secret]})
        stated.append((case.name, about["textcontent"]))
    states: dict[str, str] = {}
    for (name, text), answer in zip(stated, run({"op": "open", "messages": jobs}), strict=True):
        name = name.rpartition("/")[2]
        if "crashed" in answer:
            # Reading a protected secret key is the tool's work here, not the reader's.
            assert "Error decrypting private key" in answer["crashed"], answer
            states[name] = "key"
            continue
        states[name] = answer["judged"]["enc"]
        if is_encrypted(answer):
            shown = "".join(part.get("text", "") for part in answer["parts"])
            assert shown.rstrip("\n") == text.replace("\r\n", "\n").rstrip("\n"), name
    assert {name: state for name, state in states.items() if state != "enc-ok"} == REFUSED


# Ciphers that OpenPGP.js does not have are named unsupported; and it cannot read the MPIs of one secret key.
REFUSED = {
    "camellia128-001.asc": "enc-unsupported",
    "camellia256-001.asc": "enc-unsupported",
    "gnupg-v2-1-5-001.asc": "key",
    "pgp-10-0-007.asc": "enc-unsupported",
}
