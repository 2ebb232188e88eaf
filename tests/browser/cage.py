"""A browser from which nothing leads anywhere but to the canary, and somebody in it whose mailbox is attacked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page

from .canary import Canary, canary
from .visitor import Visitor
from .whole_site import Site

CHROMIUM = "/usr/bin/chromium"
PASSPHRASE = "rotten gravel tinsel uncle sphinx"
#: Chromium's own errands, which would look like hits; and its rule that keeps a stranger's page from calling a
#: listener on this machine, which would keep the canary from hearing what a real network would.
OFF = [
    "AutofillServerCommunication", "CertificateTransparencyComponentUpdater", "HttpsUpgrades",
    "LocalNetworkAccessChecks", "MediaRouter", "NetworkTimeServiceQuerying", "OptimizationHints", "Translate",
]  # fmt: skip
ERRANDS = ("*.google.com", "*.googleapis.com", "*.gvt1.com")


@pytest.fixture(scope="session")
def listener() -> Iterator[Canary]:
    with canary() as server:
        yield server


@contextmanager
def cage(playwright: Any, listener: Canary, profile: Path) -> Iterator[BrowserContext]:
    """A Chromium for which every foreign name is the canary. With a profile: without one it never connects early."""
    nowhere = "".join(f"MAP {name} ~NOTFOUND, " for name in ERRANDS)
    arguments = ["--no-sandbox", "--disable-component-update", "--disable-sync", "--no-first-run"]
    arguments += [f"--disable-features={','.join(OFF)}", f"--host-resolver-rules={nowhere}{listener.rules}"]
    context = playwright.chromium.launch_persistent_context(
        profile,
        executable_path=CHROMIUM,
        args=arguments,
        viewport={"width": 1440, "height": 900},
    )
    yield context
    context.close()


@pytest.fixture(scope="session")
def caged(playwright: Any, listener: Canary, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrowserContext]:
    with cage(playwright, listener, tmp_path_factory.mktemp("profile")) as context:
        yield context


@pytest.fixture(scope="session")
def victim(caged: BrowserContext, dovecot_site: Site, mail_servers: Any) -> Visitor:
    visitor = Visitor(caged, dovecot_site, mail_servers.somebody_new().user.partition("@")[0])
    visitor.sign_in()
    visitor.make_keys(PASSPHRASE)
    return visitor


def put(victim: Visitor, messages: list[bytes]) -> None:
    """Straight into the mailbox, marked as read: then opening one changes nothing in the list."""
    with victim.site.mail.connection(victim.name) as server:
        for message in messages:
            answer, said = server.append("INBOX", "(\\Seen)", "", message)
            assert answer == "OK", said


def open_one(victim: Visitor, message: bytes) -> Page:
    """Puts it into the mailbox and opens it as the newest message."""
    put(victim, [message])
    victim.open_mailbox()
    before = victim.page.url
    victim.page.keyboard.press("n")
    victim.page.wait_for_url(lambda url: url != before)
    return victim.page
