"""One Chromium and two sites for all browser tests: one on the embedded mail server, one on Dovecot and Postfix."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

from .cage import caged, listener, victim
from .elsewhere import HOST, Elsewhere
from .elsewhere import elsewhere as web_server
from .visitor import SLOW, Visitor
from .whole_site import MailBehind, Site, demo, one_site

__all__ = ["caged", "listener", "victim"]

CHROMIUM = "/usr/bin/chromium"
#: Chromium's own services would be looked up at every start; nothing of ours goes anywhere but loopback.
QUIET = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


#: What is waited for comes within a second on a quiet machine; Playwright's own five are short for a busy one.
expect.set_options(timeout=SLOW)


@pytest.fixture(scope="session")
def playwright() -> Iterator[Any]:
    # Playwright keeps an event loop on this thread, which Django takes for one that its queries would block.
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as running:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        yield running


@pytest.fixture(scope="session")
def chromium(playwright: Any) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def embedded_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    site = demo(tmp_path_factory.mktemp("demo"))
    site.start()
    yield site
    site.stop()


@pytest.fixture(scope="session")
def elsewhere() -> Iterator[Elsewhere]:
    """The web server that the Dovecot site's way out leads to, under one name."""
    with web_server() as server:
        yield server


@pytest.fixture(scope="session")
def dovecot_site(mail_servers: Any, elsewhere: Elsewhere, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    mail, servers = behind(mail_servers)
    ways_out = f"{HOST}={elsewhere.port}"
    site = one_site(tmp_path_factory.mktemp("site"), mail, servers, POSTERN_OUTBOUND_HOSTS=ways_out)
    site.start()
    yield site
    site.stop()


def behind(mail_servers: Any) -> tuple[MailBehind, dict[str, object]]:
    """The run's Dovecot and Postfix over TLS, as the tests and as the administrator's table know them."""
    imap, smtp = mail_servers.imap(), mail_servers.smtp()
    mail = MailBehind("example.test", imap.port, "{name}-pw", str(mail_servers.authority.file))
    servers: dict[str, object] = {
        "name": "example.test",
        "imap_host": "localhost",
        "imap_port": imap.port,
        "imap_tls": "implicit",
        "smtp_host": "localhost",
        "smtp_port": smtp.port,
        "smtp_tls": "implicit",
    }
    return mail, servers


Visit = Callable[..., Visitor]


@pytest.fixture
def visit(chromium: Browser) -> Iterator[Visit]:
    """`visit(site, "alice")`: a fresh browser for a person; closed after the test."""
    contexts: list[BrowserContext] = []

    def begin(site: Site, name: str, **how: Any) -> Visitor:
        context = chromium.new_context(**{"viewport": {"width": 1440, "height": 900}, **how})
        contexts.append(context)
        return Visitor(context, site, name)

    yield begin
    for context in contexts:
        context.close()


@pytest.fixture(params=["embedded", "dovecot"])
def site(request: pytest.FixtureRequest) -> Site:
    """Each of the two in turn."""
    chosen: Site = request.getfixturevalue(f"{request.param}_site")
    return chosen


@pytest.fixture
def attachment(tmp_path: Path) -> Path:
    """Five megabytes that no compressor makes small."""
    import random

    path = tmp_path / "Umbau Skizze 图.bin"
    path.write_bytes(random.Random(5).randbytes(5_000_000))
    return path
