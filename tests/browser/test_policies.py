"""What the policies of page, worker and socket are there to stop, tried in Chromium against the site as served."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import websockets
from playwright.sync_api import Page, Route

from .canary import Canary
from .under_attack import quiet
from .visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

PROBES = Path(__file__).parent / "probes"
REFUSED = {"EvalError", "TypeError", "NetworkError", "SecurityError"}

Change = Callable[[str], str]


@pytest.fixture
def page(victim: Visitor) -> Iterator[Page]:
    """A further tab of somebody who is signed in."""
    tab = victim.context.new_page()
    yield tab
    tab.close()


def changed(page: Page, pattern: str, change: Change) -> None:
    """Answers at these addresses come with another body and the headers that the site sent."""

    def serve(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=change(answer.text()))

    page.route(re.compile(pattern), serve)


def complaints(page: Page) -> list[str]:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    return said


def test_injected_markup_runs_nothing_and_asks_for_nothing(victim: Visitor, page: Page, listener: Canary) -> None:
    before = len(listener.hits)
    # Chromium connects early, before it asks the policy; what counts is that nothing is asked for.
    injected = (PROBES / "injected.html").read_text()
    changed(page, r"/settings/$", lambda body: body.replace("</body>", f"{injected}</body>"))
    said = complaints(page)
    page.goto(f"{victim.site.url}/settings/")
    page.wait_for_timeout(1500)
    assert page.evaluate("window.ran ?? null") is None
    assert page.evaluate("document.baseURI") == f"{victim.site.url}/settings/"
    assert any("inline script" in line for line in said)
    assert [hit for hit in quiet(listener)[before:] if not hit.startswith(("TLS", "connected"))] == []


def test_page_code_cannot_make_code_of_text_nor_call_anybody(victim: Visitor, page: Page, listener: Canary) -> None:
    before = len(listener.hits)
    where = f"{victim.site.url}/static/probe.js"
    page.route(where, lambda route: route.fulfill(content_type="text/javascript", path=PROBES / "page.js"))
    tag = f'<script type="module" src="{where}"></script></body>'
    # After the page's own modules, as everything is that comes later: scripts of the module kind run in their order.
    changed(page, r"/settings/$", lambda body: body.replace("</body>", tag))
    page.goto(f"{victim.site.url}/settings/")
    ended = None
    # Asked for again and again: Playwright's own waiting waits for the navigation that the policy refused.
    for _ in range(300):
        page.wait_for_timeout(200)
        if ended := page.evaluate("JSON.parse(document.documentElement.dataset.ended ?? 'null')"):
            break
    assert ended
    # The probe itself reaches what a page may reach: so the refusals are the policy's.
    assert ended.pop("own fetch") == "200"
    assert ended.pop("style") == "nothing"
    # These two say nothing to the page; that nothing came of them is seen at the canary and in the address.
    silent = {name: ended.pop(name) for name in ("beacon", "form", "frame", "event source")}
    assert set(silent.values()) <= REFUSED | {"done", "nothing", "loaded"}
    assert {name: how for name, how in ended.items() if how not in REFUSED} == {}
    assert page.evaluate("window.ran ?? null") is None
    assert page.url == f"{victim.site.url}/settings/"
    assert [hit for hit in quiet(listener)[before:] if not hit.startswith(("TLS", "connected"))] == []


LISTEN = """() => new Promise((resolve) => {
  new BroadcastChannel("probe").onmessage = ({ data }) => resolve(data);
})"""


def test_the_worker_reaches_nobody(victim: Visitor, page: Page, listener: Canary) -> None:
    """Whatever code stands in the worker's file: its policy came with it."""
    before = len(listener.hits)
    changed(page, r"/crypto/worker\.js$", lambda body: (PROBES / "worker.js").read_text())
    page.goto(f"{victim.site.url}/keys/")
    started = page.evaluate("document.querySelector('meta[name=postern-worker]').content")
    assert started.endswith("/crypto/worker.js")
    page.evaluate("document.dispatchEvent(new CustomEvent('postern:unlock', { detail: { action: 'ui-action-read' } }))")
    results = page.evaluate(LISTEN)
    assert results.pop("wasm") == "done"
    assert {name: how for name, how in results.items() if how == "done"} == {}
    assert len(results) == 11
    assert quiet(listener)[before:] == []


def test_a_changed_module_is_not_run(victim: Visitor, page: Page) -> None:
    changed(page, r"/elements/format\.js$", lambda body: f"{body}\n// one line more\n")
    said = complaints(page)
    page.goto(f"{victim.site.url}/mailbox/INBOX/")
    page.wait_for_timeout(1000)
    assert any("integrity" in line for line in said)
    assert page.evaluate("customElements.get('mail-message') === undefined")


def test_an_import_map_of_somebody_else_is_refused(victim: Visitor, page: Page) -> None:
    def other(body: str) -> str:
        assert '"integrity":{' in body
        return body.replace('{"integrity":{', '{"imports":{"/static/":"https://leaking.example/"},"integrity":{')

    changed(page, r"/settings/$", other)
    said = complaints(page)
    page.goto(f"{victim.site.url}/settings/")
    page.wait_for_timeout(500)
    assert any("inline script" in line and "violates" in line for line in said)


def test_the_map_counts_in_the_page_as_served(victim: Visitor, page: Page) -> None:
    """The other side of the two above: as it is, nothing is refused and everything wakes."""
    said = complaints(page)
    page.goto(f"{victim.site.url}/mailbox/INBOX/")
    page.locator("mail-list:defined").wait_for()
    assert [line for line in said if "violates" in line or "integrity" in line] == []


@pytest.mark.parametrize(
    ("origin", "cookies", "opens"),
    [
        ("site", True, True),
        ("site", False, False),
        ("https://evil.example", True, False),
        ("http://localhost.evil.example", True, False),
        ("null", True, False),
        (None, True, False),
    ],
)
def test_the_socket_opens_for_our_own_page_alone(
    victim: Visitor, origin: str | None, cookies: bool, opens: bool
) -> None:
    site = victim.site.url
    jar = "; ".join(f"{each['name']}={each['value']}" for each in victim.context.cookies(site)) if cookies else ""
    address = f"{site.replace('http:', 'ws:')}/ws/mail/"
    given: dict[str, Any] = {"origin": site if origin == "site" else origin, "additional_headers": {"Cookie": jar}}

    async def connect() -> bool:
        try:
            async with websockets.connect(address, **given):
                return True
        except websockets.InvalidStatus as refused:
            assert refused.response.status_code == 403
            return False

    # Playwright keeps a loop on this thread.
    with ThreadPoolExecutor(1) as other:
        assert other.submit(lambda: asyncio.run(connect())).result(30) is opens
