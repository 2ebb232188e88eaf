"""What is read is what is answered and passed on: at any width, in the dark and on paper (covert content, 02-sig)."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests import corpora

from .reading import entity, read
from .visitor import SLOW, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

SCREENS = [(390, "light", "screen"), (820, "dark", "screen"), (1440, "light", "screen"), (1440, "light", "print")]


def shown(page: Page) -> str:
    """Every text of the letter as it is rendered now, cards and frames in their order."""
    return words(
        page.evaluate(
            """() => [...document.querySelectorAll("[data-slot=letter] :is(iframe, .letter-text)")].map((each) =>
              each.localName === "iframe" ? each.contentDocument.body.innerText : each.innerText).join("\\n")"""
        )
    )


def words(text: str) -> str:
    return " ".join(re.sub(r"(?m)^(> ?)+", "", text).split())


def quoted(visitor: Visitor, how: str) -> str:
    page = visitor.page
    page.locator(f'[data-answer="{how}"]').first.click()
    field = page.locator("textarea[data-text]")
    expect(field).not_to_have_value("", timeout=SLOW)
    text = field.input_value()
    page.evaluate("document.querySelector('message-composer').remove()")
    page.go_back()
    expect(page.locator("[data-slot=answer-words]")).not_to_be_empty(timeout=SLOW)
    # Behind the line that says who wrote, or the head of what is passed on.
    return words(
        text.partition("wrote:\n")[2] if how == "reply" else re.split(r"\n\n", text.lstrip("\n"), maxsplit=1)[1]
    )


def names() -> list[str]:
    try:
        return [case.name for case in corpora.cases("covert-content") if "02-sig" in case.name]
    except pytest.skip.Exception:
        return []


@pytest.mark.parametrize("name", names())
def test_a_signed_letter_says_the_same_everywhere(victim: Visitor, name: str) -> None:
    case = next(case for case in corpora.cases("covert-content") if case.name == name)
    page = read(victim, re.sub(rb"\r?\n", b"\r\n", case.path.read_bytes()))
    seen = set()
    for width, scheme, media in SCREENS:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme, media=media)  # type: ignore[arg-type]
        seen.add(shown(page))
    page.emulate_media(color_scheme="light", media="null")
    assert len(seen) == 1
    (text,) = seen
    assert text
    # An answer leaves out what stands behind the signature separator.
    assert quoted(victim, "reply") == words(re.split(r"(?m)^-- $", text)[0])
    assert quoted(victim, "forward") == text


CLEARSIGNED = """-----BEGIN PGP SIGNED MESSAGE-----
Hash: SHA256

The signed words.
-----BEGIN PGP SIGNATURE-----

iHUEARYIAB0WIQQ=
-----END PGP SIGNATURE-----
"""


def signed_part(text: str) -> str:
    return (
        '--b\nContent-Type: multipart/signed; micalg=pgp-sha256; protocol="application/pgp-signature"; boundary="s"\n\n'
        f"--s\nContent-Type: text/plain\n\n{text}\n--s\nContent-Type: application/pgp-signature\n\n"
        "-----BEGIN PGP SIGNATURE-----\n\niHUEARYIAB0WIQQ=\n-----END PGP SIGNATURE-----\n--s--\n"
    )


def test_an_answer_holds_one_voice(victim: Visitor) -> None:
    parts = f"--b\nContent-Type: text/plain\n\nMy own words.\n{signed_part('Words of the part.')}--b--\n"
    read(victim, entity("Subject: Two voices", 'Content-Type: multipart/mixed; boundary="b"', body=parts))
    assert "Words of the part." in shown(victim.page)
    assert quoted(victim, "reply") == "My own words."
    assert quoted(victim, "forward") == "My own words."


def test_a_part_that_stands_alone_is_the_letter(victim: Visitor) -> None:
    parts = f"{signed_part('Words of the part.')}--b--\n"
    read(victim, entity("Subject: One voice", 'Content-Type: multipart/mixed; boundary="b"', body=parts))
    assert quoted(victim, "reply") == "Words of the part."


def test_signed_lines_are_quoted_without_what_stands_around_them(victim: Visitor) -> None:
    body = f"Added on the way.\n\n{CLEARSIGNED}\nAdded below.\n"
    read(victim, entity("Subject: Lines", "Content-Type: text/plain", body=body))
    answer = quoted(victim, "reply")
    assert "Added on the way." not in answer or "The signed words." not in answer
