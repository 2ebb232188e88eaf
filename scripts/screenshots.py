"""Takes the README's pictures from the demo: `.venv/bin/python -m scripts.screenshots`."""

from __future__ import annotations

import tempfile
from pathlib import Path

from playwright.sync_api import expect, sync_playwright

from tests.browser.conftest import CHROMIUM, QUIET
from tests.browser.visitor import Visitor
from tests.browser.whole_site import demo

TARGET = Path(__file__).parents[1] / "docs" / "screenshots"
LETTER = """Dear Bob,

the blue door is done, and the key is where it always was. Come on Sunday, then we go through the contract before the others arrive.

Two things to look at before:
- the second page, where they changed the dates
- the sketch of the stairs, which I attached

Alice"""  # noqa: E501


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        site = demo(Path(folder))
        site.start()
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        wide = browser.new_context(viewport={"width": 1440, "height": 900})
        phone = browser.new_context(
            viewport={"width": 390, "height": 844},
            color_scheme="dark",
            has_touch=True,
            is_mobile=True,
            device_scale_factor=2,
        )
        sketch = Path(folder) / "Stairs.pdf"
        sketch.write_bytes(b"%PDF-1.7\n" + bytes(240_000))
        bob = Visitor(phone, site, "bob")
        bob.sign_in()
        bob.make_keys("marble oxygen ticket velvet canoe")
        alice = Visitor(wide, site, "alice")
        alice.sign_in()
        alice.make_keys("rotten gravel tinsel uncle sphinx")
        alice.write([bob.address], "Sunday, and the blue door", LETTER, [sketch])
        expect(alice.page.locator("send-button")).to_have_attribute("data-state", "send-encrypted")
        alice.page.screenshot(path=TARGET / "compose.png")
        alice.send()
        expect(bob.page.locator(".row").first).to_contain_text("Encrypted", timeout=20_000)
        bob.open_message()
        expect(bob.line).to_have_attribute("data-enc", "enc-ok")
        bob.page.wait_for_timeout(500)
        bob.page.screenshot(path=TARGET / "phone.png")
        bob.page.locator("[data-slot=answer] a").click()
        expect(bob.page.locator("textarea[data-text]")).not_to_be_empty()
        bob.fill("I will be there at ten, with the second page marked up.\n\nBob")
        bob.send()
        alice.open_mailbox()
        expect(alice.page.locator("key-status button")).to_have_attribute("data-keys", "open", timeout=20_000)
        alice.open_message()
        expect(alice.line).to_have_attribute("data-enc", "enc-ok")
        alice.page.wait_for_timeout(800)
        alice.page.screenshot(path=TARGET / "message.png")
        browser.close()
        site.stop()


if __name__ == "__main__":
    main()
