"""What a person does in the browser, named as they would name it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, Response, TimeoutError, expect

from .whole_site import Site

SLOW = 30_000


class Visitor:
    """One person in one browser context. `page` is their tab; `requests` every address their browser asked for."""

    def __init__(self, context: BrowserContext, site: Site, name: str) -> None:
        self.context, self.site, self.name = context, site, name
        self.address = site.mail.address(name)
        context.set_default_timeout(SLOW)
        self.requests: list[str] = []
        self.trouble: list[str] = []
        context.on("request", lambda request: self.requests.append(request.url))
        context.on("weberror", lambda error: self.trouble.append(str(error.error)))
        context.on("response", self._note)
        self.page: Page = context.new_page()

    def _note(self, answer: Response) -> None:
        if answer.status >= 500:
            self.trouble.append(f"{answer.status} {answer.url}")

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
            self.page.locator("key-status button").click()
            self.unlock(passphrase)

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
