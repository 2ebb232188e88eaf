"""<live-updates> in open tabs: new mail comes by itself, and the end of a session reaches every tab."""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import Page, WebSocket, WebSocketRoute, expect

from .conftest import Visit
from .visitor import SLOW, Visitor
from .whole_site import Site

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


def letter(to: str, subject: str) -> bytes:
    lines = [f"From: Dana Okafor <dana@wren.example>\r\nTo: {to}\r\nSubject: {subject}"]
    lines += ["Date: Sat, 21 Nov 2026 10:00:00 +0000\r\nMessage-ID: <" + subject.replace(" ", ".") + "@wren.example>"]
    return ("\r\n".join([*lines, "", "Only to say so."]) + "\r\n").encode()


class Tab:
    """One tab, with its websockets and how often it was loaded."""

    def __init__(self, person: Visitor, page: Page | None = None) -> None:
        self.page = page or person.context.new_page()
        self.sockets: list[WebSocket] = []
        self.loads = 0
        self.page.on("websocket", lambda socket: self.sockets.append(socket))
        self.page.on("load", self._loaded)
        self.page.goto(f"{person.site.url}/mailbox/INBOX/")
        expect(self.page.locator(".row").first).to_be_visible(timeout=SLOW)
        self.until(lambda: bool(self.sockets), "a websocket")

    def _loaded(self, page: Page) -> None:
        self.loads += 1

    def until(self, holds, what: str) -> None:  # type: ignore[no-untyped-def]
        ends = time.monotonic() + SLOW / 1000
        while not holds():
            assert time.monotonic() < ends, f"no {what}"
            self.page.wait_for_timeout(50)


def test_new_mail_appears_in_every_tab_without_a_reload(site: Site, visit: Visit) -> None:
    bob = visit(site, "bob")
    bob.sign_in()
    # A mailbox with something in it, on either server.
    site.mail.append("bob", "INBOX", letter(bob.address, "The first one"))
    tabs = [Tab(bob, bob.page), Tab(bob)]
    for tab in tabs:
        # The watch begins with the first page; what comes now is told to the open ones.
        expect(tab.page.locator(".row", has_text="The first one").first).to_be_visible(timeout=SLOW)
    counts = [tab.page.locator('#mailboxes [aria-current="page"] .box-count') for tab in tabs]
    before = [unread(tab.page) for tab in tabs]
    site.mail.append("bob", "INBOX", letter(bob.address, "The second one"))
    for tab, count, known in zip(tabs, counts, before, strict=True):
        row = tab.page.locator(".row").first
        expect(row).to_contain_text("The second one", timeout=SLOW)
        expect(row).to_have_class(re.compile(r"\brow-new\b"))
        expect(count).to_contain_text(re.compile(rf"^{known + 1}\b"), timeout=SLOW)
        assert tab.loads == 1
    assert bob.trouble == []


def unread(page: Page) -> int:
    found = re.match(r"\d+", page.locator('#mailboxes [aria-current="page"] .box-count').first.inner_text())
    assert found
    return int(found[0])


def test_signing_out_closes_the_sockets_of_every_tab(embedded_site: Site, visit: Visit) -> None:
    bob = visit(embedded_site, "bob")
    bob.sign_in()
    first, second = Tab(bob, bob.page), Tab(bob)
    kept = second.sockets[-1]
    assert not kept.is_closed()
    bob.sign_out()
    second.until(kept.is_closed, "closed websocket")
    # It does not knock again for a session that is over, and nothing readable stays.
    expect(second.page.locator(".row")).to_have_count(0, timeout=SLOW)
    known = len(second.sockets)
    second.page.wait_for_timeout(2500)
    assert len(second.sockets) == known
    expect(first.page.get_by_label("Mail password")).to_be_visible()


def test_a_lost_socket_comes_back_and_catches_up(embedded_site: Site, visit: Visit) -> None:
    bob = visit(embedded_site, "bob")
    bob.sign_in()
    page, routes = bob.page, []

    def pass_on(route: WebSocketRoute) -> None:
        server = route.connect_to_server()
        routes.append(route)
        # While the page thinks that it is connected, what happens does not reach it.
        server.on_message(lambda message: None)

    page.route_web_socket(re.compile("/ws/mail/"), pass_on)
    page.goto(f"{bob.site.url}/mailbox/INBOX/")
    expect(page.locator(".row").first).to_be_visible(timeout=SLOW)
    bob.site.mail.append("bob", "INBOX", letter(bob.address, "While nobody listened"))
    row = page.locator(".row", has_text="While nobody listened")
    page.wait_for_timeout(1500)
    expect(row).to_have_count(0)
    routes[0].close(code=1012)
    expect(row).to_have_count(1, timeout=SLOW)
    assert len(routes) == 2
