"""What each set's source expects, asked of what a person saw: by `expected` in the index, never by a file's name."""

from __future__ import annotations

import re
from collections.abc import Callable

from tests.corpora import Case, mime
from tests.corpora.findings import Finding, always, unless
from tests.corpora.letters import is_html
from tests.corpora.seen import Seen, bare

Rule = Callable[[Case, Seen], list[Finding]]


def judge(case: Case, seen: Seen) -> list[Finding]:
    """What is not as expected; empty when all is."""
    found = always(case, seen)
    if found or not (case.certain or case.set in MEASURED):
        return found
    return RULES.get(case.set, nothing_more)(case, seen)


def nothing_more(_case: Case, _seen: Seen) -> list[Finding]:
    return []


# --- signatures ---


def spoofs(case: Case, seen: Seen) -> list[Finding]:
    """johnny-fired: nothing but the honest mails may say that it is signed by whom it claims."""
    claimed = str(case.expected.get("claimed_signer") or case.expected.get("signer") or "")
    if case.verdict == "signature-valid":
        named = claimed in seen.line or any(claimed in card.line for card in seen.cards if card.id == "part-signed")
        return unless((seen.good or seen.signed_part) and named, seen, f"signed by {claimed}")
    if case.verdict == "must-not-show-as-validly-signed":
        said = seen.good and (claimed in seen.line or claimed in seen.sender)
        whole = any(
            claimed in card.line and bare(seen.text) == "" and not seen.notes
            for card in seen.cards
            if card.id == "part-signed"
        )
        covered = whole and not honest_frame(seen)
        return [Finding("spoof", f"says {seen.line!r}")] if said or covered else []
    return []


def honest_frame(seen: Seen) -> bool:
    """A frame around signed text is the truth where From is one clear address and everything else stands outside."""
    return seen.sig in ("sig-part", "sig-inline", "sig-list-footer", "sig-from-differs", "sig-from-unclear")


def real_signed(case: Case, seen: Seen) -> list[Finding]:
    return unless(seen.good or case.verdict != "signature-valid", seen, "a valid signature")


def chains(case: Case, seen: Seen) -> list[Finding]:
    """PKITS and limbo: a valid chain is good, an invalid one is not."""
    if case.verdict in ("path-valid", "SUCCESS"):
        return unless(seen.good, seen, "a valid chain")
    if case.verdict in ("path-invalid", "FAILURE"):
        return [Finding("false-good", f"says {seen.line!r}")] if seen.good else []
    return []


# --- encryption ---


def oracles(case: Case, seen: Seen) -> list[Finding]:
    """covert-content: an answer carries nothing that was decrypted out of sight, and no style."""
    found = []
    if case.verdict == "must-decrypt":
        found += unless(seen.opened and bare(seen.everything) != "", seen, "decrypts")
    if case.verdict == "css-neutralised-on-reply":
        if re.search(r"\{[^}]*:[^}]*\}|</?(?:style|div|span|p|a|table|body|html)\b", seen.reply or ""):
            found.append(Finding("style", f"an answer has {seen.reply!r}"))
        found += [Finding("style", f"shown with {frame['tags']}") for frame in seen.frames if "style" in frame["tags"]]
    return found


def contexts(case: Case, seen: Seen) -> list[Finding]:
    """decryption-contexts; what leaks is found for every set by `leaks`."""
    if case.verdict == "decrypts":
        return unless(seen.opened, seen, "decrypts")
    if case.verdict.startswith("DC: standard client must fail cleanly"):
        return [Finding("opened", "decrypted without its context")] if seen.enc == "enc-ok" else []
    return [Finding("spoof", f"says {seen.line!r}")] if "not a spoof" in case.verdict and seen.good else []


def samples(case: Case, seen: Seen) -> list[Finding]:
    """gnupg-samples and kde-mimetreeparser: implied by the kind of sample."""
    verdict = case.verdict
    if verdict.startswith("decrypts"):
        return unless(seen.opened, seen, "decrypts")
    if "verifies with" in verdict:
        # A file has no From, so the signer is not who the mail around it is from.
        said = [seen.sig, *(card.sig for card in seen.cards)]
        return unless("sig-from-differs" in said or seen.good or seen.signed_part, seen, "verifies")
    if "must not" in verdict or verdict in ("bad signature",):
        return [Finding("false-good", f"says {seen.line!r}")] if seen.good and seen.enc != "enc-no-key" else []
    return []


def thunderbird_smime(case: Case, seen: Seen) -> list[Finding]:
    expected, found = case.expected, []
    if "encrypted" in expected:
        if expected["encrypted"]:
            found += unless(seen.opened or "enc-cbc" in seen.enc, seen, "decrypts")
        if expected["signature_good"]:
            found += unless(seen.good, seen, "a good signature")
        elif seen.good:
            found.append(Finding("false-good", f"says {seen.line!r}"))
        if not found and expected.get("text"):
            found += unless(bare(expected["text"]) in bare(seen.everything), seen, "the text of the source")
    for wanted in re.findall(r'must not contain "([^"]+)"', case.verdict):
        if wanted in seen.everything + (seen.reply or ""):
            found.append(Finding("leak", wanted))
    for wanted in re.findall(r'must show "([^"]+)"', case.verdict):
        found += unless(wanted in seen.everything, seen, f"shows {wanted!r}")
    return found[:1]


