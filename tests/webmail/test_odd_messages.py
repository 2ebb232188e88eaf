"""Headers that two readers could read differently, or that tell of blind copies, are refused at once."""

from __future__ import annotations

import pytest

from webmail import finished
from webmail.errors import Unfit

from .posting import letter

ME, ID = "alice@example.test", "<one@example.test>"
GOOD = letter(ME, "bob@example.test", ID)

SECOND = {
    "from": "Alice <alice@example.test>", "sender": ME, "reply-to": ME, "to": "c@d.test", "cc": "c@d.test",
    "subject": "Another", "date": "Mon, 23 Nov 2026 10:00:00 +0000", "message-id": ID, "in-reply-to": ID,
    "references": ID, "mime-version": "1.0", "content-type": "text/html", "content-transfer-encoding": "base64",
}  # fmt: skip


def with_lines(*lines: str) -> bytes:
    """The good letter with these lines at the head of it."""
    return "".join(f"{line}\r\n" for line in lines).encode() + GOOD


def refusal(data: bytes) -> str:
    with pytest.raises(Unfit) as refused:
        finished.check(data, ME, ID)
    return refused.value.code


def test_the_good_one_passes() -> None:
    finished.check(GOOD, ME, ID)


def test_each_field_that_may_stand_once_is_tried() -> None:
    # Bcc has its own refusal, once or twice.
    assert set(SECOND) == set(finished.AT_MOST_ONCE) - {"bcc"}


@pytest.mark.parametrize("name", SECOND)
@pytest.mark.parametrize("written", [str.title, str.upper])
def test_a_field_that_may_stand_once_is_refused_twice(name: str, written: object) -> None:
    spelled = written(name)  # type: ignore[operator]
    assert refusal(with_lines(f"{spelled}: {SECOND[name]}", f"{name}: {SECOND[name]}")) == "bad-header"


@pytest.mark.parametrize(
    "line",
    ["Bcc: charlie@example.test", "BCC:charlie@example.test", "bcc:\r\n charlie@example.test", "Resent-Bcc: c@d.test"],
)
def test_blind_copies_are_not_named_inside(line: str) -> None:
    assert refusal(with_lines(line)) == "bcc-inside"


@pytest.mark.parametrize(
    "line",
    [
        # RFC 5322 section 4.5 knows a space before the colon; servers disagree about whether it is a field at all.
        "Bcc : charlie@example.test",
        "From : dana@example.test",
        # The envelope line of a mailbox file, which some servers take for a field of its own and some for the text.
        "From dana@example.test Mon Nov 23 10:00:00 2026",
        ">From dana@example.test",
        "no field at all",
        ": nothing",
        " folded before anything",
    ],
)
def test_what_is_no_field_is_refused(line: str) -> None:
    assert refusal(with_lines(line)) == "bad-header"


@pytest.mark.parametrize(
    "sender",
    ["dana@example.test", "alice@example.test, dana@example.test", "dana@example.test (alice@example.test)",
     '"alice@example.test" <dana@example.test>', "a:alice@example.test,dana@example.test;", "", "alice"],
)  # fmt: skip
def test_the_sender_is_the_person_and_nobody_else(sender: str) -> None:
    assert refusal(GOOD.replace(b"From: alice@example.test", f"From: {sender}".encode())) == "not-your-address"
    assert refusal(with_lines(f"Sender: {sender}")) == "not-your-address"
