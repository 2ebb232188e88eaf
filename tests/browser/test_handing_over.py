"""Handing a message over: what is too large is known before, a line that breaks costs nothing, Cancel stops it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Request, Route, expect

from .conftest import Visit
from .visitor import Visitor
from .whole_site import Site

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

SEND = "**/send/"
_numbers = itertools.count(600)


@pytest.fixture
def writer(dovecot_site: Site, visit: Visit) -> Visitor:
    """Somebody without keys, so that the letter goes in the clear, to somebody of their own."""
    writer = visit(dovecot_site, f"person{next(_numbers)}")
    writer.sign_in()
    writer.open_mailbox()
    writer.requests.clear()
    return writer


def file(tmp_path: Path, size: int) -> Path:
    path = tmp_path / "Plans.bin"
    path.write_bytes(bytes(range(256)) * (size // 256))
    return path


def reader(writer: Visitor) -> str:
    return f"person{int(writer.name.removeprefix('person')) + 50}"


def write(writer: Visitor, subject: str, files: list[Path]) -> None:
    writer.write([writer.site.mail.address(reader(writer))], subject, "The plans.", files)


def arrived(writer: Visitor) -> int:
    return len(writer.site.mail.messages(reader(writer), "INBOX"))


@pytest.fixture
def ten_megabytes(mail_servers: Any) -> Iterator[None]:
    if not hasattr(mail_servers.submission, "takes"):
        pytest.skip("Postfix is started by root alone")
    with mail_servers.submission.takes(10_000_000):
        yield


def test_what_the_mail_server_does_not_take_is_not_uploaded(
    ten_megabytes: None, writer: Visitor, tmp_path: Path
) -> None:
    write(writer, "Too large", [file(tmp_path, 9_000_000)])
    page = writer.page
    says = page.locator("#send-says")
    expect(page.locator("send-button")).to_have_attribute("data-state", "send-too-large")
    expect(says).to_have_text("Your mail server takes 10 MB; this message has 12 MB.")
    # Off, but reachable: whoever presses it all the same sends nothing.
    page.locator("send-button button").click(force=True)
    page.keyboard.press("Control+Enter")
    expect(says).to_have_text("Your mail server takes 10 MB; this message has 12 MB.")
    assert not [url for url in writer.requests if url.endswith("/send/")]
    page.locator("[data-slot=files] button").first.click()
    writer.send("send-clear")


def test_what_is_too_large_only_when_finished_is_not_uploaded_either(
    ten_megabytes: None, writer: Visitor, tmp_path: Path
) -> None:
    """The estimate lets through what might just fit; the finished bytes are measured."""
    write(writer, "A little too large", [file(tmp_path, 7_330_000)])
    page = writer.page
    expect(page.locator("send-button")).to_have_attribute("data-state", "send-clear")
    page.locator("send-button button").click()
    expect(page.locator("#send-says")).to_contain_text("Your mail server takes 10 MB; this message has 10 MB.")
    assert not [url for url in writer.requests if url.endswith("/send/")]
    expect(page.locator("textarea[data-text]")).to_have_value("The plans.")


@pytest.mark.parametrize("lost", ["the request", "the answer"])
def test_a_line_that_breaks_is_tried_again_and_one_letter_goes(writer: Visitor, tmp_path: Path, lost: str) -> None:
    tries: list[Request] = []

    def breaking(route: Route) -> None:
        tries.append(route.request)
        if len(tries) > 1:
            route.continue_()
            return
        if lost == "the answer":
            route.fetch()
        route.abort("connectionreset")

    writer.page.route(SEND, breaking)
    write(writer, "Once", [file(tmp_path, 300_000)])
    writer.send("send-clear")
    assert len(tries) == 2
    assert arrived(writer) == 1


def test_cancel_stops_it_and_everything_is_still_there(writer: Visitor, tmp_path: Path) -> None:
    # Whoever answers takes their time.
    writer.page.route(SEND, lambda route: None)
    write(writer, "Not yet", [file(tmp_path, 300_000)])
    page = writer.page
    page.locator("send-button button").click()
    cancel = page.locator("[data-cancel]")
    expect(cancel).to_be_visible()
    # In the clear: no word of encryption.
    expect(page.locator("send-button")).to_have_text("Handing over… 0%")
    cancel.click()
    expect(page.locator("send-button")).to_have_attribute("data-state", "send-clear")
    expect(cancel).to_be_hidden()
    expect(page.locator("textarea[data-text]")).to_have_value("The plans.")
    page.unroute(SEND)
    writer.send("send-clear")
    assert arrived(writer) == 1


def test_what_had_been_taken_unheard_goes_once_and_that_is_said(writer: Visitor, tmp_path: Path) -> None:
    """The server took it, and each answer was lost: pressed again when the line is back, one letter went."""

    def deaf(route: Route) -> None:
        route.fetch()
        route.abort("connectionreset")

    page = writer.page
    page.route(SEND, deaf)
    write(writer, "Into the dark", [])
    page.locator("send-button button").click()
    expect(page.locator("#send-says")).to_contain_text("No connection to the server.", timeout=60_000)
    page.unroute(SEND)
    page.locator("send-button button").click()
    expect(page.locator('[data-outbox="done"]')).to_be_visible()
    expect(page.locator('[data-word="ui-sent-earlier"]')).to_be_visible()
    assert arrived(writer) == 1
