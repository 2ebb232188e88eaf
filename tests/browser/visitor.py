"""What a person does in the browser, named as they would name it."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, TimeoutError, expect

from .whole_site import Site

SLOW = 30_000


class Visitor:
    """One person in one browser context. `page` is their tab; `trouble` what went wrong in it without their seeing."""

    def __init__(self, context: BrowserContext, site: Site, name: str) -> None:
        self.context, self.site, self.name = context, site, name
        self.address = site.mail.address(name)
        context.set_default_timeout(SLOW)
        self._requests: list[str] | None = None
        self.trouble: list[str] = []
        context.on("weberror", lambda error: self.trouble.append(str(error.error)))
        context.on("console", self._note)
        self.page: Page = context.new_page()

    @property
    def requests(self) -> list[str]:
        """Every address the browser asked for since this was first looked at: telling of each one costs time."""
        if self._requests is None:
            self._requests = told = []
            self.context.on("request", lambda request: told.append(request.url))
        return self._requests

    def _note(self, said: ConsoleMessage) -> None:
        """The browser's own word for what a server could not answer."""
        if re.search(r"responded with a status of 5\d\d", said.text):
            self.trouble.append(f"{said.text} {said.location['url']}")

    def sign_in(self, password: str | None = None) -> None:
        self.page.goto(f"{self.site.url}/sign-in/")
        self.page.get_by_label("Mail address").fill(self.address)
        self.page.get_by_label("Mail password").fill(password or self.site.mail.password.format(name=self.name))
        self.page.keyboard.press("Enter")
        try:
            self.page.wait_for_url(re.compile(r"/keys/set-up/|/mailbox/"))
        except TimeoutError as error:
            raise AssertionError(f"Not signed in. The page says: {self.page.locator('body').inner_text()}") from error

    def make_keys(self, passphrase: str) -> str:
        """From the set-up page to the mailbox; gives the recovery code."""
        page = self.page
        page.get_by_role("textbox", name="Passphrase").fill(passphrase)
        page.get_by_role("button", name="Continue").click()
        code = page.locator("[data-set-up=code]")
        expect(code).to_have_text(re.compile(r"\w{4}"), timeout=SLOW)
        groups = code.inner_text().split()
        asked = [int(number) for number in re.findall(r"\d+", page.locator("[data-set-up=check-ask]").inner_text())]
        for field, number in zip(("#set-up-first", "#set-up-second"), asked, strict=True):
            page.locator(field).fill(groups[number - 1])
        page.get_by_role("button", name="Open my mail").click()
        page.wait_for_url(re.compile("/mailbox/"))
        return " ".join(groups)

    def open_keys(self, passphrase: str) -> None:
        """After signing in: makes keys where there are none yet, else opens those there are."""
        if "/set-up/" in self.page.url:
            self.make_keys(passphrase)
        else:
            self.open_mailbox()
            self.ask_for_keys()
            self.unlock(passphrase)

    def ask_for_keys(self) -> None:
        """By the button in the bar, once it listens."""
        asked = self.page.locator("#unlock-secret")
        for _ in range(10):
            self.page.locator("key-status button").click()
            with contextlib.suppress(AssertionError):
                expect(asked).to_be_visible(timeout=3_000)
                return

    def unlock(self, passphrase: str, patience: int = SLOW) -> None:
        self.page.locator("#unlock-secret").fill(passphrase)
        self.page.locator("[data-unlock=open]").click()
        expect(self.page.locator("key-status button")).to_have_attribute("data-keys", "open", timeout=patience)

    def lock(self) -> None:
        status = self.page.locator("key-status button")
        expect(status).to_have_attribute("data-keys", "open")
        status.click()
        expect(status).to_have_attribute("data-keys", "locked")

    def open_mailbox(self, mailbox: str = "INBOX") -> None:
        self.page.goto(f"{self.site.url}/mailbox/{mailbox}/")
        expect(self.page.locator("mail-list")).to_be_visible()

    def write(
        self, to: Sequence[str], subject: str, text: str, files: Sequence[Path] = (), bcc: Sequence[str] = ()
    ) -> None:
        """Opens the composer from where the person is and fills it in."""
        page = self.page
        page.locator('a[data-key="c"]').click()
        expect(page.locator("message-composer")).to_be_visible()
        for address in to:
            page.locator("#compose-to").fill(address)
            page.keyboard.press("Enter")
        if bcc:
            page.locator('[data-show="bcc"]').click()
            for address in bcc:
                page.locator("#compose-bcc").fill(address)
                page.keyboard.press("Enter")
        page.locator("#compose-subject").fill(subject)
        self.fill(text, files)

    def fill(self, text: str, files: Sequence[Path] = ()) -> None:
        self.page.locator("textarea[data-text]").fill(text)
        if files:
            self.page.locator("input[data-attach]").set_input_files([str(path) for path in files])

    def send(self, state: str = "send-encrypted") -> None:
        """Presses the button once it says what is expected, and waits until the copy is in Sent, too."""
        button = self.page.locator("send-button button")
        expect(self.page.locator("send-button")).to_have_attribute("data-state", state, timeout=SLOW)
        button.click()
        expect(self.page.locator('[data-outbox="done"]')).to_be_visible(timeout=SLOW)

    def open_message(self, subject: str | None = None) -> None:
        """Opens the newest row, or the newest with this subject."""
        row = self.page.locator(".row")
        if subject:
            row = row.filter(has_text=subject)
        row.first.locator(".row-link").click()
        expect(self.page.locator("mail-message")).to_be_visible(timeout=SLOW)

    @property
    def line(self):  # type: ignore[no-untyped-def]
        """The protection line of the open message."""
        return self.page.locator("protection-line")

    def letter(self) -> str:
        """All text that the open message shows, frames included."""
        shown = self.page.locator("[data-slot=letter]").inner_text()
        for frame in self.page.frames:
            if "/frame/" in frame.url:
                shown += frame.locator("body").inner_text()
        return shown

    def sign_out(self) -> None:
        self.page.locator(".who-summary").click()
        self.page.get_by_role("button", name="Sign out").click()
        self.page.wait_for_url(re.compile("/sign-in/"))