def cms(case: Case, seen: Seen) -> list[Finding]:
    return unless(seen.opened or seen.good, seen, case.verdict)


def thunderbird(case: Case, seen: Seen) -> list[Finding]:
    """The assertions of Mozilla's own tests on the icons of the message, and the flags of its engine."""
    found = []
    for check in case.expected.get("ui", []):
        asserts = [one for one in check["asserts"] if "[" not in one]
        encrypted = "hasEncryptedIconState:ok" in asserts, "not hasEncryptedIconState:ok" in asserts
        if encrypted == (True, False):
            found += unless(seen.enc == "enc-ok", seen, "shown as encrypted")
        if encrypted[1] and seen.enc != "enc-none":
            found.append(Finding("encrypted", f"shown as {seen.enc}"))
        if "hasSignedIconState:ok" in asserts:
            found += unless(seen.good, seen, "shown as signed")
        if ("hasNoSignedIconState" in asserts or "hasSignedIconState:mismatch" in asserts) and seen.good:
            found.append(Finding("signed", f"says {seen.line!r}"))
    engine = case.expected.get("engine")
    if engine:
        found += unless((seen.enc == "enc-ok") == engine["enc"], seen, f"encrypted: {engine['enc']}")
        if "BAD_SIGNATURE" in engine["flags"]:
            found += unless(seen.sig == "sig-bad", seen, "a bad signature")
        if not engine["sig"]:
            found += unless(seen.sig == "sig-none", seen, "no signature")
        if "UNCERTAIN_SIGNATURE" in engine["flags"]:
            found += unless(seen.sig in ("sig-no-certificate", "sig-good-first"), seen, "an uncertain signature")
    return found[:1]


def headers(case: Case, seen: Seen) -> list[Finding]:
    """protected-headers: the inner subject where it is protected, the outer one where it only pretends to be."""
    verdict, inner, found = case.verdict, "BarCorp contract signed, let's go!", []
    if verdict.startswith("protected Subject shown"):
        found += unless(seen.subject == inner, seen, f"the subject {inner!r}, not {seen.subject!r}")
        if "legacy-display part not shown twice" in verdict and f"Subject: {inner}" in seen.everything:
            found.append(Finding("twice", "the subject stands in the text as well"))
        if str(case.expected.get("signature", "")).startswith("valid"):
            found += unless(seen.good, seen, "a valid signature")
    if "must not" in verdict:
        phony = (
            "phony" in seen.subject.lower()
            or seen.subject == "This is a message using draft-melnikov-smime-header-signing"
        )
        decoy = seen.enc == "enc-ok" and seen.subject != "Subject Unavailable"
        if phony or decoy:
            found.append(Finding("phony", f"shows {seen.subject!r}"))
    return found[:1]


def interop(case: Case, seen: Seen) -> list[Finding]:
    expected = case.expected
    if expected["type"] == "decrypt":
        met = seen.enc == "enc-ok" and bare(expected["textcontent"]) == bare(seen.everything)
        return unless(met, seen, f"decrypts to {expected['textcontent']!r}")
    return recipients(case, seen)


# --- certificates ---


def recipients(case: Case, seen: Seen) -> list[Finding]:
    """Tried as a recipient's certificate: whether the page would encrypt to it."""
    usable = seen.chip.endswith(" enc")
    verdict = case.verdict
    if verdict.startswith("must-not-be-usable") and usable:
        return [Finding("usable", f"a recipient by it is {seen.chip}")]
    result = re.search(r"Result: (.*)", verdict)
    if result and seen.chip:
        # The one that is encrypted to is a subkey where there is one, and nothing is valid under an invalid primary.
        said = result[1]
        invalid = re.search(r"(?:Alice|primary) \[invalid\]", said) or re.search(r"Alice sub ?\[invalid\]", said)
        if invalid and usable:
            return [Finding("usable", f"a recipient by it is {seen.chip}")]
    return []


# --- MIME and HTML ---


RULES: dict[str, Rule] = {
    "johnny-fired": spoofs,
    "pgp-signed-realmail": real_signed,
    "nist-pkits-smime": chains,
    "x509-limbo": chains,
    "covert-content": oracles,
    "decryption-contexts": contexts,
    "gnupg-samples": samples,
    "kde-mimetreeparser": samples,
    "thunderbird-smime": thunderbird_smime,
    "thunderbird-openpgp": thunderbird,
    "rfc4134-smime": cms,
    "rfc9216-cms": cms,
    "protected-headers": headers,
    "openpgp-interop": interop,
    "openpgp-bad-keys": recipients,
    "mime-mimetools": mime.structure,
    "mime-stalwart": mime.structure,
}
#: What their sources do not state was measured, or is plain from the files beside.
MEASURED: frozenset[str] = frozenset()


def html_letter(case: Case, seen: Seen, number: int) -> list[Finding]:
    """One letter of several in a message: whether its frame holds nothing that runs or loads."""
    from tests.corpora.sanitised import left

    assert is_html(case)
    if seen.failed or number >= len(seen.frames):
        return [Finding("not-read", seen.failed or "no frame of its own")]
    return [Finding("left", words) for words in left(seen.frames[number])]
